"""Progress bars of long work, all alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

_DELAY = 2  # seconds after which a bar appears


def bar(iterable: Iterable | None = None, shown: bool | None = None, **options: Any) -> tqdm:
    """A progress bar with the time left, which appears once the work has lasted two seconds.

    Args:
      iterable: what is worked off; without, the caller says ``update``.
      shown: ``True`` or ``False``; without, only where standard error is a terminal.
      **options: of :class:`tqdm.tqdm`, such as ``desc``, ``total`` and ``unit``.

    Returns:
      The ``tqdm`` bar, a context manager and an iterable.
    """
    hidden = None if shown is None else not shown
    return tqdm(iterable, delay=_DELAY, disable=hidden, **options)
