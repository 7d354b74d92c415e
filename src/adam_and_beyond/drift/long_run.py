"""Where x and the average regret end: for vanishing step sizes, and for a constant one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.drift.clamp import compose
from adam_and_beyond.drift.periodic import Orbit, orbit
from adam_and_beyond.problems.kinds import plain


class Limits(NamedTuple):
    """Limits for vanishing step sizes: of x_t, and of R_T / T in units of loss."""

    x: Any  # a float, or on a box shape (n,)
    average_regret: float


class Approach(NamedTuple):
    r"""How the average regret comes to its limit: a + b / sqrt(T), the rest being smaller."""

    limit: float  # a, units of loss
    rate: float  # b, units of loss


class Arrival(NamedTuple):
    """When x first stands at the end that D chose, with the step size alpha / sqrt(t)."""

    earliest: int  # steps, a bound
    latest: int  # steps, a bound
    law: float  # (P L / (2 alpha D))^2, with L the way to go


class ConstantStep(NamedTuple):
    """The long run with a constant step size: x in the rounds of a cycle, limit of R_T / T."""

    x: np.ndarray  # the points played, from the first gradient of the period on, shape (P,)
    average_regret: float  # units of loss


def _decided_orbit(method: methods.Method, problem: problems.PeriodicProblem) -> Orbit:
    """The orbit, if the sign of its drift number is beyond doubt."""
    found = orbit(method, problem)
    doubtful = np.abs(found.D) <= found.D_error
    if np.any(doubtful):
        raise ValueError(
            f"the drift number of {method.label} is 0 here to within rounding: "
            "the start decides, not D"
        )
    return found


def limits(method: str | methods.Method, problem: problems.PeriodicProblem) -> Limits:
    r"""Limits of x_t and of R_T / T for vanishing step sizes, by the sign of the drift number.

    Args:
      method: one with a drift number, scalar hyperparameters.
      problem: one periodic problem, on an interval or on a box.

    Returns:
      The ``Limits`` for :math:`\alpha_t \to 0`, :math:`\sum \alpha_t = \infty`,
      :math:`\alpha_{t+1} / \alpha_t \to 1`.

    Raises:
      ValueError: if D is 0 as far as rounding lets one tell, or there is none, see :func:`orbit`.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    method = methods.get(method)
    D, slope = _decided_orbit(method, problem).D, problem.mean_gradient
    x = plain(np.where(np.greater(D, 0), problem.upper, problem.lower))
    total = regrets.of_sums(slope * x, slope, problem.lower, problem.upper)
    return Limits(x, float(np.sum(total)))


def constant_step(
    method: str | methods.Method, problem: problems.PeriodicProblem, alpha: float
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
    method, found = methods.get(method), orbit(method, problem)
    if found.m.ndim > 1:
        raise ValueError("constant_step takes one periodic problem on an interval")
    moves = -alpha * methods.direction(np, found.m, found.sqrt_V)
    cycle = compose(moves, problem.lower, problem.upper)
    D = (found if cycle.lower == cycle.upper else _decided_orbit(method, problem)).D
    x = [cycle.upper if D > 0 else cycle.lower]
    for move in moves[:-1]:
        x.append(methods.project(np, x[-1] + move, problem.lower, problem.upper))
    x = np.array(x)
    loss, slope = float(np.mean(problem.gradients * x)), problem.mean_gradient
    return ConstantStep(x, float(regrets.of_sums(loss, slope, problem.lower, problem.upper)))


def approach(
    method: str | methods.Method, problem: problems.PeriodicProblem, alpha: float
) -> Approach:
    r"""How fast the average regret comes to its limit with the step size alpha / sqrt(t), exactly.

    In the end x stays within a few steps of the wall that D chose. Its distance to the wall, in
    units of the step size, is a periodic walk with one wall, and

    .. math:: \frac{R_T}{T} = a + \frac{b}{\sqrt T} + o\Big(\frac{1}{\sqrt T}\Big), \qquad
        b = \pm \frac{2 \alpha}{P} \sum_{i=1}^{P} g_i \bar\delta_i, \qquad
        \bar\delta_{i+1} = \max\{0, \bar\delta_i \pm \bar d_i\}

    with the upper signs at the lower wall. Where x goes to the best point, a = 0 and the regret
    itself grows like b sqrt(T): for AMSGrad with a constant beta1 on any periodic problem.

    Args:
      method: one with a drift number, scalar hyperparameters.
      problem: one periodic problem on an interval.
      alpha: scale of the step size alpha / sqrt(t), positive.

    Returns:
      The ``Approach``.

    Raises:
      ValueError: for a step size that is not positive, or as :func:`limits`.

    References:
      Ours. Introduced in the chapter "Figure 1, reproduced".
    """
    methods.ALPHA.check(alpha, "approach")
    method = methods.get(method)
    found = _decided_orbit(method, problem)
    if found.m.ndim > 1:
        raise ValueError("approach takes one periodic problem on an interval")
    up = np.sign(found.D)  # which wall
    towards = -up * methods.direction(np, found.m, found.sqrt_V)
    distance, seen = 0.0, []
    for move in np.tile(towards, 2):  # after one period from the wall the walk repeats itself
        seen.append(distance)
        distance = max(0.0, distance - move)
    distances = np.array(seen[len(towards) :])
    rate = -2 * alpha * up * np.mean(problem.gradients * distances)
    return Approach(limits(method, problem).average_regret, float(rate))


def arrival(
    method: str | methods.Method,
    problem: problems.PeriodicProblem,
    alpha: float,
    x1: float = 0.0,
    largest: int = 10**6,
) -> Arrival:
    r"""Two bounds on the number of steps until x arrives, period by period, for settled averages.

    Let :math:`S_+` and :math:`S_-` be what the moves of a period add up to, towards the end that D
    chose and away from it. In the n-th period, with first and last step size a and b,

    .. math:: S_+ b - S_- a \le \text{way made} \le S_+ a - S_- b

    unless a wall stops x. The wall behind it can only help, and by no more than it takes to leave
    it. Both sums grow like :math:`2 \alpha D \sqrt t / P`, so both bounds are
    :math:`(P L / (2 \alpha D))^2`, to leading order in a small :math:`\alpha`.

    Args:
      method: one with a drift number, scalar hyperparameters.
      problem: one periodic problem on an interval.
      alpha: scale of the step size alpha / sqrt(t), positive.
      x1: the start, inside the interval.
      largest: the number of periods after which to give up.

    Returns:
      The ``Arrival``: bounds for a run whose averages start on their periodic orbit.

    Raises:
      ValueError: for a step size that is not positive, a start outside, if x has not arrived after
        ``largest`` periods, or as :func:`limits`.

    References:
      Ours. Introduced in the chapter "Figure 1, reproduced".
    """
    methods.ALPHA.check(alpha, "arrival")
    found = _decided_orbit(methods.get(method), problem)
    if found.m.ndim > 1 or not problem.lower <= x1 <= problem.upper:
        raise ValueError("arrival takes one periodic problem on an interval, and a start inside it")
    up, P = np.sign(found.D), found.m.shape[-1]
    moves = -up * methods.direction(np, found.m, found.sqrt_V)
    ahead, back = float(moves[moves > 0].sum()), float(-moves[moves < 0].sum())
    end = problem.upper if up > 0 else problem.lower
    length, way = problem.upper - problem.lower, abs(end - x1)
    law = (P * way / (2 * alpha * abs(float(found.D)))) ** 2
    least = most = length - way  # how far from the wall behind
    earliest = 0
    for n in range(largest):
        first, last = alpha / math.sqrt(n * P + 1), alpha / math.sqrt((n + 1) * P)
        if not earliest and way and most + ahead * first >= length:
            earliest = n * P + 1
        if least >= length:
            return Arrival(earliest, n * P, law)
        least = max(0.0, least + ahead * last - back * first)
        most = max(most + ahead * first - back * last, ahead * first)
    raise ValueError(f"x need not have arrived after {largest} periods; the law says {law:.1e}")
