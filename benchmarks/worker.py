"""One peer in a process of its own: prepare, warm up, then run whenever the parent asks.

``python -m benchmarks.worker`` reads one job from standard input, a JSON object on a line, and
answers ``{"x": ...}`` when it is warm. Each further line is a request for one timing, which it
answers with ``{"seconds": ..., "cores": ...}``; at the end of the input it answers its peak memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

# A call shorter than this is repeated within one timing, so that the clock does not decide.
_LEAST_SECONDS = 0.05
_MOST_VALUES = 512  # of a result, about, that are handed back for comparison


def pin(cores: int) -> bool:
    """Keep this process, and every thread that its libraries start, on so many cores."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(cores)
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    return True


def timed(run: Any) -> tuple[float, float]:
    """Seconds of one call, and how many cores it had on average."""
    start, used, calls = time.perf_counter(), time.process_time(), 0
    while True:
        run()
        calls += 1
        seconds = time.perf_counter() - start
        if seconds >= _LEAST_SECONDS:
            return seconds / calls, (time.process_time() - used) / seconds


def sample(result: Any) -> list[float]:
    """The last and about ``_MOST_VALUES`` other iterates of a result, evenly spaced."""
    if result is None:
        return []
    every = max(1, len(result) // _MOST_VALUES)
    return [float(value) for value in result[::-1][::every]]


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Serve one job."""
    # What a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**values: Any) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    job = json.loads(sys.stdin.readline())
    pinned = pin(job["cores"])
    from benchmarks import peers

    run = peers.prepare(job["peer"], job)
    answer(x=sample(run()), pinned=pinned)
    for _ in sys.stdin:
        seconds, cores = timed(run)
        answer(seconds=seconds, cores=cores)
    answer(memory=peak_memory())


if __name__ == "__main__":
    main()
