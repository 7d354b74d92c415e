r"""How far the failing interval reaches: laws for beta2 near 1, at a given and at a long period.

The interval of the big gradient is :math:`P - 1 < C < C^*`. Write :math:`\eta = 1 - \beta_2`.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ge, Integral, exp

from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.laws import by_cancelling, by_limit, first_order
from adam_and_beyond.theorems.boundary.proof import C, P

tau = sympy.Symbol(r"\tau", real=True)  # mean age of what m remembers, see `first_order`
y = sympy.Symbol("y", positive=True)  # eta P
u, x = sympy.symbols("u x", positive=True)
_c1 = sympy.Symbol("c_1", real=True)


def excess_per_eta() -> sympy.Expr:
    r"""The first-order law: :math:`(C^* - (P - 1)) / \eta` at a given period.

    Returns:
      A SymPy expression in P and the mean age tau.

    References:
      Ours. Introduced in the chapter "Three losses defeat every Adam".
    """
    return P * (P - 2) / (2 * (P - 1)) * ((P - 1) / 2 - tau)


def near() -> Step:
    r"""At a given period the interval is as long as eta times a number."""
    by_age = first_order().claims[2].relation.rhs  # c_1 in C, P and tau
    age = next(s for s in by_age.free_symbols if s.name == r"\tau")
    at_the_edge = by_age.subs(age, tau).subs(C, P - 1)
    claims = (
        Claim(
            Eq(_c1, excess_per_eta()),
            by_cancelling,
            r"$\sqrt V D = -(C - P + 1) + c_1 \eta + O(\eta^2)$ at $C = P - 1$",
        ),
    )
    given = (Ge(P, 2),)
    return Step("near", "The interval at a given period", claims, given, {_c1: at_the_edge}, "ours")


def far() -> Step:
    r"""At a period of :math:`y / \eta` the end of the interval is P times a function of y."""
    form = 2 * (exp(y / 2) - 1) / y
    claims = (
        Claim(
            Eq(x, form),
            by_identity,
            r"the small steps grow like $e^{yu/2}$ along the period, $u = i / P$",
        ),
        Claim(
            Eq(sympy.Limit((form - 1) / y, y, 0), sympy.Rational(1, 4)),
            by_limit,
            r"for short periods: $C^* - P \approx \eta P^2 / 4$, which is 1 at $\eta = 4 / P^2$",
        ),
    )
    names = {x: Integral(exp(y * u / 2), (u, 0, 1)).doit()}
    return Step("far", "The interval at a long period", claims, (), names, "ours")
