r"""Dependent gradients: the covariance of m and v, one law for every stationary order.

With :math:`c_l = \operatorname{Cov}(g_t, g_{t+l}^2)`, a big gradient meets its own square in v
(:math:`c_0`), squares that came after it while m still remembers it, and squares that came before
it and that v still remembers. An order decides the last two.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Gt, Le, Lt

from adam_and_beyond.proofs.reasons import by_induction
from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.laws import by_cancelling, by_limit
from adam_and_beyond.theorems.boundary.proof import beta1, beta2, g, m, one_round, v

C = sympy.Symbol("C", positive=True)
c_0, ahead, behind = sympy.symbols(r"c_0 S_1 S_2", real=True)
covariance = sympy.Symbol(r"\operatorname{Cov}(m,v)", real=True)
b = sympy.Symbol("beta", positive=True)
rho = sympy.Symbol("rho", nonnegative=True)
n = sympy.Symbol("n", integer=True, positive=True)
other, weighted, _sum = sympy.symbols("c' A_n S", real=True)
dispersion = sympy.Symbol("Phi", nonnegative=True)
half = sympy.Rational(1, 2)
kappa = (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)


def one_law() -> Step:
    """Cov(m, v) of a stationary sequence, from one round of the rule.

    ``S_1`` is the sum of beta1^l c_l and ``S_2`` that of beta2^l c_{-l}, l from 1.
    """
    after = one_round(g).state
    # Of centred m, v, g and g^2: a round changes no covariance. Old m with the new square, old v
    # with the new gradient: (1 - beta1) S_1 / beta1 and (1 - beta2) S_2 / beta2.
    square, old = sympy.Symbol("g2", real=True), covariance
    product = sympy.expand(after.m * after.v.subs(g**2, square))
    known = {
        m * v: old,
        m * square: (1 - beta1) * ahead / beta1,
        g * v: (1 - beta2) * behind / beta2,
        g * square: c_0,
    }
    stationary = sympy.Add(*(product.coeff(key) * value for key, value in known.items()))
    (found,) = sympy.solve(Eq(old, stationary), old)
    claims = (
        Claim(
            Eq(covariance, kappa * (c_0 + ahead + behind)),
            by_cancelling,
            r"one round changes no covariance; $S_1 = \sum_{l \ge 1} \beta_1^l c_l$, "
            r"$S_2 = \sum_{l \ge 1} \beta_2^l c_{-l}$",
        ),
    )
    given = (Lt(beta1, 1), Lt(beta2, 1))
    return Step("one law", "Cov(m, v) in any order", claims, given, {covariance: found}, "ours")


def reshuffled() -> Step:
    """Epochs of n gradients, each in a new order: c_l is -c_0 (1 - l/n)/(n - 1) for l < n."""
    closed = b * (n * (1 - b) - (1 - b**n)) / (1 - b) ** 2
    claims = (
        Claim(
            Eq(other, -c_0 / (n - 1)),
            by_cancelling,
            "$c'$ is that of two rounds of one epoch: its squares add up to a constant, so "
            "$c_0 + (n-1) c' = 0$",
        ),
        Claim(
            Eq(weighted, closed),
            by_induction(n, sympy.Integer(0), lambda form: form + b * (1 - b**n) / (1 - b)),
            r"$A_n = \sum_{l<n} \beta^l (n-l)$, by induction on $n$; two rounds $l$ apart are in "
            r"one epoch with probability $1 - l/n$",
        ),
        Claim(
            Eq(sympy.Limit(-closed / (n * (n - 1)), b, 1), -half),
            by_limit,
            r"$S / c_0 = -A_n / (n (n-1))$ as $\beta \to 1$",
        ),
    )
    (found,) = sympy.solve(c_0 + (n - 1) * other, other)
    given, names = (Gt(n, 1), Lt(b, 1)), {other: found}
    return Step("reshuffled", "Epochs in random order", claims, given, names, "ours")


def fixed_order() -> Step:
    """One event in n rounds, in a fixed order: c_l is -c_0/(n - 1), but c_0 at multiples of n."""
    share = -b / ((n - 1) * (1 - b)) + n * b**n / ((n - 1) * (1 - b**n))
    claims = (
        Claim(
            Eq(other, -c_0 / (n - 1)),
            by_cancelling,
            "a period's squares add up to a constant, as in an epoch",
        ),
        Claim(
            Eq(sympy.Limit(share.subs(n, n + 1), b, 1), -half),
            by_limit,
            r"$S / c_0 = -\frac{1}{n-1} \sum \beta^l + \frac{n}{n-1} \sum \beta^{nk}$ "
            r"as $\beta \to 1$, for $n + 1$",
        ),
    )
    (found,) = sympy.solve(c_0 + (n - 1) * other, other)
    names = {other: found}
    return Step("fixed order", "One event in n rounds", claims, (Gt(n, 1),), names, "ours")


def bursts() -> Step:
    """A gradient comes again with probability rho: c_l is c_0 rho^l."""
    (total,) = sympy.solve(Eq(_sum, b * rho * (c_0 + _sum)), _sum)
    claims = (
        Claim(
            Eq(_sum, c_0 * b * rho / (1 - b * rho)),
            by_cancelling,
            r"$S = \sum_{l \ge 1} \beta^l \rho^l c_0$ is $\beta\rho (c_0 + S)$",
        ),
    )
    given = (Lt(b, 1), Le(rho, 1))
    return Step("bursts", "Gradients that come again", claims, given, {_sum: total}, "ours")


def laws() -> Step:
    r"""The critical 1 - beta2 of one event C in C rounds, by the index of dispersion Phi.

    ``Phi`` is the sum of all c_l over c_0: 0 in a fixed order and reshuffled, 1 for independent
    draws, (1 + rho)/(1 - rho) in bursts. Where the order has c_l = c_{-l} and beta1 = 0,
    Cov(m, v) tends to kappa c_0 (1 + Phi)/2.
    """
    first, second, third = (1 / C * C**k + (1 - 1 / C) * (-1) ** k for k in (1, 2, 3))
    eta = 2 * first * second / ((third - first * second) * (1 + dispersion) / 2)
    repeated = 1 + 2 * rho / (1 - rho)
    claims = (
        Claim(
            Eq(sympy.Limit(C**2 * eta, C, sympy.oo), 4 / (1 + dispersion)),
            by_limit,
            r"the first order is 0 where $\kappa c_0 \frac{1 + \Phi}{2} = 2 \mu_1 \mu_2$",
        ),
        Claim(
            Eq(repeated, (1 + rho) / (1 - rho)),
            by_identity,
            r"bursts: $\Phi = 1 + 2 \sum_{l \ge 1} \rho^l$",
        ),
    )
    return Step("order laws", "4 / (1 + Phi) over C^2", claims, (Lt(rho, 1),), {}, "ours")
