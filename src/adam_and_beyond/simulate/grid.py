"""A whole grid of runs: hyperparameters, starts, seeds and problems broadcast together."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import jax
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.simulate.loop import (
    IID,
    PERIODIC,
    Numbers,
    check_seed,
    check_start,
    numbers_of,
    record_times,
    scan_records,
    stream_of,
)

# Lanes that are stepped together: their state fits the cache of one core.
_LANES = 4096


class Grid(NamedTuple):
    """Result of a sweep: arrays of the broadcast shape of everything that was swept."""

    x: np.ndarray  # x_{T+1}, float64
    average_regret: np.ndarray  # R_T / T, float64


_STATIC = ("rule", "start", "schedule", "stream")


@functools.partial(jax.jit, static_argnames=_STATIC)
def _sweep_compiled(rule, start, schedule, stream, lanes: Numbers, shared: Numbers, times):
    """Final x, loss, slope of many runs; ``lanes`` holds what varies, ``shared`` the rest."""

    def one(lane: Numbers):
        run = Numbers(*(b if a is None else a for a, b in zip(lane, shared, strict=True)))
        recorded, _ = scan_records(rule, start, schedule, stream, run, times)
        return jax.tree.map(lambda a: a[-1], recorded)

    # Lanes side by side share vector instructions, but random draws branch: those run in turn.
    batch = None if stream is IID else _LANES
    return jax.lax.map(one, lanes, batch_size=batch)


def sweep(
    name: str | methods.Method,
    problem: problems.Problem,
    steps: int,
    alpha: Any,
    schedule: str = "inverse_sqrt",
    x1: Any = 0.0,
    seed: Any = 0,
    **hyperparameters: Any,
) -> Grid:
    r"""Run a method over arrays of hyperparameters, starts, seeds and problems.

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
      **hyperparameters: values by name, scalars or arrays.

    Returns:
      A ``Grid``: x_{T+1} and R_T / T, float64, of the broadcast shape.

    Raises:
      ValueError: for a value outside its range, or shapes that do not broadcast.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 1".
    """
    method = name if isinstance(name, methods.Method) else methods.get(name)
    method = method.replace(**hyperparameters)
    methods.ALPHA.check(alpha, "sweep")
    check_start(x1, problem)
    check_seed(seed)
    times = record_times(steps, 1)
    stream, gradients = stream_of(problem)
    family = np.shape(gradients)[:-1] if stream is PERIODIC else ()
    numbers = numbers_of(method, alpha, x1, problem, seed, gradients)
    shape = np.broadcast_shapes(
        family, *(np.shape(value) for value in (*numbers.h, numbers.alpha, numbers.x1, seed))
    )

    def lane(value: np.ndarray, tail: int = 0) -> np.ndarray:
        own = value.shape[value.ndim - tail :]
        return np.broadcast_to(value, shape + own).reshape((math.prod(shape), *own))

    varies = Numbers(
        h=jax.tree.map(lane, numbers.h),
        alpha=lane(numbers.alpha),
        x1=lane(numbers.x1),
        lower=None,
        upper=None,
        seed=lane(numbers.seed),
        gradients=lane(numbers.gradients, tail=1) if family else None,
    )
    shared = numbers._replace(
        h=None, alpha=None, x1=None, seed=None, gradients=None if family else numbers.gradients
    )
    with jax.enable_x64(True):
        x, loss, slope = _sweep_compiled(
            method.rule,
            method.start,
            methods.get_schedule(schedule),
            stream,
            varies,
            shared,
            times,
        )
        x, loss, slope = (np.asarray(a).reshape(shape) for a in (x, loss, slope))
    total = regrets.regret(loss, slope, problem.lower, problem.upper)
    return Grid(x, total / steps)
