"""Theorems, equations and citations show a card where they are mentioned: `previews.js`.

The card holds the site's own text: the target on this page, or on the page that the link leads to.
"""

from __future__ import annotations

from typing import Any


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_css_file("previews.css")
    app.add_js_file("previews.js", loading_method="defer")
