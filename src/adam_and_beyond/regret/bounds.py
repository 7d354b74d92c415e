r"""The published bounds on regret, as functions of what a run recorded.

Gradients and scales have shape ``(T,)``, or ``(T, d)`` for d coordinates. Every bound comes for
all rounds 1, ..., T at once, its three terms apart:

.. math:: R_T \le \text{distance} + \text{momentum} + \text{gradient}

Throughout :math:`\alpha_t = \alpha / \sqrt t`, :math:`\beta_1 = \beta_{1,1} \ge \beta_{1,t}` and
:math:`\gamma = \beta_1 / \sqrt{\beta_2} < 1`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Bound(NamedTuple):
    """The terms of a bound on R_1, ..., R_T, each float64 of shape ``(T,)``, in units of loss."""

    distance: np.ndarray  # what the distance to the rival costs
    momentum: np.ndarray  # what averaging the gradients costs; 0 without momentum
    gradient: np.ndarray  # what the steps cost

    @property
    def total(self) -> np.ndarray:
        """The bound: the sum of the three terms."""
        return self.distance + self.momentum + self.gradient


class _Run(NamedTuple):
    t: np.ndarray  # 1, ..., T
    norms: np.ndarray  # sum over i of ||g_{1:t,i}||, shape (T,)
    roots: np.ndarray  # sum over i of the root of V_{t,i}, shape (T,)
    beta1_t: np.ndarray  # shape (T,)
    dimension: int

    @property
    def beta1(self) -> float:
        return float(self.beta1_t[0])

    @property
    def weighted(self) -> np.ndarray:
        """The sums over t of beta1_t sqrt(t) V_t^{1/2}; over alpha they are the paper's."""
        return np.cumsum(self.beta1_t * np.sqrt(self.t) * self.roots)


def _read(gradients: Any, roots: Any, alpha: float, beta1: Any, diameter: float) -> _Run:
    g = np.asarray(gradients, np.float64)
    g = g[:, None] if g.ndim == 1 else g
    if g.ndim != 2 or g.size == 0:
        raise ValueError(f"gradients must have shape (T,) or (T, d), got {np.shape(gradients)}")
    if not (alpha > 0 and diameter > 0):
        raise ValueError(f"alpha and diameter must be positive, got {alpha}, {diameter}")
    V = np.zeros_like(g) if roots is None else np.asarray(roots, np.float64).reshape(len(g), -1)
    if V.shape != g.shape or not np.all(V >= 0):
        raise ValueError(
            f"scales must be non-negative and shaped like the gradients, {np.shape(gradients)}, "
            f"got {np.shape(roots)}"
        )
    beta1_t = np.broadcast_to(np.asarray(beta1, np.float64), len(g))
    if not (beta1_t.min() >= 0 and beta1_t.max() == beta1_t[0] < 1):
        raise ValueError(
            "beta1 must lie in [0, 1) and nowhere exceed its first value, got "
            f"{beta1_t.min()} to {beta1_t.max()}, first {beta1_t[0]}"
        )
    norms, t = np.sqrt(np.cumsum(g**2, axis=0)).sum(axis=1), np.arange(1.0, len(g) + 1)
    return _Run(t, norms, V.sum(axis=1), beta1_t, g.shape[1])


def _factors(table: dict[str, Any], version: str) -> Any:
    if version not in table:
        raise ValueError(f"version must be one of {', '.join(map(repr, table))}, got {version!r}")
    return table[version]


def _decay(decay: float) -> float:
    if not 0 <= decay < 1:
        raise ValueError(f"decay must lie in [0, 1), got {decay}")
    return float(decay)


def _lemma(run: _Run, alpha: float, beta2: float) -> tuple[np.ndarray, float]:
    """The paper's alpha sqrt(1 + log T) ||g|| / sqrt(1 - beta2), and gamma."""
    if not run.beta1**2 < beta2 < 1 and not (run.beta1 == 0 and 0 <= beta2 < 1):
        raise ValueError(
            f"beta2 must lie between beta1^2 = {run.beta1**2} and 1 (gamma < 1), got {beta2}"
        )
    gamma = run.beta1 / np.sqrt(beta2) if run.beta1 else 0.0
    return alpha * np.sqrt(1 + np.log(run.t)) * run.norms / np.sqrt(1 - beta2), gamma


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
    run = _read(gradients, sqrt_v_hat, alpha, beta1, diameter)
    base, gamma = _lemma(run, alpha, beta2)
    b = 1 - run.beta1
    lemma = 1 / (b**2 * (1 - gamma))
    direct = (0.5 + run.beta1) / (1 - gamma) + run.beta1
    versions = {
        "final": (1 / (alpha * b), 1 / b**2, lemma),
        "submission": (1 / b, 1 / (2 * b), lemma),
        "submission, repaired": (1 / (alpha * b), 1 / (2 * b), lemma),
        "direct": (1 / (2 * alpha), 1 / 2, direct),
    }
    first, second, third = _factors(versions, version)
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
        gradients, sqrt_v_hat, alpha, beta1, beta2, diameter, _factors(other, version)
    )
    middle = _geometric_middle(gradients, alpha, beta1, decay, gradient_bound, diameter, version)
    return terms._replace(momentum=np.full_like(terms.distance, middle))


def _geometric_middle(gradients, alpha, beta1, decay, G, D, version) -> float:
    """The momentum term of the two corollaries, in one of their versions."""
    g = np.asarray(gradients, np.float64)
    if np.abs(g).max() > G:
        raise ValueError(f"gradient_bound must be at least {np.abs(g).max()}, got {G}")
    d = 1 if g.ndim == 1 else g.shape[1]
    middle = beta1 * D**2 * G / (1 - beta1) ** 2 / (1 - _decay(decay)) ** 2
    factors = {"final": 1.0, "submission": (1 - beta1) / 2, "repaired": d / alpha}
    return middle * factors[version]


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
    run = _read(gradients, None, alpha, beta1, diameter)
    base, gamma = _lemma(run, alpha, beta2)
    unit = run.dimension * diameter**2 * gradient_bound / (2 * alpha * (1 - beta1))
    root_t = np.sqrt(run.t)
    if decay is None:
        beta1_t, middle = beta1 / run.t, 2 * unit * root_t
    else:
        beta1_t = beta1 * _decay(decay) ** (run.t - 1)
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
    run = _read(gradients, None, alpha, beta1, diameter)
    base, gamma = _lemma(run, alpha, beta2)
    b = 1 - run.beta1
    unit = run.dimension * diameter**2 * gradient_bound / (2 * alpha * b)
    factor = _factors({"printed": 1.0, "repaired": 1 / b}, version)
    middle = np.cumsum(run.beta1_t * np.sqrt(run.t - 1))
    return Bound(unit * np.sqrt(run.t), unit * factor * middle, base / (b**2 * (1 - gamma)))


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
    ``"sharpened"`` has (1 - beta1)^2 in the last, by convexity of the square.

    Args:
      gradients: g_1, ..., g_T, shape ``(T,)`` or ``(T, d)``. Units: loss / x.
      sqrt_v: roots of v, shaped like ``gradients``.
      alpha: scale of the step size, positive, units of x.
      beta1: beta1_t, one number or shape ``(T,)``; the first is the largest.
      zeta: of the theorem's condition 1, positive; alpha for beta2_t = 1 - 1/t.
      diameter: D, units of x.
      version: ``"final"``, ``"submission"`` or ``"sharpened"``.

    Returns:
      The ``Bound`` for every T. That the conditions hold is for the caller to see.

    Raises:
      ValueError: for shapes that differ, or a number outside its range.

    References:
      Introduced in the chapter "AdamNC".
    """
    run = _read(gradients, sqrt_v, alpha, beta1, diameter)
    if not zeta > 0:
        raise ValueError(f"zeta must be positive, got {zeta}")
    b = 1 - run.beta1
    versions = {
        "final": (1 / (2 * alpha * b), 1 / b**2, 2 / b**3),
        "submission": (1 / (2 * b), 1 / (2 * b), 2 / b**3),
        "sharpened": (1 / (2 * alpha * b), 1 / b**2, 2 / b**2),
    }
    first, second, third = _factors(versions, version)
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
    _factors({"final": None, "repaired": None}, version)
    run, b = _read(gradients, None, alpha, beta1, diameter), 1 - beta1
    middle = _geometric_middle(gradients, alpha, beta1, decay, gradient_bound, diameter, version)
    return Bound(
        diameter**2 / (2 * alpha * b) * run.norms,
        np.full_like(run.norms, middle),
        2 * alpha / b**3 * run.norms,
    )
