r"""The inequalities of the proofs of Theorems 4 and 5 watched along a run, at every T at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond.simulate import History


class Inequality(NamedTuple):
    """``left <= right`` for T = 1, 2, ...; float64, shape ``(T,)``."""

    left: np.ndarray
    right: np.ndarray

    def holds(self, rounding: float = 1e-9) -> np.ndarray:
        """At which T it holds, up to a share of the larger side for rounding; shape ``(T,)``."""
        room = rounding * np.maximum(np.abs(self.left), np.abs(self.right))
        return self.left <= self.right + room


def distances(h: History, rival: float) -> np.ndarray:
    r"""The terms that telescope: A_t = w_t (e_t^2 - e_{t+1}^2) / (2 alpha_t).

    Args:
      h: a recorded run.
      rival: x^*, a point of the interval.

    Returns:
      A_1, ..., A_T, units of loss.

    References:
      Tran and Phong (2019), section 3. Introduced in the chapter "AMSGrad and its bound".
    """
    squares = (h.x - rival) ** 2
    return h.sqrt_V * (squares[:-1] - squares[1:]) / (2 * h.alpha_t)


def inequalities(h: History, rival: float, beta2: float | None = None) -> dict[str, Inequality]:
    r"""Both proofs, inequality by inequality.

    Args:
      h: a recorded run of AMSGrad, with alpha_t = alpha / sqrt(t), beta1_t <= beta1.
      rival: x^*, a point of the interval.
      beta2: for the lemma on the steps; without it, its two inequalities are left out.

    Returns:
      Name -> ``Inequality``. All hold but "exchange", the published step that Tran and Phong
      object to, where differences of squares are negative.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 4; Tran and Phong (2019), Lemma 3.1.
      Introduced in the chapter "AMSGrad and its bound".
    """
    b, w, a = h.hyper["beta1"], h.sqrt_V, h.alpha_t
    beta1 = b[0]
    e, A = h.x[:-1] - rival, distances(h, rival)
    before = np.concatenate([[0.0], h.m[:-1]])
    regret, energy = np.cumsum(h.gradients * e), a * h.m**2 / w
    steps = np.cumsum(energy)
    new = np.cumsum(b * (w * e**2 / (2 * a) + a * (h.gradients - before) ** 2 / (2 * w)))
    past = np.concatenate([[0.0], (b[1:] * w[:-1] * e[1:] ** 2 / a[:-1])]) / (2 * (1 - beta1))
    landed = h.x[:-1] - a * h.m / w
    D = h.upper - h.lower
    found = {
        "projection": Inequality((h.x[1:] - rival) ** 2, (landed - rival) ** 2),
        "published sum": Inequality(
            regret, np.cumsum(A / (1 - b)) + steps / (1 - beta1) + np.cumsum(past)
        ),
        "exchange": Inequality(np.cumsum(A / (1 - b)), np.cumsum(A) / (1 - beta1)),
        "direct sum": Inequality(regret, np.cumsum(A) + steps / 2 + new),
        "Gamma": Inequality(np.append(0.0, (w / a)[:-1]), w / a),
        "telescope": Inequality(np.cumsum(A), D**2 * w / (2 * a)),
    }
    if beta2 is not None:
        found |= _lemma(h, steps, beta2)
    return found


def _lemma(h: History, steps: Any, beta2: float) -> dict[str, Inequality]:
    """The lemma on the sum of alpha_t m_t^2 / w_t, as printed and without 1 - beta1."""
    beta1 = h.hyper["beta1"][0]
    gamma = beta1 / np.sqrt(beta2)
    norm = np.sqrt(np.cumsum(h.gradients**2))
    sharp = h.alpha_t[0] * np.sqrt(1 + np.log(h.t)) * norm / ((1 - gamma) * np.sqrt(1 - beta2))
    harmonic = np.cumsum(np.abs(h.gradients) / np.sqrt(h.t))
    return {
        "lemma, printed": Inequality(steps, sharp / (1 - beta1)),
        "lemma, convex": Inequality(steps, sharp),
        "Cauchy-Schwarz": Inequality(harmonic, np.sqrt(1 + np.log(h.t)) * norm),
    }
