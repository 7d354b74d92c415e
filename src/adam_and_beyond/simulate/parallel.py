r"""A run cut into blocks of time that are computed side by side: the lanes of the vector unit.

On linear losses gradients do not depend on the iterate, so the averages of a method are recursions
of their own, whose rounds compose (:mod:`.composition`), and so do projected steps:

.. math:: x \leftarrow \min\{\max\{x + s, \ell\}, u\},

a clamp-shift, is what any number of them amount to. A chunk of time has W lanes of L rounds each.

1. Each lane runs its averages from zero, and a short scan over lanes gives each its true start.
2. Each lane runs them again from there, which gives the moves :math:`\alpha_t d_t`.
3. Each lane composes its moves to one clamp-shift; a short scan gives each lane its iterate.
4. Each lane replays its moves from there, which gives losses; the few records are replayed alone.

Root and division of a round are taken once, and side by side. Rows are rounds and columns are
lanes, so a round of all lanes is contiguous in memory.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond.simulate.arguments import Numbers
from adam_and_beyond.simulate.loop import Position, Recorded, compensated_sum
from adam_and_beyond.simulate.streams import Stream
from adam_and_beyond.simulate.xla import (
    CLIPPING,
    DeferredRoots,
    ReciprocalRoots,
    at,
    counted,
    put,
)

_LANES = 1024
_ROUNDS = 128  # of a lane, about: moves of a chunk stay in a near cache
_AVERAGES, _MOVES, _STEPS = 4, 4, 8  # rounds per iteration of the three kinds of passes


class Layout(NamedTuple):
    """How a chunk of time is cut."""

    lanes: int  # W
    rounds: int  # of a lane, L
    aligned: bool  # whether lanes begin where the period does: then they share their gradients

    @property
    def chunk(self) -> int:
        """Rounds of all lanes."""
        return self.rounds * self.lanes


def layout_of(problem: problems.Problem) -> Layout:
    """Lanes of whole periods where the period is short."""
    period = problem.period if isinstance(problem, problems.PeriodicProblem) else np.inf
    if period > 2 * _ROUNDS:
        return Layout(_LANES, _ROUNDS, aligned=False)
    return Layout(_LANES, max(1, round(_ROUNDS / period)) * period, aligned=True)


def prepare(stream: Stream, layout: Layout, gradients: Any) -> Any:
    """What :func:`advance` is handed in the place of the stream's arguments."""
    if layout.aligned:
        return np.tile(gradients, layout.rounds // len(gradients))[:, None]
    return stream.prepare(gradients, layout.chunk)


class _Chunk(NamedTuple):
    """What the rounds of a chunk need; rows are rounds of a lane, columns are lanes."""

    run: Numbers
    before: jax.Array  # rounds before each lane, float64, shape (W,)
    gradients: jax.Array  # shape (L, W), or (L, 1) where lanes share them

    @property
    def rounds(self) -> int:
        return self.gradients.shape[0]

    @property
    def shared(self) -> bool:
        """Whether all lanes have the same gradients."""
        return self.gradients.ndim == 2 and self.gradients.shape[1] == 1

    def one_lane(self) -> _Chunk:
        """The first lane alone, numbers in the place of rows."""
        return self._replace(before=self.before[0], gradients=self.gradients[:, 0])

    def row(self, value):
        """The number, or one for each lane, as one for each lane."""
        return jnp.broadcast_to(value, self.before.shape)

    def t(self, k):
        return self.before + (k + 1).astype(jnp.float64)

    def update(self, k, fields, xp=None):
        """The k-th round of the rule in all lanes; what it does not look at may be left out."""
        names = self.run.method.state_type._fields
        state = self.run.method.state_type(*(fields.get(name, np.float64(0)) for name in names))
        return self.run.method.update(at(self.gradients, k), state, self.t(k), xp or jnp)

    def passing(self, step, carry, at_once: int):
        """A pass over the rounds of a lane, in all lanes."""
        return counted(self.rounds, step, carry, at_once)


def _coefficient(update, name: str, fields):
    """By what the recursion of a field multiplies it: the derivative, as it is affine."""

    def following(value):
        return getattr(update({**fields, name: value}).state, name)

    value = jnp.asarray(fields[name], jnp.float64)
    return jax.jvp(following, (value,), (jnp.ones_like(value),))[1]


def _of_lanes(chunk: _Chunk, stage, starts):
    """What lanes make of fields that start at zero, and the factor that a start would have.

    Where those of earlier stages start is known. A maximum has no factor.
    """
    needed = frozenset().union(*(field.needs for field in stage))
    lanes = chunk
    if chunk.shared and not needed and all(field.timeless for field in stage):
        lanes = chunk.one_lane()  # all lanes do the same
    moving = [f.name for f in stage if not (f.fixed or f.is_maximum)]

    def step(k, carry):
        fields, factors = carry
        following = lanes.update(k, fields).state
        factors = {
            name: factor * _coefficient(functools.partial(lanes.update, k), name, fields)
            for name, factor in factors.items()
        }
        return {name: lanes.row(getattr(following, name)) for name in fields}, factors

    own = {field.name: lanes.row(np.float64(0)) for field in stage}
    factors = {name: lanes.row(np.float64(1)) for name in moving}
    carry = {name: starts[name] for name in needed} | own, factors
    at_once = _AVERAGES if lanes is chunk else 1  # of numbers, a small loop is one kernel
    fields, factors = lanes.passing(step, carry, at_once)
    once = chunk._replace(before=jnp.zeros(()), gradients=jnp.zeros(1))  # it looks at neither
    for field in stage:
        if field.fixed and not field.is_maximum:
            alone = {field.name: np.float64(0)}
            a = _coefficient(functools.partial(once.update, np.int32(0)), field.name, alone)
            # By the power, not by squaring: what it is off by is the lanes' memory times as much.
            factors[field.name] = chunk.row(jnp.power(a, np.float64(chunk.rounds)))
    return jax.tree.map(chunk.row, ({name: fields[name] for name in own}, factors))


def _starts(stage, first, own, factors):
    """A scan over lanes: where each field starts in each lane, and where it ends."""

    def lane(start, found):
        own, factors = found
        following = {
            f.name: jnp.maximum(start[f.name], own[f.name])
            if f.is_maximum
            else factors[f.name] * start[f.name] + own[f.name]
            for f in stage
        }
        return following, start

    return jax.lax.scan(lane, first, (own, factors))


def _averages(chunk: _Chunk, stages, state):
    """Where the state of the method starts in each lane, and where it ends."""
    starts, ends = {}, {}
    for stage in stages:
        first = {field.name: getattr(state, field.name) for field in stage}
        found = _starts(stage, first, *_of_lanes(chunk, stage, starts))
        ends |= found[0]
        starts |= found[1]
    return starts, type(state)(**ends)


def _moves(chunk: _Chunk, schedule, starts, room):
    """alpha_t d_t of all rounds, a row per round of a lane, written over what was in ``room``."""

    def step(k, carry):
        fields, moves = carry
        xp = DeferredRoots()
        m, sqrt_V, state = chunk.update(k, fields, xp)
        d = methods.direction(xp, m, xp.deferred(sqrt_V))
        move = schedule(ReciprocalRoots(), chunk.run.alpha, chunk.t(k)) * d
        following = {name: chunk.row(getattr(state, name)) for name in fields}
        return following, put(moves, k, chunk.row(move))

    return chunk.passing(step, (starts, room), _MOVES)[1]


def _clip(chunk: _Chunk, x):
    return methods.project(CLIPPING, x, chunk.run.lower, chunk.run.upper)


def _iterates(chunk: _Chunk, moves, x):
    """Where the iterate starts in each lane, and where it ends: clamp-shifts compose."""

    def compose(k, carry):
        shift, low, high = carry
        move = at(moves, k)
        return shift - move, _clip(chunk, low - move), _clip(chunk, high - move)

    nothing = chunk.row(np.float64(0)), chunk.row(chunk.run.lower), chunk.row(chunk.run.upper)
    lanes = chunk.passing(compose, nothing, _STEPS)

    def lane(x, found):
        shift, low, high = found
        moved = jnp.where(low > x + shift, low, x + shift)
        moved = jnp.where(high < moved, high, moved)
        # Where all starts end in one point the shift plays no part, and may have overflowed.
        return jnp.where(low >= high, low, moved), x

    x, starts = jax.lax.scan(lane, x, lanes)
    return starts, x


def _losses(chunk: _Chunk, moves, starts):
    """The loss and the sum of gradients of each lane."""

    def replay(k, carry):
        x, loss = carry
        return _clip(chunk, x - at(moves, k)), loss + at(chunk.gradients, k) * x

    loss = chunk.passing(replay, (starts, chunk.row(np.float64(0))), _STEPS)[1]
    return loss, chunk.row(chunk.gradients.sum(axis=0))


def _sums_before(lanes):
    """The sum over the lanes before each, and over all."""

    def lane(total, own):
        return jax.tree.map(jnp.add, total, own), total

    return jax.lax.scan(lane, (np.float64(0), np.float64(0)), lanes)


def _record(chunk: _Chunk, moves, starts, before, offset):
    """Iterate, loss and sum of gradients so many rounds into the chunk."""
    rounds = np.int32(chunk.rounds)
    lane = jax.lax.div(offset - 1, rounds)

    def replay(k, carry):
        x, loss, slope = carry
        g = at(chunk.gradients, (k, 0 if chunk.shared else lane))
        return _clip(chunk, x - at(moves, (k, lane))), loss + g * x, slope + g

    start = at(starts, lane), np.float64(0), np.float64(0)
    x, loss, slope = jax.lax.fori_loop(np.int32(0), offset - lane * rounds, replay, start)
    return x, jnp.stack([at(before[0], lane) + loss, at(before[1], lane) + slope])


def advance(
    schedule, stream: Stream, layout: Layout, stages, run: Numbers, times, position, until
) -> Position:
    """Play on, chunk by chunk, to round ``until`` or the end of its chunk.

    As :func:`.loop.advance`, which computes the same to rounding; one coordinate.
    """
    size, times = layout.chunk, jnp.asarray(times)
    lanes = np.arange(layout.lanes) * np.float64(layout.rounds)

    def cut(p: Position) -> tuple[_Chunk, Any]:
        gradients, cursor = run.gradients, p.cursor
        if not layout.aligned:
            rounds, cursor = stream.block(run.gradients, cursor, p.played, size)
            gradients = rounds.reshape(layout.lanes, layout.rounds).T
        before = p.played.astype(jnp.float64) + lanes
        return _Chunk(run, before, jnp.asarray(gradients)), cursor

    def one(carry):
        p, room = carry
        chunk, cursor = cut(p)
        starts, state = _averages(chunk, stages, p.state)
        moves = _moves(chunk, schedule, starts, room)
        points, x = _iterates(chunk, moves, p.x)
        total, before = _sums_before(_losses(chunk, moves, points))

        def note(found):
            records, recorded = found
            offset = (at(times, records) - p.played).astype(jnp.int32)
            x, since = _record(chunk, moves, points, before, offset)
            row = Recorded(x, *sum(compensated_sum(p.sums, since)))
            return records + 1, jax.tree.map(lambda a, b: put(a, records, b), recorded, row)

        def here(found):
            following = at(times, jnp.minimum(found[0], len(times) - 1))
            return (found[0] < len(times)) & (following <= p.played + size)

        records, recorded = jax.lax.while_loop(here, note, (p.records, p.recorded))
        played = jnp.minimum(p.played + size, times[-1])
        sums = compensated_sum(p.sums, jnp.stack(total))
        return Position(played, records, cursor, x, state, sums, recorded), moves

    return jax.lax.while_loop(
        lambda carry: (carry[0].played < until) & (carry[0].played < times[-1]),
        one,
        (position, jnp.zeros((layout.rounds, layout.lanes))),
    )[0]
