"""Where gradients come from: blocks of consecutive rounds, whatever the problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import problems
from adam_and_beyond.simulate.xla import at

_ENTRIES = 1024  # gradients in a block: the tables of a block stay in the nearest cache


def block_length(shape: tuple[int, ...]) -> int:
    """Rounds in a block, fewer for vectors."""
    return max(16, _ENTRIES // max(1, int(np.prod(shape))))


class Stream(NamedTuple):
    """A source of gradients as pure functions; ``size`` rounds are asked for at a time."""

    prepare: Callable[..., Any]  # (arguments, size) -> what the loop is handed in their place
    cursor: Callable[..., Any]  # (arguments, seed) -> where the stream stands before round 1
    block: Callable[..., Any]  # (prepared, cursor, base, size) -> (g_{base+1}.., cursor)


def _written_out(period: np.ndarray, size: int) -> np.ndarray:
    # A block of any phase is one slice of it.
    rounds = np.arange(period.shape[0] + size) % period.shape[0]
    return period[rounds]


def _filled_up(gradients: np.ndarray, size: int) -> np.ndarray:
    padding = [(0, -len(gradients) % size)] + [(0, 0)] * (gradients.ndim - 1)
    return np.pad(gradients, padding)


def _rounds_from(table, start, size):
    return jax.lax.dynamic_slice_in_dim(table, start, size)


def _fill_iid(arguments, cursor, base, size):
    """The common gradient, and the rare ones where their rounds lie in the block."""

    def waiting(rare, position):
        return at(rare.rounds, jnp.minimum(position, problems.BLOCK - 1)) <= base + size

    def put(rare, carry):
        position, gradients = carry
        k = (at(rare.rounds, position) - base - 1).astype(int)
        value = at(rare.values, position)
        return position + 1, gradients.at[k].set(value, mode="promise_in_bounds")

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


def _nothing(arguments, seed):
    return ()


PERIODIC = Stream(
    prepare=_written_out,
    cursor=_nothing,
    block=lambda table, cursor, base, size: (
        _rounds_from(table, base % (table.shape[0] - size), size),
        cursor,
    ),
)
GIVEN = Stream(
    prepare=_filled_up,
    cursor=_nothing,
    block=lambda table, cursor, base, size: (_rounds_from(table, base, size), cursor),
)
IID = Stream(
    prepare=lambda arguments, size: arguments,
    # Every round of the block that lies before the first one is used up.
    cursor=lambda arguments, seed: (
        problems.before_rare_rounds(arguments, seed),
        np.int32(problems.BLOCK),
    ),
    block=_fill_iid,
)


def stream_of(problem: problems.Problem) -> tuple[Stream, Any]:
    """The stream of a problem, and its arguments."""
    if isinstance(problem, problems.IIDProblem):
        return IID, problem.arguments()
    periodic = isinstance(problem, problems.PeriodicProblem)
    return PERIODIC if periodic else GIVEN, problem.gradients


def coordinate(arguments: Any, k: int) -> Any:
    """The arguments of the stream of one coordinate of vectors: the same draws."""
    if isinstance(arguments, problems.IIDArguments):
        return arguments._replace(common=arguments.common[k], rare=arguments.rare[:, k])
    return arguments[:, k]
