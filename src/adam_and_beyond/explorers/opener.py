"""What the explorers share that open a page: one claim, one to three controls."""

from __future__ import annotations

from adam_and_beyond.explorers.base import Explorer
from adam_and_beyond.explorers.module import style_sheet


class Opener(Explorer):
    """An explorer with the style of those that open a page."""

    _css = style_sheet("charts.css", "explorer.css", "openers.css")
