"""Many runs side by side: the last iterate and the loss of each lane, one compiled loop.

Lanes share the vector unit of the processor. Each lane does what the general simulator does, with
one liberty: a division by a root is a product with the reciprocal root, which processors
approximate and refine to the last digits or so in a fraction of the time.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp

from adam_and_beyond import methods
from adam_and_beyond.simulate.inputs import Numbers
from adam_and_beyond.simulate.loop import (
    LOOPS,
    Recorded,
    at,
    compensated_sum,
    scan_records,
    unrolled,
)

_ROUNDS = 1024  # between two compensated additions
# Rounds per iteration: the state of a lane is read and written once for all of them. Twice as many
# gain nothing more and compile longer.
_AT_ONCE = 8


class _Root:
    """The root of V, known by V: what :func:`methods.direction` does with it costs no division."""

    def __init__(self, V):
        self.V = V

    def __le__(self, zero):
        return zero >= self.V  # a direction asks about no other number

    def __rtruediv__(self, m):
        return m * jax.lax.rsqrt(self.V)


class _Roots:
    """The namespace of the loops, which remembers of what it took roots."""

    def __init__(self):
        self._taken = []

    def __getattr__(self, name: str) -> Any:
        return getattr(LOOPS, name)

    @staticmethod
    def where(condition, if_true, if_false):
        # A direction avoids the division by a zero root. Here the root is not there yet, and the
        # result of that division is thrown away.
        return if_false if isinstance(if_false, _Root) else jnp.where(condition, if_true, if_false)

    def sqrt(self, V):
        root = jnp.sqrt(V)
        self._taken.append((root, V))
        return root

    def lazy(self, sqrt_V):
        """The root as it is, or in the form that defers taking it."""
        return next((_Root(V) for root, V in self._taken if root is sqrt_V), sqrt_V)


def together(lanes: Numbers, shared: Numbers) -> Numbers:
    """The numbers of lanes: what varies, and where that is None what all of them share."""

    def either(own, common):
        return common if own is None else own

    pairs = zip(lanes.method.values, shared.method.values, strict=True)
    method = dataclasses.replace(shared.method, values=tuple(either(*pair) for pair in pairs))
    return Numbers(*map(either, lanes, shared))._replace(method=method)


def side_by_side(schedule, family: bool, run: Numbers, steps) -> Recorded:
    """Many runs on periodic gradients, of shape ``(P,)``, for a ``family`` ``(P, lanes)``.

    Of the other fields of ``run`` each is a number or has shape ``(lanes,)``; ``x1`` always has.
    """
    gradients, numbers = jnp.asarray(run.gradients), run._replace(gradients=None, seed=None)
    period = gradients.shape[0]

    def one_lane(g, t, alpha_1, run, x_and_loss, state):
        xp, x, loss = _Roots(), x_and_loss.real, x_and_loss.imag
        m, sqrt_V, state = run.method.update(g, state, t, xp, x)
        d = methods.direction(xp, m, xp.lazy(sqrt_V))
        following = methods.projected_step(xp, x, d, alpha_1 * run.alpha, run.lower, run.upper)
        # The compiler computes arrays one by one, but a complex number at once: the iterate is read
        # and written once, and no copy of it is kept for the loss.
        return jax.lax.complex(following, loss + g * x), state

    varies = jax.tree.map(lambda a: 0 if jnp.ndim(a) else None, numbers)
    all_lanes = jax.vmap(one_lane, in_axes=(0 if family else None, None, None, varies, 0, 0))

    def step(base, k, carry):
        position, x_and_loss, state, slope = carry
        g, t = at(gradients, position), (base + k + 1).astype(jnp.float64)
        # alpha multiplies the schedule, so the root of t is one for all lanes.
        lanes = all_lanes(g, t, schedule(LOOPS, 1.0, t), numbers, x_and_loss, state)
        following = position + 1
        return jnp.where(following == period, 0, following), *lanes, slope + g

    def block(carry):
        base, position, x, state, losses, slopes = carry
        count = jnp.minimum(_ROUNDS, steps - base)
        x_and_loss = jax.lax.complex(x, jnp.zeros_like(x))
        first = (position, x_and_loss, state, jnp.zeros(gradients.shape[1:]))
        last = unrolled(0, count, functools.partial(step, base), first, rounds=_AT_ONCE)
        position, x_and_loss, state, slope = last
        sums = compensated_sum(losses, x_and_loss.imag), compensated_sum(slopes, slope)
        return base + count, position, x_and_loss.real, state, *sums

    x1 = jnp.asarray(run.x1)
    none, no_slope = jnp.zeros_like(x1), jnp.zeros(gradients.shape[1:])
    sums = (none, none), (no_slope, no_slope)
    first = (jnp.int64(0), jnp.int32(0), x1, jax.vmap(run.method.init)(x1), *sums)
    _, _, x, _, loss, slope = jax.lax.while_loop(lambda carry: carry[0] < steps, block, first)
    return Recorded(x, sum(loss), jnp.broadcast_to(sum(slope), x.shape))


def one_by_one(schedule, stream, lanes: Numbers, shared: Numbers, steps) -> Recorded:
    """Many runs in turn: random draws branch, which lanes side by side can't do."""

    def one(lane: Numbers):
        run = together(lane, shared)
        recorded, _ = scan_records(schedule, stream, run, jnp.array([steps]))
        return jax.tree.map(lambda a: a[-1], recorded)

    return jax.lax.map(one, lanes)
