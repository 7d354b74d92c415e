"""The published bounds on the regret of AdamNC; conventions as in :mod:`.bounds`."""

from __future__ import annotations

from typing import Any

import numpy as np

from adam_and_beyond.regret.terms import Bound, factors_of, geometric_middle, read


def theorem_5(
    gradients: Any,
    sqrt_v: Any,
    alpha: float,
    beta1: Any,
    zeta: float,
    diameter: float = 2.0,
    version: str = "final",
) -> Bound:
    r"""The bound on AdamNC's regret (Reddi, Kale and Kumar 2018, Theorem 5).

    .. math:: R_T \le \frac{D^2 \sqrt T}{2 \alpha (1-\beta_1)} \sum_i v_{T,i}^{1/2}
        + \frac{D^2}{(1-\beta_1)^2} \sum_{t,i} \frac{\beta_{1t} v_{t,i}^{1/2}}{\alpha_t}
        + \frac{2 \zeta}{(1-\beta_1)^3} \sum_i \|g_{1:T,i}\|_2

    The submission has no alpha in the first term and D^2 / (2 (1 - beta1)) in the second.
    ``"sharpened"`` has (1 - beta1)^2 in the last, by convexity of the square; ``"direct"`` is our
    bound, of another proof.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      sqrt_v: roots of v, shaped like ``gradients``.
      alpha: scale of the step size, positive, units of x.
      beta1: beta1_t, one number or shape ``(T,)``; the first is the largest.
      zeta: of the theorem's condition 1, positive; alpha for beta2_t = 1 - 1/t.
      diameter: D, units of x.
      version: ``"final"``, ``"submission"``, ``"sharpened"`` or ``"direct"``.

    Returns:
      The ``Bound`` for every T. That the conditions hold is for the caller to see.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Introduced in the chapter "AdamNC".
    """
    run = read(gradients, sqrt_v, alpha, beta1, diameter)
    if not zeta > 0:
        raise ValueError(f"zeta must be positive, got {zeta}")
    b = 1 - run.beta1
    versions = {
        "final": (1 / (2 * alpha * b), 1 / b**2, 2 / b**3),
        "submission": (1 / (2 * b), 1 / (2 * b), 2 / b**3),
        "sharpened": (1 / (2 * alpha * b), 1 / b**2, 2 / b**2),
        "direct": (1 / (2 * alpha), 1 / 2, (1 + 2 * run.beta1) / b + 2 * run.beta1),
    }
    first, second, third = factors_of(versions, version)
    return Bound(
        diameter**2 * first * np.sqrt(run.t) * run.roots,
        diameter**2 * second * run.weighted / alpha,
        third * zeta * run.norms,
    )


def corollary_2(
    gradients: Any,
    alpha: float,
    beta1: float,
    decay: float,
    gradient_bound: float,
    diameter: float = 2.0,
    version: str = "final",
) -> Bound:
    r"""Corollary 2: AdamNC with beta2_t = 1 - 1/t, beta1_t = beta1 lambda^(t - 1), zeta = alpha.

    .. math:: \frac{D^2}{2 \alpha (1-\beta_1)} \sum_i \|g_{1:T,i}\|_2
        + \frac{\beta_1 D^2 G}{(1-\beta_1)^2 (1-\lambda)^2}
        + \frac{2 \zeta}{(1-\beta_1)^3} \sum_i \|g_{1:T,i}\|_2

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      alpha: scale of the step size, positive, units of x.
      beta1: the first beta1, in [0, 1).
      decay: lambda, in [0, 1).
      gradient_bound: G, at least as large as every gradient.
      diameter: D, units of x.
      version: ``"final"``, as printed, or ``"repaired"``, with the factor d / alpha in the middle.

    Returns:
      The ``Bound`` for every T.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Reddi, Kale and Kumar (2018), Corollary 2. Introduced in the chapter "AdamNC".
    """
    factors_of({"final": None, "repaired": None}, version)
    run, b = read(gradients, None, alpha, beta1, diameter), 1 - beta1
    middle = geometric_middle(gradients, alpha, beta1, decay, gradient_bound, diameter, version)
    return Bound(
        diameter**2 / (2 * alpha * b) * run.norms,
        np.full_like(run.norms, middle),
        2 * alpha / b**3 * run.norms,
    )
