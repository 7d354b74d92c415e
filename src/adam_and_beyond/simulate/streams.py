"""Where gradients come from: blocks of consecutive rounds, whatever the problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import problems

_ENTRIES = 1024  # gradients in a block: the tables of a block stay in the nearest cache


def block_length(shape: tuple[int, ...]) -> int:
    """Rounds in a block, fewer for vectors."""
    return max(16, _ENTRIES // max(1, int(np.prod(shape))))


class Stream(NamedTuple):
    """A source of gradients as pure functions; ``size`` rounds are asked for at a time."""

    prepare: Callable[..., Any]  # (arguments, seed, size) -> (fixed, cursor)
    block: Callable[..., Any]  # (arguments, fixed, cursor, base, size) -> (g_{base+1}.., cursor)


def _prepare_periodic(period, seed, size):
    # The period written out, so that a block of any phase is one slice of it.
    rounds = np.arange(period.shape[0] + size) % period.shape[0]
    return jnp.asarray(period)[rounds], ()


def _prepare_given(gradients, seed, size):
    padding = [(0, -len(gradients) % size)] + [(0, 0)] * (gradients.ndim - 1)
    return jnp.pad(gradients, padding), ()


def _rounds_from(table, start, size):
    return jax.lax.dynamic_slice_in_dim(table, start, size)


def _fill_iid(arguments, fixed, cursor, base, size):
    """The common gradient, and the rare ones where their rounds lie in the block."""

    def waiting(rare, position):
        place = jnp.minimum(position, problems.BLOCK - 1)
        return rare.rounds.at[place].get(mode="promise_in_bounds") <= base + size

    def put(rare, carry):
        position, gradients = carry
        value = rare.values.at[position].get(mode="promise_in_bounds")
        place = (rare.rounds.at[position].get(mode="promise_in_bounds") - base - 1).astype(int)
        return position + 1, gradients.at[place].set(value, mode="promise_in_bounds")

    def put_many(carry):
        rare, position, gradients = carry
        position, gradients = jax.lax.while_loop(
            lambda c: (c[0] < problems.BLOCK) & waiting(rare, c[0]),
            lambda c: put(rare, c),
            (position, gradients),
        )
        used_up = position == problems.BLOCK
        rare = jax.lax.cond(
            used_up, lambda r: problems.next_rare_rounds(arguments, r), lambda r: r, rare
        )
        return rare, jnp.where(used_up, 0, position), gradients

    common = jnp.broadcast_to(arguments.common, (size, *jnp.shape(arguments.common)))
    rare, position, gradients = jax.lax.while_loop(
        lambda c: waiting(c[0], c[1]), put_many, (*cursor, common)
    )
    return gradients, (rare, position)


PERIODIC = Stream(
    prepare=_prepare_periodic,
    block=lambda period, table, cursor, base, size: (
        _rounds_from(table, base % period.shape[0], size),
        cursor,
    ),
)
GIVEN = Stream(
    prepare=_prepare_given,
    block=lambda gradients, table, cursor, base, size: (_rounds_from(table, base, size), cursor),
)
IID = Stream(
    prepare=lambda arguments, seed, size: (
        (),
        (problems.first_rare_rounds(arguments, seed), jnp.int32(0)),
    ),
    block=_fill_iid,
)


def stream_of(problem: problems.Problem) -> tuple[Stream, Any]:
    """The stream of a problem, and its arguments."""
    if isinstance(problem, problems.IIDProblem):
        return IID, problem.arguments()
    periodic = isinstance(problem, problems.PeriodicProblem)
    return PERIODIC if periodic else GIVEN, problem.gradients
