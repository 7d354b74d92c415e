"""Sweeps over several devices and processes: the same call, the same numbers bit for bit."""

from __future__ import annotations

import processes
import pytest

# Two chunks and a piece of a third; a family; a random problem; 43 steps are some unrolled ones and
# a rest. Three lanes fill no vector.
PROGRAM = """
import hashlib, sys
import jax
if len(sys.argv) > 3:
    jax.distributed.initialize(sys.argv[3], num_processes=2, process_id=int(sys.argv[4]))
import numpy as np
from adam_and_beyond import methods, problems, simulate
beta2 = np.linspace(0.5, 0.99, 33_000)
calls = {
    "shared": (problems.theorem_1(3.0), dict(beta2=beta2, store=sys.argv[2])),
    "family": (problems.theorem_1(np.linspace(3, 9, 3)[:, None]), dict(beta2=beta2[::3000])),
    "random": (problems.theorem_3(10, 0.5), dict(seed=np.arange(3))),
}
calls |= {name: (problems.theorem_1(3.0), dict(beta2=beta2)) for name in ("adam", "nadam", "adamx")}
print(len(jax.devices()), jax.process_count())
for name in sys.argv[1].split(","):
    problem, options = calls[name]
    method = name if name in methods.CATALOGUE else "amsgrad"
    grid = simulate.sweep(method, problem, 43, alpha=0.5, progress=False, **options)
    both = np.ascontiguousarray(grid.x).tobytes() + np.ascontiguousarray(grid[1]).tobytes()
    print(name, grid.x.shape, hashlib.sha256(both).hexdigest())
"""
# Of them, those whose lanes are shared out in a way of their own; the methods share out alike.
CALLS = ["shared", "family", "random"]
METHODS = ["adam", "nadam", "adamx"]


def counted(process):
    """How many devices and processes there were, and the digests of the results."""
    first, *rest = processes.finish(process)
    return tuple(map(int, first.split())), rest


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    store = str(tmp_path_factory.mktemp("alone") / "sweep")
    counts, digests = counted(processes.start(PROGRAM, ",".join(CALLS + METHODS), store))
    assert counts == (1, 1)
    assert len(digests) == 6
    return digests


@pytest.mark.slow
def test_two_devices_give_the_numbers_of_one(alone, tmp_path):
    names = ",".join(CALLS + METHODS)
    counts, digests = counted(processes.start(PROGRAM, names, str(tmp_path / "sweep"), devices=2))
    assert counts == (2, 1)
    assert digests == alone


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(alone, tmp_path):
    for process in processes.start_two(PROGRAM, ",".join(CALLS), str(tmp_path / "sweep")):
        counts, digests = counted(process)
        assert counts == (2, 2)
        assert digests == alone[: len(CALLS)]
