"""The structure of the sources: imports point one way and in no circle, and files stay short.

`make lint` shows it. An import inside a function counts as much as one at the top of its file.
"""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .digest import ROOT

PACKAGE = "adam_and_beyond"
LONGEST = 400  # lines of a file
WRITTEN = (".py", ".js", ".css")
# From the ground up; a room imports from itself and from the floors below its own.
FLOORS = (
    ("checks", "files", "progress", "published"),
    ("compilation",),
    ("methods", "problems", "figures", "proofs", "results"),
    ("regret",),
    ("simulate",),
    ("diagnostics", "drift"),
    ("field", "optax_bridge", "theorems"),
    ("audit", "images", "explorers"),
    ("labs", "pytest_plugin"),
    ("__main__",),
)
_FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def modules(src: Path) -> dict[str, Path]:
    """Return every module below `src` by its dotted name."""
    found = {}
    for path in sorted(src.rglob("*.py")):
        *parents, last = path.relative_to(src).with_suffix("").parts
        found[".".join(parents if last == "__init__" else [*parents, last])] = path
    return found


def imports(src: Path) -> dict[str, set[str]]:
    """Return for every module below `src` those of them that it imports, wherever it does."""
    known = modules(src)
    return {name: set(_imported(name, path, known)) for name, path in known.items()}


def _imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further one the package around it.
            around = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(around if node.level else ()), *filter(None, [node.module])])
            modules_of = (f"{base}.{alias.name}" for alias in node.names)
            wanted = [module if module in known else base for module in modules_of]
        else:
            continue
        yield from (module for module in wanted if module in known)


def circles(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the circles of imports, each as a chain that ends where it began."""
    graph = {name: set(wanted) for name, wanted in graph.items()}
    found = []
    while True:
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            # Each name in it is imported by the next; one arrow less, and the rest comes to light.
            chain = error.args[1][::-1]
            found.append("a circle of imports: " + " -> ".join(chain))
            graph[chain[0]].remove(chain[1])
        else:
            return found


def room_of(module: str) -> str:
    """Return the room of the package that a module is in."""
    return module.split(".")[1]


def wrong_arrows(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the imports from a floor that isn't below, and the rooms that have no floor."""
    inside = {name: wanted for name, wanted in graph.items() if name.startswith(f"{PACKAGE}.")}
    rooms = {room_of(name) for name in inside}
    found = [f"the room {room} is on no floor" for room in sorted(rooms - _FLOOR.keys())]
    for name, wanted in inside.items():
        for other in sorted(wanted):
            if other not in inside:
                if other != PACKAGE:
                    found.append(f"{name} imports {other}, which is outside of {PACKAGE}")
                continue
            room, below = room_of(name), room_of(other)
            if room != below and not _FLOOR.get(below, 0) < _FLOOR.get(room, len(FLOORS)):
                found.append(f"{name} imports {other}, and {below} is not below {room}")
    return found


def long_files(src: Path) -> list[str]:
    """Return the files that are longer than they may be."""
    found = []
    for path in sorted(p for p in src.rglob("*") if p.suffix in WRITTEN):
        lines = len(path.read_text("utf-8").splitlines())
        if lines > LONGEST:
            found.append(f"{path.relative_to(src)} has {lines} lines, more than {LONGEST}")
    return found


def faults(src: Path = ROOT / "src") -> list[str]:
    """Return what is wrong with the structure, a sentence each."""
    graph = imports(src)
    return [*circles(graph), *wrong_arrows(graph), *long_files(src)]


def show(src: Path = ROOT / "src") -> int:
    """Print the floors and what is wrong; return 1 if anything is."""
    graph = imports(src)
    present = {room_of(name) for name in graph if name.startswith(f"{PACKAGE}.")}
    for rooms in FLOORS:
        if there := [room for room in rooms if room in present]:
            print("  " + ", ".join(there))
    wrong = faults(src)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    arrows = sum(map(len, graph.values()))
    print(f"{len(graph)} modules, {arrows} imports: " + ("not in order" if wrong else "in order"))
    return 1 if wrong else 0
