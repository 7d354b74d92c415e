"""Where a method rests on curved losses, to as many digits as are asked for, by ball arithmetic."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import sympy

from adam_and_beyond import methods
from adam_and_beyond.drift import iid, imbalance

_GUARD = 20  # digits beyond those asked for
_MOST = 30  # then the trapezoid rule's own error shows


def rest_point(
    method: methods.Method, z: np.ndarray, weights: Any, order: str, start: float, digits: int
) -> sympy.Float:
    """The zero of the field near a float that is one to about ten digits.

    Rounding is bounded by balls, and the field has opposite signs on both sides of what is
    returned. The integral's truncation is chosen smaller than the digits, not bounded by balls.

    Args:
      method: not one that rests at the mean.
      z: the data, decimals as they print.
      weights: of the data, up to a factor.
      order: ``"independent"`` or ``"fixed"``.
      start: the float.
      digits: how many, at most 30; of x*, or of a thousandth of the spread if that is larger.

    Returns:
      x*, units of z.

    Raises:
      ValueError: for more digits, a method that balls do not reach, or an order without digits.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= _MOST:
        raise ValueError(f"digits must be a whole number from 1 to {_MOST}, got {digits!r}")
    if order == "fixed" and (not method.affine_state or method.maxima):
        raise ValueError(f"digits need averages that are affine in the gradients, not {method!r}")
    with flint.ctx.workdps(digits + _GUARD):
        data, p = balls(z), balls(weights)
        total = sum(p[1:], p[0])
        chances = [one / total for one in p]

        def field(x: flint.arb) -> flint.arb:
            g = [x - one for one in data]
            if order == "fixed":
                return imbalance.drift_in_balls(exact, g)
            return iid.integral(memory, g, chances, digits + 5)

        if order == "fixed":
            exact = method.over(lambda value: flint.arb(str(value)))
        else:
            memory = iid.memory_of(method, iid.decimal)
        spread = float(np.ptp(z))
        unit = flint.arb(max(abs(start), 1e-3 * spread))
        return imbalance.falling_zero(field, flint.arb(start), unit, digits)


def mean(z: np.ndarray, weights: Any, digits: int) -> sympy.Float:
    """The mean of the data, decimals as they print, to so many digits."""
    with flint.ctx.workdps(digits + _GUARD):
        data, p = balls(z), balls(weights)
        total = sum((a * b for a, b in zip(data, p, strict=True)), flint.arb(0))
        found = total / sum(p, flint.arb(0))
        return sympy.Float(found.str(digits, radius=False), digits)


def balls(values: Any) -> list[flint.arb]:
    """Decimals as they print."""
    return [iid.decimal(value) for value in np.ravel(values).tolist()]
