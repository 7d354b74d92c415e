r"""Laws of the drift number near beta2 = 1, by series: 4 / C^2 in a fixed order, 2 / C^2 at random.

Write :math:`\eta = 1 - \beta_2`. For small :math:`\eta` the second moment hardly moves, and the
drift is that of a fixed scale, plus :math:`\eta` times a correlation. Everything starts from the
orbit and the rule of :mod:`adam_and_beyond.theorems.boundary.proof`.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Lt

from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.proof import C, P, beta1, beta2, eta, i, orbit_of

_b0, _c0, _c1, _age = sympy.symbols(r"b_0 c_0 c_1 \tau", real=True)
_V = (C**2 - 1) / P + 1  # mean of the squared gradients, the orbit of v at eta = 0


def by_limit(relation: Any) -> bool:
    """An equation whose left side is a limit, or an integral, that SymPy works out.

    Args:
      relation: a SymPy equation.

    Returns:
      Whether it is the right side.
    """
    return relation.rel_op == "==" and sympy.simplify(relation.lhs.doit() - relation.rhs) == 0


def by_cancelling(relation: Any) -> bool:
    """An equation between quotients of polynomials.

    Args:
      relation: a SymPy equation.

    Returns:
      Whether the difference of its sides cancels to 0.
    """
    return relation.rel_op == "==" and sympy.cancel(relation.lhs - relation.rhs) == 0


def relative_series(order: int) -> list[sympy.Expr]:
    """Coefficients of eta^0, eta^1, ... in the orbit of v over its mean, polynomials in i.

    Args:
      order: the last power wanted.

    Returns:
      Expressions in C, P and i.

    References:
      Ours.
    """
    variation = sympy.simplify((orbit_of("v").subs(beta2, 1 - eta) - 1) / (C**2 - 1))
    expanded = sympy.series(variation, eta, 0, order + 1).removeO()
    terms = [sympy.factor((C**2 - 1) * expanded.coeff(eta, k)) for k in range(order + 1)]
    return [sympy.factor((terms[0] + 1) / _V), *(sympy.factor(term / _V) for term in terms[1:])]


def _sum(polynomial: sympy.Expr, with_momentum: bool) -> sympy.Expr:
    """Sum over i = 0, ..., P - 1 of a polynomial in i, times beta1^i if asked for."""
    if not with_momentum:
        return sympy.summation(sympy.expand(polynomial), (i, 0, P - 1))
    total, derivative = sympy.Integer(0), (1 - beta1**P) / (1 - beta1)
    for coefficient in reversed(sympy.Poly(polynomial, i).all_coeffs()):
        total += coefficient * derivative
        derivative = beta1 * sympy.diff(derivative, beta1)  # one more factor i in the sum
    return total


def first_order() -> Step:
    r"""The drift near beta2 = 1: :math:`\sqrt V D = -(C - P + 1) + c_1 \eta + O(\eta^2)`."""
    size = (1 - beta1) * (C + 1) / (1 - beta1**P)  # m_i = size beta1^i - 1
    zeroth, first = relative_series(1)
    at_zero = -(_sum(sympy.Integer(1), True) * size - P)
    # -m / sqrt(v) = -m / sqrt(V) (1 - first eta / 2 + ...)
    slope = (_sum(first, True) * size - _sum(first, False)) / 2
    age = beta1 / (1 - beta1) - P * beta1**P / (1 - beta1**P)
    form = (C + 1) * (C**2 - 1) * ((P - 1) / 2 - _age) / (2 * P * _V)
    power = {beta1**P: sympy.Symbol("q", positive=True)}  # a name keeps the polynomials small
    claims = (
        Claim(Eq(_b0, 1), by_identity, r"at $\eta = 0$ the orbit of $v$ is the mean square"),
        Claim(Eq(_c0, -(C - P + 1)), by_identity, "minus the sum of $m$"),
        Claim(Eq(_c1, form), by_cancelling, "series of the orbit, summed over the period", power),
        Claim(Eq(_age, age), by_identity, "mean age of what $m$ remembers"),
    )
    given = (Lt(beta1, 1), Ge(P, 2))
    names = {_b0: zeroth, _c0: at_zero, _c1: slope, _age: age}
    return Step("first order", "The drift near beta2 = 1", claims, given, names, "ours")


def law() -> sympy.Expr:
    """The first-order law: the critical 1 - beta2 of one gradient C and P - 1 gradients -1.

    Returns:
      A SymPy expression in C, P and beta1.

    References:
      Ours. Introduced in the chapter "How rare is too rare".
    """
    step = first_order()
    return -step.definitions[_c0] / step.definitions[_c1]


def law_without_momentum() -> sympy.Expr:
    """The same for beta1 = 0, simplified.

    Returns:
      A SymPy expression in C and P.

    References:
      Ours.
    """
    return sympy.factor(2 * (C - P + 1) * P * _V / ((C + 1) * (C**2 - 1) * (P - 1) / 2))


def periodic_law() -> Step:
    r"""With C = P the critical :math:`1 - \beta_2` is 4 / C^2 for large C, whatever beta1 is."""
    share = sympy.Symbol("s", positive=True)  # beta1 = 1 / (1 + s)
    vanishing = (P * beta1**P / (1 - beta1**P)).subs(beta1, 1 / (1 + share))
    general = 1 / _c1_by_age().subs(P, C)  # c_0 is -1
    claims = (
        Claim(
            Eq(sympy.Limit(vanishing, P, sympy.oo), 0),
            by_limit,
            r"$\tau \to \beta_1/(1-\beta_1)$, with $\beta_1 = 1/(1+s)$",
        ),
        Claim(
            Eq(sympy.Limit(C**2 * general, C, sympy.oo), 4),
            by_limit,
            r"$\eta^* = -c_0/c_1$ with $P = C$ and any fixed $\tau$",
        ),
    )
    return Step("periodic law", "(1 - beta2) C^2 tends to 4", claims, (), {}, "ours")


def _c1_by_age() -> sympy.Expr:
    return first_order().claims[2].relation.rhs
