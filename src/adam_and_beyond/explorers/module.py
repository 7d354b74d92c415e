"""Composing an explorer's browser module: generated rules, the palette and our files, in one text.

An anywidget module is a single ES module, so the files of ``browser/`` import nothing: they are
declarations that follow each other in the order given here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources

from adam_and_beyond import methods
from adam_and_beyond.figures import OPTIMIZER_STYLE

_SHARED = (
    "simulate.js",
    "drift.js",
    "text.js",
    "colour.js",
    "chart.js",
    "verdict.js",
    "controls.js",
    "pictures.js",
    "explorer.js",
)
_EXPORTS = (
    "RULES",
    "SCHEDULES",
    "KIND",
    "Run",
    "alongSlider",
    "driftNumber",
    "recordTimes",
    "theory",
)


def browser_file(name: str) -> str:
    """The text of a file in ``browser/``."""
    return (resources.files(__package__) / "browser" / name).read_text(encoding="utf-8")


def compose(
    own: str,
    names: Iterable[str] = methods.PAPER,
    more: Iterable[str] = (),
    generated: str = "",
    exports: Iterable[str] = (),
) -> str:
    r"""One ES module: the generated rules, the palette, the shared files and one explorer.

    Args:
      own: the explorer's file in ``browser/``; it defines ``KIND``, what is its own.
      names: methods whose rules it carries, keys of the catalogue.
      more: files of ``browser/`` that it needs besides those that all share.
      generated: further generated declarations.
      exports: names that it exports besides those that all do.

    Returns:
      JavaScript source whose default export is ``{ render }``, an anywidget module. The simulator
      is exported by name, for tests.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    names = tuple(names)
    chosen = {name: OPTIMIZER_STYLE[name] for name in names}
    styles = {
        name: {"colour": style.colour, "dash": style.dash, "width": style.width}
        for name, style in chosen.items()
    }
    parts = [
        methods.javascript_module(names),
        generated,
        f"const STYLES = {json.dumps(styles)};\n",
        *(browser_file(name) for name in (*_SHARED, *more, own)),
        "export default { render: (context) => renderExplorer(context, KIND) };",
        f"export {{ {', '.join((*_EXPORTS, *exports))} }};\n",
    ]
    return "\n".join(parts)
