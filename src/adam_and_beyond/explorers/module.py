"""The explorers' browser module: generated rules, the palette and our own files, joined into one.

An anywidget module is a single ES module, so the files of ``browser/`` import nothing: they are
declarations that follow each other in the order given here.
"""

from __future__ import annotations

import json
from importlib import resources

from adam_and_beyond import methods
from adam_and_beyond.figures import OPTIMIZER_STYLE

_SHARED = ("simulate.js", "chart.js", "controls.js", "format.js")
_EXPORTS = "RULES, SCHEDULES, createRun, driftNumber, recordTimes, render, signChanges, simulate"


def browser_file(name: str) -> str:
    """The text of a file in ``browser/``."""
    return (resources.files(__package__) / "browser" / name).read_text(encoding="utf-8")


def compose(own: str) -> str:
    r"""One ES module: the generated rules, the palette, the shared files and one explorer.

    Args:
      own: the explorer's file in ``browser/``; it defines ``render({ model, el })``.

    Returns:
      JavaScript source whose default export is ``{ render }``, an anywidget module. The simulator
      is exported by name, for tests.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    palette = {
        name: {"colour": style.colour, "dash": style.dash}
        for name, style in OPTIMIZER_STYLE.items()
    }
    parts = [
        methods.javascript_module(),
        f"const STYLE = {json.dumps(palette)};\n",
        *(browser_file(name) for name in (*_SHARED, own)),
        f"export {{ {_EXPORTS} }};\nexport default {{ render }};\n",
    ]
    return "\n".join(parts)
