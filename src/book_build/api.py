"""The API page: leave out what Python generates and nobody wrote."""

from __future__ import annotations

from typing import Any


def skip_generated(
    app: Any, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Skip the fields of a named tuple, which its class documents; None leaves the choice."""
    generated = str(getattr(member, "__doc__", "")).startswith("Alias for field number")
    return True if generated else None


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    # Known only where autodoc is loaded.
    if "autodoc-skip-member" in app.events.events:
        app.connect("autodoc-skip-member", skip_generated)
