"""What LaTeX leaves behind is read before the PDF counts as built."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

TOLERANCE = 10.0  # points by which a line may stick out
OVERFULL = re.compile(r"Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high)\)(.*)")
UNDEFINED = re.compile(r"(?:Reference|Citation|Hyper reference) `([^']+)'.*undefined", re.DOTALL)
MISSING = re.compile(r"Missing character: There is no (\S+)")
INDEX_WORD = re.compile(r"\\indexentry\{(.*?)@")
STATEMENT = re.compile(r"\\sphinxstyleindexentry\{(.*?)\}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def of_log(log: str) -> list[str]:
    """Return what the log complains of, a sentence each."""
    found = [
        f"{match[0]}: more than {TOLERANCE:g} pt"
        for match in OVERFULL.finditer(log)
        if float(match[1]) > TOLERANCE
    ]
    # TeX breaks its lines after 79 characters.
    for warning in log.split("LaTeX Warning: ")[1:]:
        if match := UNDEFINED.match(warning.split("\n\n")[0].replace("\n", "")):
            found.append(f"an undefined reference: {match[1]}")
    if "Rerun to get" in log:
        found.append("page numbers and references have not settled")
    lacking = Counter(match[1] for match in MISSING.finditer(log))
    return found + [f"no letter for {letter}: see tex/adamandbeyond.sty" for letter in lacking]


def of_indices(idx: str, tex: str) -> list[str]:
    """Return what in the indices is a name for authors and no word for readers."""
    words = {match[1] for match in INDEX_WORD.finditer(idx)}
    python = [word for word in sorted(words) if "()" in word or r"\_" in word]
    slugs = [match[1] for match in STATEMENT.finditer(tex) if SLUG.fullmatch(match[1])]
    return [f"a name of Python in the index: {word}" for word in python] + [
        f"a label in the index of statements: {slug}" for slug in slugs
    ]


def faults(pdf: Path) -> list[str]:
    """Return all that is wrong with a finished PDF, from the files beside it."""
    log, idx, tex = (
        pdf.with_suffix(suffix).read_text("utf-8", errors="replace")
        for suffix in (".log", ".idx", ".tex")
    )
    return of_log(log) + of_indices(idx, tex)
