"""Pages executed side by side, before Sphinx reads them one after another.

What is executed here lands in the execution cache, where reading finds it. A page that fails is
left to the reading, which executes it again and reports the failure.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger(__name__)
_MOST = 4  # kernels at once: each takes up to a gigabyte


def at_once(pages: int) -> int:
    """How many kernels run at a time: one a core, within reason."""
    return max(1, min(pages, _MOST, os.cpu_count() or 1))


def execute(path: Path, env: Any) -> tuple[Path, float]:
    """Execute a page into the cache, unless it is there; return it and the seconds it took."""
    from jupyter_core.utils import ensure_event_loop
    from myst_nb.core.execute import ExecutionError, create_client
    from myst_nb.core.read import create_nb_reader

    began = time.perf_counter()
    text = path.read_text("utf-8")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    if reader is not None:  # else a page without code
        with contextlib.suppress(ExecutionError):
            client = create_client(
                reader.read(text), str(path), env.mystnb_config, _Quiet(_LOGGER), reader.read_fmt
            )
            with client:
                pass
        ensure_event_loop().close()  # of this thread; nobody else would
    return path, time.perf_counter() - began


class _Quiet(logging.LoggerAdapter):
    """Says nothing of failures: the reading of the page says it, with all that belongs to it."""

    def warning(self, msg: Any, *args: Any, subtype: str = "", **kwargs: Any) -> None:
        self.debug(msg, *args, **kwargs)


def execute_all(app: Any, env: Any, docnames: list[str]) -> None:
    """Execute the pages that are about to be read, several at a time."""
    from jupyter_cache import get_cache
    from sphinx.util import logging as sphinx_logging

    pages = [Path(env.doc2path(name)) for name in docnames]
    pages = [path for path in pages if path.suffix == ".md"]
    if not pages:
        return
    logger = sphinx_logging.getLogger(__name__)
    logger.info("executing %d pages, %d at a time", len(pages), at_once(len(pages)))
    # Its tables are made here: several threads would each try to.
    get_cache(env.mystnb_config.execution_cache_path).list_cache_records()
    with ThreadPoolExecutor(at_once(len(pages))) as pool:
        for path, seconds in pool.map(lambda path: execute(path, env), pages):
            if seconds > 1:  # the others were in the cache
                logger.info("  %s: %.0f s", path.name, seconds)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("env-before-read-docs", execute_all)
