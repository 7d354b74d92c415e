"""Imports point one way and in no circle, files stay short, and the maps lead to what is there."""

import importlib
import re
import tomllib

import pytest

import adam_and_beyond
from book_build import structure


def tree(folder, **files):
    """A package of the given modules; two underscores in a name stand for a folder."""
    for name, text in files.items():
        path = folder / structure.PACKAGE / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_sources_are_in_order():
    assert structure.faults() == []


def test_the_rooms_of_the_package_are_seen():
    graph = structure.imports(structure.ROOT / "src")
    assert "adam_and_beyond.proofs.solver" in graph["adam_and_beyond.proofs.certificate"]
    assert "book_build.digest" in graph["book_build.structure"]  # a relative import
    assert {"methods", "simulate", "theorems"} <= {structure.room_of(n) for n in graph if "." in n}


def test_proofs_stand_on_the_ground():
    graph = structure.imports(structure.ROOT / "src")
    proofs = [name for name in graph if name.startswith("adam_and_beyond.proofs")]
    assert proofs
    for name in proofs:
        assert all(other.startswith("adam_and_beyond.proofs") for other in graph[name]), name


@pytest.mark.parametrize(
    "late",
    [
        "from adam_and_beyond.methods import a",
        "def f():\n    from . import a",
        "if 0:\n  from .a import f",
    ],
)
def test_a_circle_is_found_wherever_its_imports_stand(tmp_path, late):
    src = tree(tmp_path, methods__a="import adam_and_beyond.methods.b", methods__b=late)
    (fault,) = structure.faults(src)
    assert fault.startswith("a circle of imports: ")
    assert "methods.a -> adam_and_beyond.methods.b" in fault


def test_every_circle_is_named(tmp_path):
    pairs = {"a": "b", "b": "a", "c": "d", "d": "c"}
    src = tree(tmp_path, **{f"methods__{k}": f"from . import {v}" for k, v in pairs.items()})
    assert len(structure.faults(src)) == 2


@pytest.mark.parametrize(
    "lower, higher",
    [
        ("methods", "simulate"),
        ("proofs", "theorems"),
        ("theorems", "explorers"),
        ("images", "labs"),
        ("regret", "drift"),
    ],
)
def test_an_arrow_upwards_is_found_and_the_one_down_is_allowed(tmp_path, lower, higher):
    up = {f"{lower}__a": f"def f():\n    import adam_and_beyond.{higher}.b", f"{higher}__b": ""}
    (fault,) = structure.faults(tree(tmp_path, **up))
    assert fault.endswith(f"and {higher} is not below {lower}")
    down = {f"{lower}__a": "", f"{higher}__b": f"import adam_and_beyond.{lower}.a"}
    assert structure.faults(tree(tmp_path, **down)) == []


def test_rooms_of_one_floor_do_not_know_each_other(tmp_path):
    src = tree(tmp_path, methods__a="import adam_and_beyond.problems.b", problems__b="")
    (fault,) = structure.faults(src)
    assert fault.endswith("and problems is not below methods")


def test_a_room_without_a_floor_is_found(tmp_path):
    assert structure.faults(tree(tmp_path, attic__a="")) == ["the room attic is on no floor"]


def test_the_library_knows_nothing_of_the_build(tmp_path):
    src = tree(tmp_path, methods__a="import book_build")
    (src / "book_build").mkdir()
    (src / "book_build" / "__init__.py").write_text("")
    (fault,) = structure.faults(src)
    assert "outside" in fault


@pytest.mark.parametrize("suffix", structure.WRITTEN)
def test_a_file_of_more_than_400_lines_is_found(tmp_path, suffix):
    (tmp_path / f"long{suffix}").write_text("x = 1\n" * 401)
    (tmp_path / f"short{suffix}").write_text("x = 1\n" * 400)
    assert structure.faults(tmp_path) == [f"long{suffix} has 401 lines, more than 400"]


def test_the_command_ends_with_a_failure_and_says_what_is_wrong(tmp_path, capsys):
    assert structure.show(tree(tmp_path, methods__a="")) == 0
    assert "methods" in capsys.readouterr().out
    assert structure.show(tree(tmp_path, methods__a="import adam_and_beyond.methods.a")) == 1
    assert "a circle" in capsys.readouterr().err


def test_the_build_server_shows_the_structure():
    lint = (structure.ROOT / "Makefile").read_text("utf-8").split("\nlint:")[1].split("\n\n")[0]
    assert "$(DO) structure" in lint
    assert "make lint" in (structure.ROOT / ".ci" / "run").read_text("utf-8")


# --- the map ---

README = (structure.ROOT / "README.md").read_text("utf-8")
MAP = README.split("## Find your way")[1].split("\n## ")[0]
PATHS = re.findall(r"`([\w./]*[/.][\w./]*)`", MAP)


@pytest.mark.parametrize("path", PATHS)
def test_the_map_of_the_readme_leads_to_what_is_there(path):
    beside = structure.ROOT / "src" / structure.PACKAGE / "methods" / path
    assert (structure.ROOT / path).exists() or beside.exists()


@pytest.mark.parametrize("room", adam_and_beyond.__all__)
def test_both_maps_lead_to_every_public_room(room):
    assert any(f"/{structure.PACKAGE}/{room}" in path for path in PATHS), "the README"
    assert f":mod:`.{room}`" in adam_and_beyond.__doc__


def test_every_room_is_public_or_named_as_the_ground():
    graph = structure.imports(structure.ROOT / "src")
    rooms = {structure.room_of(name) for name in graph if name.startswith(f"{structure.PACKAGE}.")}
    ground = set(re.findall(r"``(\w+)``", adam_and_beyond.__doc__))
    assert rooms - set(adam_and_beyond.__all__) - ground == {"__main__"}


@pytest.mark.parametrize("place", re.findall(r":mod:`\.([\w.]+)`", adam_and_beyond.__doc__))
def test_the_map_of_the_package_names_modules(place):
    importlib.import_module(f"{structure.PACKAGE}.{place}")


# What a stranger asks, and a line of the file that answers.
ASKED = {
    "the AMSGrad rule": ("methods/paper.py", "def amsgrad("),
    "the loop": ("simulate/loop.py", "projected_step("),
    "where a figure is drawn": ("figures/figure_1.py", "def figure_1("),
    "how the JavaScript is made": ("methods/read/javascript.py", "JavaScript"),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_stranger_finds_it_from_the_readme(question):
    path, line = ASKED[question]
    full = f"src/{structure.PACKAGE}/{path}"
    assert any(full.startswith(named) for named in PATHS)
    assert line in (structure.ROOT / full).read_text("utf-8")


def test_the_version_stands_in_one_place():
    project = tomllib.loads((structure.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert adam_and_beyond.__version__ == project["version"]
