"""Who is measured: each peer prepares a job and returns the call that is timed.

A peer is a function ``prepare(job) -> run``; ``run()`` does the work once and returns the recorded
iterates of a run, or the final ones of a sweep. A job is a dictionary of plain numbers and names,
because it crosses to a process.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Job = Mapping[str, Any]
Run = Callable[[], Any]

# The online problem of the paper's Figure 1, written out: no peer borrows it from the library.
PERIOD = [1010.0] + [-10.0] * 100
ALPHA, BETA1, BETA2 = 0.5, 0.9, 0.99


class Peer(NamedTuple):
    """Where a peer is written and how the table calls it."""

    place: str  # module and function
    label: str
    package: str | None = None  # that must be installed, beyond the library's own


PEERS: Mapping[str, Peer] = {
    "c_tuned": Peer("c:tuned", "C, one root and one division a step"),
    "c_textbook": Peer("c:textbook", "C, as in a textbook"),
    "c_sweep": Peer("c:sweep", "C with OpenMP"),
    "general": Peer("ours:general", "ours, general simulator"),
    "steady": Peer("ours:steady", "ours, steady cycle"),
    "parallel": Peer("ours:parallel", "ours, parallel in time"),
    "stochastic": Peer("ours:stochastic", "ours, random gradients"),
    "parallel_stochastic": Peer("ours:parallel_stochastic", "ours, random, parallel in time"),
    "sweep": Peer("ours:sweep", "ours, sweep"),
    "numba": Peer("numba_loop:trajectory", "numba", "numba"),
    "numba_stochastic": Peer("numba_loop:stochastic", "numba, waiting times drawn", "numba"),
    "numba_coins": Peer("numba_loop:coins", "numba, a coin a step", "numba"),
    "optax_bridge": Peer("optax_loop:bridge", "optax through our bridge"),
    "optax_scan": Peer("optax_loop:scan", "optax in a plain nested scan"),
    "numpy": Peer("numpy_loop:scalars", "NumPy scalars"),
    "numpy_sweep": Peer("numpy_loop:vectorised", "NumPy, all lanes at once"),
    "torch": Peer("torch_loop:loop", "torch.optim in a loop", "torch"),
}


def prepare(name: str, job: Job) -> Run:
    """Import a peer, in this process, and make its job ready to be timed."""
    module, function = PEERS[name].place.split(":")
    return getattr(importlib.import_module(f"benchmarks.peers.{module}"), function)(job)


def hyperparameter_grid(lanes: int) -> tuple[Any, Any]:
    """beta1 and beta2 of each lane of a sweep: a square grid, cut to the number of lanes."""
    import numpy as np

    side = int(np.ceil(np.sqrt(lanes)))
    beta1, beta2 = np.meshgrid(np.linspace(0.0, 0.95, side), np.linspace(0.9, 0.9999, side))
    return beta1.ravel()[:lanes].copy(), beta2.ravel()[:lanes].copy()
