"""The API: a page per group of rooms and an overview, written when they are read.

Left out is what Python generates and nobody wrote.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from . import structure

PAGE = "chapters/back/api"
MARK = "% The modules come here when the page is read: book_build.api."
# The pages below the overview, in the order in which they build on each other, with their rooms.
ROOMS = {
    "methods": ("methods", "problems", "optax_bridge"),
    "simulate": ("simulate", "diagnostics"),
    "regret": ("regret",),
    "drift": ("drift",),
    "field": ("field",),
    "proofs": ("proofs",),
    "theorems": ("theorems",),
    "audit": ("audit", "pytest_plugin"),
    "images": ("images", "results"),
    "figures": ("figures", "published"),
    "explorers": ("explorers", "labs"),
    "tools": ("checks", "files", "progress", "compilation"),
}
PAGES = {f"{PAGE}-{name}": rooms for name, rooms in ROOMS.items()}
# Two hundred pages of signatures are looked up, not read.
ON_PAPER = (
    "On paper the list is left out. The website has it, and so has Python: "
    '`help("adam_and_beyond.drift.number")`.'
)
# Its package names what a proof is; the reasons stand in its modules.
BY_MODULE = ("proofs",)


def modules_of(room: str) -> list[str]:
    """Return the modules of a room to document.

    A package that says what of it is public is documented by that, any other by its modules.
    """
    names = structure.modules(structure.ROOT / "src")
    package = f"{structure.PACKAGE}.{room}"
    below = [name for name in names if name.startswith(f"{package}.")]
    named = hasattr(importlib.import_module(package), "__all__") and room not in BY_MODULE
    return [package] if named or not below else below


def overview() -> str:
    """Return what the overview says: each page with its modules and their first sentences."""
    lines = []
    for page, rooms in PAGES.items():
        # No headings: the contents beside the page would show the label of the link.
        lines += [f"**{{ref}}`page-{page.rpartition('/')[2]}`**", "", "```{eval-rst}"]
        for module in (module for room in rooms for module in modules_of(room)):
            said = (inspect.getdoc(importlib.import_module(module)) or "").partition("\n\n")[0]
            lines.append(f"- :py:mod:`{module}`: {' '.join(said.split())}")
        lines += ["```", ""]
    return "\n".join(lines)


def text(rooms: tuple[str, ...]) -> str:
    """Return what a page says of every module of its rooms, as MyST Markdown."""
    lines = []
    for module in (module for room in rooms for module in modules_of(room)):
        lines += [f"## {module.removeprefix(f'{structure.PACKAGE}.')}", ""]
        lines += ["```{eval-rst}", f".. automodule:: {module}", "   :members:", "```", ""]
        lines += FURTHER.get(module, list)()
    return "\n".join(lines)


def rules() -> Iterator[str]:
    """Yield a link to each rule, which the catalogue documents."""
    from adam_and_beyond import methods

    yield "**The rules**, on the page of the catalogue:\n"
    yield "```{eval-rst}"
    for method in methods.CATALOGUE.values():
        name = f"{method.rule.__module__}.{method.rule.__name__}"
        yield f"- {method.label}: :py:func:`{name}`"
    yield "```\n"


def published_points() -> Iterator[str]:
    """Yield a table for each published curve, which has no docstring to be read from."""
    from adam_and_beyond import published

    for name, value in vars(published).items():
        curves = value if isinstance(value, dict) else {"": value}
        if name.startswith("_") or not isinstance(next(iter(curves.values())), published.ReadOff):
            continue
        for method, curve in curves.items():
            key = f'["{method}"]' if method else ""
            yield f"**`{name}{key}`**\n"
            for label, points in zip("ty", curve, strict=True):
                cells = " | ".join(f"{point:g}" for point in points)
                head = "| " + " | ".join(["---"] * (len(points) + 1)) + " |"
                yield f"| ${label}$ | {cells} |" + (f"\n{head}" if label == "t" else "")
            yield ""


# What automodule finds no docstring for, by module.
FURTHER = {
    f"{structure.PACKAGE}.methods": rules,
    f"{structure.PACKAGE}.published": published_points,
}


def insert(app: Any, docname: str, source: list[str]) -> None:
    """Put the modules into a page as Sphinx reads it."""
    if docname == PAGE or docname in PAGES:
        if app.builder.name == "latex":
            said = ON_PAPER
        else:
            said = text(PAGES[docname]) if docname in PAGES else overview()
        source[0] = source[0].replace(MARK, said)


def skip_generated(
    app: Any, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Skip the fields of a named tuple, which its class documents; None leaves the choice."""
    generated = str(getattr(member, "__doc__", "")).startswith("Alias for field number")
    return True if generated else None


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("source-read", insert)
    # Known only where autodoc is loaded.
    if "autodoc-skip-member" in app.events.events:
        app.connect("autodoc-skip-member", skip_generated)
