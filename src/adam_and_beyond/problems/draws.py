r"""Independent gradients, drawn by the waiting times between those that are rare."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class IIDArguments(NamedTuple):
    """A distribution of gradients, prepared for drawing the waiting times between rare values."""

    common: Any  # the most probable gradient, shape () or (n,)
    rare: Any  # the others, shape (K - 1,) or (K - 1, n)
    cumulative: Any  # their conditional distribution function, shape (K - 1,)
    log_no_rare: Any  # log of the probability of the common gradient, shape ()


class RareRounds(NamedTuple):
    """Upcoming rounds with a rare gradient; every round between has the common one."""

    key: jax.Array  # data of the key for the next block
    rounds: jax.Array  # int64, increasing, shape (BLOCK,)
    values: jax.Array  # the gradients of those rounds, float64, shape (BLOCK,) or (BLOCK, n)


BLOCK = 1024  # rare rounds drawn at a time: random numbers come cheap by the vector


def first_rare_rounds(arguments: IIDArguments, seed: Any) -> RareRounds:
    """The first block of rare rounds of the sequence that belongs to a seed.

    Args:
      arguments: of the distribution, from :meth:`IIDProblem.arguments`.
      seed: a whole number.

    Returns:
      The ``RareRounds`` from round 1 on.
    """
    return next_rare_rounds(arguments, before_rare_rounds(arguments, seed))


@jax.jit
@jax.vmap
def _key_data(seed):
    return jax.random.key_data(jax.random.key(seed))


def before_rare_rounds(arguments: IIDArguments, seed: Any) -> RareRounds:
    """The block before the first: no rounds, and the key that belongs to a seed.

    Args:
      arguments: of the distribution, from :meth:`IIDProblem.arguments`.
      seed: a whole number; an array of them gives a block for each.

    Returns:
      The ``RareRounds``, NumPy arrays; the rounds are all 0.
    """
    seeds = np.asarray(seed)
    key = np.asarray(_key_data(seeds.ravel())).reshape(*seeds.shape, -1)
    values = np.zeros((*seeds.shape, BLOCK, *np.shape(arguments.common)))
    return RareRounds(key, np.zeros((*seeds.shape, BLOCK), np.int64), values)


def next_rare_rounds(arguments: IIDArguments, block: RareRounds) -> RareRounds:
    r"""The block after ``block``: waiting times by inversion of the geometric distribution.

    .. math:: W = \lfloor \log U / \log P(\text{common}) \rfloor, \quad U \sim \mathrm{U}(0, 1]

    Args:
      arguments: of the distribution, from :meth:`IIDProblem.arguments`.
      block: the present block.

    Returns:
      The next ``RareRounds``. One coin a round would give the same law and cost 1/p times as much.
    """
    key, wait_key, value_key = jax.random.split(jax.random.wrap_key_data(block.key), 3)
    u = jax.random.uniform(wait_key, (BLOCK,), jnp.float64)
    # 1 - u lies in (0, 1], so the logarithm is finite.
    waits = jnp.floor(jnp.log1p(-u) / arguments.log_no_rare)
    # No run is that long, and a block of such waits still fits an int64: no overflow into the past.
    waits = jnp.minimum(waits, 2.0**52).astype(jnp.int64)
    rounds = block.rounds[-1] + jnp.cumsum(waits + 1)
    which = jnp.searchsorted(
        arguments.cumulative, jax.random.uniform(value_key, (BLOCK,), jnp.float64), side="right"
    )
    rare = jnp.asarray(arguments.rare)
    return RareRounds(jax.random.key_data(key), rounds, rare[jnp.minimum(which, len(rare) - 1)])
