"""Lanes spread over all devices of JAX, in one process or in many: the same call, the same numbers.

Each device does for its chunk of lanes what a single one would, so results do not depend, to the
last bit, on how many there are. Processes that joined by ``jax.distributed.initialize`` make the
same call, and each gets the whole result.
"""

from __future__ import annotations

import os
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


def in_flight(mesh: Mesh) -> int:
    """How many calls may be under way at once: a processor works on one call per core."""
    if mesh.devices.size > 1 or mesh.devices.flat[0].platform != "cpu":
        return 2  # the next one is ready when a device becomes free
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


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
