"""Where x and the average regret end: for vanishing step sizes, and for a constant one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.drift.clamp import compose
from adam_and_beyond.drift.periodic import minus_sum, number, orbit


class Limits(NamedTuple):
    """Limits for vanishing step sizes: of x_t, and of R_T / T in units of loss."""

    x: float
    average_regret: float


class ConstantStep(NamedTuple):
    """The long run with a constant step size: x in the rounds of a cycle, limit of R_T / T."""

    x: np.ndarray  # the points played, from the first gradient of the period on, shape (P,)
    average_regret: float  # units of loss


def _undecided(method: methods.Method) -> ValueError:
    return ValueError(f"the drift number of {method.label} is 0 here: the start decides, not D")


def limits(method: methods.Method, problem: problems.PeriodicProblem) -> Limits:
    r"""Limits of x_t and of R_T / T for vanishing step sizes, by the sign of the drift number.

    Args:
      method: one with a drift number, scalar hyperparameters.
      problem: one periodic problem.

    Returns:
      The ``Limits`` for :math:`\alpha_t \to 0`, :math:`\sum \alpha_t = \infty`,
      :math:`\alpha_{t+1} / \alpha_t \to 1`.

    Raises:
      ValueError: if D is 0, or there is none, see :func:`orbit`.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    D = number(method, problem)
    if D == 0:
        raise _undecided(method)
    x = problem.upper if D > 0 else problem.lower
    slope = problem.mean_gradient
    return Limits(x, float(regrets.of_sums(slope * x, slope, problem.lower, problem.upper)))


def constant_step(
    method: methods.Method, problem: problems.PeriodicProblem, alpha: float
) -> ConstantStep:
    r"""The long run with constant step size: the orbit of x, and the limit of R_T / T, exactly.

    One cycle on the periodic orbit of the averages is x -> clip(x + alpha D, L, U). Its iterates
    rise to U if D > 0 and fall to L if D < 0, from every start: nothing is simulated.

    Args:
      method: one with a drift number, scalar hyperparameters.
      problem: one periodic problem.
      alpha: the constant step size, positive.

    Returns:
      The ``ConstantStep``.

    Raises:
      ValueError: for a step size that is not positive, or if D is 0 and the clamp leaves room, so
        that the start decides.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    methods.ALPHA.check(alpha, "constant_step")
    found = orbit(method, problem)
    with np.errstate(divide="ignore", invalid="ignore"):  # V = 0 has no direction, and no step
        moves = -alpha * methods.direction(np, found.m, found.sqrt_V)
    cycle = compose(moves, problem.lower, problem.upper)
    D = minus_sum(found.m, found.sqrt_V)
    if D == 0 and cycle.lower < cycle.upper:
        raise _undecided(method)
    x = [cycle.upper if D > 0 else cycle.lower]
    for move in moves[:-1]:
        x.append(methods.project(np, x[-1] + move, problem.lower, problem.upper))
    x = np.array(x)
    loss, slope = float(np.mean(problem.gradients * x)), problem.mean_gradient
    return ConstantStep(x, float(regrets.of_sums(loss, slope, problem.lower, problem.upper)))
