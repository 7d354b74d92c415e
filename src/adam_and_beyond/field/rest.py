"""Where x ends on the mean of (x - z)^2 / 2: the zero of a method's own field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy.optimize
import sympy

from adam_and_beyond import checks, drift, methods, problems
from adam_and_beyond.drift import iid
from adam_and_beyond.field import digits as certified
from adam_and_beyond.field.integral import mean_direction

ORDERS = ("independent", "fixed")
_SAMPLES = 24  # of the field between the ends of the data, to see whether it has one zero

# Methods that rest at the mean of independent data, and why: E[-m / sqrt V] is a positive multiple
# of -E[g].
HONEST: Mapping[str, str] = MappingProxyType(
    {
        "sgd": "V is 1",
        "adagrad": "V tends to E[g^2]",
        "adamnc": "V tends to E[g^2]",
        "nosadam": "V tends to E[g^2]",
        "amsgrad": "V rises to the largest g^2 and stays",
        "amsgrad_torch": "V rises to the largest g^2 and stays",
        "amsgrad_optax": "V rises to the largest g^2 and stays",
        "padam": "V rises to a power of the largest g^2 and stays",
        "adamx": "V rises to a multiple of the largest g^2 and stays",
        "adopt": "the scale of g was fixed before g was drawn",
        "adashift": "the scale of g was fixed before g was drawn",
    }
)


def field_of(method: methods.Method) -> Callable[[np.ndarray, np.ndarray], float]:
    """The field of a method on independent gradients: ``field(g, p)`` is E[-m / sqrt V].

    Raises:
      ValueError: if the averages are not of the form that the integral needs.
    """
    decays = method.hyper._asdict()
    if decays.get("beta2") == 0 and decays.get("beta1", 0) == 0 and method.name in _SIGNS:
        return lambda g, p: -float(p @ np.sign(g))
    memory = iid.memory_of(method)
    return lambda g, p: -mean_direction(memory, g, p)


_SIGNS = ("rmsprop", "adam", "adam_corrected")  # without memory V is g^2


def rest_point(
    method: str | methods.Method,
    data: Any,
    weights: Any = None,
    order: str = "independent",
    digits: int | None = None,
) -> float | sympy.Float:
    r"""Where x ends on the mean of (x - z)^2 / 2 with vanishing step sizes: the zero of the field.

    .. math:: E\Big[{-\frac{m}{V^{1/2}}}\Big] = 0, \qquad g = x^* - z

    with the law of the gradients frozen at x*: by the exact integral for independent data, by the
    periodic orbit for a fixed order.

    Args:
      method: one whose averages have the form of the integral (RMSProp, Adam, Nadam, with epsilon
        inside the root or none), or one that rests at the mean (SGD, AdaGrad, AMSGrad, ADOPT and
        others); for a fixed order any that has a drift number.
      data: the values z, shape ``(n,)``, at least one.
      weights: their probabilities up to a factor, for independent data; equal ones without.
      order: ``"independent"``, or ``"fixed"``: the data in their order, again and again.
      digits: ``None`` for float64. A number, at most 30, asks for so many correct digits of x*, or
        of a thousandth of the spread if that is larger; all numbers then count as the decimals that
        they print as, and rounding is bounded by ball arithmetic.

    Returns:
      x*, units of z: a float, to about 1e-12 of the data's spread, or a ``sympy.Float``.

    Raises:
      ValueError: for data or weights that are no such numbers, another order, a method that has no
        such field, or a field with more than one zero.

    References:
      The field is Dereich and Jentzen's (2024). Introduced in the chapter "Where Adam stops".
    """
    method = methods.get(method)
    z, p = _law(data, weights)
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {checks.short(order)}")
    if order == "fixed" and weights is not None:
        raise ValueError("a fixed order has no weights: repeat the data instead")
    found = _float(method, z, p, order)
    if digits is None:
        return found
    z, w = (z, np.ones_like(z)) if weights is None else (np.ravel(data), np.ravel(weights))
    if np.ptp(z) == 0 or (order == "independent" and method.name in HONEST):
        return certified.mean(z, w, digits)
    return certified.rest_point(method, z, w, order, found, digits)


def _float(method: methods.Method, z: np.ndarray, p: np.ndarray, order: str) -> float:
    low, high = float(z.min()), float(z.max())
    if low == high:
        return low
    if order == "fixed":
        return _zero(lambda x: float(drift.number(method, problems.periodic(x - z))), low, high)
    if method.name in HONEST:
        return float(p @ z)
    field = field_of(method)
    return _zero(lambda x: field(x - z, p), low, high)


def _law(data: Any, weights: Any) -> tuple[np.ndarray, np.ndarray]:
    z = checks.real(data, "data")
    w = np.ones_like(z) if weights is None else checks.real(weights, "weights")
    if z.ndim != 1 or not z.size or not np.all(np.isfinite(z)):
        raise ValueError(f"data must be a list of finite numbers, got {checks.short(data)}")
    if w.shape != z.shape or not np.all(w >= 0) or not 0 < w.sum() < math.inf:
        raise ValueError(
            f"weights must be one number that is not negative for each of the {z.size} data, "
            f"got {checks.short(weights)}"
        )
    z, place = np.unique(z, return_inverse=True) if weights is not None else (z, None)
    if place is not None:
        w = np.bincount(place, weights=w)
        z, w = z[w > 0], w[w > 0]
    return z, w / w.sum()


def _zero(field: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a field that points inwards at both ends."""
    xs = np.linspace(low, high, _SAMPLES)[1:-1]
    signs = np.sign([field(x) for x in xs])
    ends = np.concatenate([[1.0], signs, [-1.0]])
    if np.sum(np.diff(ends[ends != 0]) != 0) > 1:
        raise ValueError("the field has more than one zero on these data: the start decides")
    return float(scipy.optimize.brentq(field, low, high, xtol=1e-13 * (high - low), rtol=8.9e-16))
