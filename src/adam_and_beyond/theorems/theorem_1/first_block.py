"""The first cycle of Theorem 1, whose printed inequality fails: the repair by exact moments.

Every function that takes nothing returns a :class:`~adam_and_beyond.proofs.step.Step`.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ge, Gt, Le, Rational, sqrt

from adam_and_beyond.proofs.exact import sign
from adam_and_beyond.proofs.needs import Reason
from adam_and_beyond.proofs.step import Claim, Step, by_evaluation, by_identity, by_signs, by_sturm
from adam_and_beyond.theorems.theorem_1.cycle import (
    MOMENTS,
    S_1,
    S_2,
    STEPS,
    T_1,
    C,
    beta2,
    solutions_for_beta2,
    t,
    v0,
    v1,
    v2,
    v3,
)

# Slack: a non-negative and a positive number that build a hypothesis into a symbol.
_r, _s = sympy.Symbol("r", nonnegative=True), sympy.Symbol("s", positive=True)


def first_block_function(b=beta2):
    """What the small steps of the first cycle recover, in units of its big step.

    Args:
      b: the theorem's beta2 as a function of C; a symbol, a number, an array of balls.

    Returns:
      Of the kind of ``b``.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    return 1 / sqrt(2 * (2 - b)) + 1 / sqrt(3 * (1 + 2 * b - b**2))


def _first_moments(value_of_C):
    """v_1, v_2, v_3 from the rule, started at v_0 = 0."""
    m1 = MOMENTS[v1].subs({v0: 0, C: value_of_C})
    m2 = MOMENTS[v2].subs(v1, m1)
    return m1, m2, MOMENTS[v3].subs(v2, m2)


_FIRST = sympy.symbols("v_1 v_2 v_3", positive=True)


def _C_of_beta2():
    (root,) = sympy.solve(Eq(beta2, solutions_for_beta2()[0]), C)
    return root


def first_block_moments() -> Step:
    """Repair, part 1: in the first cycle v starts at 0 and its values are known exactly."""
    b = beta2
    values = ((1 - b) ** 2 / b, (1 - b) * (2 - b), (1 - b) * (1 + 2 * b - b**2))
    why = r"the rule from $v_0 = 0$, with $C^2 = (1 - \beta_2)/\beta_2$"
    claims = tuple(Claim(Eq(v, e), by_identity, why) for v, e in zip(_FIRST, values, strict=True))
    definitions = dict(zip(_FIRST, _first_moments(_C_of_beta2()), strict=True))
    return Step("first moments", "v_1, v_2, v_3 exactly", claims, (), definitions, "ours")


def first_block() -> Step:
    """Repair, part 2: by its exact moments the first cycle is pushed back too, for C >= 2."""
    b, f, F = beta2, first_block_function(), sympy.Symbol("F", real=True)
    Q, end = sympy.symbols("Q F_{1/5}", real=True)
    up_over_down = (S_1 + S_2) / T_1
    edge = Rational(1, 5)
    claims = (
        Claim(
            Eq(up_over_down, F),
            by_identity,
            "the exact moments put into $T_1, S_1, S_2$",
            {b: 1 / (1 + _s)},
        ),
        Claim(
            Gt(8 * (1 - b) ** 2 * (2 - b) ** 3, 3 * Q**3),
            by_sturm(b, 0, edge),
            "no root in $[0, 1/5]$ (Sturm), true at 0",
        ),
        Claim(Ge(F, end), _decreasing_to(edge), "by line 2 the derivative is negative"),
        Claim(Eq(end, f.subs(b, edge)), by_identity, r"$F$ at $\beta_2 = 1/5$"),
        Claim(Gt(end, 1), by_evaluation, "exact value"),
    )
    moments = dict(zip((v1, v2, v3), _first_moments(_C_of_beta2()), strict=True))
    cycle = {name: e.subs({t: 0, v0: 0, C: _C_of_beta2()}) for name, e in STEPS.items()}
    claim = "S_1 + S_2 > T_1 in the first cycle too"
    names = cycle | moments | {F: f, end: f.subs(b, edge), Q: 1 + 2 * b - b**2}
    return Step("first block", claim, claims, (Le(b, edge),), names, "ours")


def _decreasing_to(edge):
    """Reason for f(b) >= f(edge) on (0, edge]: f is a sum of two terms, and f' < 0."""

    def reason(relation):
        if (
            relation.rel_op != ">="
            or sympy.simplify(relation.lhs.subs(beta2, edge) - relation.rhs) != 0
        ):
            return False
        up, down = sorted(
            (term.diff(beta2) for term in relation.lhs.args), key=_sign_at_zero, reverse=True
        )
        # down < 0 there and down^2 > up^2: rational functions without a root or pole in [0, edge].
        rational = [sympy.together(e) for e in (down**2, down**2 - up**2)]
        polynomials = [sympy.Poly(p, beta2) for e in rational for p in sympy.fraction(e)]
        no_roots = all(p.count_roots(0, edge) == 0 for p in polynomials)
        return no_roots and _sign_at_zero(down) < 0 < _sign_at_zero(rational[1])

    return Reason(reason, lambda relation, known: (Le(beta2, edge),))


def _sign_at_zero(expression):
    return sign(expression.subs(beta2, 0))


def smaller_beta2() -> Step:
    """Ours: every smaller beta2 is pushed back as well: it only shrinks v_2 and v_3."""
    b, slack = beta2, {beta2: 1 / (1 + C**2 + _r)}
    claims = (
        Claim(Eq(_FIRST[0], (1 - b) * C**2), by_identity, "the rule from $v_0 = 0$"),
        Claim(Le(_FIRST[1], (1 - b) * (2 - b)), by_signs, r"$\beta_2 C^2 \le 1 - \beta_2$", slack),
        Claim(
            Le(_FIRST[2], (1 - b) * (1 + 2 * b - b**2)),
            by_signs,
            r"$\beta_2 C^2 \le 1 - \beta_2$",
            slack,
        ),
    )
    definitions = dict(zip(_FIRST, _first_moments(C), strict=True))
    below = (Le(b, 1 / (1 + C**2)),)
    return Step("smaller beta2", "v_1 as before, v_2, v_3 less", claims, below, definitions, "ours")
