"""Many runs side by side: the last iterate and the loss of each lane, one compiled loop.

Lanes share the vector unit of the processor. Each lane does what the general simulator does, with
one liberty: a division by a root is a product with the reciprocal root, which processors
approximate and refine to the last digits or so in a fraction of the time.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.simulate import loop
from adam_and_beyond.simulate.arguments import Numbers
from adam_and_beyond.simulate.streams import IID
from adam_and_beyond.simulate.xla import (
    CLIPPING,
    DeferredRoots,
    at,
    packed,
    unpacked,
    unrolled,
)

ROUNDS = 1024  # between two compensated additions; slices are whole multiples
# Rounds per iteration: the state of a lane is read and written once for all of them. Twice as many
# gain nothing more and compile longer.
_AT_ONCE = 8


class Position(NamedTuple):
    """Where lanes stand between two slices: arrays of one entry per lane."""

    x: Any
    state: Any  # of the method
    losses: Any  # a sum, and what rounding dropped from it
    slopes: Any  # of the gradients, likewise


def together(lanes: Numbers, shared: Numbers) -> Numbers:
    """The numbers of lanes: what varies, and where that is None what all of them share."""

    def either(own, common):
        return common if own is None else own

    pairs = zip(lanes.method.values, shared.method.values, strict=True)
    method = dataclasses.replace(shared.method, values=tuple(either(*pair) for pair in pairs))
    return Numbers(*map(either, lanes, shared))._replace(method=method)


def one_round(run: Numbers, t, g, alpha_t, x, state):
    """Algorithm 1, round t, as in :func:`.loop.one_round`, with roots that need not be taken."""
    xp = DeferredRoots()
    m, sqrt_V, state = run.method.update(g, state, t, xp, x)
    d = methods.direction(xp, m, xp.deferred(sqrt_V))
    return methods.projected_step(CLIPPING, x, d, alpha_t, run.lower, run.upper), state


def begin(stream, numbers: Numbers, arguments: Any) -> Position | loop.Position:
    """The position of many lanes before round 1."""
    x1 = numbers.x1
    with jax.enable_x64(True):  # a lane at a time: what counts steps is one number in each
        state = jax.tree.map(np.asarray, jax.vmap(numbers.method.init)(x1))
    nothing = np.zeros_like(x1)
    if stream is not IID:
        return Position(x1, state, (nothing, nothing), (nothing, nothing))
    rounds, row = nothing.astype(np.int64), nothing[:, None]
    first, position = stream.cursor(arguments, numbers.seed)
    return loop.Position(
        played=rounds,
        records=rounds,
        cursor=(first, np.full(x1.shape, position)),
        x=x1,
        state=state,
        sums=(np.zeros((*x1.shape, 2)), np.zeros((*x1.shape, 2))),
        recorded=loop.Recorded(row, row, row),
    )


def result(position: Position | loop.Position) -> loop.Recorded:
    """Iterate, loss and sum of gradients of each lane."""
    if isinstance(position, Position):
        return loop.Recorded(position.x, sum(position.losses), sum(position.slopes))
    return loop.Recorded(*(rows[:, -1] for rows in position.recorded))


def side_by_side(schedule, family: bool, run: Numbers, position: Position, start, stop) -> Position:
    """Rounds ``start`` + 1 to ``stop`` of many runs on periodic gradients.

    These have shape ``(P,)``, for a ``family`` ``(P, lanes)``. Of the other fields of ``run`` each
    is a number or has shape ``(lanes,)``.
    """
    gradients, numbers = (
        jnp.asarray(run.gradients),
        run._replace(gradients=None, seed=None, x1=None),
    )
    period = gradients.shape[0]

    def one_lane(g, t, alpha_1, run, x_and_loss, state):
        x, loss = unpacked(x_and_loss)
        # alpha multiplies the schedule, so the root of t is one for all lanes.
        following, state = one_round(run, t, g, alpha_1 * run.alpha, x, state)
        return packed(following, loss + g * x), state

    varies = jax.tree.map(lambda a: 0 if jnp.ndim(a) else None, numbers)
    all_lanes = jax.vmap(one_lane, in_axes=(0 if family else None, None, None, varies, 0, 0))

    def step(base, k, carry):
        index, x_and_loss, state, slope = carry
        g, t = at(gradients, index), (base + k + 1).astype(jnp.float64)
        lanes = all_lanes(g, t, schedule(jnp, 1.0, t), numbers, x_and_loss, state)
        following = index + 1
        return jnp.where(following == period, 0, following), *lanes, slope + g

    def block(carry):
        base, index, x, state, losses, slopes = carry
        count = jnp.minimum(ROUNDS, stop - base)
        first = (index, packed(x, jnp.zeros_like(x)), state, jnp.zeros(gradients.shape[1:]))
        last = unrolled(0, count, functools.partial(step, base), first, rounds=_AT_ONCE)
        index, x_and_loss, state, slope = last
        x, loss = unpacked(x_and_loss)
        sums = loop.compensated_sum(losses, loss), loop.compensated_sum(slopes, slope)
        return base + count, index, x, state, *sums

    # Lanes that share their gradients share the sum of them.
    slopes = position.slopes if family else tuple(sums[0] for sums in position.slopes)
    index = (start % period).astype(jnp.int32)
    first = (start, index, position.x, position.state, position.losses, slopes)
    last = jax.lax.while_loop(lambda carry: carry[0] < stop, block, first)
    _, _, x, state, losses, slopes = last
    return Position(x, state, losses, tuple(jnp.broadcast_to(sums, x.shape) for sums in slopes))


def one_by_one(schedule, stream, lanes: Numbers, shared: Numbers, position, steps, stop):
    """Many runs in turn: random draws branch, which lanes side by side can't do."""

    def one(lane):
        numbers, position = lane
        run, times = together(numbers, shared), jnp.array([steps])
        return loop.advance(schedule, stream, run, times, position, stop)

    return jax.lax.map(one, (lanes, position))
