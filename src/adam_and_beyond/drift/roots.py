"""Critical values: where the drift changes its sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from adam_and_beyond import methods, problems
from adam_and_beyond.drift import cycle
from adam_and_beyond.drift.iid import stationary
from adam_and_beyond.drift.periodic import minus_sum, number

Family = Callable[[float], problems.Problem]


def _drift(method: methods.Method, problem: problems.Problem) -> float:
    periodic = not isinstance(problem, problems.IIDProblem)
    return number(method, problem) if periodic else stationary(method, problem)


def _as_function(
    method: str | methods.Method, problem: problems.Problem | Family, hyperparameter: str
) -> Callable[[float], float]:
    """The drift as a function of one hyperparameter, or of the parameter of a family."""
    method = methods.get(method)
    if callable(problem):
        return lambda value: _drift(method, problem(value))
    return lambda value: _drift(method.replace(**{hyperparameter: value}), problem)


def _root(drift: Callable[[float], float], low: float, high: float) -> float:
    return float(scipy.optimize.brentq(drift, low, high, xtol=1e-15, rtol=8.9e-16))


def critical(
    method: str | methods.Method,
    problem: problems.Problem | Family,
    hyperparameter: str,
    bracket: tuple[float, float],
) -> float:
    r"""The value of a hyperparameter, or of a family's parameter, where the drift changes its sign.

    Args:
      method: the method; the other hyperparameters keep its values.
      problem: a periodic problem, whose drift is :func:`number`; an i.i.d. one, whose drift is
        :func:`stationary`; or a function that makes one from a number, e.g.
        ``problems.theorem_1``.
      hyperparameter: name of the one to vary, e.g. ``"beta2"`` or ``"epsilon"``; for a family the
        name of its parameter, e.g. ``"C"``.
      bracket: two values between which the drift changes its sign.

    Returns:
      The root, to about 1e-15.

    Raises:
      ValueError: if the drift has the same sign at both ends of the bracket.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    drift = _as_function(method, problem, hyperparameter)
    low, high = (drift(end) for end in bracket)
    if not low * high < 0:
        raise ValueError(
            f"D must change its sign over the bracket of {hyperparameter}: it is {low:.6g} at "
            f"{bracket[0]} and {high:.6g} at {bracket[1]}"
        )
    return _root(drift, *bracket)


def critical_all(
    method: str | methods.Method,
    problem: problems.Problem | Family,
    hyperparameter: str,
    bracket: tuple[float, float],
    samples: int = 200,
) -> tuple[float, ...]:
    r"""Every value in a bracket at which the drift changes its sign.

    The set on which a method fails need not be an interval. The drift is sampled; where it bends
    back towards zero between samples of one sign it is followed to its turning point, so that a
    pair of roots within one gap is found. A third one there would be missed.

    Args:
      method: the method; the other hyperparameters keep its values.
      problem: as in :func:`critical`.
      hyperparameter: as in :func:`critical`.
      bracket: two values.
      samples: number of evenly spaced values to look at, at least 3.

    Returns:
      The roots in increasing order, each to about 1e-15; none, if the sign never changes.

    Raises:
      ValueError: for fewer than three samples.

    References:
      Ours. Introduced in the chapter "How rare is too rare".
    """
    if samples < 3:
        raise ValueError(f"samples must be at least 3, got {samples}")
    drift = _as_function(method, problem, hyperparameter)
    values = list(np.linspace(*sorted(bracket), samples))
    D = [drift(value) for value in values]
    for k in range(samples - 2, 0, -1):
        sign = np.sign(D[k])
        turns = sign * D[k] <= min(sign * D[k - 1], sign * D[k + 1])
        if not (turns and sign * D[k - 1] > 0 and sign * D[k + 1] > 0):
            continue
        lowest = scipy.optimize.minimize_scalar(
            lambda value, sign=sign: sign * drift(value),
            bounds=(values[k - 1], values[k + 1]),
            method="bounded",
            options={"xatol": 1e-12},
        )
        if lowest.fun < 0:
            place = k if lowest.x < values[k] else k + 1
            values.insert(place, lowest.x)
            D.insert(place, sign * lowest.fun)
    pairs = zip(values, values[1:], D, D[1:], strict=False)
    return tuple(_root(drift, a, b) for a, b, Da, Db in pairs if Da * Db < 0)


def critical_rarity(
    method: str | methods.Method, largest: int = 4096, **hyperparameters: float
) -> int:
    r"""The smallest integer C for which Theorem 2's family makes a method fail.

    Nothing says that failure is monotone in C, so every C is looked at: blocks of twice the size
    of the one before, the periods of a block side by side.

    Args:
      method: its name, e.g. ``"adam"``, or a method; its state must be affine.
      largest: where to give up.
      **hyperparameters: by name, e.g. ``beta1=0.9, beta2=0.999``.

    Returns:
      C, the period and the rare gradient.

    Raises:
      ValueError: if the method fails for no C up to ``largest``, or has no drift number.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2; the number is ours. Introduced in the chapter
      "How rare is too rare".
    """
    method = methods.get(method, **hyperparameters)
    low, high = 2, 16
    while low <= largest:
        C = np.arange(low, min(high, largest) + 1)
        failing = C[_theorem_2_drifts(method, C) > 0]
        if failing.size:
            return int(failing[0])
        low, high = high + 1, 2 * high
    raise ValueError(f"{method!r} fails for no C up to {largest}: there is no smallest one")


def _theorem_2_drifts(method: methods.Method, C: np.ndarray) -> Any:
    """D on Theorem 2's problem for many C at once; each period is as long as its own C."""
    gradients = np.full((C.size, C.max()), -1.0)
    gradients[:, 0] = C
    state, _ = cycle.settled(method, gradients, lengths=C)
    _, m, sqrt_V = cycle.run(method, gradients, state, lengths=C)
    return minus_sum(m, sqrt_V, lengths=C)
