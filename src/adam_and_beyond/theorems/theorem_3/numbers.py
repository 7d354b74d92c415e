"""The bounds of Theorem 3's proof as numbers, and its three terms measured along a run."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import sympy

from adam_and_beyond import problems
from adam_and_beyond.methods import get
from adam_and_beyond.theorems.theorem_3 import proof as theorem_3

_BETAS = (theorem_3.beta1, theorem_3.beta2)


def _check(beta1: Any, beta2: Any, delta: Any) -> tuple[np.ndarray, ...]:
    b1, b2, slope = (np.asarray(value, np.float64) for value in (beta1, beta2, delta))
    if not np.all((b1 >= 0) & (b1**2 < b2) & (b2 < 1)):
        raise ValueError(
            f"Theorem 3 needs 0 <= beta1 < sqrt(beta2) < 1, got beta1={beta1}, beta2={beta2}"
        )
    if not np.all((slope > 0) & np.isfinite(slope)):
        raise ValueError(f"delta must be positive (paper, Theorem 3), got {delta}")
    return b1, b2, slope


def echo_constant(beta1: Any, beta2: Any, factor: float = 1.0) -> Any:
    r"""B: what rare gradients cost at most per unit of their probability.

    .. math:: B = \frac{1}{\sqrt{1 - \beta_2}}
        + \frac{f \beta_1 (1 - \beta_1)}{\sqrt{\beta_2 (1 - \beta_2)} (1 - \gamma)}

    Args:
      beta1: in [0, sqrt(beta2)); arrays broadcast.
      beta2: in (0, 1).
      factor: f; 1 is what the proof needs, 2 gives the constant of the formalisation.

    Returns:
      B, dimensionless, float64.

    Raises:
      ValueError: unless 0 <= beta1 < sqrt(beta2) < 1.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3; fxeqxmulfx (2026). Introduced in the chapter
      "Theorem 3".
    """
    b1, b2, _ = _check(beta1, beta2, 1.0)
    old = factor * b1 * (1 - b1) / (np.sqrt(b2 * (1 - b2)) * (1 - b1 / np.sqrt(b2)))
    return (1 / np.sqrt(1 - b2) + old)[()]


def sufficient_C(beta1: Any, beta2: Any, delta: Any, factor: float = 1.0) -> Any:
    r"""A C from which on the expected step of Adam on Theorem 3's problem is not negative.

    .. math:: C_0 = \max\Big(2 (1 + \delta), \; \frac{4 (1 + \delta)^3 B^2}{(1 - \beta_1)^2}\Big)

    Args:
      beta1: in [0, sqrt(beta2)); arrays broadcast.
      beta2: in (0, 1).
      delta: the expected slope, positive.
      factor: of :func:`echo_constant`; 2 gives the constant of the formalisation.

    Returns:
      C_0, dimensionless, float64.

    Raises:
      ValueError: for a value outside its range.

    References:
      fxeqxmulfx (2026); the smaller factor is ours. Introduced in the chapter "Theorem 3".
    """
    b1, _, slope = _check(beta1, beta2, delta)
    B = echo_constant(beta1, beta2, factor)
    return np.maximum(2 * (1 + slope), 4 * (1 + slope) ** 3 * B**2 / (1 - b1) ** 2)[()]


def expected_step_bound(beta1: Any, beta2: Any, delta: Any, C: Any, power: int = 1) -> Any:
    r"""The lower bound of the proof on the expected step, in units of the step size.

    .. math:: \frac{(1 - p)(1 - \beta_1)}{\sqrt{\beta_2 (1 + \delta) C^n + 1 - \beta_2}} - p B

    Args:
      beta1: in [0, sqrt(beta2)); arrays broadcast.
      beta2: in (0, 1).
      delta: the expected slope, positive.
      C: the rare gradient, above delta.
      power: n; 1 is what the argument gives, 2 what the paper prints.

    Returns:
      The bound, dimensionless, float64.

    Raises:
      ValueError: for a value outside its range.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 3. Introduced in the chapter "Theorem 3".
    """
    b1, b2, slope = _check(beta1, beta2, delta)
    C = np.asarray(C, np.float64)
    if not np.all((slope < C) & np.isfinite(C)):
        raise ValueError(f"C must exceed delta (paper, Theorem 3), got C={C}, delta={delta}")
    rare = (1 + slope) / (C + 1)
    gain = (1 - rare) * (1 - b1) / np.sqrt(b2 * (1 + slope) * C**power + 1 - b2)
    return (gain - rare * echo_constant(beta1, beta2))[()]


class Averages(NamedTuple):
    """Means of T_1, T_2 and T_3 along a run, and their standard errors; shape ``(3,)`` each."""

    mean: np.ndarray
    error: np.ndarray


def average_terms(
    beta1: float, beta2: float, delta: float, C: float, steps: int, seed: int = 0
) -> Averages:
    r"""T_1, T_2 and T_3 averaged along a run of Adam's rule on Theorem 3's problem.

    The first tenth of the run is left out; the errors come from twenty batches of the rest.

    Args:
      beta1: in [0, 1).
      beta2: in (0, 1).
      delta: the expected slope, in (0, C).
      C: the rare gradient.
      steps: length of the run, at least 1000.
      seed: of the gradients.

    Returns:
      The ``Averages``, dimensionless.

    Raises:
      ValueError: for too short a run, or a value outside its range.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 3. Introduced in the chapter "Theorem 3".
    """
    if steps < 1000:
        raise ValueError(f"steps must be at least 1000, got {steps}")
    method = get("adam", beta1=beta1, beta2=beta2)
    state = method.init(0.0)
    past = np.empty((steps, 2))
    for step, gradient in enumerate(problems.theorem_3(C, delta).sample(steps, seed).tolist()):
        past[step] = state
        state = method.update(gradient, state, step + 1, math).state
    batches = np.array_split(past[steps // 10 :], 20)
    numbers = (C, (1 + delta) / (C + 1), beta1, beta2)
    symbols = (theorem_3.m, theorem_3.v, theorem_3.C, theorem_3.p, *_BETAS)
    evaluate = sympy.lambdify(symbols, list(theorem_3.TERMS.values()), "numpy")
    means = np.array(
        [[np.mean(part) for part in evaluate(*batch.T, *numbers)] for batch in batches]
    )
    return Averages(means.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(len(batches)))
