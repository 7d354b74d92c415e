"""The general simulator: any rule, schedule and stream of gradients, one compiled loop.

Everything is float64, whatever the caller's setting.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods, problems


class Stream(NamedTuple):
    """A source of gradients: pure functions over a table of rounds and a position in it."""

    start: Callable[..., Any]  # (arguments, seed) -> table
    refill: Callable[..., Any]  # (arguments, table) -> the table of the rounds that follow
    covers: Callable[..., Any]  # (table) -> the last round in it
    advance: Callable[..., Any]  # (arguments, table, position, t) -> (position, g)


def _advance_periodic(period, table, position, t):
    g = table.at[position].get(mode="promise_in_bounds")
    # Counting and resetting is several times cheaper than t modulo the period.
    following = position + 1
    return jnp.where(following == table.shape[0], 0, following), g


def _advance_iid(arguments, block, position, t):
    rare = t == block.rounds.at[position].get(mode="clip")
    value = block.values.at[position].get(mode="clip")
    return position + rare, jnp.where(rare, value, arguments.common)


PERIODIC = Stream(
    start=lambda period, seed: jnp.asarray(period),
    refill=lambda period, table: table,
    covers=lambda table: jnp.iinfo(jnp.int64).max,
    advance=_advance_periodic,
)
IID = Stream(
    start=problems.first_rare_rounds,
    refill=problems.next_rare_rounds,
    covers=lambda block: block.rounds[-1],
    advance=_advance_iid,
)


def stream_of(problem: problems.Problem) -> tuple[Stream, Any]:
    if isinstance(problem, problems.PeriodicProblem):
        return PERIODIC, problem.gradients
    return IID, problem.arguments()


class Numbers(NamedTuple):
    """The numbers of one run; all traced, so that changing them never recompiles."""

    h: Any
    alpha: Any
    x1: Any
    lower: Any
    upper: Any
    seed: Any
    gradients: Any


class _Carry(NamedTuple):
    x: jax.Array
    state: Any
    position: jax.Array  # in the stream's table
    loss: jax.Array  # since the last record
    slope: jax.Array


class Recorded(NamedTuple):
    """Iterate, loss paid so far and sum of gradients so far, at the recorded steps."""

    x: Any
    loss: Any
    slope: Any


def apply_rule(rule, g, x, state, t, h) -> methods.Update:
    """One update in JAX; a rule whose ``needs_x`` is true is told the iterate as well."""
    if getattr(rule, "needs_x", False):
        return rule(jnp, g, state, t, h, x)
    return rule(jnp, g, state, t, h)


def scan_records(rule, start, schedule, stream, run: Numbers, times: jax.Array):
    """What is ``Recorded`` at the given times, and the last state: a loop over steps per record."""

    def step(table, i, carry: _Carry) -> _Carry:
        t = (i + 1).astype(jnp.float64)
        position, g = stream.advance(run.gradients, table, carry.position, i + 1)
        m, sqrt_V, state = apply_rule(rule, g, carry.x, carry.state, t, run.h)
        d = methods.direction(jnp, m, sqrt_V)
        alpha_t = schedule(jnp, run.alpha, t)
        x = methods.algorithm_1(jnp, carry.x, d, alpha_t, run.lower, run.upper)
        return _Carry(x, state, position, carry.loss + g * carry.x, carry.slope + g)

    def stretch(stop, i, table, carry: _Carry):
        """As far as the table reaches, or to ``stop``; then the next table if needed."""
        end = jnp.minimum(stop, stream.covers(table))
        carry = jax.lax.fori_loop(i, end, functools.partial(step, table), carry)
        used_up = end == stream.covers(table)
        table = jax.lax.cond(
            used_up, functools.partial(stream.refill, run.gradients), lambda same: same, table
        )
        return end, table, carry._replace(position=jnp.where(used_up, 0, carry.position))

    def segment(outer, stop):
        start, table, carry, sums = outer
        zero = jnp.zeros_like(carry.loss)
        _, table, carry = jax.lax.while_loop(
            lambda c: c[0] < stop,
            lambda c: stretch(stop, *c),
            (start, table, carry._replace(loss=zero, slope=zero)),
        )
        # Sums restart at every record and are added with compensation: no drift over 10^8 steps.
        sums = _add(sums, jnp.stack([carry.loss, carry.slope]))
        return (stop, table, carry, sums), (carry.x, sums[0] + sums[1])

    x1 = jnp.asarray(run.x1, jnp.float64)
    zero = jnp.zeros_like(x1)
    carry = _Carry(x1, start(x1), jnp.int32(0), zero, zero)
    sums = (jnp.zeros((2,)), jnp.zeros((2,)))
    table = stream.start(run.gradients, run.seed)
    (*_, carry, _), (x, totals) = jax.lax.scan(segment, (jnp.int64(0), table, carry, sums), times)
    return Recorded(x, totals[:, 0], totals[:, 1]), carry.state


def _add(sums: tuple[jax.Array, jax.Array], term: jax.Array) -> tuple[jax.Array, jax.Array]:
    # Neumaier's sum: the second entry collects what rounding dropped from the first.
    total, lost = sums
    following = total + term
    big, small = jnp.where(
        abs(total) >= abs(term), jnp.stack([total, term]), jnp.stack([term, total])
    )
    return following, lost + ((big - following) + small)


def _is_whole(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and int(value) == value
    except (TypeError, ValueError, OverflowError):  # None, a nan, an infinity
        return False


def record_times(steps: int, record: Any) -> np.ndarray:
    if not _is_whole(steps) or steps < 1:
        raise ValueError(f"steps must be a positive whole number, got {steps!r}")
    steps = int(steps)
    if np.ndim(record) == 0:
        if not _is_whole(record) or record < 1:
            raise ValueError(
                f"record must be a positive number of points, or increasing steps, got {record!r}"
            )
        count = min(int(record), steps)
        return (np.arange(1, count + 1) * steps) // count
    times = np.asarray(record)
    whole = times.ndim == 1 and times.size and all(map(_is_whole, times.tolist()))
    if not (whole and times[0] >= 1 and np.all(np.diff(times) > 0) and times[-1] <= steps):
        raise ValueError(
            f"record must list increasing whole steps from 1 to steps={steps}, got {record!r}"
        )
    times = times.astype(np.int64)
    return times if times[-1] == steps else np.append(times, steps)


def numbers_of(method, alpha, x1, problem, seed, gradients) -> Numbers:
    # Fixed dtypes: 1 and 1.0 must look alike to the compiler's cache.
    real = functools.partial(np.asarray, dtype=np.float64)
    return Numbers(
        h=type(method.hyper)(*map(real, method.hyper)),  # a list is an array, not a tree
        alpha=real(alpha),
        x1=real(x1),
        lower=real(problem.lower),
        upper=real(problem.upper),
        seed=np.asarray(seed, dtype=np.int64),
        gradients=jax.tree.map(real, gradients),
    )


def check_seed(seed: Any) -> None:
    if not np.issubdtype(np.asarray(seed).dtype, np.integer):
        raise ValueError(f"seed must be a whole number, got {seed!r}")


def check_start(x1: Any, problem: problems.Problem) -> None:
    if not np.all((np.asarray(x1) >= problem.lower) & (np.asarray(x1) <= problem.upper)):
        raise ValueError(
            f"x1 must lie in the feasible interval [{problem.lower}, {problem.upper}], got {x1!r}"
        )
