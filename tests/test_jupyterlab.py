"""Chapters in JupyterLab: saved as they are, and with all that a reader needs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from test_chapters import COMPUTED, notebook_of, path_of
from traitlets.config import Config

from book_build import lab, tasks

HERE = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    """The contents manager that `make lab` runs, over a folder of its own."""
    made = build_sync_jupytext_contents_manager_class(LargeFileManager)
    root = str(tmp_path_factory.mktemp("lab"))
    return made(root_dir=root, config=Config({"FileContentsManager": tasks.SAVING}))


def saved(manager, page, change=lambda content: None):
    """The text of a page after a copy was opened and saved, as JupyterLab does it."""
    copy = Path(manager.root_dir, f"{page}.md")
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path_of(page), copy)
    model = manager.get(f"{page}.md", type="notebook", content=True)
    content = json.loads(json.dumps(model["content"]))  # over the wire
    content["metadata"]["kernelspec"] = HERE
    change(content)
    manager.save({"type": "notebook", "format": "json", "content": content}, f"{page}.md")
    return copy.read_text("utf-8")


@pytest.mark.parametrize("page", COMPUTED)
def test_saving_an_unchanged_chapter_changes_no_byte(page, manager):
    assert saved(manager, page) == path_of(page).read_text("utf-8")


def test_an_edit_of_one_cell_changes_that_cell_alone(manager):
    page = "chapters/failure/gamma"

    def edit(content):
        cell = next(c for c in content["cells"] if "alpha = 1.0" in c["source"])
        cell["source"] = cell["source"].replace("alpha = 1.0", "alpha = 0.5")
        opened = next(c for c in content["cells"] if c["metadata"].get("tags") == ["hide-input"])
        opened["metadata"]["tags"] = []

    before, after = (
        t.splitlines() for t in (path_of(page).read_text("utf-8"), saved(manager, page, edit))
    )
    assert [line for line in after if line not in before] == [
        line.replace("1.0", "0.5") for line in before if line.startswith("alpha = 1.0")
    ]
    assert before.count(":tags: [hide-input]") == after.count(":tags: [hide-input]") + 1


def test_a_changed_header_is_written():
    page = path_of("chapters/failure/gamma").read_text("utf-8")
    changed = page.replace("name: fig-inverse-rates", "name: fig-others")
    assert changed != page and lab.keep(page, changed) == changed


@pytest.mark.parametrize("page", COMPUTED)
def test_no_cell_is_hidden_from_a_notebook(page):
    # What JupyterLab itself would fold. The tags of the site mean nothing to it.
    for cell in notebook_of(page).cells:
        assert "jupyter" not in cell.metadata and "collapsed" not in cell.metadata


@pytest.mark.site
@pytest.mark.parametrize("page", COMPUTED)
def test_the_download_is_the_whole_notebook(page, site_folder):
    source = site_folder / "_sources" / f"{page}.md"  # the notebook lies beside it
    assert source.read_text("utf-8") == path_of(page).read_text("utf-8")
