"""Long compiled work in slices, so that Ctrl-C is answered and what is done is not lost.

No call of a compiled program lasts much longer than half a second. Between two of them it is asked
whether Ctrl-C was pressed. Python itself would raise ``KeyboardInterrupt`` wherever it happens to
be: inside JAX it may be swallowed, by a callback that has nowhere to raise it, or leave a program
half compiled.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
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


@contextlib.contextmanager
def listening() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; the second time it raises at once, as it does elsewhere.

    Where someone else handles or ignores the signal, and in other threads, nothing is changed.
    """
    stop = threading.Event()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )

    def heard(number, frame):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if ours:
        signal.signal(signal.SIGINT, heard)
    try:
        yield stop
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def work_off(
    advance: Callable[[Any, Any], Any],
    position: Any,
    total: int,
    bar: Any,
    stop: threading.Event,
    first: int = _FIRST,
) -> Any:
    """Advance a position slice by slice to the end, or until ``stop`` is set: where it then is.

    The first entry of a position counts what is done of ``total``.
    """
    size, done = first, int(position[0])
    while done < total and not stop.is_set():
        began = time.perf_counter()
        position = jax.block_until_ready(advance(position, np.int64(done + size)))
        lasted = time.perf_counter() - began
        before, done = done, int(position[0])
        bar.update(min(done, total) - before)
        size = max(1, int(size * min(_GROWTH, SECONDS / max(lasted, 1e-9))))
    return position
