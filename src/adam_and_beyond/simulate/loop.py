"""The general simulator: any rule, schedule and stream of gradients, one compiled loop.

Everything is float64, whatever the caller's setting. Gradients and step sizes do not depend on the
iterate, so they come in tables of a block of rounds, computed side by side; what is left for the
loop over rounds is the rule and the projection.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Literal, jaxprs_in_params

from adam_and_beyond import methods
from adam_and_beyond.simulate.inputs import Numbers
from adam_and_beyond.simulate.streams import block_length

# A loop is one kernel only while it is small, and fifty times slower beyond. Rounds per iteration
# by the number of operations in a round, with a margin; a test holds the catalogue to it.
_UNROLL = ((32, 3), (45, 2))
_HEAVY = {"pow", "exp", "log", "log1p", "expm1", "tanh"}  # count threefold


class _Loops:
    """``jax.numpy`` for the loops: extremes as one comparison, which still pass a nan of x on."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    @staticmethod
    def maximum(a, b):
        return jnp.where(b > a, b, a)

    @staticmethod
    def minimum(a, b):
        return jnp.where(b < a, b, a)


LOOPS = _Loops()


class _Carry(NamedTuple):
    x: jax.Array
    state: Any
    loss: jax.Array  # since the last stretch, per coordinate


class _Table(NamedTuple):
    """A block of rounds from ``base`` + 1 on."""

    base: jax.Array
    gradients: jax.Array
    alpha_t: jax.Array


class Recorded(NamedTuple):
    """Iterate, loss paid so far and sum of gradients so far, at the recorded steps."""

    x: Any
    loss: Any
    slope: Any


def at(table, k):
    """An entry that is known to exist."""
    return table.at[k].get(mode="promise_in_bounds", wrap_negative_indices=False)


def scan_records(schedule, stream, run: Numbers, times: jax.Array):
    """What is ``Recorded`` at the given times, and the last state: a loop over steps per record."""
    x1 = jnp.asarray(run.x1, jnp.float64)
    size = block_length(x1.shape)
    fixed, cursor = stream.prepare(run.gradients, run.seed, size)

    def table_from(base, cursor):
        gradients, cursor = stream.block(run.gradients, fixed, cursor, base, size)
        t = (base + 1 + jnp.arange(size)).astype(jnp.float64)
        # A constant step size needs the shape of the others.
        return _Table(base, gradients, schedule(LOOPS, run.alpha, t) + jnp.zeros(size)), cursor

    def step(table: _Table, k, carry: _Carry) -> _Carry:
        g, alpha_t = at(table.gradients, k), at(table.alpha_t, k)
        t = (table.base + k + 1).astype(jnp.float64)
        m, sqrt_V, state = run.method.update(g, carry.state, t, LOOPS, carry.x)
        d = methods.direction(LOOPS, m, sqrt_V)
        x = methods.projected_step(LOOPS, carry.x, d, alpha_t, run.lower, run.upper)
        return _Carry(x, state, carry.loss + g * carry.x)

    def stretch(stop, i, table, cursor, carry, sums):
        """As far as the table reaches, or to ``stop``; then the next table if needed."""
        end = jnp.minimum(stop, table.base + size)
        first, last = ((a - table.base).astype(jnp.int32) for a in (i, end))
        carry = carry._replace(loss=jnp.zeros_like(x1))
        carry = unrolled(first, last, functools.partial(step, table), carry)
        rounds = jnp.arange(size).reshape((size,) + (1,) * x1.ndim)
        inside = (first <= rounds) & (rounds < last)
        slope = jnp.where(inside, table.gradients, 0).sum(axis=0)
        # Sums restart with every stretch and are added with compensation: no drift over 10^8 steps.
        sums = compensated_sum(sums, jnp.stack([carry.loss, slope]))
        table, cursor = jax.lax.cond(
            last == size, lambda b, c: table_from(b + size, c), lambda b, c: (table, c),
            table.base, cursor,
        )  # fmt: skip
        return end, table, cursor, carry, sums

    def segment(outer, stop):
        outer = jax.lax.while_loop(lambda o: o[0] < stop, lambda o: stretch(stop, *o), outer)
        *_, carry, (total, lost) = outer
        return outer, (carry.x, total + lost)

    carry = _Carry(x1, run.method.init(x1), jnp.zeros_like(x1))
    sums = (jnp.zeros((2, *x1.shape)), jnp.zeros((2, *x1.shape)))
    outer = (jnp.int64(0), *table_from(jnp.int64(0), cursor), carry, sums)
    (*_, carry, _), (x, totals) = jax.lax.scan(segment, outer, times)
    return Recorded(x, totals[:, 0], totals[:, 1]), carry.state


def unrolled(first, last, step, carry, rounds: int | None = None):
    """The loop ``carry = step(k, carry)``, several steps per iteration where that pays."""
    if rounds is None:
        weight = _weight(jax.make_jaxpr(step)(first, carry).jaxpr)
        rounds = next((n for most, n in _UNROLL if weight <= most), 1)

    def several(_, numbered):
        k, carry = numbered
        for j in range(rounds):
            carry = step(k + j, carry)
        return k + rounds, carry

    if rounds > 1:
        count = (last - first) // rounds
        first, carry = jax.lax.fori_loop(0, count, _once(several), (first, carry))
    return jax.lax.fori_loop(first, last, step, carry)


def _once(function):
    """The function, with what it computes twice computed once.

    The compiler moves what no round changes, such as 1 - beta1, out of a loop before it looks for
    repetitions, and then keeps a copy for each of the unrolled rounds.
    """

    def lean(*arguments):
        closed, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
        jaxpr, done = closed.jaxpr, {}
        known = dict(zip(jaxpr.constvars, closed.consts, strict=True))
        known |= zip(jaxpr.invars, jax.tree.leaves(arguments), strict=True)

        def value(atom):
            return atom.val if isinstance(atom, Literal) else known[atom]

        for equation in jaxpr.eqns:
            inputs = [value(atom) for atom in equation.invars]
            same = (
                (repr(a.val), a.aval) if isinstance(a, Literal) else id(known[a])
                for a in equation.invars
            )
            key = (equation.primitive, *same, str(equation.params))
            hidden = any(j.constvars for j in jaxprs_in_params(equation.params))  # not in the key
            if hidden or key not in done:
                out = equation.primitive.bind(*inputs, **equation.params)
                done[key] = out if equation.primitive.multiple_results else [out]
            known |= zip(equation.outvars, done[key], strict=True)
        return jax.tree.unflatten(jax.tree.structure(shape), map(value, jaxpr.outvars))

    return lean


def _weight(jaxpr) -> int:
    """How many operations, those of nested functions included."""
    total = 0
    for equation in jaxpr.eqns:
        inner = [getattr(p, "jaxpr", None) for p in equation.params.values()]
        nested = sum(_weight(j) for j in inner if j is not None)
        total += nested or (3 if equation.primitive.name in _HEAVY else 1)
    return total


def compensated_sum(sums, term):
    # Neumaier's sum: the second entry collects what rounding dropped from the first.
    total, lost = sums
    following = total + term
    bigger = abs(total) >= abs(term)
    big, small = jnp.where(bigger, total, term), jnp.where(bigger, term, total)
    return following, lost + ((big - following) + small)
