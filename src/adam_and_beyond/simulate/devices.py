"""Lanes spread over all devices of JAX, in one process or in many: the same call, the same numbers.

Each device does for its chunk of lanes what a single one would, so results do not depend, to the
last bit, on how many there are. Processes that joined by ``jax.distributed.initialize`` make the
same call, and each gets the whole result.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

AXIS = "lanes"
SPLIT, WHOLE = PartitionSpec(AXIS), PartitionSpec()


def all_devices() -> Mesh:
    """Every device of every process, in one row."""
    return Mesh(np.array(jax.devices()), (AXIS,))


def workers(mesh: Mesh) -> int:
    """How many calls are made at once."""
    # One call keeps any other device busy, and processes must make their calls in one order.
    if mesh.devices.size > 1 or mesh.devices.flat[0].platform != "cpu":
        return 1
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def in_turn(
    mesh: Mesh, work: Callable[[Any], Any], jobs: Sequence[Any], stop: Event
) -> Iterator[tuple[Any, Any]]:
    """Each job and its result, in order; a lone processor works on as many as it has cores.

    No more jobs are begun ahead than there are threads, so that memory holds no more. When no more
    results are asked for, ``stop`` is set, and work that looks at it need not be waited for long.
    """
    threads = min(workers(mesh), len(jobs))
    if threads < 2:
        yield from ((job, work(job)) for job in jobs)
        return
    pool, begun = ThreadPoolExecutor(threads), collections.deque()
    try:
        for job in jobs:
            begun.append((job, pool.submit(work, job)))
            if len(begun) > threads:
                done, result = begun.popleft()
                yield done, result.result()
        yield from ((done, result.result()) for done, result in begun)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def spread(mesh: Mesh, lanes: Any) -> Any:
    """Arrays of a tree, cut along their first axis, a part to each device."""
    sharding = NamedSharding(mesh, SPLIT)

    def one(values: np.ndarray) -> jax.Array:
        return jax.make_array_from_callback(values.shape, sharding, lambda index: values[index])

    return jax.tree.map(one, lanes)


def collect(result: Any) -> Any:
    """Arrays of a tree, whole, on every process."""
    if jax.process_count() > 1:
        return multihost_utils.process_allgather(result, tiled=True)
    return jax.tree.map(np.asarray, result)


def is_first() -> bool:
    """Whether this process is the one that writes."""
    return jax.process_index() == 0


def wait_for_all(where: str) -> None:
    """Go on when every process is here."""
    if jax.process_count() > 1:
        multihost_utils.sync_global_devices(where)
