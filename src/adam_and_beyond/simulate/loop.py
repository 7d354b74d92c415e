r"""The general simulator: any rule, schedule and stream of gradients, one compiled loop.

One round is Algorithm 1, :func:`one_round`. Gradients and step sizes do not depend on the iterate,
so they come in tables of a block of rounds, computed side by side; what is left for the loop over
rounds is the rule and the projection. Everything is float64, whatever the caller's setting. What is
written for the compiler's sake is in :mod:`.xla`.

A run is worked off in slices, so that it can be interrupted. A :class:`Position` is where it stands
between two of them. Slices end where a table ends, so that a run computes the same to the last bit
in however many it is cut.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.simulate.arguments import Numbers
from adam_and_beyond.simulate.streams import block_length
from adam_and_beyond.simulate.xla import CLIPPING, at, unrolled


class Recorded(NamedTuple):
    """Iterate, loss paid so far and sum of gradients so far, at the recorded steps."""

    x: Any
    loss: Any
    slope: Any


class Position(NamedTuple):
    """Where a run stands between two slices."""

    played: Any  # rounds so far
    records: Any  # recorded steps so far
    cursor: Any  # of the stream of gradients
    x: Any
    state: Any  # of the method
    sums: Any  # of losses and gradients, and what rounding dropped from the sums
    recorded: Recorded  # room for all records


class _Table(NamedTuple):
    """A block of rounds from ``base`` + 1 on."""

    base: jax.Array
    gradients: jax.Array
    alpha_t: jax.Array


class _Carry(NamedTuple):
    x: jax.Array
    state: Any
    loss: jax.Array  # since the last stretch, per coordinate


def one_round(run: Numbers, t, g, alpha_t, x, state):
    """Algorithm 1, round t: the next iterate and the next state."""
    m, sqrt_V, state = run.method.update(g, state, t, jnp, x)
    d = methods.direction(jnp, m, sqrt_V)
    return methods.projected_step(CLIPPING, x, d, alpha_t, run.lower, run.upper), state


def begin(stream, run: Numbers, records: int) -> Position:
    """The position before round 1, with room for so many records."""
    nothing = np.zeros((records, *np.shape(run.x1)))
    return Position(
        played=np.int64(0),
        records=np.int64(0),
        cursor=stream.cursor(run.gradients, run.seed),
        x=run.x1,
        state=run.method.init(run.x1),
        sums=(np.zeros((2, *np.shape(run.x1))), np.zeros((2, *np.shape(run.x1)))),
        recorded=Recorded(nothing, nothing, nothing),
    )


def advance(schedule, stream, run: Numbers, times, position: Position, until) -> Position:
    """Play on, to round ``until`` or the end of its table, at most to the last recorded step."""
    shape = jnp.shape(run.x1)
    size = block_length(shape)

    def next_table(base, cursor):
        gradients, cursor = stream.block(run.gradients, cursor, base, size)
        t = (base + 1 + jnp.arange(size)).astype(jnp.float64)
        # A constant step size needs the shape of the others.
        return _Table(base, gradients, schedule(jnp, run.alpha, t) + jnp.zeros(size)), cursor

    def step(table: _Table, k, carry: _Carry) -> _Carry:
        g, t = at(table.gradients, k), (table.base + k.astype(jnp.int64) + 1).astype(jnp.float64)
        x, state = one_round(run, t, g, at(table.alpha_t, k), carry.x, carry.state)
        return _Carry(x, state, carry.loss + g * carry.x)

    def stretch(stop, table, p: Position):
        """As far as the table reaches, or to ``stop``; first the next table if needed."""
        table, cursor = jax.lax.cond(
            p.played - table.base == size,
            lambda table, cursor: next_table(p.played, cursor),
            lambda table, cursor: (table, cursor),
            table, p.cursor,
        )  # fmt: skip
        end = jnp.minimum(stop, table.base + size)
        first, last = ((a - table.base).astype(jnp.int32) for a in (p.played, end))
        carry = _Carry(p.x, p.state, jnp.zeros(shape))
        x, state, loss = unrolled(first, last, functools.partial(step, table), carry)
        rounds = jnp.arange(size, dtype=jnp.int32).reshape((size,) + (1,) * len(shape))
        inside = (first <= rounds) & (rounds < last)
        slope = jnp.where(inside, table.gradients, 0).sum(axis=0)
        # Sums restart with every stretch and are added with compensation: no drift over 10^8 steps.
        sums = compensated_sum(p.sums, jnp.stack([loss, slope]))
        return table, p._replace(played=end, cursor=cursor, x=x, state=state, sums=sums)

    def over(p: Position):
        """Whether this slice is: from ``until`` on, where a table ends."""
        return (p.played >= until) & (p.played % size == 0)

    def to_next_record(table, p: Position):
        stop = times[p.records]
        table, p = jax.lax.while_loop(
            lambda now: (now[1].played < stop) & ~over(now[1]),
            lambda now: stretch(stop, *now),
            (table, p),
        )
        total, lost = p.sums
        row = Recorded(p.x, *(total + lost))
        reached = p.played == stop
        recorded = jax.tree.map(
            lambda rows, new: rows.at[p.records].set(jnp.where(reached, new, rows[p.records])),
            p.recorded, row,
        )  # fmt: skip
        return table, p._replace(records=p.records + reached.astype(jnp.int64), recorded=recorded)

    # Used up, so the first thing to do is to make the next one.
    used_up = _Table(position.played - size, jnp.zeros((size, *shape)), jnp.zeros(size))
    return jax.lax.while_loop(
        lambda now: (now[1].records < len(times)) & ~over(now[1]),
        lambda now: to_next_record(*now),
        (used_up, position),
    )[1]


def compensated_sum(sums, term):
    # Neumaier's sum: the second entry collects what rounding dropped from the first.
    total, lost = sums
    following = total + term
    bigger = abs(total) >= abs(term)
    big, small = jnp.where(bigger, total, term), jnp.where(bigger, term, total)
    return following, lost + ((big - following) + small)
