"""The API page documents the modules as they are now."""

import importlib
import re
import types

import pytest

from book_build import api, structure, tasks

PAGES = [api.PAGE, *api.PAGES]
RAW = {name: (structure.ROOT / f"{name}.md").read_text("utf-8") for name in PAGES}
MODULES = [n for n in structure.modules(structure.ROOT / "src") if n.startswith("adam_and_beyond.")]


def read(docname, text, builder="html"):
    """A page as Sphinx has it after reading."""
    source = [text]
    api.insert(types.SimpleNamespace(builder=types.SimpleNamespace(name=builder)), docname, source)
    return source[0]


@pytest.fixture(scope="module")
def pages():
    return {name: read(name, raw) for name, raw in RAW.items()}


@pytest.fixture(scope="module")
def page(pages):
    return "\n".join(pages.values())


def documented(page):
    return re.findall(r"^\.\. automodule:: ([\w.]+)$", page, re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_the_modules_are_put_in_where_a_page_asks_for_them(name, pages):
    assert RAW[name].count(api.MARK) == 1 and "automodule" not in RAW[name]
    assert api.MARK not in pages[name]
    assert read("chapters/back/catalogue", api.MARK) == api.MARK


def test_every_room_has_one_page_and_the_contents_list_them_below_the_overview():
    rooms = [room for found in api.PAGES.values() for room in found]
    present = {structure.room_of(name) for name in MODULES if not name.endswith("__main__")}
    assert sorted(rooms) == sorted(present)
    assert tasks.pages_below() == list(api.PAGES)


def test_the_overview_leads_to_each_page_and_to_each_module(pages):
    for name in api.PAGES:
        label = f"page-{name.rpartition('/')[2]}"
        assert f"({label})=" in RAW[name] and f"{{ref}}`{label}`" in pages[api.PAGE]
        for module in documented(pages[name]):
            assert f"- :py:mod:`{module}`: " in pages[api.PAGE]


def test_the_rules_and_the_published_points_are_in_it(pages):
    assert ":py:func:`adam_and_beyond.methods.paper.adam`" in pages["chapters/back/api-methods"]
    figures = pages["chapters/back/api-figures"]
    assert '**`FIGURE_1_REGRET["adam"]`**' in figures and "| $y$ | 0.262 |" in figures
    assert "**`FIGURE_1_RANDOM_AMSGRAD`**" in figures and "READING_ERROR" not in figures


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_stands_a_pointer_instead(name):
    paper = read(name, RAW[name], builder="latex")
    assert "automodule" not in paper and "help(" in paper and api.MARK not in paper


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_a_module_is_documented_by_itself_or_by_a_package_that_names_what_is_public(page, name):
    listed = documented(page)
    by_itself = name in listed
    parts = name.split(".")
    packages = [".".join(parts[:k]) for k in range(2, len(parts))]
    by_package = any(
        p in listed and hasattr(importlib.import_module(p), "__all__") for p in packages
    )
    is_package = any(other.startswith(f"{name}.") for other in MODULES)
    assert by_itself or by_package or is_package


def test_no_module_is_documented_twice(page):
    listed = documented(page)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize(
    "room", ["checks", "files", "proofs.step", "proofs.balls", "theorems.gamma"]
)
def test_the_rooms_that_proofs_stand_on_are_there(page, room):
    assert f"adam_and_beyond.{room}" in documented(page)


@pytest.mark.site
def test_names_have_their_anchors_and_no_page_of_the_list_is_huge(site_folder):
    heavy = {}
    for name in PAGES:
        text = (site_folder / f"{name}.html").read_text("utf-8")
        heavy[name] = len(text)
    assert max(heavy.values()) < 900_000, heavy
    methods, drift = (
        (site_folder / f"{api.PAGE}-{name}.html").read_text("utf-8")
        for name in ("methods", "drift")
    )
    assert 'id="adam_and_beyond.methods.get"' in methods
    assert 'href="catalogue.html#adam_and_beyond.methods.paper.adam"' in methods
    assert 'id="adam_and_beyond.drift.number"' in drift
    overview = (site_folder / f"{api.PAGE}.html").read_text("utf-8")
    assert 'href="api-drift.html#module-adam_and_beyond.drift"' in overview
