"""A whole grid of runs: hyperparameters, starts, seeds and problems broadcast together.

A sweep is worked off in chunks of lanes. The inputs of a chunk are cut out of the broadcast arrays
when its turn comes, so memory holds the result, one chunk, and nothing else. With a folder to keep
them in, finished chunks survive an interruption and the same call goes on from there.
"""

from __future__ import annotations

import functools
import math
import os
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from tqdm import tqdm

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.simulate.inputs import (
    Numbers,
    check_seed,
    check_start,
    check_steps,
    numbers_of,
)
from adam_and_beyond.simulate.lanes import one_by_one, side_by_side
from adam_and_beyond.simulate.store import ChunkStore, fingerprint
from adam_and_beyond.simulate.streams import IID, PERIODIC, stream_of

# Lanes that are stepped together: their state fits the cache of one core.
_LANES = 4096
# Lanes between two ticks of the progress bar, two chances to stop: about ten seconds at a
# nanosecond per lane and step, and at most this many.
_MOST_LANES = 4 * _LANES
_LANE_STEPS = 10**10
_BAR_DELAY = 2  # seconds after which a progress bar appears


class Grid(NamedTuple):
    """Result of a sweep: arrays of the broadcast shape of everything that was swept."""

    x: np.ndarray  # x_{T+1}, float64
    average_regret: np.ndarray  # R_T / T, float64


@functools.partial(
    jax.jit,
    static_argnames=("rule", "start", "schedule", "stream", "batch"),
    compiler_options={"xla_cpu_prefer_vector_width": 512},
)
def _chunk(rule, start, schedule, stream, batch, lanes: Numbers, shared: Numbers, steps):
    """Final x, loss, slope of many runs; ``lanes`` holds what varies, ``shared`` the rest."""
    if stream is IID:
        return one_by_one(rule, start, schedule, stream, lanes, shared, steps)
    family = lanes.gradients is not None

    def some(part: Numbers):
        run = Numbers(*(b if a is None else a for a, b in zip(part, shared, strict=True)))
        if family:
            run = run._replace(gradients=run.gradients.T)
        return side_by_side(rule, start, schedule, family, run, steps)

    parts = jax.tree.map(lambda a: a.reshape(-1, batch, *a.shape[1:]), lanes)
    return jax.tree.map(jnp.ravel, jax.lax.map(some, parts))


class _Lanes(NamedTuple):
    """The lanes of a sweep, cut out chunk by chunk."""

    shape: tuple[int, ...]
    numbers: Numbers
    family: bool  # whether the problem varies

    def part(self, start: int, stop: int) -> tuple[Numbers, Numbers]:
        """What varies in lanes ``start`` to ``stop``, and what all lanes share."""
        shape = self.shape or (1,)
        index = np.unravel_index(np.arange(start, stop), shape)

        def cut(value: np.ndarray, tail: int = 0) -> np.ndarray:
            return np.broadcast_to(value, shape + value.shape[value.ndim - tail :])[index]

        n = self.numbers
        varies = Numbers(
            h=jax.tree.map(cut, n.h),
            alpha=cut(n.alpha),
            x1=cut(n.x1),
            lower=None,
            upper=None,
            seed=cut(n.seed),
            gradients=cut(n.gradients, tail=1) if self.family else None,
        )
        kept = None if self.family else n.gradients
        return varies, n._replace(h=None, alpha=None, x1=None, seed=None, gradients=kept)


def sweep(
    name: str | methods.Method,
    problem: problems.Problem,
    steps: int,
    alpha: Any,
    schedule: str = "inverse_sqrt",
    x1: Any = 0.0,
    seed: Any = 0,
    progress: bool | None = None,
    store: str | os.PathLike[str] | None = None,
    **hyperparameters: Any,
) -> Grid:
    r"""Run a method over arrays of hyperparameters, starts, seeds and problems.

    A lane computes what ``run(..., path="general")`` computes.

    Args:
      name: of the method, e.g. ``"adam"``; or a method, e.g. of
        :func:`adam_and_beyond.optax_bridge.from_optax`.
      problem: a problem, or a family of periodic ones (gradients of shape ``S + (P,)``), e.g.
        ``problems.theorem_1(C)`` for an array C of shape S.
      steps: T, the number of rounds.
      alpha: scale of the step size, scalar or array.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.
      x1: first point(s) played.
      seed: seed(s) of an i.i.d. problem.
      progress: whether to show a progress bar; by default one appears after two seconds where
        standard error is a terminal.
      store: folder that keeps finished chunks. If it holds an unfinished sweep with the same
        inputs, that one is continued; a finished one is returned at once. The result is then
        mapped from the folder's files, not held in memory.
      **hyperparameters: values by name, scalars or arrays.

    Returns:
      A ``Grid`` of x_{T+1} and R_T / T, float64, of the broadcast shape.

    Raises:
      ValueError: for a value outside its range, shapes that do not broadcast, a folder that holds
        a sweep with other inputs, or a folder for a method that is not in the catalogue.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 1".
    """
    method = name if isinstance(name, methods.Method) else methods.get(name)
    method = method.replace(**hyperparameters)
    methods.ALPHA.check(alpha, "sweep")
    check_start(x1, problem)
    check_seed(seed)
    steps = check_steps(steps, problem)
    if problem.shape:
        raise ValueError("sweep takes problems on an interval; for one on a box call run")
    stream, gradients = stream_of(problem)
    family = np.shape(gradients)[:-1] if stream is PERIODIC else ()
    numbers = numbers_of(method, alpha, x1, problem, seed, gradients)
    shape = np.broadcast_shapes(
        family, *(np.shape(value) for value in (*numbers.h, numbers.alpha, numbers.x1, seed))
    )
    known = methods.CATALOGUE.get(method.name)
    if store is not None and (known is None or known.rule is not method.rule):
        raise ValueError(
            f"store keeps sweeps of the catalogue's methods; {method.label!r} is not one of them, "
            "and a later call could not tell whether it means the same"
        )
    lanes = _Lanes(shape, numbers, bool(family))
    rules = (method.rule, method.start, methods.get_schedule(schedule), stream)
    chunk = min(_MOST_LANES, max(1, _LANE_STEPS // (steps * _LANES)) * _LANES)
    with jax.enable_x64(True):
        key = fingerprint(method.name, schedule, steps, shape, numbers)
        results = ChunkStore.open(store, key, math.prod(shape), chunk)
        todo = tqdm(
            results.missing(),
            desc=f"{method.label}, {math.prod(shape):,} runs of {steps:,} steps",
            unit="chunk",
            delay=_BAR_DELAY,
            disable=None if progress is None else not progress,
        )
        for start, stop in todo:
            x, loss, slope = _run_lanes(rules, lanes, start, stop, results.chunk, steps)
            total = regrets.regret(loss, slope, problem.lower, problem.upper)
            results.put(start, stop, x, total / steps)
    return Grid(*(array.reshape(shape) for array in results.arrays()))


def _run_lanes(rules, lanes: _Lanes, start: int, stop: int, size: int, steps: int) -> Any:
    varies, shared = lanes.part(start, stop)

    def fill(values: np.ndarray) -> np.ndarray:
        # The last chunk is filled up with its own last lane: one shape, one compilation.
        missing = [(0, size - len(values))] + [(0, 0)] * (values.ndim - 1)
        return np.pad(values, missing, mode="edge")

    found = _chunk(
        *rules, min(_LANES, size), jax.tree.map(fill, varies), shared, np.int64(steps)
    )
    return (np.asarray(values)[: stop - start] for values in found)
