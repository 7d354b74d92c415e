"""Long compiled work in slices, so that Ctrl-C is answered and what is done is not lost.

Python answers a signal between two calls of compiled programs, not within one. So no call lasts
much longer than half a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

SECONDS = 0.4  # that a slice should last
_GROWTH = 16  # at most, from one slice to the next
_FIRST = 2**16  # rounds of a number; they take a millisecond


class Interrupted(KeyboardInterrupt):  # noqa: N818 (it is Ctrl-C, no error)
    """Ctrl-C during a run, a history or a sweep.

    A ``KeyboardInterrupt`` like any other, which ends a script; who catches it finds in ``so_far``
    what was done: a ``Trajectory`` or ``History`` of the rounds until then, a ``Grid`` with nan for
    the lanes that are missing.
    """

    def __init__(self, message: str, so_far: Any) -> None:
        super().__init__(message)
        self.so_far = so_far


def work_off(
    advance: Callable[[Any, Any], Any], position: Any, total: int, bar: Any, first: int = _FIRST
) -> tuple[Any, bool]:
    """Advance a position slice by slice; its first entry counts what is done.

    Returns:
      The last position, and whether it is the end: ``False`` after Ctrl-C.
    """
    size, done = first, int(position[0])
    try:
        while done < total:
            began = time.perf_counter()
            position = jax.block_until_ready(advance(position, np.int64(done + size)))
            lasted = time.perf_counter() - began
            before, done = done, int(position[0])
            bar.update(min(done, total) - before)
            size = max(1, int(size * min(_GROWTH, SECONDS / max(lasted, 1e-9))))
    except KeyboardInterrupt:
        return position, False
    return position, True
