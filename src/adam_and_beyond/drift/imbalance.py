r"""How unbalanced the gradients may be before a method notices: the failing interval of a period.

One gradient C and P - 1 gradients -1 add up to C - (P - 1). Adam fails where that is positive and
the drift number still is: for :math:`P - 1 < C < C^*`. D falls as C grows, so there is one end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import flint
import numpy as np
import scipy.optimize
import sympy

from adam_and_beyond import methods, problems
from adam_and_beyond.drift.periodic import number, orbit

_LARGEST = 2.0**100  # beyond it the big gradient's square leaves little room
_GUARD = 20  # digits beyond those asked for


class FailingInterval(NamedTuple):
    """The big gradients C between which a method goes to the worst point, ends excluded."""

    low: Any  # P - 1, where the gradients add up to 0
    high: Any  # C*, where the drift number is 0; infinite if it never is

    @property
    def excess(self) -> Any:
        """The length of the interval, C* - (P - 1): the largest sum of gradients that goes unseen.

        It is as exact as ``high`` allows; ask :func:`failing_interval` for digits where it is tiny.
        """
        return self.high - self.low


def failing_interval(
    method: str | methods.Method, period: int, digits: int | None = None
) -> FailingInterval:
    r"""The failing interval of a method on one gradient C and P - 1 gradients -1.

    .. math:: P - 1 < C < C^*(P), \qquad D(C^*) = 0

    For Adam and RMSProp, D falls as C grows (a theorem of the book), so these are all C at which
    the method fails. For other methods the end is the first sign change that doubling finds.

    Args:
      method: its name, or a method with an affine state and numbers as hyperparameters.
      period: P, at least 3.
      digits: ``None`` for float64. A number asks for so many correct digits of ``high``, which ball
        arithmetic certifies; hyperparameters then count as the decimals that they print as.

    Returns:
      The ``FailingInterval``: floats, or ``sympy.Float`` of ``digits`` digits.

    Raises:
      ValueError: if the period is below 3 (two losses never defeat Adam), if the method does not
        fail next to C = P - 1, or if digits are asked for where they can't be had.

    References:
      Ours. Introduced in the chapter "Three losses defeat every Adam".
    """
    method = methods.get(method)
    if int(period) != period or period < 3:
        raise ValueError(f"the period must be a whole number of at least 3, got {period!r}")
    low = float(period - 1)
    balanced = orbit(method, _problem(low, period))
    if not balanced.D_error < balanced.D:
        raise ValueError(f"{method!r} does not fail at period {period}: there is no interval")

    def drift(excess: float) -> float:
        return number(method, _problem(low + excess, period))

    excess = 1.0
    while drift(excess) > 0:
        excess *= 2
        if excess > _LARGEST:
            return FailingInterval(low, math.inf)
    found = scipy.optimize.brentq(drift, 0, excess, xtol=1e-15, rtol=8.9e-16)
    if digits is None:
        return FailingInterval(low, low + float(found))
    return FailingInterval(
        sympy.Integer(period - 1), _certified(method, period, low + found, digits)
    )


def _problem(C: float, period: int) -> problems.PeriodicProblem:
    return problems.periodic([C] + [-1.0] * (period - 1))


def _certified(method: methods.Method, period: int, start: float, digits: int) -> sympy.Float:
    """The root of D to so many digits: secant steps, then opposite signs on both sides of it."""
    if not method.affine_state or method.maxima:
        raise ValueError(f"digits need averages that are affine in the gradients, not {method!r}")
    with flint.ctx.workdps(digits + _GUARD):
        exact = method.over(lambda value: flint.arb(str(value)))

        def drift(C: flint.arb) -> flint.arb:
            return drift_in_balls(exact, [C] + [flint.arb(-1)] * (period - 1))

        return falling_zero(drift, flint.arb(start), flint.arb(start), digits)


def falling_zero(
    f: Callable[[flint.arb], flint.arb], start: flint.arb, unit: flint.arb, digits: int
) -> sympy.Float:
    """The zero of a falling function of balls: secant steps, then opposite signs on both sides.

    Args:
      f: the function, at the working precision of the caller, some digits more than asked for.
      start: near the zero, to about nine digits.
      unit: positive; the zero is found to this times 10^-digits.
      digits: how many.

    Returns:
      The zero.

    Raises:
      ValueError: if the signs on both sides are not those of a falling function.

    References:
      Ours.
    """
    before, now = start, start + unit * flint.arb(10) ** -9
    f_before, f_now = f(before), f(now)
    for _ in range(digits):
        step = f_now * (now - before) / (f_now - f_before)
        before, f_before = now, f_now
        now = (now - step).mid()
        f_now = f(now)
        if abs(step) < unit * flint.arb(10) ** -(digits + 3):
            break
    width = unit * flint.arb(10) ** -(digits + 1)
    if not (f(now - width) > 0 and f(now + width) < 0):
        raise ValueError(f"{digits} digits of the zero could not be certified")
    return sympy.Float(now.str(digits, radius=False), digits)


def drift_in_balls(method: methods.Method, gradients: list[flint.arb]) -> flint.arb:
    """The drift number of a method with an affine state, in ball arithmetic.

    Args:
      method: over balls.
      gradients: of one period, balls.

    Returns:
      D, a ball.

    References:
      Ours.
    """
    zeros = method.init(flint.arb(0))
    ones = type(zeros)(*(flint.arb(1) for _ in zeros))
    factors = method.update(flint.arb(0), ones, np.inf).state
    offset = zeros
    for g in gradients:
        offset = method.update(g, offset, np.inf).state
    pairs = zip(offset, factors, strict=True)
    state = type(zeros)(*(b / (1 - a ** len(gradients)) for b, a in pairs))
    total = flint.arb(0)
    for g in gradients:
        m, sqrt_V, state = method.update(g, state, np.inf)
        total -= m / sqrt_V
    return total
