"""The API page documents the modules as they are now."""

import importlib
import re
import types

import pytest

from book_build import api, structure

RAW = (structure.ROOT / f"{api.PAGE}.md").read_text("utf-8")
MODULES = [n for n in structure.modules(structure.ROOT / "src") if n.startswith("adam_and_beyond.")]


def read(docname, text, builder="html"):
    """A page as Sphinx has it after reading."""
    source = [text]
    api.insert(types.SimpleNamespace(builder=types.SimpleNamespace(name=builder)), docname, source)
    return source[0]


@pytest.fixture(scope="module")
def page():
    return read(api.PAGE, RAW)


def documented(page):
    return re.findall(r"^\.\. automodule:: ([\w.]+)$", page, re.MULTILINE)


def test_the_modules_are_put_in_where_the_page_asks_for_them(page):
    assert RAW.count(api.MARK) == 1 and "automodule" not in RAW
    assert api.MARK not in page
    assert read("chapters/back/catalogue", api.MARK) == api.MARK


def test_on_paper_stands_a_pointer_instead():
    paper = read(api.PAGE, RAW, builder="latex")
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


def test_no_module_is_documented_twice_and_lower_rooms_come_first(page):
    listed = documented(page)
    assert len(set(listed)) == len(listed)
    order = [room for floor in structure.FLOORS for room in floor]
    places = [order.index(structure.room_of(name)) for name in listed]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "room", ["checks", "files", "proofs.step", "proofs.balls", "theorems.gamma"]
)
def test_the_rooms_that_proofs_stand_on_are_there(page, room):
    assert f"adam_and_beyond.{room}" in documented(page)
