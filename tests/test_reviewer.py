"""The page for reviewers is filled in from chapters, records and history."""

from __future__ import annotations

import re

import pytest

from book_build import reviewer, tasks
from book_build.digest import ROOT

RAW = (ROOT / f"{reviewer.PAGE}.md").read_text("utf-8")
CELL = """```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-one
---
figures.use_book_style()
fig, ax = figures.plane_map(plane)
```
"""


@pytest.fixture(scope="module")
def page():
    source = [RAW]
    reviewer.insert(None, reviewer.PAGE, source)
    return source[0]


def test_every_list_is_asked_for_once_and_filled_in(page):
    for name in reviewer.PARTS:
        assert RAW.count(reviewer.MARK.format(name)) == 1
    assert "% Filled in" not in page


def test_another_page_is_left_alone():
    source = [RAW]
    reviewer.insert(None, "chapters/back/api", source)
    assert source == [RAW]


def test_every_figure_of_the_book_is_listed_with_what_draws_it(page):
    for chapter in ("chapters/index", *tasks.chapters()):
        text = (ROOT / f"{chapter}.md").read_text("utf-8")
        for name in re.findall(r"^    name: (fig-[\w-]+)$", text, re.MULTILINE):
            assert re.search(rf"`{name}`: (`[\w.]+`|the cell itself)$", page, re.MULTILINE), name


def test_what_draws_a_figure_is_read_off_its_cell():
    assert reviewer.made_by(CELL) == {"fig-one": "`figures.plane_map`"}
    assert reviewer.maker("WalkExplorer()") == "`WalkExplorer`"
    assert reviewer.maker("lab.show()") == "the cell itself"


def test_a_cost_says_what_the_record_lacks():
    assert reviewer.cost({}) == "hours not recorded"
    assert reviewer.cost({"seconds": 3600}) == "1.00 hours, cores not recorded"
    record = {"seconds": 3600, "about": [{"cores": 2}, {"cores": 2}]}
    assert reviewer.cost(record) == "2.00 core-hours"
    assert reviewer.cost({"runs": [{"seconds": 1800}, {"seconds": 1800}]}).startswith("1.00 hours")


def test_every_stored_record_is_listed(page):
    for path in (ROOT / "results").glob("*.json"):
        assert f"- `{path.stem}`: `python -m " in page


def test_without_a_history_the_commit_is_not_recorded(tmp_path):
    assert reviewer.commit("chapters/index.md", tmp_path) == "not recorded"
