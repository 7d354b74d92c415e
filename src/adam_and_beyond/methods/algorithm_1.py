r"""The generic adaptive method (paper, Algorithm 1) each part written once.

.. math:: x_{t+1} = \Pi_{\mathcal F}\big(x_t - \alpha_t V_t^{-1/2} m_t\big)

Like the rules, these functions are written against an array namespace ``xp`` and read in four ways.
"""

from __future__ import annotations

from typing import Any


def direction(xp: Any, m: Any, sqrt_V: Any) -> Any:
    r"""The scaled direction V_t^{-1/2} m_t of Algorithm 1 (Reddi, Kale and Kumar 2018).

    .. math:: d_t = m_t / V_t^{1/2}

    Differs from the paper: where V_t = 0 (all gradients so far were zero, the inverse does not
    exist) d_t is 0, and so are its derivatives. What is not a number stays so.

    Args:
      xp: array namespace.
      m: phi_t, the averaged gradient. Any shape, float. Units: loss / x.
      sqrt_V: psi_t^{1/2}, non-negative, broadcasts against ``m``. Units: loss / x (1 for SGD).

    Returns:
      d_t, shaped like ``m``.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1.
    """
    if isinstance(sqrt_V, int):  # V is 1: SGD, and those that scale inside their averages
        return m / sqrt_V
    # Asked this way round, a nan is not taken for a zero; and no division by zero takes place, not
    # even one whose result would be thrown away: its derivative would be a nan.
    still = sqrt_V <= 0
    return xp.where(still, 0, m / xp.where(still, 1, sqrt_V))


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
      Reddi, Kale and Kumar (2018), section 2. Introduced in the chapter "Theorem 2".
    """
    return xp.minimum(xp.maximum(x, lower), upper)


def projected_step(xp: Any, x: Any, d: Any, alpha_t: Any, lower: Any, upper: Any) -> Any:
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
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 3".
    """
    return project(xp, x - alpha_t * d, lower, upper)
