"""What the build of the book needs of its own: a Sphinx extension and the tasks behind `make`.

`setup` is the extension, loaded by `_config.yml`. `python -m book_build TASK` runs a task.
"""

from __future__ import annotations

import sys
from typing import Any


def setup(app: Any) -> dict[str, Any]:
    """Connect the parts of the extension to Sphinx."""
    # Imported here: the tasks must start quickly and don't need Sphinx.
    from sphinx.util import console

    from . import (
        ahead,
        api,
        apparatus,
        arrangement,
        cache,
        catalogue,
        explorers,
        formulas,
        icons,
        latex,
        mathematics,
        numbering,
        offline,
        paper,
        pictures,
        previews,
        publication,
        reviewer,
        search,
        statements,
        terms,
    )

    if not sys.stdout.isatty():
        console.nocolor()
    content = (api, cache, ahead, catalogue, numbering, reviewer, statements, terms)
    site = (
        offline,
        mathematics,
        formulas,
        icons,
        pictures,
        apparatus,
        explorers,
        previews,
        search,
        publication,
    )
    for part in (*content, *site, latex, paper, arrangement):
        part.connect(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
