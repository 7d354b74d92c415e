"""The periodic orbit of a method's averages, and the drift number on it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond.drift import cycle


class Orbit(NamedTuple):
    """One period of the averages, from the first gradient on; float64, shape ``(..., P)`` each.

    ``error`` bounds how far the state at its start is from the exact one, by what one more period
    changes; shape of the problems and hyperparameters.
    """

    m: np.ndarray  # phi
    sqrt_V: np.ndarray  # psi^{1/2}
    error: Any


def _check(problem: Any) -> None:
    if not isinstance(problem, problems.PeriodicProblem):
        raise ValueError("the drift number needs one periodic problem, or a family of them")


def orbit(method: methods.Method, problem: problems.PeriodicProblem) -> Orbit:
    r"""The periodic orbit of a method's averages on periodic gradients, computed with its own rule.

    An affine average obeys s -> a s + b over one period. A period from s = 0 gives b, a zero
    gradient gives a, hence the fixed point b / (1 - a). Other states come from Newton's method on
    the same period. A running maximum is the largest value of the orbit, or what the first rounds
    left if that is larger.

    Args:
      method: one whose averages forget (all of the catalogue but AdaGrad, AdamNC and Yogi). Where
        its state is affine, its hyperparameters may be arrays.
      problem: a periodic problem, or for affine states a family of them.

    Returns:
      The ``Orbit``; arrays of hyperparameters and of problems broadcast, rounds on the last axis.

    Raises:
      ValueError: if the method's memory never fades or looks at the iterate, so that there is no
        such orbit, or the problem is not periodic.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    _check(problem)
    state, rate = cycle.settled(method, problem.gradients)
    after, m, sqrt_V = cycle.run(method, problem.gradients, state)
    changes = [np.abs(a - b) for a, b in zip(after, state, strict=True)]
    error = max_of(changes) / (1 - rate)
    return Orbit(m, sqrt_V, float(error) if np.ndim(error) == 0 else error)


def max_of(values: list) -> Any:
    """The largest of several arrays that broadcast, entry by entry; 0 of none."""
    largest = np.zeros(())
    for value in values:
        largest = np.maximum(largest, value)
    return largest


def minus_sum(m: np.ndarray, sqrt_V: np.ndarray, lengths: Any = None) -> Any:
    """Minus the sum of the directions of a period, over the last axis."""
    with np.errstate(divide="ignore", invalid="ignore"):  # V = 0 has no direction, and no step
        directions = methods.direction(np, m, sqrt_V)
    if lengths is not None:
        directions = np.where(np.arange(m.shape[-1]) < np.expand_dims(lengths, -1), directions, 0)
    total = -np.sum(directions, axis=-1)
    return float(total) if total.ndim == 0 else total


def number(method: methods.Method, problem: problems.PeriodicProblem) -> Any:
    r"""The drift number D of a method on a periodic problem: its sign says where the iterate goes.

    .. math:: D = -\sum_{i=1}^{P} \bar m_i / \bar V_i^{1/2}

    Args:
      method: one whose averages forget (all of the catalogue but AdaGrad, AdamNC and Yogi). Where
        its state is affine, its hyperparameters may be arrays.
      problem: a periodic problem, or for affine states a family of them.

    Returns:
      D, dimensionless (units loss / x for SGD); a float, or an array of the broadcast shape of
      hyperparameters and problems. With :math:`\alpha_t \to 0`, :math:`\sum \alpha_t = \infty`
      and :math:`\alpha_{t+1} / \alpha_t \to 1`: D > 0 means x tends to the upper end, D < 0 to the
      lower end.

    Raises:
      ValueError: if there is no periodic orbit, see :func:`orbit`.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    _check(problem)
    state, _ = cycle.settled(method, problem.gradients)
    _, m, sqrt_V = cycle.run(method, problem.gradients, state)
    return minus_sum(m, sqrt_V)
