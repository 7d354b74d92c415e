r"""Regret on linear losses, by its definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float64

from adam_and_beyond import checks


def of_sums(loss: Any, slope: Any, lower: float, upper: float) -> Any:
    r"""Regret on linear losses, from two sums (Reddi, Kale and Kumar 2018, section 2).

    .. math:: R_T = L_T - \min(l\,S_T,\ u\,S_T), \qquad L_T = \sum g_t x_t, \quad S_T = \sum g_t

    Args:
      loss: L_T, the loss paid in rounds 1 to T; any shape, float64.
      slope: S_T, the sum of gradients in rounds 1 to T; shape of ``loss``.
      lower: lower end l of the feasible interval.
      upper: upper end u.

    Returns:
      R_T, shaped like ``loss``, in units of loss. It can be negative, for the iterate moves, its
      rival cannot.
    """
    best = np.minimum(np.multiply(slope, lower), np.multiply(slope, upper))
    return np.subtract(loss, best)


def of_sequence(
    gradients: Any, x: Any, lower: float = -1.0, upper: float = 1.0
) -> Float64[np.ndarray, " T"]:
    r"""The regret R_1, ..., R_T of the points played, from the definition.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)``, float. Units: loss / x.
      x: the points x_1, ..., x_T that were played, shape ``(T,)``.
      lower: lower end of the feasible interval.
      upper: upper end.

    Returns:
      R_1, ..., R_T, shape ``(T,)``, float64. For long runs ``simulate.run`` sums inside its
      compiled loop.

    Raises:
      ValueError: if the shapes differ, or a point lies outside the interval.

    References:
      Reddi, Kale and Kumar (2018), section 2. Introduced in the chapter "Regret and the generic
      method".
    """
    gradients, x = checks.real(gradients, "gradients"), checks.real(x, "x")
    if gradients.ndim != 1 or gradients.shape != x.shape:
        raise ValueError(
            "gradients and x must be two sequences of equal length, got shapes "
            f"{gradients.shape}, {x.shape}"
        )
    if x.size and not (lower <= x.min() and x.max() <= upper):
        raise ValueError(f"every x_t must lie in [{lower}, {upper}], got {x.min()} to {x.max()}")
    return of_sums(_running_sum(gradients * x), _running_sum(gradients), lower, upper)


def _running_sum(terms: np.ndarray) -> np.ndarray:
    # Neumaier's compensated sum: the error stays at rounding level however many terms there are.
    total, lost, sums = 0.0, 0.0, []
    for term in terms.tolist():
        following = total + term
        if abs(total) >= abs(term):
            lost += (total - following) + term
        else:
            lost += (term - following) + total
        total = following
        sums.append(total + lost)
    return np.array(sums, dtype=np.float64)


def per_cycle(gradients: Any, x: Any, rival: float) -> np.ndarray:
    r"""Regret of each whole period against one fixed point: the sum of g_i (x_i - rival).

    Args:
      gradients: one period, shape ``(P,)``.
      x: points played, whole periods in a row, shape ``(K * P,)``.
      rival: the fixed point to compare with, units of x.

    Returns:
      Shape ``(K,)``, float64, units of loss.

    Raises:
      ValueError: if ``x`` is not a whole number of periods.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 1.
    """
    gradients, x = checks.real(gradients, "gradients"), checks.real(x, "x")
    if x.ndim != 1 or x.size % gradients.size:
        raise ValueError(f"x must be whole periods of {gradients.size}, got shape {x.shape}")
    cycles = (x.reshape(-1, gradients.size) - rival) * gradients
    return np.array([math.fsum(cycle) for cycle in cycles])


def fit_inverse_sqrt(t: Any, average_regret: Any) -> tuple[float, float]:
    r"""Least-squares fit of an average regret by its limit and its rate of approach.

    .. math:: R_t / t \approx a + b / \sqrt t

    Args:
      t: steps, positive, shape ``(n,)``, n at least 2.
      average_regret: R_t / t at those steps, shape ``(n,)``, units of loss.

    Returns:
      ``(a, b)``, both in units of loss.

    Raises:
      ValueError: for fewer than two points, or steps below 1.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    t, values = checks.real(t, "t"), checks.real(average_regret, "average regrets")
    if t.ndim != 1 or t.shape != values.shape or t.size < 2 or t.min() < 1:
        raise ValueError(
            "the fit needs at least two steps t >= 1 and as many values, got shapes "
            f"{t.shape}, {values.shape}"
        )
    b, a = np.polyfit(1 / np.sqrt(t), values, 1)
    return float(a), float(b)
