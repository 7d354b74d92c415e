"""The periodic orbit of a method's averages, and the drift number on it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond.drift import cycle

_UNITS = 4  # in the last place; against 50-digit arithmetic a test finds the bound far from reached


class Orbit(NamedTuple):
    """One period of the averages, from the first gradient on; float64, shape ``(..., P)`` each.

    ``error`` bounds how far the state at its start is from the exact one, by what one more period
    changes; ``size`` is how large m would be if gradients did not cancel in it. Both have the shape
    of the problems and hyperparameters.
    """

    m: np.ndarray  # phi
    sqrt_V: np.ndarray  # psi^{1/2}
    error: Any
    size: Any

    @property
    def D(self) -> Any:
        """The drift number on this orbit."""
        return minus_sum(self.m, self.sqrt_V)

    @property
    def D_error(self) -> Any:
        """How far ``D`` may be from the exact drift number, by rounding and by ``error``.

        An estimate to first order: each m is known to a few units in the last place of ``size`` for
        every round of the period, each V likewise of itself, and both to ``error``.
        """
        moving = self.sqrt_V > 0
        inverse = np.where(moving, 1 / np.where(moving, self.sqrt_V, 1), 0)
        units = _UNITS * (self.m.shape[-1] + _UNITS) * np.finfo(np.float64).eps
        size = np.expand_dims(self.size, -1)
        by_rounding = units * np.sum((size + np.abs(self.m)) * inverse, axis=-1)
        by_state = np.sum(inverse + np.abs(self.m) * inverse**3, axis=-1) * self.error
        return by_rounding + by_state


def gradients_of(problem: problems.PeriodicProblem) -> np.ndarray:
    """The gradients of a periodic problem with the rounds on the last axis.

    Args:
      problem: one problem, a family, or one on a box, whose coordinates come first.

    Returns:
      float64, shape ``(..., P)``.

    Raises:
      ValueError: for anything else.
    """
    if not isinstance(problems.check_problem(problem), problems.PeriodicProblem):
        raise ValueError("the drift number needs one periodic problem, or a family of them")
    return np.moveaxis(problem.gradients, -1, -2) if problem.shape else problem.gradients


def orbit(method: str | methods.Method, problem: problems.PeriodicProblem) -> Orbit:
    r"""The periodic orbit of a method's averages on periodic gradients, computed with its own rule.

    An affine average obeys s -> a s + b over one period. A period from s = 0 gives b, a zero
    gradient gives a, hence the fixed point b / (1 - a). Other states come from Newton's method on
    the same period. A running maximum is the largest value of the orbit, or what the first rounds
    left if that is larger.

    Args:
      method: its name, or a method, whose averages forget (all of the catalogue but AdaGrad, AdamNC
        and Yogi). Where its state is affine, its hyperparameters may be arrays.
      problem: a periodic problem, or for affine states a family of them, or one on a box: each
        coordinate has its own orbit and drift number.

    Returns:
      The ``Orbit``; arrays of hyperparameters and of problems broadcast, rounds on the last axis.

    Raises:
      ValueError: if the method's memory never fades or looks at the iterate, so that there is no
        such orbit, or the problem is not periodic.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    method, gradients = methods.get(method), gradients_of(problem)
    state, rate = cycle.settled(method, gradients)
    after, m, sqrt_V = cycle.run(method, gradients, state)
    changes = [np.abs(a - b) for a, b in zip(after, state, strict=True)]
    error = max_of(changes) / (1 - rate)
    largest = m
    if method.affine_state:  # linear in the gradients: with all of one sign nothing cancels
        start, _ = cycle.settled(method, np.abs(gradients))
        _, largest, _ = cycle.run(method, np.abs(gradients), start)
    size = np.abs(largest).max(axis=-1)
    return Orbit(m, sqrt_V, *(float(a) if np.ndim(a) == 0 else a for a in (error, size)))


def max_of(values: list) -> Any:
    """The largest of several arrays that broadcast, entry by entry; 0 of none."""
    largest = np.zeros(())
    for value in values:
        largest = np.maximum(largest, value)
    return largest


def minus_sum(m: np.ndarray, sqrt_V: np.ndarray, lengths: Any = None) -> Any:
    """Minus the sum of the directions of a period, over the last axis."""
    directions = methods.direction(np, m, sqrt_V)
    if lengths is not None:
        directions = np.where(np.arange(m.shape[-1]) < np.expand_dims(lengths, -1), directions, 0)
    total = -np.sum(directions, axis=-1)
    return float(total) if total.ndim == 0 else total


def number(method: str | methods.Method, problem: problems.PeriodicProblem) -> Any:
    r"""The drift number D of a method on a periodic problem: its sign says where the iterate goes.

    .. math:: D = -\sum_{i=1}^{P} \bar m_i / \bar V_i^{1/2}

    Args:
      method: its name, or a method, whose averages forget (all of the catalogue but AdaGrad, AdamNC
        and Yogi). Where its state is affine, its hyperparameters may be arrays.
      problem: a periodic problem, or for affine states a family of them, or one on a box: each
        coordinate has its own orbit and drift number.

    Returns:
      D, dimensionless (units loss / x for SGD); a float, or an array of the broadcast shape of
      hyperparameters and problems, or of the box's coordinates. With :math:`\alpha_t \to 0`,
      :math:`\sum \alpha_t = \infty` and :math:`\alpha_{t+1} / \alpha_t \to 1`: D > 0 means x
      tends to the upper end, D < 0 to the lower end.

    Raises:
      ValueError: if there is no periodic orbit, see :func:`orbit`.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    method, gradients = methods.get(method), gradients_of(problem)
    state, _ = cycle.settled(method, gradients)
    _, m, sqrt_V = cycle.run(method, gradients, state)
    return minus_sum(m, sqrt_V)
