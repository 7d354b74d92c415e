r"""The three conditions of Theorem 2, written once: for floats, balls, exact numbers and symbols.

With :math:`\gamma = \beta_1 / \sqrt{\beta_2}`, condition (7) of the paper asks of an even C

.. math::
  \text{(i)} \quad (1 - \beta_1) \beta_1^{C-1} C \le 1 - \beta_1^{C-1}, \qquad
  \text{(ii)} \quad \beta_2^{(C-2)/2} C^2 \le 1,

.. math::
  \text{(iii)} \quad \frac{3 (1 - \beta_1)}{2 \sqrt{1 - \beta_2}} \sum_{j=0}^{C-1} \gamma^j
    + \frac{\beta_1^{C/2-1}}{1 - \beta_1} < \frac{C}{3}.

:func:`terms` and :func:`sides` say so of any kind of number. The proof
(:mod:`adam_and_beyond.theorems.theorem_2.proof`) reads them with symbols and says what each
condition is for, the certificates too; the rest of this module reads them with numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import flint
import numpy as np
import sympy

from adam_and_beyond.proofs.exact import sign

_BITS = (64, 256, 1024)  # working precisions; what the last one leaves open is decided exactly


class Echoes(NamedTuple):
    """What is left after round j of a block: of the big gradient in m, of the small ones, in v."""

    E: Any  # of the big gradient in m
    U: Any  # of the small ones in m, which pull the other way
    F: Any  # of the big gradient in v


class Terms(NamedTuple):
    """What the conditions compare, by the names that the proof gives to it."""

    E: Any  # at the end of a block
    U: Any
    F: Any  # in its middle
    K: Any
    S: Any  # gamma^0 + ... + gamma^(C-1)
    b: Any


def echoes(beta1: Any, beta2: Any, C: Any, j: Any) -> Echoes:
    r"""What round j of a block keeps of its gradients, C first and then -1; for any kind of number.

    .. math:: E_j = (1 - \beta_1) \beta_1^{j-1} C, \qquad U_j = 1 - \beta_1^{j-1}, \qquad
        F_j = \beta_2^{j-1} C^2

    Args:
      beta1: decay of the average gradient; a number or array of any kind, or a symbol.
      beta2: decay of the average square, likewise.
      C: length of the block and its big gradient.
      j: round of the block, from 1.

    Returns:
      ``Echoes``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 2.
    """
    return Echoes((1 - beta1) * beta1 ** (j - 1) * C, 1 - beta1 ** (j - 1), beta2 ** (j - 1) * C**2)


def closed_sum(ratio: Any, C: Any) -> Any:
    """The sum of the first C powers of a ratio other than 1, in closed form.

    Args:
      ratio: a number of any kind, or a symbol.
      C: number of terms.

    Returns:
      ratio^0 + ... + ratio^(C-1).
    """
    return (1 - ratio**C) / (1 - ratio)


def terms(
    beta1: Any,
    beta2: Any,
    C: Any,
    sqrt: Callable[[Any], Any],
    powers: Callable[[Any, Any], Any] = closed_sum,
) -> Terms:
    r"""What Theorem 2's conditions compare, for any kind of number.

    .. math:: K = \frac{1 - \beta_1}{\sqrt{1 - \beta_2}}, \qquad S = \sum_{j=0}^{C-1} \gamma^j,
        \qquad b = \frac{\beta_1^{C/2-1}}{1 - \beta_1}

    Args:
      beta1: decay of the average gradient; a number or array of any kind, or a symbol.
      beta2: decay of the average square, likewise.
      C: period and rare gradient, of the same kind.
      sqrt: the square root of that kind of number.
      powers: sum of the first C powers of a ratio.

    Returns:
      ``Terms``.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2.
    """
    end, middle = echoes(beta1, beta2, C, C), echoes(beta1, beta2, C, C / 2)
    K = (1 - beta1) / sqrt(1 - beta2)
    S = powers(beta1 / sqrt(beta2), C)
    return Terms(end.E, end.U, middle.F, K, S, beta1 ** (C / 2 - 1) / (1 - beta1))


class Conditions(NamedTuple):
    """One thing for each of the three conditions."""

    i: Any
    ii: Any
    iii: Any


def sides(of: Terms, C: Any) -> Conditions:
    """The left and the right side of each condition: (i) and (ii) say <=, (iii) says <.

    Args:
      of: the terms, as :func:`terms` gives them or as symbols.
      C: period and rare gradient, of the same kind.

    Returns:
      ``Conditions`` of pairs (left, right).

    References:
      Reddi, Kale and Kumar (2018), Theorem 2, condition (7). Introduced in the chapter "Theorem 2".
    """
    return Conditions((of.E, of.U), (of.F, 1), (3 * of.K * of.S / 2 + of.b, C / 3))


def _slack(beta1: Any, beta2: Any, C: Any, sqrt: Any, powers: Any = closed_sum) -> Conditions:
    pairs = sides(terms(beta1, beta2, C, sqrt, powers), C)
    return Conditions(*(right - left for left, right in pairs))


class SmallestC(NamedTuple):
    """The smallest even C from which on each condition holds."""

    i: int
    ii: int
    iii: int

    @property
    def together(self) -> int:
        """The smallest even C from which on all three hold: the theorem's C."""
        return max(self)


def conditions(beta1: Any, beta2: Any, C: Any) -> Conditions:
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
      ``Conditions`` of slacks, dimensionless. A condition holds where its slack is positive, (i)
      and (ii) also where it is 0. An overflow gives minus infinity.

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
    with np.errstate(over="ignore", divide="ignore"):
        return Conditions(*(s[()] for s in _slack(b1, b2, C, np.sqrt, _float_sum)))


def _float_sum(ratio: np.ndarray, C: np.ndarray) -> np.ndarray:
    """The closed form without its cancellation near 1, and with C equal terms at 1."""
    one = ratio == 1
    other = np.where(one, 2.0, ratio)
    return np.where(one, C, np.expm1(C * np.log(other)) / (other - 1))


def _exact_sum(ratio: sympy.Expr, C: sympy.Integer) -> sympy.Expr:
    return sympy.Add(*(ratio**j for j in range(C)))


def _holds(b1: Fraction, b2: Fraction, C: int, which: str) -> bool:
    for bits in _BITS:
        with flint.ctx.workprec(bits):
            balls = (flint.arb(b.numerator) / b.denominator for b in (b1, b2))
            slack = getattr(_slack(*balls, flint.arb(C), flint.arb.sqrt), which)
            if slack > 0:
                return True
            if slack < 0:
                return False
    # Exact numbers are slow, and only wanted for a suspected equality.
    exact = (sympy.Rational(b1), sympy.Rational(b2), sympy.Integer(C))
    order = sign(getattr(_slack(*exact, sympy.sqrt, _exact_sum), which))
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
    return SmallestC(*(_first(lambda C, w=w: _holds(b1, b2, C, w)) for w in Conditions._fields))
