r"""Where Adam rests on curved losses, to first order: the covariance law with the gradient x - z.

Near beta2 = 1 the drift is that of a fixed scale plus half the covariance of g and g^2, see
:mod:`adam_and_beyond.theorems.boundary.random_laws`. Its zero is a rest point.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Integral, Limit, Lt, Rational, gamma, sqrt

from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.laws import by_cancelling, by_limit

kappa, sigma2 = sympy.symbols("kappa sigma2", positive=True)
mu3, delta = sympy.symbols("mu_3 delta", real=True)  # of z; x less the mean of z
p, B, r = sympy.symbols("p B r", positive=True)
lam, w, excess = sympy.symbols("lambda w x", positive=True)
_first, _second, _third, _balance = sympy.symbols("E[g] E[g^2] E[g^3] F", real=True)
_x, _skew, _share = sympy.symbols(r"x^*-\bar{z} \mu_3^{(B)}/\sigma_B^2 q/p", real=True)


def moments() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """E[g], E[g^2], E[g^3] of g = x - z, by the moments of z and delta = x - E[z].

    Returns:
      Expressions in delta, sigma2 and mu_3.

    References:
      Ours.
    """
    # E[(delta - y)^k] for y = z - E[z], with E[y] = 0, E[y^2] = sigma2, E[y^3] = mu3.
    y = sympy.Symbol("y", real=True)
    known = (sympy.Integer(1), sympy.Integer(0), sigma2, mu3)

    def mean(k: int) -> sympy.Expr:
        terms = sympy.Poly((delta - y) ** k, y).terms()
        return sympy.expand(sum(c * known[power] for (power,), c in terms))

    return mean(1), mean(2), mean(3)


def balance() -> sympy.Expr:
    """E[g] less kappa Cov(g, g^2) / (2 E[g^2]): minus the drift to first order, times a root.

    Returns:
      An expression in delta, sigma2, mu_3 and kappa.

    References:
      Ours.
    """
    first, second, third = moments()
    return first - kappa * (third - first * second) / (2 * second)


def rest() -> Step:
    """Adam rests half of kappa times skewness times sigma below the mean, to first order."""
    first, second, third = moments()
    at = -kappa * mu3 / (2 * sigma2)
    claims = (
        Claim(Eq(_first, delta), by_identity, r"$g = x - z$, with $\delta = x - \bar z$"),
        Claim(Eq(_second, sigma2 + delta**2), by_identity, "the same"),
        Claim(Eq(_third, delta**3 + 3 * delta * sigma2 - mu3), by_identity, "the same"),
        Claim(
            Eq(Limit(balance().subs(delta, at) / kappa, kappa, 0), 0),
            by_limit,
            r"at $\delta = -\kappa \mu_3 / (2 \sigma^2)$ the drift is 0 up to terms in $\kappa^2$",
        ),
    )
    names = {_first: first, _second: second, _third: third}
    return Step("rest", "Where Adam rests, to first order", claims, (), names, "ours")


def batch() -> Step:
    """A batch of B divides the bias by B."""
    claims = (
        Claim(
            Eq(_skew, mu3 / (B * sigma2)),
            by_cancelling,
            r"a mean of $B$ draws has third moment $\mu_3 / B^2$ and variance $\sigma^2 / B$",
        ),
    )
    names = {_skew: (mu3 / B**2) / (sigma2 / B)}
    return Step("batch", "The bias under batches", claims, (), names, "ours")


def counts() -> Step:
    """A class's logit: its gradient is q less a binomial count, divided by B."""
    variance, third = B * p * (1 - p), B * p * (1 - p) * (1 - 2 * p)
    law = p - kappa * (third / B**3) / (2 * variance / B**2)
    claims = (
        Claim(
            Eq(_share, 1 - kappa * (1 - 2 * p) / (2 * p * B)),
            by_cancelling,
            r"the law above, with the moments of a binomial count over $B$",
        ),
        Claim(
            Eq(Limit(law.subs(p, r / B) / (r / B), B, sympy.oo), 1 - kappa / (2 * r)),
            by_limit,
            r"a rare class, met $r = pB$ times in a step",
        ),
    )
    return Step("counts", "What is kept of a class", claims, (), {_share: law / p}, "ours")


def quiet() -> Step:
    """The mean of steps taken while v forgets the last event, with an exponential waiting time."""
    integral = Integral(w ** (lam - 1) / sqrt(1 + w), (w, 0, sympy.oo))
    value = gamma(lam) * gamma(Rational(1, 2) - lam) / sqrt(sympy.pi)

    def by_beta(relation: Eq) -> bool:
        """The Beta integral, which converges for 0 < lambda < 1/2: SymPy."""
        if relation.rel_op != "==":
            return False
        found = sympy.integrate(relation.lhs.function, relation.lhs.limits[0], conds="none")
        return sympy.simplify(sympy.gammasimp(found - relation.rhs)) == 0

    claims = (
        Claim(
            Eq(integral, value),
            by_beta,
            r"a Beta integral; it converges for $\lambda < 1/2$",
            slack={lam: Rational(1, 2) / (1 + excess)},
        ),
    )
    given = (Lt(lam, Rational(1, 2)),)
    return Step("quiet", "What a quiet stretch adds up to", claims, given, {}, "ours")
