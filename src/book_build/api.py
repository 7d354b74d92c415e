"""The API page: every module of the package, written when it is read.

Left out is what Python generates and nobody wrote.
"""

from __future__ import annotations

import importlib
from typing import Any

from . import structure

PAGE = "chapters/back/api"
MARK = "% The modules come here when the page is read: book_build.api."
# Two hundred pages of signatures are looked up, not read.
ON_PAPER = (
    "On paper the list is left out. The website has it, and so has Python: "
    '`help("adam_and_beyond.drift.number")`.'
)
# Its package names what a proof is; the reasons stand in its modules.
BY_MODULE = ("proofs",)


def rooms() -> dict[str, list[str]]:
    """Return the modules to document by their room, from the ground up.

    A package that says what of it is public is documented by that, any other by its modules.
    """
    names = structure.modules(structure.ROOT / "src")
    found = {}
    for room in (room for floor in structure.FLOORS for room in floor):
        package = f"{structure.PACKAGE}.{room}"
        if package not in names or room.startswith("_"):
            continue
        below = [name for name in names if name.startswith(f"{package}.")]
        named = hasattr(importlib.import_module(package), "__all__") and room not in BY_MODULE
        found[room] = [package] if named or not below else below
    return found


def text() -> str:
    """Return what the page says of every module, as MyST Markdown."""
    lines = []
    for room, modules in rooms().items():
        lines += [f"## {room}", ""]
        for module in modules:
            if len(modules) > 1:
                lines += [f"### {module.removeprefix(f'{structure.PACKAGE}.')}", ""]
            lines += ["```{eval-rst}", f".. automodule:: {module}", "   :members:", "```", ""]
    return "\n".join(lines)


def insert(app: Any, docname: str, source: list[str]) -> None:
    """Put the modules into the page as Sphinx reads it."""
    if docname == PAGE:
        paper = app.builder.name == "latex"
        source[0] = source[0].replace(MARK, ON_PAPER if paper else text())


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
