"""What a reviewer asks, filled in from the sources: which code made a figure, what a run cost.

`python -m book_build reviewer` prints the same tables that stand on the page.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import tasks
from .digest import ROOT

PAGE = "chapters/back/reviewer"
MARK = "% Filled in when the page is read, book_build.reviewer: {}."
UNKNOWN = "not recorded"
CELL = re.compile(r"^```\{code-cell\}.*?\n(.*?)^```", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"^ +name: (fig-[\w-]+)$", re.MULTILINE)
LABEL = re.compile(r"^\(([\w-]+)\)=\n# ", re.MULTILINE)
# In this order: what a figure is, where a cell calls several.
MAKERS = (r"\b(\w+Explorer)\(", r"\b(labs\.\w+)\(", r"\b(figures\.(?!use_)[a-z]\w+)\(")


def maker(cell: str) -> str:
    """Return the function or class that draws a cell's figure."""
    for pattern in MAKERS:
        if found := re.search(pattern, cell):
            return f"`{found[1]}`"
    return "the cell itself"


def made_by(text: str) -> dict[str, str]:
    """Return for each figure of a chapter, by its name, what draws it."""
    cells = (found[1] for found in CELL.finditer(text))
    return {name: maker(cell) for cell in cells for name in NAME.findall(cell)}


def commit(path: str, root: Path = ROOT) -> str:
    """Return the last commit that changed a file, where there is a history."""
    command = ["git", "log", "-1", "--format=%h", "--", path]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return UNKNOWN
    return done.stdout.strip() or UNKNOWN


def figures() -> Iterator[str]:
    """Yield, chapter by chapter, the command and the commit, and what draws each figure."""
    for page in ("chapters/index", *tasks.chapters()):
        text = (ROOT / f"{page}.md").read_text("utf-8")
        found = made_by(text)
        if not found:
            continue
        label = LABEL.search(text)
        title = f"{{ref}}`{label[1]}`" if label else "The landing page"
        about = f"`make chapter N={Path(page).name}`, commit `{commit(f'{page}.md')}`"
        yield f"{title}: {about}."
        yield ""
        for name, function in found.items():
            # The figures of the landing page have no numbers.
            shown = f"{{numref}}`{name}`" if label else f"`{name}`"
            yield f"- {shown}: {function}"
        yield ""


def seconds_of(record: dict) -> float | None:
    """Return the seconds that a stored experiment says it took."""
    if "seconds" in record:
        return float(record["seconds"])
    runs = record.get("runs")
    known = [run["seconds"] for run in runs if "seconds" in run] if isinstance(runs, list) else []
    return float(sum(known)) if known else None


def cost(record: dict) -> str:
    """Return hours of the record, times the cores where it names them."""
    seconds = seconds_of(record)
    if seconds is None:
        return f"hours {UNKNOWN}"
    about = record.get("about", {})
    abouts = about if isinstance(about, list) else [about]
    cores = {one["cores"] for one in abouts if "cores" in one}
    if len(cores) == 1:
        return f"{seconds * cores.pop() / 3600:.2f} core-hours"
    return f"{seconds / 3600:.2f} hours, cores {UNKNOWN}"


def stored() -> Iterator[str]:
    """Yield for each stored experiment its command, its runs, its seeds and its cost."""
    for path in sorted((ROOT / "results").glob("*.json")):
        text = path.read_text("utf-8")
        record = json.loads(text)
        about = record.get("about", {})
        command = record.get("command") or about.get("command", UNKNOWN)
        runs = record.get("runs", UNKNOWN)
        count = len(runs) if isinstance(runs, list) else runs
        seeds = ", ".join(map(str, record.get("seeds", []))) or (
            "in the file" if '"seed' in text else "none"
        )
        yield f"- `{path.stem}`: `{command}`. Runs: {count}; seeds: {seeds}; {cost(record)}."


def budgets() -> Iterator[str]:
    """Yield for each experiment on images how many settings each method was given."""
    from adam_and_beyond.images import experiments

    for name, experiment in experiments.EXPERIMENTS.items():
        tried: dict[str, set] = {}
        for group in experiments.groups(experiment, {}):
            for one in group:
                tried.setdefault(one.method, set()).add((one.alpha, one.beta2))
        counts = ", ".join(f"{method} {len(settings)}" for method, settings in tried.items())
        yield f"- `{name}`: {counts}; {experiment.steps} steps, {len(experiment.seeds)} seeds each."


PARTS = {"figures": figures, "stored runs": stored, "budgets": budgets}


def insert(app: object, docname: str, source: list[str]) -> None:
    """Put the tables into the page as Sphinx reads it."""
    if docname == PAGE:
        for name, part in PARTS.items():
            source[0] = source[0].replace(MARK.format(name), "\n".join(part()))


def show() -> int:
    """Print the filled page."""
    source = [(ROOT / f"{PAGE}.md").read_text("utf-8")]
    insert(None, PAGE, source)
    print(source[0].split("---\n", 2)[-1].strip())
    return 0


def connect(app: object) -> None:
    """Connect this part to Sphinx."""
    app.connect("source-read", insert)  # type: ignore[attr-defined]
