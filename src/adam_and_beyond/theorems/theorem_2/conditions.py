r"""The three conditions of Theorem 2 as numbers: the room that each leaves, and the least C.

With :math:`\gamma = \beta_1 / \sqrt{\beta_2}`, condition (7) of the paper asks of an even C

.. math::
  \text{(i)} \quad (1 - \beta_1) \beta_1^{C-1} C \le 1 - \beta_1^{C-1}, \qquad
  \text{(ii)} \quad \beta_2^{(C-2)/2} C^2 \le 1,

.. math::
  \text{(iii)} \quad \frac{3 (1 - \beta_1)}{2 \sqrt{1 - \beta_2}} \sum_{j=0}^{C-1} \gamma^j
    + \frac{\beta_1^{C/2-1}}{1 - \beta_1} < \frac{C}{3}.

What each of them is for: :mod:`adam_and_beyond.theorems.theorem_2.proof`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import flint
import numpy as np
import sympy

from adam_and_beyond.proofs.step import sign

_BITS = (64, 256, 1024)  # working precisions; what the last one leaves open is decided exactly


class Slack(NamedTuple):
    """Right side minus left side of each condition: positive where it holds."""

    i: Any
    ii: Any
    iii: Any


class SmallestC(NamedTuple):
    """The smallest even C from which on each condition holds."""

    i: int
    ii: int
    iii: int

    @property
    def together(self) -> int:
        """The smallest even C from which on all three hold: the theorem's C."""
        return max(self)


def conditions(beta1: Any, beta2: Any, C: Any) -> Slack:
    r"""The slack of Theorem 2's three conditions on C, in float64; arrays broadcast.

    .. math::
      s_i = 1 - \beta_1^{C-1} - (1 - \beta_1) \beta_1^{C-1} C, \qquad
      s_{ii} = 1 - \beta_2^{(C-2)/2} C^2,

    .. math::
      s_{iii} = \frac{C}{3} - \frac{\beta_1^{C/2-1}}{1 - \beta_1}
        - \frac{3 (1 - \beta_1)}{2 \sqrt{1 - \beta_2}} \sum_{j=0}^{C-1}
          \Big(\frac{\beta_1}{\sqrt{\beta_2}}\Big)^j

    Args:
      beta1: decay of the average gradient, in [0, 1). Above sqrt(beta2) the theorem makes no
        claim, but the conditions keep their meaning.
      beta2: decay of the average square, in (0, 1).
      C: period and rare gradient, at least 2. The theorem takes it even; between even numbers the
        formulas interpolate.

    Returns:
      ``Slack(i, ii, iii)``, dimensionless; a condition holds where its slack is positive, (i) and
      (ii) also where it is 0. An overflow gives minus infinity.

    Raises:
      ValueError: for a value outside its range.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2, condition (7). Introduced in the chapter "Theorem 2".
    """
    b1, b2, C = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (beta1, beta2, C)))
    if not np.all((b1 >= 0) & (b1 < 1)):
        raise ValueError(f"beta1 must lie in [0, 1), got {beta1!r}")
    if not np.all((b2 > 0) & (b2 < 1)):
        raise ValueError(f"beta2 must lie in (0, 1), got {beta2!r}")
    if not np.all((C >= 2) & np.isfinite(C)):
        raise ValueError(f"C must be at least 2 (paper, Theorem 2), got {C!r}")
    gamma = b1 / np.sqrt(b2)
    one = gamma == 1
    with np.errstate(over="ignore", divide="ignore"):
        ratio = np.where(one, 2.0, gamma)  # any number but 1, where the sum has C terms
        # (1 - gamma^C) / (1 - gamma), without its cancellation where gamma is near 1.
        total = np.where(one, C, np.expm1(C * np.log(ratio)) / (ratio - 1))
        first = 1 - b1 ** (C - 1) * (1 + (1 - b1) * C)
        second = 1 - b2 ** ((C - 2) / 2) * C**2
        third = C / 3 - b1 ** (C / 2 - 1) / (1 - b1) - 1.5 * (1 - b1) / np.sqrt(1 - b2) * total
    return Slack(*(value[()] for value in (first, second, third)))


def _balls(b1: flint.arb, b2: flint.arb, C: int) -> Slack:
    gamma = b1 / b2.sqrt()
    total = (1 - gamma**C) / (1 - gamma)
    return Slack(
        1 - b1 ** (C - 1) * (1 + (1 - b1) * C),
        1 - b2 ** (C // 2 - 1) * C**2,
        flint.arb(C) / 3
        - b1 ** (C // 2 - 1) / (1 - b1)
        - 3 * (1 - b1) / (2 * (1 - b2).sqrt()) * total,
    )


def _exactly(b1: Fraction, b2: Fraction, C: int) -> Slack:
    """The same in SymPy's exact numbers: slow, and only wanted for a suspected equality."""
    b1, b2 = sympy.Rational(b1), sympy.Rational(b2)
    gamma = b1 / sympy.sqrt(b2)
    total = sympy.Add(*(gamma**j for j in range(C)))
    return Slack(
        1 - b1 ** (C - 1) * (1 + (1 - b1) * C),
        1 - b2 ** (C // 2 - 1) * C**2,
        sympy.Rational(C, 3)
        - b1 ** (C // 2 - 1) / (1 - b1)
        - 3 * (1 - b1) / (2 * sympy.sqrt(1 - b2)) * total,
    )


def _holds(b1: Fraction, b2: Fraction, C: int, which: str) -> bool:
    for bits in _BITS:
        with flint.ctx.workprec(bits):
            balls = (flint.arb(b.numerator) / b.denominator for b in (b1, b2))
            slack = getattr(_balls(*balls, C), which)
            if slack > 0:
                return True
            if slack < 0:
                return False
    order = sign(getattr(_exactly(b1, b2, C), which))
    return order > 0 or (order == 0 and which != "iii")  # (iii) is strict


def _first(holds: Callable[[int], bool]) -> int:
    """The smallest even C of at least 4 that passes; every larger one passes too."""
    failing, passing = 1, 2  # half of C
    while not holds(2 * passing):
        failing, passing = passing, 2 * passing
    while passing - failing > 1:
        middle = (failing + passing) // 2
        failing, passing = (failing, middle) if holds(2 * middle) else (middle, passing)
    return 2 * passing


def smallest_C(beta1: Any, beta2: Any) -> SmallestC:
    r"""The smallest even C from which on each condition of Theorem 2 holds, exactly.

    A condition that holds for one C holds for every larger one, so bisection finds it; comparisons
    are made in ball arithmetic, and with exact numbers where two sides are equal. C = 2 is left
    out: there (ii) reads 4 <= 1.

    Args:
      beta1: in [0, sqrt(beta2)), a number; a float counts as the decimal that it prints as.
      beta2: in (0, 1), likewise.

    Returns:
      ``SmallestC(i, ii, iii)``; its ``together`` is the smallest C of the theorem.

    Raises:
      ValueError: unless 0 <= beta1 < sqrt(beta2) < 1.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2, condition (7). Introduced in the chapter "Theorem 2".
    """
    b1, b2 = (Fraction(str(value)) for value in (beta1, beta2))
    if not (0 <= b1 < 1 and b1**2 < b2 < 1):
        raise ValueError(
            f"Theorem 2 needs 0 <= beta1 < sqrt(beta2) < 1, got beta1={beta1}, beta2={beta2}"
        )
    return SmallestC(*(_first(lambda C, w=w: _holds(b1, b2, C, w)) for w in Slack._fields))
