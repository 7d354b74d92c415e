r"""The mean direction E[m / sqrt V] for independent gradients of any finite law, zeros among them.

The integral is that of :mod:`adam_and_beyond.drift.iid`. In :math:`u = \log s` its factors are
smooth on the scale of 1, so the sums over the past,

.. math::
  S(u) = \sum_{k \ge 0} L(u - k\delta), \qquad R(u) = \sum_{k \ge 1} a_k \rho(u - k\delta), \qquad
  \delta = \log(1/q),

are taken a block of rounds at a time, each block by a rule that is exact for polynomials. The work
then does not depend on how close beta2 is to 1. A gradient of value 0 gives the integrand a tail
that falls by one factor a round: it is added up in closed form.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import scipy.signal
from numpy.polynomial import chebyshev

from adam_and_beyond.drift.iid import Memory

_STEP = 0.1  # longest step in u; the trapezoid rule's own error is below 1e-40
_NODES = 13  # of a block: its error is below 1e-12 while probabilities are above 1e-7
_LONGEST = 2 * 10**7  # rounds in a block; beyond that memory runs out
_NOTHING = 45.0  # e^-45 is nothing beside 1


class _Blocks(NamedTuple):
    """How the sums over the past are cut: ``columns`` grids, each with blocks of ``length``."""

    columns: int
    length: int
    back: np.ndarray  # where in a block the factors are looked at, counted backwards, units of u
    for_product: np.ndarray  # weights of the log-factors there
    for_sum: np.ndarray  # and of rho


@functools.lru_cache(maxsize=64)
def _blocks(memory: Memory) -> _Blocks:
    delta = -math.log(memory.q)
    length = max(1, int(_STEP / delta))
    if length > _LONGEST:
        raise ValueError(f"beta2 = {float(memory.q)!r} is too close to 1 for the integral")
    columns = math.ceil(delta / (_STEP * 1.0001)) if length == 1 else 1
    k = np.arange(length + 1)
    product = np.where(k < length, 1.0, 0.0)
    rest = np.where(k > 0, memory.a1 * memory.p ** np.maximum(k - 1.0, 0), 0.0)
    if length < _NODES:
        return _Blocks(columns, length, k * delta, product, rest)
    nodes = -np.cos(np.pi * np.arange(_NODES) / (_NODES - 1))  # both ends among them
    at_nodes = chebyshev.chebvander(nodes, _NODES - 1)
    moments = [chebyshev.chebvander(2 * k / length - 1, _NODES - 1).T @ c for c in (product, rest)]
    weights = [np.linalg.solve(at_nodes.T, moment) for moment in moments]
    return _Blocks(columns, length, (nodes + 1) / 2 * length * delta, *weights)


def mean_direction(memory: Memory, g: np.ndarray, p: np.ndarray) -> float:
    r"""E[m / sqrt V] of the stationary averages, by the integral.

    Args:
      memory: weights of the averages.
      g: values of the gradient, shape ``(n,)``, not all 0.
      p: their probabilities, shape ``(n,)``, with sum 1.

    Returns:
      The mean, dimensionless.

    Raises:
      ValueError: if it is infinite (averages of squares that fade faster than those of gradients,
        while gradients of value 0 last), or beta2 is too close to 1.

    References:
      Ours.
    """
    largest = np.abs(g).max()
    g, V0 = g / largest, memory.V0 / largest**2
    squares = g**2
    moving = squares[squares > 0]
    still = float(p[squares == 0].sum())
    blocks, delta = _blocks(memory), -math.log(memory.q)
    last = moving.min() * memory.w0 if still and not V0 else squares.min() + V0
    step, rounds = blocks.length * delta, _rounds(last, blocks.length * delta)
    starts = -_NOTHING + np.arange(blocks.columns) * (delta / blocks.columns)
    u = starts + np.arange(rounds)[:, None] * step  # shape (rounds, columns)
    values = _values(memory, blocks, u, squares, g, p, V0)
    total = float(values.sum())
    if still and not V0:
        factor = (still * memory.p / math.sqrt(memory.q)) ** blocks.length
        if factor >= 1:
            raise ValueError(
                "E[m / sqrt V] is infinite: gradients of value 0 last while V fades faster than m"
            )
        total += float(values[-1].sum()) * factor / (1 - factor)
    # Below the grid the product is 1 and rho the mean.
    mean = float(g @ p) * (memory.a0 + memory.a1 / (1 - memory.p))
    h = step / blocks.columns
    below = math.exp(float(starts[0]) / 2) / math.expm1(h / 2) * mean
    return (total + below) * h / math.sqrt(math.pi)


def _rounds(last: float, step: float) -> int:
    """Number of blocks from where s V is nothing to where e^{-s V} is, or the tail begins."""
    return math.ceil((2 * _NOTHING + math.log(_NOTHING) - math.log(last) - _NOTHING) / step) + 2


def _values(
    memory: Memory,
    blocks: _Blocks,
    u: np.ndarray,
    squares: np.ndarray,
    g: np.ndarray,
    p: np.ndarray,
    V0: float,
) -> np.ndarray:
    """The integrand on the grid; s^{1/2} in front, as ds = s du."""
    least = float(squares.min())
    y = np.exp(u[..., None] - blocks.back) * memory.w0
    total, moment = np.zeros_like(y), np.zeros_like(y)
    for value, square, chance in zip(g, squares, p, strict=True):
        weight = chance * np.exp(-y * (square - least))
        total += weight
        moment += value * weight
    rho = moment / total
    log_product = np.cumsum((np.log(total) - y * least) @ blocks.for_product, axis=0)
    tail = memory.a1 / (1 - memory.p) * float(g @ p)
    fade = memory.p**blocks.length
    start = np.full((1, u.shape[1]), tail * fade)
    past = scipy.signal.lfilter([1.0], [1.0, -fade], rho @ blocks.for_sum, axis=0, zi=start)[0]
    damped = log_product - np.exp(u) * V0
    return np.exp(u / 2 + damped) * (memory.a0 * rho[..., 0] + past)
