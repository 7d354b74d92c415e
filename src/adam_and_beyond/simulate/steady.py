r"""The steady-cycle fast path: what is left to do once a method's averages have become periodic.

On periodic gradients m and v settle on a periodic orbit, so the direction d_j of the j-th round of
a cycle no longer changes and :math:`x \leftarrow \mathrm{clip}(x - \alpha_t d_j)`. Rounds with
directions of one sign compose to a single such step, so a cycle is a few clips; and in cycle k

.. math:: \frac{1}{\sqrt{Pk + j + 1}}
    = \frac{1}{\sqrt{Pk}} \sum_{n \ge 0} \binom{-1/2}{n} \Big(\frac{j + 1}{Pk}\Big)^n,

so no square root and no division is left inside a cycle. One scan over cycles gives x at their
starts; the rounds inside are then independent from cycle to cycle and run side by side.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.simulate.loop import compensated_sum

# With k >= _FIRST_CYCLE the first term left out is below 0.21 * 100^-7 = 2e-15 of a step.
_TERMS = 7
_FIRST_CYCLE = 100
# A memory that has faded to this share of itself is gone in float64.
_FORGOTTEN = 2.0**-60
_SAME = 1e-14  # relative difference of directions that still counts as rounding
_RUNS = (2, 8, 32)  # rooms for the runs of one direction within a cycle; a shape each
_BLOCK = 8192  # cycles per pass
_LANES = 512  # cycles side by side: their state stays in the nearest cache

_BINOMIAL = np.cumprod([1.0, *((-0.5 - n) / (n + 1) for n in range(_TERMS - 1))])


class Orbit(NamedTuple):
    """The settled cycle: directions by round, and whether they will stay."""

    d: np.ndarray  # shape (P,)
    settled: bool


def settling_cycles(method: methods.Method, gradients: np.ndarray) -> int:
    """Cycles after which nothing of the start is left in the averages that fade.

    Args:
      method: a method with scalar hyperparameters.
      gradients: one period, shape ``(P,)``.

    Returns:
      The number of cycles, at least what the series needs.
    """
    ones = method.state_type(*(np.float64(1.0) for _ in method.state_type._fields))
    # At t = infinity bias corrections have died out; those decay at the rates found here.
    with np.errstate(divide="ignore", invalid="ignore"):
        once = method.update(np.float64(0.0), ones, np.inf).state
    fading = [float(decay) for decay in once if 0 <= decay < 1]
    slowest = max(fading, default=0.0)
    period = len(gradients)
    if slowest == 0:
        return _FIRST_CYCLE
    steps = math.log(_FORGOTTEN) / math.log(slowest)
    return max(_FIRST_CYCLE, math.ceil(steps / period) + 1)


@jax.jit
def _two_cycles(method, state, gradients, first):
    """Directions of two cycles from a state, by the clock and at t = infinity, and the states."""

    def cycle(state, offset, clock):
        def step(state, numbered):
            j, g = numbered
            t = jnp.where(clock, first + offset + j + 1, jnp.inf)
            m, sqrt_V, state = method.update(g, state, t, jnp)
            return state, methods.direction(jnp, m, sqrt_V)

        rounds = jnp.arange(gradients.shape[0], dtype=jnp.float64)
        return jax.lax.scan(step, state, (rounds, gradients))

    after, d = cycle(state, 0, True)
    after_two, d_again = cycle(after, gradients.shape[0], True)
    _, d_limit = cycle(after, 0, False)
    return d_again, jnp.stack([d, d_limit]), (state, after, after_two)


def orbit(method: methods.Method, gradients: np.ndarray, state: Any, first: int) -> Orbit:
    """The cycle after round ``first`` (a whole number of cycles), and whether it is steady.

    Steady: the next cycle has the same directions to rounding, so has the limit t -> infinity,
    and every state variable has either faded into its orbit or come back to the same number.
    """
    d, others, states = _two_cycles(method, state, gradients, float(first))
    d, others = np.asarray(d), np.asarray(others)
    scale = np.abs(d).max(initial=0.0)
    same = bool(np.all(np.abs(others - d) <= _SAME * scale))
    back = all(
        math.isclose(a, b, rel_tol=_SAME, abs_tol=_SAME * abs(c))
        and math.isclose(a, c, rel_tol=_SAME)
        for a, b, c in zip(*(map(float, s) for s in states), strict=True)
    )
    return Orbit(d, same and back and bool(np.isfinite(scale)))


def sign_runs(d: np.ndarray) -> np.ndarray | None:
    """Ends of the runs of rounds that move one way, padded; None if there are too many."""
    signs = np.sign(d)
    # A round that does not move belongs to either side.
    for j in range(1, len(signs)):
        signs[j] = signs[j] or signs[j - 1]
    ends = np.append(np.flatnonzero(np.diff(signs)) + 1, len(d))
    room = next((room for room in _RUNS if len(ends) <= room), None)
    return None if room is None else np.pad(ends, (0, room - len(ends)), mode="edge")


def _horner(coefficients, w):
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * w + c
    return total


class _Clock(NamedTuple):
    """Per cycle: alpha_t = a (1 + w (j + 1))^{-1/2}; w = 0 for a constant step size."""

    a: Any
    w: Any


def _clock(constant, alpha, period, k):
    w = 1.0 / (period * k.astype(jnp.float64))
    return _Clock(jnp.where(constant, alpha, alpha * jnp.sqrt(w)), jnp.where(constant, 0.0, w))


def _inside(steps, gradients, bounds, x, clock, stop=None):
    """x and the loss after ``stop`` rounds (all by default) of cycles that start at x."""

    def one(j, carry):
        x, loss = carry
        moved = jnp.clip(x + clock.a * _horner(steps[:, j], clock.w), *bounds)
        if stop is None:
            return moved, loss + gradients[j] * x
        go = j < stop
        return jnp.where(go, moved, x), jnp.where(go, loss + gradients[j] * x, loss)

    return jax.lax.fori_loop(0, gradients.shape[0], one, (x, jnp.zeros_like(x)))


@jax.jit
def _cycles(d, ends, gradients, constant, alpha, bounds, x, first, cycle, rounds):
    """x and loss since cycle ``first``, at records: ``rounds`` rounds into cycle ``cycle``."""
    period = gradients.shape[0]
    powers = (jnp.arange(period) + 1.0)[None, :] ** jnp.arange(_TERMS)[:, None]
    steps = -d * powers * _BINOMIAL[:, None]
    prefix = jnp.concatenate([jnp.zeros((_TERMS, 1)), jnp.cumsum(steps, axis=1)], axis=1)
    at_ends = prefix[:, ends]
    runs = jnp.diff(at_ends, axis=1, prepend=0.0)
    clock_of = functools.partial(_clock, constant, alpha, period)

    def block(carry):
        k, x, sums, x_at, loss_at = carry
        ks = k + jnp.arange(_BLOCK)
        clock = clock_of(ks)
        moves = [clock.a * _horner(runs[:, r], clock.w) for r in range(len(ends))]

        def cycle_step(x, moves):
            start = x
            for move in moves:
                x = jnp.clip(x + move, *bounds)
            return x, start

        x, starts = jax.lax.scan(cycle_step, x, moves)
        lanes = jax.tree.map(lambda a: a.reshape(-1, _LANES), (starts, clock))
        losses = jax.lax.map(
            lambda lane: _inside(steps, gradients, bounds, *lane)[1], lanes
        ).reshape(-1)
        before = sum(sums) + (jnp.cumsum(losses) - losses)
        # Records whose cycle lies in this block.
        place = jnp.clip(cycle - k, 0, _BLOCK - 1)
        here = (cycle >= k) & (cycle < k + _BLOCK)
        x_at = jnp.where(here, starts[place], x_at)
        loss_at = jnp.where(here, before[place], loss_at)
        return k + _BLOCK, x, compensated_sum(sums, losses.sum()), x_at, loss_at

    zeros = jnp.zeros(cycle.shape)
    start = (first, x, (jnp.zeros(()), jnp.zeros(())), zeros, zeros)
    *_, x_at, loss_at = jax.lax.while_loop(lambda carry: carry[0] <= cycle[-1], block, start)
    x_at, partial = _inside(steps, gradients, bounds, x_at, clock_of(cycle), rounds)
    return x_at, loss_at + partial


def finish(
    d: np.ndarray,
    ends: np.ndarray,
    gradients: np.ndarray,
    constant: bool,
    alpha: float,
    bounds: tuple[float, float],
    x: Any,
    first: int,
    times: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Continue a run from a settled cycle: x and loss (since then) at the recorded times.

    Args:
      d: directions of the settled cycle.
      ends: from :func:`sign_runs`.
      gradients: one period.
      constant: whether the step size is constant, else alpha / sqrt(t).
      alpha: scale of the step size.
      bounds: the feasible interval.
      x: the iterate after ``first`` cycles.
      first: number of cycles already run.
      times: recorded steps, all after ``first`` cycles, increasing.

    Returns:
      ``(x, loss)``, float64, shaped like ``times``.
    """
    cycle, rounds = np.divmod(times, len(gradients))
    x_at, loss_at = _cycles(
        d, ends, gradients, constant, alpha, bounds, x, np.int64(first), cycle, rounds
    )
    return np.array(x_at), np.array(loss_at)
