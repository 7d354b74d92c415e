"""What serves the compiler: why the loops are not written as plainly as Algorithm 1.

Each trick says why it is there, what it gained, and which test would retire it. Without them all
results are the same to rounding; :mod:`.loop` and :mod:`.lanes` read like the paper and call them.
Times were measured on two shared cores with AVX-512, with the jax of ``requirements.txt``.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal, jaxprs_in_params

# --- Extremes as one comparison ---
#
# Why: the maximum of ``jax.numpy`` asks of both arguments whether they are numbers, and the clip of
# a step is where the iterate of a round waits for the one before.
# Where: for the projection alone. Its bounds were checked to be finite, and what x is, a number or
# not, comes through. A method's own maxima are ``jax.numpy``'s, which pass on what is no number in
# either argument: a running maximum that dropped it would hide that a state is lost.
# Retired by: ``test_a_nan_in_either_argument_of_a_maximum_is_passed_on`` says what must hold;
# without the trick ``make bench`` tells whether it is missed.


class _Clipping:
    """``jax.numpy`` for the projection onto finite bounds, which stand second."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    @staticmethod
    def maximum(x, lower):
        return jnp.where(lower > x, lower, x)

    @staticmethod
    def minimum(x, upper):
        return jnp.where(upper < x, upper, x)


CLIPPING = _Clipping()


# --- Entries that are known to exist ---
#
# Why: an index that might lie outside is clamped, which costs two comparisons a read.
# Retired by: nothing; it is an option of JAX, and the callers count correctly:
# ``test_runs_equal_the_oracle``.


def at(table, k):
    """An entry that is known to exist."""
    return table.at[k].get(mode="promise_in_bounds", wrap_negative_indices=False)


def put(table, k, entry):
    """The table with another entry in a place that is known to exist."""
    # ``at[k].set`` asks again whether it does, and reads what it writes over.
    return jax.lax.dynamic_update_index_in_dim(table, entry, k, 0, allow_negative_indices=False)


# --- Several rounds per iteration, while they are one kernel ---
#
# Why: on a processor XLA makes one kernel of a scalar loop only while it is small; that one has no
# call per operation. Beyond, a round takes fifty times as long. So the ``unroll`` of ``lax.scan``,
# which does not look at the size, is a cliff: 2 to 190 times a tuned C program for 4 to 50 rounds.
# Gained: two or three rounds share the overhead of an iteration. Without any, a run takes 2.1 to
# 2.3 times as long as the C program, which computes one root and one division a round.
# Retired by: ``test_the_loop_over_steps_is_one_kernel`` holds the catalogue to it. If it passes
# with ``_UNROLL = ()``, and ``make bench`` shows no loss, the trick can go.

# Rounds per iteration by the number of operations in a round, with a margin.
_UNROLL = ((34, 3), (46, 2))
_HEAVY = {"pow", "exp", "log", "log1p", "expm1", "tanh"}  # count threefold


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


def counted(count: int, step, carry, rounds: int):
    """The loop ``carry = step(k, carry)`` for k < count, which is known beforehand.

    Its own counter is the only one: beside arrays, another is a kernel for a single number.
    """

    def several(i, carry):
        for j in range(rounds):
            carry = step(i * rounds + j, carry)
        return carry

    whole = count // rounds
    carry = jax.lax.fori_loop(np.int32(0), np.int32(whole), _once(several), carry)
    return jax.lax.fori_loop(np.int32(whole * rounds), np.int32(count), step, carry)


def _weight(jaxpr) -> int:
    """How many operations, those of nested functions included."""
    total = 0
    for equation in jaxpr.eqns:
        inner = [getattr(p, "jaxpr", None) for p in equation.params.values()]
        nested = sum(_weight(j) for j in inner if j is not None)
        total += nested or (3 if equation.primitive.name in _HEAVY else 1)
    return total


# --- What several rounds have in common, computed once ---
#
# Why: the compiler moves what no round changes, such as 1 - beta1, out of a loop before it looks
# for repetitions, and then keeps a copy for each of the unrolled rounds. Side by side each copy is
# an array as long as the lanes.
# Gained: not measured by itself; it is part of the 0.7 ns below.
# Retired by: ``test_unrolled_rounds_compute_what_none_of_them_changes_once``, if the compiled text
# of the loop without ``_once`` holds no copies.


def _once(function):
    """The function, with what it computes twice computed once."""

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


# --- Roots that are not taken ---
#
# Why: side by side, root and division are most of the work, and processors approximate the
# reciprocal root in a fraction of the time, which XLA refines to the last digits or so. A rule says
# ``sqrt`` and :func:`methods.direction` divides; between them the root is remembered as what it is
# the root of.
# Gained: with the vectors below, batches that fit the cache and several rounds per iteration,
# 0.7 ns per lane and step in place of 2.4.
# Retired by: ``test_a_sweep_equals_runs_one_by_one`` says how exact it must be. If XLA itself
# rewrites m / sqrt(V) as m * rsqrt(V), the namespace can be ``jax.numpy``.


class _Root:
    """The root of V, known by V: what a direction does with it costs no division."""

    def __init__(self, V):
        self.V = V

    def __le__(self, zero):
        return zero >= self.V  # a direction asks about no other number

    def __rtruediv__(self, m):
        return m * jax.lax.rsqrt(self.V)


class DeferredRoots:
    """``jax.numpy`` for one round of many lanes, which remembers of what it took roots."""

    def __init__(self):
        self._taken = []

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    @staticmethod
    def where(condition, if_true, if_false):
        # A direction avoids the division by a zero root. Here the root is not there yet, and the
        # result of that division is thrown away.
        return if_false if isinstance(if_false, _Root) else jnp.where(condition, if_true, if_false)

    def sqrt(self, V):
        root = jnp.sqrt(V)
        self._taken.append((root, V))
        return root

    def deferred(self, sqrt_V):
        """The root in the form that defers taking it; what is no root as it is."""
        return next((_Root(V) for root, V in self._taken if root is sqrt_V), sqrt_V)


class ReciprocalRoots:
    """``jax.numpy`` for a schedule of many lanes: it divides by roots, and none is taken."""

    sqrt = staticmethod(_Root)

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)


# --- Iterate and loss as one complex number ---
#
# Why: of two results of a loop the compiler computes one array after the other, but a complex
# number at once. So the iterate of a lane is read and written once, and no copy of it is kept for
# the loss.
# Gained: not measured by itself; XLA's own fusion of several outputs gives 0.48 ns in place of 0.7,
# but it is an option of the whole process, and made another scan hang.
# Retired by: that fusion, when a processor's XLA does it by itself: ``packed`` can then be a tuple.


def packed(x, loss):
    """Two arrays that the compiler handles as one."""
    return jax.lax.complex(x, loss)


def unpacked(both):
    """The two arrays."""
    return both.real, both.imag


# --- Long vectors ---
#
# Why: XLA prefers 256 bits also where the processor has 512. An option of this compiler alone, for
# the functions that ask for it.
# Retired by: a jax that refuses the option, or prefers such vectors by itself.
LONG_VECTORS = {"xla_cpu_prefer_vector_width": 512}
