r"""Three losses on which Adam goes to the worst point, for every beta1 and beta2 in [0, 1).

The problem is one gradient C followed by P - 1 gradients -1, over and over. On the periodic orbit

.. math:: \bar m_i = A_i (C + 1) - 1, \qquad \bar v_i = B_i (C^2 - 1) + 1,
    \qquad A_i = \frac{(1 - \beta_1) \beta_1^i}{1 - \beta_1^P}, \quad
    B_i = \frac{(1 - \beta_2) \beta_2^i}{1 - \beta_2^P}

with weights that fall with i and add up to 1. Two facts decide everything: at C = P - 1, where the
gradients add up to 0, the drift number is positive (Chebyshev's sum inequality), and it falls as C
grows (each of its terms does).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Gt, Le, Lt, Rational, Sum, sqrt

from adam_and_beyond.proofs.reasons import by_telescoping, by_the_hypotheses
from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.boundary.proof import C as big
from adam_and_beyond.theorems.boundary.proof import P as length
from adam_and_beyond.theorems.boundary.proof import beta1, beta2, i, orbit_of

C, P = big, length
A, B = sympy.symbols("A B", real=True)  # a weight of m, and one of v
# Two rounds of a period: their m, their v, and 1 / sqrt(v).
m_1, m_2, v_1, v_2, w_1, w_2 = sympy.symbols("m_i m_j v_i v_j w_i w_j", real=True)
_IN_0_1 = (Ge(A, 0), Le(A, 1), Ge(B, 0), Le(B, 1))


def weight(beta: Any, index: Any = i) -> sympy.Expr:
    """The weight, in a periodic average with decay beta, of the gradient ``index`` rounds ago.

    Args:
      beta: the decay, a symbol or an exact number.
      index: the age in rounds.

    Returns:
      A SymPy expression.

    References:
      Ours.
    """
    return (1 - beta) * beta**index / (1 - beta**P)


def orbit_by_weights() -> Step:
    """The orbit of the averages by the weights: a share of the jump, less the small gradients."""
    forms = {"m": weight(beta1) * (C + 1) - 1, "v": weight(beta2) * (C**2 - 1) + 1}
    names = {field: sympy.Symbol(rf"\bar{{{field}}}_{{i}}", real=True) for field in forms}
    why = "the orbit that the rule was solved for"
    claims = (Claim(Eq(names[field], form), by_identity, why) for field, form in forms.items())
    given = (Lt(beta1, 1), Lt(beta2, 1))
    definitions = {names[field]: orbit_of(field) for field in forms}
    return Step("weights", "The orbit by its weights", tuple(claims), given, definitions, "ours")


def weights_fall_and_add_up() -> Step:
    """The weights of a period fall with the age and add up to 1."""
    beta = sympy.Symbol("beta", positive=True)
    total = Sum(weight(beta), (i, 0, P - 1))
    claims = (
        Claim(
            Eq(total, 1, evaluate=False),
            by_telescoping(-(beta**i) / (1 - beta**P)),
            "a geometric sum",
        ),
        Claim(
            Eq(
                weight(beta) - weight(beta, i + 1),
                (1 - beta) ** 2 * beta**i / (1 - beta**P),
                evaluate=False,
            ),
            by_identity,
            "not negative for $\\beta < 1$, and positive for $i = 0$, also at $\\beta = 0$",
        ),
    )
    return Step("fall", "The weights fall and add up to 1", claims, (Lt(beta, 1),), {}, "ours")


def chebyshev() -> Step:
    """Each pair of rounds lowers the sum of m w: where m is larger, w is smaller."""
    pair = (m_1 - m_2) * (w_1 - w_2)
    opposite = (Ge(m_1, m_2), Le(w_1, w_2))
    claims = (
        Claim(
            Eq(pair, m_1 * w_1 + m_2 * w_2 - m_1 * w_2 - m_2 * w_1, evaluate=False),
            by_identity,
            r"summed over all $i$ and $j$: $2 P \sum m_i w_i - 2 \sum m_i \sum w_i$",
        ),
        Claim(Le(pair, 0), by_the_hypotheses, "opposite orders"),
    )
    return Step("chebyshev", "Chebyshev's sum inequality", claims, opposite, {}, "ours")


def opposite_orders(strictly: bool = False) -> Step:
    """Where v is larger, its inverse root is smaller; strictly, if v is strictly larger."""
    larger, smaller = (Gt, Lt) if strictly else (Ge, Le)
    given = (
        larger(v_1, v_2),
        Gt(w_2, 0),
        Eq(w_1**2 * v_1, 1, evaluate=False),
        Eq(w_2**2 * v_2, 1, evaluate=False),
    )
    why = r"$w = 1 / \sqrt v$"
    claims = (Claim(smaller(w_1, w_2), by_the_hypotheses, why),)
    return Step("orders", "Opposite orders", claims, given, {}, "ours")


def terms_rise() -> Step:
    r"""Each term :math:`\bar m_i / \sqrt{\bar v_i}` of minus the drift number rises with C."""
    m, v = A * (C + 1) - 1, B * (C**2 - 1) + 1
    slope = sympy.diff(m / sqrt(v), C)
    form = A * (1 - B) + B * C * (1 - A)
    claims = (
        Claim(
            Eq(sympy.simplify(slope * v ** Rational(3, 2)), form, evaluate=False),
            by_identity,
            r"the derivative by $C$, times $\bar v_i^{3/2}$",
        ),
        Claim(Ge(form, 0), by_the_hypotheses, "weights lie in $[0, 1]$"),
        Claim(
            Gt(form, 0),
            by_the_hypotheses,
            r"strictly, if $0 < A_i < 1$",
            given=(Gt(A, 0), Lt(A, 1)),
        ),
        Claim(
            Gt(form, 0),
            by_the_hypotheses,
            r"or if $0 < B_i < 1$",
            given=(Gt(B, 0), Lt(B, 1)),
        ),
    )
    return Step("rise", "Each term rises with C", claims, _IN_0_1, {}, "ours")


def two_losses() -> Step:
    """With P = 2 the drift number is 0 at C = 1, and so negative beyond: two losses never do it."""
    names = {
        sympy.Symbol(rf"\bar{{{field}}}_{k}", real=True): orbit_of(field).subs({P: 2, i: k, C: 1})
        for field in ("m", "v")
        for k in (0, 1)
    }
    first, second, v_first, v_second = names
    claims = (
        Claim(Eq(first + second, 0), by_identity, "the two gradients add up to 0"),
        Claim(Eq(v_first, 1), by_identity, "both squares are 1"),
        Claim(Eq(v_second, 1), by_identity, "likewise"),
    )
    return Step("two", "Two losses at C = 1", claims, (Lt(beta1, 1),), names, "ours")


def sign_descent() -> Step:
    """At beta1 = beta2 = 0 the drift number is P - 2, whatever C is: sign descent."""
    at_0, later = {beta1: 0, beta2: 0}, {i: i + 1}
    names = {}
    for field in ("m", "v"):
        first, other = (sympy.Symbol(rf"\bar{{{field}}}_{k}", real=True) for k in ("0", "{i+1}"))
        names[first] = orbit_of(field).subs(i, 0).subs(at_0)
        names[other] = orbit_of(field).subs(later).subs(at_0)
    m_first, m_other, v_first, v_other = names
    down, up = m_first / sqrt(v_first), m_other / sqrt(v_other)
    claims = (
        Claim(Eq(down, 1, evaluate=False), by_identity, "the step of the big gradient"),
        Claim(Eq(up, -1, evaluate=False), by_identity, "the steps of the others"),
        Claim(
            Eq(-(down + (P - 1) * up), P - 2, evaluate=False),
            by_identity,
            "one step down, $P - 1$ steps up",
        ),
    )
    return Step("sign", "Both betas 0: sign descent", claims, (), names, "ours")


def proof() -> tuple[Step, ...]:
    """The theorem's steps in order.

    Returns:
      The steps; ``check`` works each of them out.

    References:
      Ours. Introduced in the chapter "Three losses defeat every Adam".
    """
    return (
        orbit_by_weights(),
        weights_fall_and_add_up(),
        opposite_orders(),
        opposite_orders(strictly=True),
        chebyshev(),
        terms_rise(),
        two_losses(),
        sign_descent(),
    )
