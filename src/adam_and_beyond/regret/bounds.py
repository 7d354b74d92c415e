r"""The published bounds on regret, as functions of what a run recorded.

Gradients and scales have shape ``(T,)``, or ``(T, d)`` for d coordinates. Every bound comes for
all rounds 1, ..., T at once, its three terms apart:

.. math:: R_T \le \text{distance} + \text{momentum} + \text{gradient}

Throughout :math:`\alpha_t = \alpha / \sqrt t`, :math:`\beta_1 = \beta_{1,1} \ge \beta_{1,t}` and
:math:`\gamma = \beta_1 / \sqrt{\beta_2} < 1`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adam_and_beyond.regret.terms import (
    Bound,
    checked_decay,
    factors_of,
    geometric_middle,
    lemma_of,
    read,
)


def theorem_4(
    gradients: Any,
    sqrt_v_hat: Any,
    alpha: float,
    beta1: Any,
    beta2: float,
    diameter: float = 2.0,
    version: str = "final",
) -> Bound:
    r"""The bound on AMSGrad's regret (Reddi, Kale and Kumar 2018, Theorem 4).

    .. math:: R_T \le \frac{D^2 \sqrt T}{\alpha (1-\beta_1)} \sum_i \hat v_{T,i}^{1/2}
        + \frac{D^2}{(1-\beta_1)^2} \sum_{t,i} \frac{\beta_{1t} \hat v_{t,i}^{1/2}}{\alpha_t}
        + \frac{\alpha \sqrt{1 + \log T}}{(1-\beta_1)^2 (1-\gamma) \sqrt{1-\beta_2}}
        \sum_i \|g_{1:T,i}\|_2

    The submission has D^2 / (2 (1 - beta1)) in the second term and no 1/alpha in the first;
    ``"submission, repaired"`` puts the 1/alpha back. ``"direct"`` is our bound, of another proof.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      sqrt_v_hat: roots of v_hat, shaped like ``gradients``, units of the gradient.
      alpha: scale of the step size alpha / sqrt(t), positive, units of x.
      beta1: beta1_t, one number or shape ``(T,)``; the first is the largest.
      beta2: in (beta1^2, 1).
      diameter: D, the diameter of the feasible set in the maximum norm, units of x.
      version: ``"final"``, ``"submission"``, ``"submission, repaired"`` or ``"direct"``.

    Returns:
      The ``Bound`` for every T.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    run = read(gradients, sqrt_v_hat, alpha, beta1, diameter)
    base, gamma = lemma_of(run, alpha, beta2)
    b = 1 - run.beta1
    lemma = 1 / (b**2 * (1 - gamma))
    direct = (0.5 + run.beta1) / (1 - gamma) + run.beta1
    versions = {
        "final": (1 / (alpha * b), 1 / b**2, lemma),
        "submission": (1 / b, 1 / (2 * b), lemma),
        "submission, repaired": (1 / (alpha * b), 1 / (2 * b), lemma),
        "direct": (1 / (2 * alpha), 1 / 2, direct),
    }
    first, second, third = factors_of(versions, version)
    return Bound(
        diameter**2 * first * np.sqrt(run.t) * run.roots,
        diameter**2 * second * run.weighted / alpha,
        third * base,
    )


def corollary_1(
    gradients: Any,
    sqrt_v_hat: Any,
    alpha: float,
    beta1: float,
    decay: float,
    beta2: float,
    gradient_bound: float,
    diameter: float = 2.0,
    version: str = "final",
) -> Bound:
    r"""The bound of Corollary 1, for beta1_t = beta1 lambda^(t - 1) (Reddi, Kale and Kumar 2018).

    Its momentum term is, with the factor d / alpha that both printed versions lack,

    .. math:: \frac{d\, \beta_1 D^2 G}{\alpha (1-\beta_1)^2 (1-\lambda)^2}

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      sqrt_v_hat: roots of v_hat, shaped like ``gradients``.
      alpha: scale of the step size, positive, units of x.
      beta1: the first beta1, in [0, 1).
      decay: lambda, in [0, 1).
      beta2: in (beta1^2, 1).
      gradient_bound: G, at least as large as every gradient.
      diameter: D, units of x.
      version: ``"final"`` or ``"submission"``, as printed, or ``"repaired"``: the final one with
        its d / alpha.

    Returns:
      The ``Bound`` for every T.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    other = {"final": "final", "submission": "submission", "repaired": "final"}
    terms = theorem_4(
        gradients, sqrt_v_hat, alpha, beta1, beta2, diameter, factors_of(other, version)
    )
    middle = geometric_middle(gradients, alpha, beta1, decay, gradient_bound, diameter, version)
    return terms._replace(momentum=np.full_like(terms.distance, middle))


def tran_phong_theorem_4_1(
    gradients: Any,
    alpha: float,
    beta1: float,
    beta2: float,
    gradient_bound: float,
    decay: float | None = None,
    diameter: float = 2.0,
) -> Bound:
    r"""Tran and Phong's repaired bound on AMSGrad's regret (2019, Theorem 4.1).

    .. math:: R_T \le \frac{d D^2 G}{2\alpha(1-\beta_1)} \Big(\sum_{t \le t_0} \sqrt t
        + \sqrt T\Big) + M + \frac{\alpha \sqrt{1 + \log T}}{(1-\beta_1)^2 (1-\gamma)
        \sqrt{1-\beta_2}} \sum_i \|g_{1:T,i}\|_2

    where from t_0 on sqrt(t) / (1 - beta1_t) does not fall, and M is d D^2 G / (2 alpha (1 -
    beta1) (1 - lambda)^2) for beta1_t = beta1 lambda^(t - 1), and d D^2 G sqrt(T) / (alpha (1 -
    beta1)) for beta1_t = beta1 / t.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      alpha: scale of the step size, positive, units of x.
      beta1: the first beta1, in [0, 1).
      beta2: in (beta1^2, 1).
      gradient_bound: G, at least as large as every gradient.
      decay: lambda, in [0, 1), of the geometric schedule; without it the schedule is beta1 / t.
      diameter: D, units of x.

    Returns:
      The ``Bound`` for every T.

    Raises:
      ValueError: for a number outside its range.

    References:
      Tran and Phong (2019), Theorem 4.1. Introduced in the chapter "AMSGrad and its bound".
    """
    run = read(gradients, None, alpha, beta1, diameter)
    base, gamma = lemma_of(run, alpha, beta2)
    unit = run.dimension * diameter**2 * gradient_bound / (2 * alpha * (1 - beta1))
    root_t = np.sqrt(run.t)
    if decay is None:
        beta1_t, middle = beta1 / run.t, 2 * unit * root_t
    else:
        beta1_t = beta1 * checked_decay(decay) ** (run.t - 1)
        middle = np.full_like(root_t, unit / (1 - decay) ** 2)
    falls = np.flatnonzero(np.diff(root_t / (1 - beta1_t)) < 0)
    t_0 = int(falls[-1]) + 2 if falls.size else 1
    early = np.cumsum(np.where(run.t <= t_0, root_t, 0.0))
    third = base / ((1 - beta1) ** 2 * (1 - gamma))
    return Bound(unit * (early + root_t), middle, third)


def adamx_theorem_5_1(
    gradients: Any,
    alpha: float,
    beta1: Any,
    beta2: float,
    gradient_bound: float,
    diameter: float = 2.0,
    version: str = "repaired",
) -> Bound:
    r"""The bound on AdamX's regret (Tran and Phong 2019, Theorem 5.1).

    .. math:: R_T \le \frac{d D^2 G \sqrt T}{2 \alpha (1-\beta_1)}
        + \frac{d D^2 G}{2 \alpha (1-\beta_1)^2} \sum_{t=2}^T \beta_{1t} \sqrt{t-1}
        + \frac{\alpha \sqrt{1 + \log T}}{(1-\beta_1)^2 (1-\gamma) \sqrt{1-\beta_2}}
        \sum_i \|g_{1:T,i}\|_2

    Printed with 1 - beta1 in the second denominator, where v_hat <= G^2 / (1 - beta1)^2 gives its
    square.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      alpha: scale of the step size, positive, units of x.
      beta1: beta1_t, one number or shape ``(T,)``; the first is the largest.
      beta2: in (beta1^2, 1).
      gradient_bound: G, at least as large as every gradient.
      diameter: D, units of x.
      version: ``"printed"`` or ``"repaired"``.

    Returns:
      The ``Bound`` for every T.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Tran and Phong (2019), Theorem 5.1. Introduced in the chapter "AMSGrad and its bound".
    """
    run = read(gradients, None, alpha, beta1, diameter)
    base, gamma = lemma_of(run, alpha, beta2)
    b = 1 - run.beta1
    unit = run.dimension * diameter**2 * gradient_bound / (2 * alpha * b)
    factor = factors_of({"printed": 1.0, "repaired": 1 / b}, version)
    middle = np.cumsum(run.beta1_t * np.sqrt(run.t - 1))
    return Bound(unit * np.sqrt(run.t), unit * factor * middle, base / (b**2 * (1 - gamma)))
