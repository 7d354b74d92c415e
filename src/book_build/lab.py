"""Chapters saved from JupyterLab: what was not changed keeps its spelling, to the byte.

jupytext writes a notebook's metadata its own way: long strings are broken anew, versions are added,
the kernel gets the name that it has here. These two hooks around a save put back the old spelling
of each header that still means the same.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
OPTIONS = re.compile(r"(?<=^```\{code-cell\} ipython3\n)---\n.*?\n---\n", re.DOTALL | re.MULTILINE)
_before: dict[str, str] = {}


def meaning(block: str) -> Any:
    """Return what a header says, without what differs from machine to machine."""
    found = yaml.safe_load(block.strip("-\n"))
    if isinstance(found, dict) and "jupytext" in found:
        for version in ("format_version", "jupytext_version"):
            found["jupytext"].get("text_representation", {}).pop(version, None)
        found.get("kernelspec", {}).pop("display_name", None)
    return found


def keep(old: str, new: str) -> str:
    """Return the new text of a page, with the old spelling of the headers that mean the same."""
    for pattern in (HEADER, OPTIONS):
        known = [(meaning(block), block) for block in pattern.findall(old)]

        def spelled(match: re.Match, known: list[tuple[Any, str]] = known) -> str:
            wanted = meaning(match.group())
            return next((block for said, block in known if said == wanted), match.group())

        new = pattern.sub(spelled, new)
    return new


def before_save(model: dict[str, Any], path: str, contents_manager: Any, **kwargs: Any) -> None:
    """Remember a page as it stands on disk."""
    place = contents_manager._get_os_path(path)
    if place.endswith(".md") and Path(place).is_file():
        _before[place] = Path(place).read_text("utf-8")


def after_save(os_path: str, model: dict[str, Any], contents_manager: Any, **kwargs: Any) -> None:
    """Write the page again where jupytext only spelled it differently."""
    old, path = _before.pop(os_path, None), Path(os_path)
    if old is None:
        return
    written, times = path.read_text("utf-8"), path.stat()
    if (kept := keep(old, written)) != written:
        path.write_text(kept, "utf-8")
        # JupyterLab asks before it overwrites a file that is newer than its own save.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
