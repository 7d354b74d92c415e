"""MathJax on the site: the parts that pages load, no more; and no formula is a tab stop.

Its one-file builds carry a menu, which makes every formula a stop of the Tab key. The parts without
it weigh 165 KB compressed, and not 264. Screen readers keep the hidden MathML.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPT = "mathjax/startup.js"
LOADED = ("core", "input/tex", "output/chtml", "a11y/assistive-mml")
# By folder: what those parts load, or may load for a command.
KEPT = {
    "": {"startup.js", "core.js"},
    "input": {"tex.js"},
    "output": {"chtml.js"},
    "output/chtml/fonts": {"tex.js"},
    "a11y": {"assistive-mml.js"},
}
KEPT_WHOLE = ("output/chtml/fonts/woff-v2", "input/tex/extensions")
UNUSED = {"input/tex/extensions/all-packages.js"}


def choose_parts(app: Any, config: Any) -> None:
    """Name MathJax's parts in the configuration that each page with formulas has."""
    config.mathjax_path = SCRIPT
    config.mathjax3_config = {
        **(config.mathjax3_config or {}),
        "loader": {"load": list(LOADED)},
        "startup": {"input": ["tex"], "output": "chtml"},
    }


def is_kept(path: str) -> bool:
    """Say whether the site needs a file of MathJax, by its path."""
    folder, _, name = path.rpartition("/")
    return path not in UNUSED and (folder in KEPT_WHOLE or name in KEPT.get(folder, ()))


def drop_unused(app: Any, exception: Exception | None) -> None:
    """Take the other builds, and the theme's source maps, off the site."""
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    for path in sorted((static / "mathjax").rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not is_kept(path.relative_to(static / "mathjax").as_posix()):
            path.unlink()
    for path in static.rglob("*.map"):
        path.unlink()


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", choose_parts)
    # After the extension that brings MathJax has copied all of it.
    app.connect("build-finished", drop_unused, priority=900)
