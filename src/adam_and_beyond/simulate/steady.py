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
from threading import Event
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.simulate.loop import compensated_sum
from adam_and_beyond.simulate.slices import work_off

# With k >= _FIRST_CYCLE the first term left out is below 0.21 * 100^-7 = 2e-15 of a step.
_TERMS = 7
_FIRST_CYCLE = 100
# A memory that has faded to this share of itself is gone in float64.
_FORGOTTEN = 2.0**-60
_SAME = 1e-14  # relative difference of directions that still counts as rounding
_RUNS = (2, 8, 32)  # rooms for the runs of one direction within a cycle; a shape each
_BLOCK = 8192  # cycles per pass
_FIRST_BLOCKS = 64  # in the first slice
_LANES = 512  # cycles side by side: their state stays in the nearest cache

_BINOMIAL = np.cumprod([1.0, *((-0.5 - n) / (n + 1) for n in range(_TERMS - 1))])


class SettledCycle(NamedTuple):
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


def settled_cycle(
    method: methods.Method, gradients: np.ndarray, state: Any, first: int
) -> SettledCycle:
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
    return SettledCycle(d, same and back and bool(np.isfinite(scale)))


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


def _inside(steps, cycles: Cycles, x, clock, stop=None):
    """x and the loss after ``stop`` rounds (all by default) of cycles that start at x."""

    def one(j, carry):
        x, loss = carry
        moved = jnp.clip(x + clock.a * _horner(steps[:, j], clock.w), *cycles.bounds)
        if stop is None:
            return moved, loss + cycles.gradients[j] * x
        go = j < stop
        return jnp.where(go, moved, x), jnp.where(go, loss + cycles.gradients[j] * x, loss)

    return jax.lax.fori_loop(0, len(cycles.gradients), one, (x, jnp.zeros_like(x)))


class Cycles(NamedTuple):
    """What the rounds of a settled cycle need."""

    d: Any  # directions by round, shape (P,)
    ends: Any  # of the runs of one direction, from :func:`sign_runs`
    gradients: Any  # one period, shape (P,)
    constant: Any  # whether the step size is constant, else alpha / sqrt(t)
    alpha: Any  # scale of the step size
    bounds: Any  # the feasible interval

    def series(self):
        """By term of the series in 1 / (P k), the steps of the rounds of a cycle."""
        rounds, terms = jnp.arange(1.0, len(self.d) + 1), jnp.arange(float(_TERMS))
        powers = rounds[None, :] ** terms[:, None]
        return -self.d[None, :] * powers * _BINOMIAL[:, None]

    def clock(self, k):
        return _clock(self.constant, self.alpha, len(self.d), k)


class _Position(NamedTuple):
    """Where a run stands between two blocks of cycles."""

    k: Any  # cycles so far
    x: Any
    sums: Any  # of losses, and what rounding dropped
    x_at: Any  # x and loss where the cycles of the records begin
    loss_at: Any


class Rest(NamedTuple):
    """What the settled cycles of a run gave, at as many recorded steps as were reached."""

    x: np.ndarray
    loss: np.ndarray  # since the cycle settled
    cycles: int


@jax.jit
def _advance(cycles: Cycles, cycle, position: _Position, until) -> _Position:
    """Play on, to cycle ``until`` or the end of its block, at most past the last of ``cycle``."""
    steps = cycles.series()
    prefix = jnp.concatenate([jnp.zeros((_TERMS, 1)), jnp.cumsum(steps, axis=1)], axis=1)
    runs = jnp.diff(prefix[:, cycles.ends], axis=1, prepend=0.0)

    def block(p: _Position):
        clock = cycles.clock(p.k + jnp.arange(_BLOCK))
        moves = [clock.a * _horner(runs[:, r], clock.w) for r in range(len(cycles.ends))]

        def cycle_step(x, moves):
            start = x
            for move in moves:
                x = jnp.clip(x + move, *cycles.bounds)
            return x, start

        x, starts = jax.lax.scan(cycle_step, p.x, moves)
        lanes = jax.tree.map(lambda a: a.reshape(-1, _LANES), (starts, clock))
        losses = jax.lax.map(lambda lane: _inside(steps, cycles, *lane)[1], lanes).reshape(-1)
        before = sum(p.sums) + (jnp.cumsum(losses) - losses)
        # Records whose cycle lies in this block.
        index = jnp.clip(cycle - p.k, 0, _BLOCK - 1)
        here = (cycle >= p.k) & (cycle < p.k + _BLOCK)
        x_at = jnp.where(here, starts[index], p.x_at)
        loss_at = jnp.where(here, before[index], p.loss_at)
        return _Position(p.k + _BLOCK, x, compensated_sum(p.sums, losses.sum()), x_at, loss_at)

    return jax.lax.while_loop(lambda p: (p.k <= cycle[-1]) & (p.k < until), block, position)


@jax.jit
def _at_records(cycles: Cycles, cycle, rounds, x_at, loss_at):
    """x and loss so many rounds into the cycles of the records."""
    x, partial = _inside(cycles.series(), cycles, x_at, cycles.clock(cycle), rounds)
    return x, loss_at + partial


def finish(cycles: Cycles, x: Any, first: int, times: np.ndarray, bar: Any, stop: Event) -> Rest:
    """Continue a run from a settled cycle: x and loss (since then) at the recorded times.

    Args:
      cycles: the settled cycle.
      x: the iterate after ``first`` cycles.
      first: number of cycles already run.
      times: recorded steps, all after ``first`` cycles, increasing.
      bar: is told of rounds that are done.
      stop: set when the run is to stop.

    Returns:
      The ``Rest``, float64; at the first of the ``times`` alone if it was stopped.
    """
    period = len(cycles.gradients)
    cycle, rounds = np.divmod(times, period)
    zeros, nothing = np.zeros(cycle.shape), np.float64(0)
    begun = _Position(np.int64(first), np.float64(x), (nothing, nothing), zeros, zeros)
    position = work_off(
        functools.partial(_advance, cycles, cycle),
        begun,
        int(cycle[-1]) + 1,
        _Rounds(bar, period),
        stop,
        first=_FIRST_BLOCKS * _BLOCK,
    )
    x_at, loss_at = _at_records(cycles, cycle, rounds, position.x_at, position.loss_at)
    done = min(int(position.k), int(cycle[-1]) + 1)
    reached = int(np.searchsorted(cycle, done))  # the others are not known
    return Rest(np.array(x_at[:reached]), np.array(loss_at[:reached]), done)


class _Rounds(NamedTuple):
    """A bar that counts rounds, told of cycles; the last one may be a part."""

    bar: Any
    period: int

    def update(self, cycles: int) -> None:
        self.bar.update(min(cycles * self.period, self.bar.total - self.bar.n))
