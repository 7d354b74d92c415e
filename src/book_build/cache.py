"""The execution cache: a change of the package must run the chapters again.

Jupyter's cache looks at a chapter's cells only. Here its folder is named after a digest of the
package's source and of the installed versions, so that outputs of another source are never found.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache

from . import digest


def cache_folder(root: Path) -> Path:
    """Return the cache folder for the present source and packages."""
    return root / "_build" / ".jupyter_cache" / digest.of_execution(root)


def executed(page: Path, root: Path) -> tuple[nbformat.NotebookNode, float] | None:
    """Return a page as the last build executed it, and the seconds it took; None without such.

    A record counts only for the present package: another source has another folder. Whether the
    page's own cells are still those of the record is for the caller to compare.
    """
    folder = cache_folder(root)
    if not folder.exists():
        return None
    store = get_cache(folder)
    for record in store.list_cache_records():
        if Path(record.uri) == page:
            seconds = float(record.data["execution_seconds"])
            return store.get_cache_bundle(record.pk).nb, seconds
    return None


def remove_stale(current: Path) -> list[Path]:
    """Remove the caches of other sources; return what was removed."""
    stale = [
        other for other in current.parent.glob("*") if other.name != current.name and other.is_dir()
    ]
    for folder in stale:
        shutil.rmtree(folder)
    return stale


def choose_cache(app: Any, config: Any) -> None:
    """Point myst-nb at the cache of the present source."""
    config.nb_execution_cache_path = str(cache_folder(Path(app.srcdir)))


def clean_after_success(app: Any, exception: Exception | None) -> None:
    """Drop stale caches, but only once a build has succeeded without them."""
    if exception is None:
        remove_stale(Path(app.config.nb_execution_cache_path))


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", choose_cache)
    app.connect("build-finished", clean_after_success)
