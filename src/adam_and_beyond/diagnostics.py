r"""What the scale of a method does along a run: does the learning rate rise, does it ever settle?

On linear losses the gradients do not depend on x, so the scales V_t, and with them the learning
rates :math:`\alpha_t V_t^{-1/2}`, follow from the gradients alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float64

from adam_and_beyond import checks, methods, problems, simulate


def scales(
    method: str | methods.Method, problem: problems.Problem, steps: int, seed: int = 0
) -> Float64[np.ndarray, " T"]:
    r"""The scale by which a method divides in rounds 1 to T, the root of psi_t.

    .. math:: V_t^{1/2} = \psi_t(g_1, \dots, g_t)^{1/2}

    Args:
      method: its name, or a method whose rule is driven by gradients alone (any of the catalogue).
      problem: a periodic or i.i.d. problem.
      steps: T, the number of rounds.
      seed: of the gradients of an i.i.d. problem.

    Returns:
      The scales, float64, shape ``(T,)``, units loss / x (1 for SGD and ADOPT): what
      :func:`adam_and_beyond.simulate.history` calls ``sqrt_V``, for whatever step size.

    Raises:
      ValueError: for what is no problem on an interval.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Which AMSGrad did you
      run, and what came after".
    """
    gradients = problems.check_problem(problem).sample(steps, seed)
    return simulate.history(method, gradients, alpha=1.0).sqrt_V


def oscillation(learning_rate: Any) -> Float64[np.ndarray, " T"]:
    r"""How much the learning rate moves, per unit of learning rate (Chen et al. 2019).

    .. math:: O_T = \frac{\sum_{t=2}^T |\eta_t - \eta_{t-1}|}{\sum_{t=1}^T \eta_t},
        \qquad \eta_t = \alpha_t V_t^{-1/2}

    Their theorem on smooth non-convex losses asks that the numerator be small against the
    denominator, so a method that it covers has O_T -> 0.

    Args:
      learning_rate: eta_1, ..., eta_T of one coordinate, positive, shape ``(T,)``.

    Returns:
      O_1, ..., O_T, dimensionless, shape ``(T,)``; O_1 = 0.

    Raises:
      ValueError: unless the learning rates are a sequence of positive finite numbers.

    References:
      Chen, Liu, Sun and Hong (2019). Introduced in the chapter "Which AMSGrad did you
      run, and what came after".
    """
    eta = checks.real(learning_rate, "learning rates")
    if eta.ndim != 1 or eta.size == 0 or not np.all((eta > 0) & np.isfinite(eta)):
        raise ValueError("learning rates must be a sequence of positive finite numbers")
    return np.cumsum(np.abs(np.diff(eta, prepend=eta[0]))) / np.cumsum(eta)
