"""The problems of the paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adam_and_beyond import checks
from adam_and_beyond.problems.kinds import IIDProblem, PeriodicProblem


def figure_1_online() -> PeriodicProblem:
    """The paper's synthetic problem: 1010x when t mod 101 = 1, else -10x (Figure 1).

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    References:
      Reddi, Kale and Kumar (2018), section 5, Figure 1, left and centre. Introduced in the chapter
      "Figure 1, reproduced".
    """
    return PeriodicProblem([1010.0] + [-10.0] * 100, name="1010x / -10x, every 101 rounds")


def figure_1_stochastic() -> IIDProblem:
    """Its random sister: 1010x with probability 0.01, else -10x (Figure 1, right).

    Returns:
      The ``IIDProblem``; its best fixed point is -1.

    References:
      Reddi, Kale and Kumar (2018), section 5, Figure 1, right. Introduced in the chapter
      "Figure 1, reproduced".
    """
    return IIDProblem([1010.0, -10.0], [0.01, 0.99], name="1010x / -10x, at random")


def theorem_1(C: Any) -> PeriodicProblem:
    r"""The period-3 problem of the paper's Theorem 1: Cx when t mod 3 = 1, else -x, on [-1, 1].

    Args:
      C: the rare gradient, above 2 (dimensionless); an array of shape S gives a family of shape
        ``S + (3,)``.

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    Raises:
      ValueError: if C does not exceed 2.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """
    rare = checks.real(C, "C")
    if not np.all(rare > 2):
        raise ValueError(f"C must exceed 2 (paper, Theorem 1), got {checks.short(C)}")
    ones = np.ones_like(rare)
    return PeriodicProblem(np.stack([rare, -ones, -ones], axis=-1), name="period-3 problem")


def theorem_2(C: int) -> PeriodicProblem:
    r"""The problem of the paper's Theorem 2: Cx when t mod C = 1, else -x, on [-1, 1].

    Args:
      C: period and rare gradient, an integer of at least 2. The paper takes it even; nothing here
        needs that.

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    Raises:
      ValueError: if C is not an integer of at least 2.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2. Introduced in the chapter "Theorem 2".
    """
    size = checks.real(C, "C")
    if size.ndim or not math.isfinite(size) or int(C) != C or C < 2:
        raise ValueError(
            f"C must be an integer of at least 2 (paper, Theorem 2), got {checks.short(C)}"
        )
    return PeriodicProblem([float(C)] + [-1.0] * (int(C) - 1), name="period-C problem")


def theorem_3(C: float, delta: float) -> IIDProblem:
    r"""The problem of the paper's Theorem 3: Cx with probability (1 + delta) / (C + 1), else -x.

    Args:
      C: the rare gradient, positive.
      delta: the expected slope, in (0, C).

    Returns:
      The ``IIDProblem``; its best fixed point is -1.

    Raises:
      ValueError: if delta lies outside (0, C).

    References:
      Reddi, Kale and Kumar (2018), Theorem 3. Introduced in the chapter "Theorem 3".
    """
    sizes = checks.real(C, "C"), checks.real(delta, "delta")
    if any(size.ndim for size in sizes) or not 0 < delta < C:
        raise ValueError(
            "delta must lie in (0, C) (paper, Theorem 3), got "
            f"delta={checks.short(delta)}, C={checks.short(C)}"
        )
    p = (1.0 + delta) / (C + 1.0)
    return IIDProblem([C, -1.0], [p, 1.0 - p], name="i.i.d. problem of Theorem 3")
