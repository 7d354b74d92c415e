"""What the bounds on regret have in common: their terms, and what they read off a run."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import checks


class Bound(NamedTuple):
    """The terms of a bound on R_1, ..., R_T, each float64 of shape ``(T,)``, in units of loss."""

    distance: np.ndarray  # what the distance to the rival costs
    momentum: np.ndarray  # what averaging the gradients costs; 0 without momentum
    gradient: np.ndarray  # what the steps cost

    @property
    def total(self) -> np.ndarray:
        """The bound: the sum of the three terms."""
        return self.distance + self.momentum + self.gradient


class Sums(NamedTuple):
    """What the bounds need of a run, coordinates added up."""

    t: np.ndarray  # 1, ..., T
    norms: np.ndarray  # sum over i of ||g_{1:t,i}||, shape (T,)
    roots: np.ndarray  # sum over i of the root of V_{t,i}, shape (T,)
    beta1_t: np.ndarray  # shape (T,)
    dimension: int

    @property
    def beta1(self) -> float:
        """The first and largest beta1_t."""
        return float(self.beta1_t[0])

    @property
    def weighted(self) -> np.ndarray:
        """The sums over t of beta1_t sqrt(t) V_t^{1/2}; over alpha they are the paper's."""
        return np.cumsum(self.beta1_t * np.sqrt(self.t) * self.roots)


def read(gradients: Any, roots: Any, alpha: float, beta1: Any, diameter: float) -> Sums:
    g = checks.real(gradients, "gradients")
    g = g[:, None] if g.ndim == 1 else g
    if g.ndim != 2 or g.size == 0:
        raise ValueError(f"gradients must have shape (T,) or (T, d), got {np.shape(gradients)}")
    if not (checks.real(alpha, "alpha") > 0 and checks.real(diameter, "the diameter") > 0):
        raise ValueError(f"alpha and diameter must be positive, got {alpha}, {diameter}")
    V = np.zeros_like(g) if roots is None else checks.real(roots, "scales").reshape(len(g), -1)
    if V.shape != g.shape or not np.all(V >= 0):
        raise ValueError(
            f"scales must be non-negative and shaped like the gradients, {np.shape(gradients)}, "
            f"got {np.shape(roots)}"
        )
    beta1_t = np.broadcast_to(checks.real(beta1, "beta1"), len(g))
    if not (beta1_t.min() >= 0 and beta1_t.max() == beta1_t[0] < 1):
        raise ValueError(
            "beta1 must lie in [0, 1) and nowhere exceed its first value, got "
            f"{beta1_t.min()} to {beta1_t.max()}, first {beta1_t[0]}"
        )
    norms, t = np.sqrt(np.cumsum(g**2, axis=0)).sum(axis=1), np.arange(1.0, len(g) + 1)
    return Sums(t, norms, V.sum(axis=1), beta1_t, g.shape[1])


def factors_of(table: dict[str, Any], version: str) -> Any:
    if version not in table:
        raise ValueError(f"version must be one of {', '.join(map(repr, table))}, got {version!r}")
    return table[version]


def checked_decay(decay: float) -> float:
    if not 0 <= checks.real(decay, "decay") < 1:
        raise ValueError(f"decay must lie in [0, 1), got {decay}")
    return float(decay)


def lemma_of(run: Sums, alpha: float, beta2: float) -> tuple[np.ndarray, float]:
    """The paper's alpha sqrt(1 + log T) ||g|| / sqrt(1 - beta2), and gamma."""
    if not run.beta1**2 < beta2 < 1 and not (run.beta1 == 0 and 0 <= beta2 < 1):
        raise ValueError(
            f"beta2 must lie between beta1^2 = {run.beta1**2} and 1 (gamma < 1), got {beta2}"
        )
    gamma = run.beta1 / np.sqrt(beta2) if run.beta1 else 0.0
    return alpha * np.sqrt(1 + np.log(run.t)) * run.norms / np.sqrt(1 - beta2), gamma


def geometric_middle(gradients, alpha, beta1, decay, G, D, version) -> float:
    """The momentum term of the two corollaries, in one of their versions."""
    g = np.asarray(gradients, np.float64)
    if np.abs(g).max() > G:
        raise ValueError(f"gradient_bound must be at least {np.abs(g).max()}, got {G}")
    d = 1 if g.ndim == 1 else g.shape[1]
    middle = beta1 * D**2 * G / (1 - beta1) ** 2 / (1 - checked_decay(decay)) ** 2
    factors = {"final": 1.0, "submission": (1 - beta1) / 2, "repaired": d / alpha}
    return middle * factors[version]
