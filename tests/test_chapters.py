"""Every chapter runs from clean, needs nothing but the package, and shows figures with a
description and a caption.

The pages are those of `_toc.yml`. A page that `make book` has executed from the present sources is
taken as it was executed there; any other is executed here, in a copy, so that nothing is changed.
"""

import functools
import re
import shutil
import tempfile
from pathlib import Path

import jupytext
import nbclient
import pytest
import yaml

from book_build import cache

ROOT = Path(__file__).resolve().parents[1]
HANGS = 600  # seconds of one cell after which it counts as hanging, whatever the machine


def pages():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    entries = [*toc.get("chapters", ()), *(e for p in toc["parts"] for e in p["chapters"])]
    return [toc["root"], *(entry["file"] for entry in entries)]


PAGES = pages()


def path_of(page):
    return next(path for path in (ROOT / f"{page}.md", ROOT / f"{page}.ipynb") if path.exists())


def text_of(page):
    return path_of(page).read_text("utf-8")


def notebook_of(page):
    return jupytext.read(path_of(page))


@functools.cache
def code_cells(page):
    """A page's cells of code, to look at; read once."""
    return [cell for cell in notebook_of(page).cells if cell.cell_type == "code"]


def computed(page):
    return "{code-cell}" in text_of(page)


def built(page):
    """The notebook with the outputs of the last build, or None if it differs."""
    record = cache.executed(path_of(page), ROOT)
    if record is None:
        return None
    notebook, (done, _) = notebook_of(page), record
    cells, run = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, done))
    if [c.source for c in cells] != [c.source for c in run]:
        return None
    for cell, ran in zip(cells, run, strict=True):
        cell.outputs = ran.outputs
    return notebook


def test_an_execution_of_other_cells_is_not_taken_for_the_page(monkeypatch):
    page = COMPUTED[0]
    other = notebook_of(page)
    monkeypatch.setattr(cache, "executed", lambda path, root: (other, 1.0))
    assert built(page) is not None
    next(cell for cell in other.cells if cell.cell_type == "code").source += "  # edited"
    assert built(page) is None


@functools.cache
def executed(page):
    """The notebook after a run from clean, and the error that ended it."""
    if found := built(page):
        return found, None  # the build ends at the first error, and keeps no record of it
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "chapters", Path(folder, "chapters"))
        here = Path(folder, page).parent
        notebook = notebook_of(page)
        client = nbclient.NotebookClient(
            notebook,
            timeout=HANGS,
            kernel_name="python3",
            resources={"metadata": {"path": str(here)}},
        )
        error = None
        try:
            client.execute()
        except nbclient.exceptions.CellExecutionError as caught:
            error = caught
        return notebook, error


COMPUTED = [page for page in PAGES if computed(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", COMPUTED)
def test_the_chapter_executes_from_clean(page):
    _, error = executed(page)
    assert error is None, f"{page} fails:\n{error}"


@pytest.mark.slow
@pytest.mark.parametrize("page", COMPUTED)
def test_no_cell_of_the_chapter_warns(page):
    notebook, _ = executed(page)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", f"{page}:\n{cell.source}\n\n{output.text}"


FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
COLUMN = 78  # characters that a code cell shows on a laptop; a longer line has to be scrolled


@pytest.mark.parametrize("page", COMPUTED)
def test_a_line_of_visible_code_fits_the_column(page):
    wide = [
        line
        for cell in code_cells(page)
        if not FOLDED & set(cell.metadata.get("tags", ()))
        for line in cell.source.splitlines()
        if len(line) > COLUMN
    ]
    assert wide == []


WIDGET = "application/vnd.jupyter.widget-view+json"


def is_picture(output):
    return any(kind.startswith("image/") for kind in output.get("data", ()))


@pytest.mark.slow
@pytest.mark.parametrize("page", COMPUTED)
def test_every_figure_has_an_alt_text_a_name_and_a_caption(page):
    notebook, _ = executed(page)
    for cell in notebook.cells:
        if not any(map(is_picture, cell.get("outputs", ()))):
            continue
        meta = cell.metadata.get("mystnb", {})
        where = f"{page}:\n{cell.source[:300]}"
        assert len(meta.get("image", {}).get("alt", "")) > 40, f"alt text is missing: {where}"
        if any(WIDGET in output.get("data", ()) for output in cell.outputs):
            continue  # an explorer or lab: the text around it is its caption
        if "glimpse" in cell.metadata.get("tags", ()):
            continue  # stands beside the sentence that it shows
        assert meta.get("figure", {}).get("name"), f"name is missing: {where}"
        assert len(meta.get("figure", {}).get("caption", "")) > 40, f"no caption: {where}"


@pytest.mark.slow
def test_the_detector_of_figures_sees_some():
    with_pictures = [
        page
        for page in COMPUTED
        if any(is_picture(o) for c in executed(page)[0].cells for o in c.get("outputs", ()))
    ]
    assert "chapters/failure/figure-1" in with_pictures


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_code_opens_as_a_notebook(page):
    if computed(page):
        header = text_of(page).split("---")[1]
        assert "format_name: myst" in header and "kernelspec" in header
        assert code_cells(page)


FORBIDDEN = {
    "an install command": r"\b(?:pip|conda|mamba|apt(?:-get)?|npm)\s+install\b",
    "a shell escape": r"^\s*[!%]",
    "an edit of sys.path": r"sys\.path",
    "the builder's own module": r"\bmyst_nb\b",
    "a network call": r"https?://|\burllib\b|\brequests\b|\burlopen\b|\bsocket\b|\bhttpx\b|\bwget\b"
    r"|\bcurl\b",
    "another program": r"\bsubprocess\b|os\.system",
    "a silenced warning": r"filterwarnings|simplefilter",
    "an absolute path": r"[\"'](?:/|~|[A-Za-z]:\\)\w+[/\\]",
}
SAMPLES = {
    "an install command": "pip install jax",
    "a shell escape": "x = 1\n!ls",
    "an edit of sys.path": "sys.path.insert(0, '..')",
    "the builder's own module": "from myst_nb import glue",
    "a network call": "urllib.request.urlopen(address)",
    "another program": "subprocess.run(['ls'])",
    "a silenced warning": "warnings.filterwarnings('ignore')",
    "an absolute path": "open('/home/me/data.txt')",
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("page", PAGES)
def test_no_cell_contains(page, what):
    for cell in code_cells(page) if computed(page) else []:
        found = re.search(FORBIDDEN[what], cell.source, re.MULTILINE)
        assert not found, f"{page} has {what}: {found and found.group()!r}\n{cell.source}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_search_for_forbidden_things_finds_them(what):
    assert re.search(FORBIDDEN[what], SAMPLES[what], re.MULTILINE)
    assert not re.search(FORBIDDEN[what], "x = run(method, 1 / 2, 'a/b')", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_place_of_someones_machine(page):
    found = re.search(r"(?<![\w.])/(?:home|root|Users|work|tmp|mnt|opt)/\w+", text_of(page))
    assert not found, f"{page}: {found and found.group()}"
