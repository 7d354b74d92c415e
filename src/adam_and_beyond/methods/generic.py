r"""The generic adaptive method (paper, Algorithm 1) and its step sizes, each written once.

.. math:: x_{t+1} = \Pi_{\mathcal F}\big(x_t - \alpha_t V_t^{-1/2} m_t\big)

Like the rules, these functions are written against an array namespace ``xp`` and read in four ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def direction(xp: Any, m: Any, sqrt_V: Any) -> Any:
    r"""The scaled direction V_t^{-1/2} m_t of Algorithm 1 (Reddi, Kale and Kumar 2018).

    .. math:: d_t = m_t / V_t^{1/2}

    Differs from the paper: where V_t = 0 (all gradients so far were zero, the inverse does not
    exist) d_t is 0.

    Args:
      xp: array namespace.
      m: phi_t, the averaged gradient. Any shape, float. Units: loss / x.
      sqrt_V: psi_t^{1/2}, non-negative, broadcasts against ``m``. Units: loss / x (1 for SGD).

    Returns:
      d_t, shaped like ``m``.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    return xp.where(sqrt_V > 0, m / sqrt_V, 0)


def project(xp: Any, x: Any, lower: Any, upper: Any) -> Any:
    r"""The projection onto [lower, upper]; for diagonal V_t the weighted one is plain clipping.

    Args:
      xp: array namespace.
      x: point(s), float, any shape.
      lower: lower end(s) of the feasible set, units of x.
      upper: upper end(s), units of x.

    Returns:
      The nearest feasible point, shaped like ``x``.

    References:
      Reddi, Kale and Kumar (2018), section 2. Introduced in the chapter "Regret and the generic
      method".
    """
    return xp.minimum(xp.maximum(x, lower), upper)


def algorithm_1(xp: Any, x: Any, d: Any, alpha_t: Any, lower: Any, upper: Any) -> Any:
    r"""One step of the generic adaptive method (Reddi, Kale and Kumar 2018, Algorithm 1).

    .. math:: x_{t+1} = \Pi_{\mathcal F}\big(x_t - \alpha_t d_t\big), \qquad d_t = V_t^{-1/2} m_t

    Args:
      xp: array namespace.
      x: the iterate x_t. Any shape, float. Units of x.
      d: the scaled direction d_t of :func:`direction`, shaped like ``x``.
      alpha_t: the step size of step t, positive.
      lower: lower end of the feasible interval.
      upper: upper end.

    Returns:
      x_{t+1}, feasible, shaped like ``x``.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    return project(xp, x - alpha_t * d, lower, upper)


def constant(xp: Any, alpha: Any, t: Any) -> Any:
    """The constant step size alpha_t = alpha of practice."""
    return alpha


def inverse_sqrt(xp: Any, alpha: Any, t: Any) -> Any:
    """The decreasing step size alpha_t = alpha / sqrt(t) of the theory."""
    return alpha / xp.sqrt(t)


SCHEDULES: Mapping[str, Callable[..., Any]] = {"constant": constant, "inverse_sqrt": inverse_sqrt}


def get_schedule(name: str) -> Callable[..., Any]:
    """The schedule of that name.

    Args:
      name: ``"constant"`` or ``"inverse_sqrt"``.

    Returns:
      A function ``(xp, alpha, t) -> alpha_t``; t counts from 1.

    Raises:
      ValueError: for an unknown name.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    if name not in SCHEDULES:
        raise ValueError(f"unknown schedule {name!r}; the schedules are: {', '.join(SCHEDULES)}")
    return SCHEDULES[name]
