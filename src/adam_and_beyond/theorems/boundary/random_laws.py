r"""Independent gradients: the integral that makes the drift exact, and its law near beta2 = 1.

A round of Adam is run on symbols. Its new averages are polynomials in the old ones and in the
gradient, which is independent of them: expectations follow term by term, with no more than
:math:`E[XY] = E[X]E[Y]`.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Gt, Lt, Rational, exp, sqrt

from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.laws import by_cancelling, by_limit
from adam_and_beyond.theorems.boundary.proof import beta1, beta2, g, m, one_round, v

mu1, mu3 = sympy.symbols("mu_1 mu_3", real=True)  # E[g], E[g^3]
mu2, V = sympy.symbols("mu_2 V", positive=True)  # E[g^2]
C, delta, p = sympy.symbols("C delta p", positive=True)
_Em, _Ev, _Emv, _cov, _drift = (
    sympy.Symbol(name, real=True)
    for name in ("E[m]", "E[v]", "E[mv]", r"\operatorname{Cov}(m,v)", "D_1")
)
_s, _u = sympy.symbols("s v", positive=True)


def _expectation(expression: Any) -> sympy.Expr:
    """Of a polynomial in m, v and the independent g, by the moments of each."""
    averages = {(0, 0): sympy.Integer(1), (1, 0): _Em, (0, 1): _Ev, (1, 1): _Emv}
    moments = (sympy.Integer(1), mu1, mu2, mu3)
    terms = sympy.Poly(expression, m, v, g).terms()
    return sympy.Add(*(c * averages[a, b] * moments[k] for (a, b, k), c in terms))


def stationary_averages() -> dict[sympy.Symbol, sympy.Expr]:
    """E[m], E[v] and E[m v] of Adam in its stationary state, by one round of the rule.

    Returns:
      Expressions in beta1, beta2 and the moments of the gradient.

    References:
      Ours.
    """
    after = one_round(g).state
    old = {_Em: after.m, _Ev: after.v, _Emv: sympy.expand(after.m * after.v)}
    # Stationary: a round changes no expectation.
    equations = [Eq(symbol, _expectation(sympy.expand(new))) for symbol, new in old.items()]
    (solution,) = sympy.solve(equations, [_Em, _Ev, _Emv], dict=True)
    return solution


def covariance() -> Step:
    """In the stationary state m and v are correlated, by what a gradient adds to both."""
    found = stationary_averages()
    factor = (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)
    claims = (
        Claim(Eq(_Em, mu1), by_identity, "a round changes no expectation"),
        Claim(Eq(_Ev, mu2), by_identity, "likewise"),
        Claim(
            Eq(_cov, factor * (mu3 - mu1 * mu2)),
            by_cancelling,
            r"likewise for $m v$; in the bracket stands $\operatorname{Cov}(g, g^2)$",
        ),
    )
    names = {_cov: _Emv - _Em * _Ev} | found
    given = (Lt(beta1, 1), Lt(beta2, 1))
    return Step("covariance", "Cov(m, v) of the stationary state", claims, given, names, "ours")


def first_order() -> Step:
    r"""Near beta2 = 1 the drift is that of a fixed scale, plus half the covariance over V."""
    small = sympy.Symbol("z", real=True)
    expanded = sympy.series((1 + small) ** Rational(-1, 2), small, 0, 2).removeO()
    product = sympy.expand(-m * expanded.subs(small, (v - V) / V))
    averaged = _expectation(product.subs({V: mu2})) / sqrt(mu2)
    claims = (
        Claim(
            Eq(_drift, -(mu1 - _cov / (2 * mu2)) / sqrt(mu2)),
            by_cancelling,
            r"$E[-m/\sqrt v]$ with $1/\sqrt v$ to first order about $V = \mu_2$",
        ),
    )
    found = stationary_averages()
    names = {_drift: averaged, _cov: _Emv - _Em * _Ev} | found
    given = (Lt(beta1, 1), Lt(beta2, 1))
    return Step("first order at random", "The drift to first order", claims, given, names, "ours")


def failure_number(first: Any = mu1, second: Any = mu2, third: Any = mu3) -> sympy.Expr:
    """To first order Adam fails where this exceeds 1: covariance against twice the honest drift.

    Args:
      first: E[g], positive: the best point is the lower end.
      second: E[g^2].
      third: E[g^3].

    Returns:
      A SymPy expression, dimensionless, in beta1 and beta2 and the arguments.

    References:
      Ours. Introduced in the chapter "Random gradients".
    """
    factor = (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)
    return factor * (third - first * second) / (2 * first * second)


def moments_of_theorem_3() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """E[g], E[g^2], E[g^3] of Theorem 3's problem: C with probability (1 + delta)/(C + 1), else -1.

    Returns:
      Expressions in C and delta.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3.
    """
    probability = (1 + delta) / (C + 1)
    powers = (probability * C**k + (1 - probability) * (-1) ** k for k in (1, 2, 3))
    first, second, third = (sympy.factor(sympy.cancel(e)) for e in powers)
    return first, second, third


def laws() -> Step:
    """One event in C at random: 2 / C^2. Theorem 3's problem: a C that grows like 1/(1 - beta2)."""
    first, second, third = moments_of_theorem_3()
    rare = [e.subs(delta, 1 / C) for e in (first, second, third)]  # probability 1/C
    eta = 2 * rare[0] * rare[1] / (rare[2] - rare[0] * rare[1])
    kappa = sympy.Symbol("kappa", positive=True)  # (1 - beta1)(1 - beta2)/(1 - beta1 beta2)
    excess, mean, square = sympy.symbols("F E[g] E[g^2]", real=True)
    claims = (
        Claim(Eq(mean, delta), by_identity, "Theorem 3's problem"),
        Claim(Eq(square, C + delta * (C - 1)), by_identity, "the same"),
        Claim(
            Eq(excess, second * (kappa * (C - 1) * (1 - delta**2 / second) - 2 * delta)),
            by_cancelling,
            r"$F = \kappa \operatorname{Cov}(g, g^2) - 2 E[g] E[g^2]$",
        ),
        Claim(
            Eq(sympy.Limit(C**2 * eta, C, sympy.oo), 2),
            by_limit,
            r"one event in $C$, $\delta = 1/C$: $F = 0$ solved for $\kappa$",
        ),
    )
    names = {
        mean: first,
        square: second,
        excess: kappa * (third - first * second) - 2 * first * second,
    }
    statement = "2 / C^2, and the critical C of Theorem 3"
    return Step("random laws", statement, claims, (Gt(C, 1),), names, "ours")


def root_as_integral() -> Step:
    r"""The identity behind the exact drift: 1/sqrt(v) as an integral of exponentials of v."""
    integral = sympy.Integral(exp(-_s * _u) / sqrt(_s), (_s, 0, sympy.oo)) / sqrt(sympy.pi)

    claims = (Claim(Eq(integral, 1 / sqrt(_u)), by_limit, "a Gamma integral, $v > 0$"),)
    return Step("root", "1/sqrt(v) as an integral", claims, (), {}, "ours")
