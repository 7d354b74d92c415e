r"""The proof of Theorem 3 (Reddi, Kale and Kumar 2018) as named steps, with an explicit constant.

Independent losses: :math:`Cx` with probability p = (1 + delta)/(C + 1), else :math:`-x`. Unlike the
theorems before it, this one is about the *expected* step, without a projection. Adam's averages
come from the rule in :mod:`adam_and_beyond.methods`. Every function of the proof returns a
:class:`~adam_and_beyond.proofs.step.Step`; :func:`proof` returns them all, in order. Its
bounds as numbers are in :mod:`adam_and_beyond.theorems.theorem_3.numbers`.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Le, Lt, Rational, Sum, sqrt

from adam_and_beyond.proofs.needs import Reason
from adam_and_beyond.proofs.reasons import (
    by_pieces,
    by_sameness,
    by_telescoping,
    naming,
)
from adam_and_beyond.proofs.step import Claim, Step, by_identity, by_signs, by_squares
from adam_and_beyond.theorems.theorem_2.block import beta1, beta2, update

C, delta, p = sympy.symbols("C delta p", positive=True)
k, N = sympy.symbols("k N", integer=True, nonnegative=True)
m = sympy.Symbol("m_{t-1}", real=True)
v = sympy.Symbol("v_{t-1}", nonnegative=True)
v_old = sympy.Symbol("v_{t-1}", positive=True)  # where a gradient C is among the past
gamma = sympy.Symbol("gamma", nonnegative=True)
T_1, T_2, T_3 = sympy.symbols("T_1 T_2 T_3", real=True)
B = sympy.Symbol("B", positive=True)
E_v, E_g2 = sympy.symbols(r"\mathbb{E}v_{t-1} \mathbb{E}g^2", positive=True)

_a, _e, _r, _u = sympy.symbols("a e r u", nonnegative=True)
_s, _w, _q = sympy.symbols("s w q", positive=True)
_PROBABILITY = {p: (1 + delta) / (C + 1)}
_ROOT_RARE = sqrt(beta2 * v + (1 - beta2) * C**2)  # of v_t after the gradient C
_ROOT_COMMON = sqrt(beta2 * v + (1 - beta2))  # after the gradient -1
TERMS = {
    T_1: -p * (beta1 * m + (1 - beta1) * C) / _ROOT_RARE,
    T_2: -(1 - p) * beta1 * m / _ROOT_COMMON,
    T_3: (1 - p) * (1 - beta1) / _ROOT_COMMON,
}


def expectation() -> Step:
    """Where p comes from: it makes delta the expected slope."""
    claims = (
        Claim(Eq(p * C - (1 - p), delta), by_identity, "the mean of the gradient"),
        Claim(
            Eq(p * C**2 + (1 - p), (1 + delta) * C - delta),
            by_identity,
            "the mean of its square",
        ),
        Claim(Lt(p, 1), by_signs, r"$C > \delta$", {C: delta + _s}),
    )
    step = "The two gradients and their probabilities"
    return Step("expectation", step, claims, (Lt(delta, C),), _PROBABILITY)


def split() -> Step:
    """The expected step, given the past: the coin falls either way, by the rule."""
    rare, common = (-a / sqrt(b) for a, b in (update(C, m, v), update(-1, m, v)))
    down, up = sympy.symbols(r"\Delta_C \Delta_{-1}", real=True)
    claims = (
        Claim(Eq(p * down, T_1), by_identity, r"the rule, gradient $C$, with probability $p$"),
        Claim(Eq((1 - p) * up, T_2 + T_3), by_identity, "the rule, gradient $-1$"),
    )
    names = TERMS | {down: rare, up: common}
    return Step("split", "The expected step, in units of alpha_t", claims, (Lt(beta2, 1),), names)


def first_term() -> Step:
    """T_1: the rare gradient is divided by its own size, and comes with probability p."""
    numerator = beta1 * m + (1 - beta1) * C
    room = 1 / sqrt(1 - beta2) - C / _ROOT_RARE
    claims = (
        Claim(
            Le(numerator, C),
            by_pieces(_a * _r, {_a: beta1, _r: C - m}),
            "an average of $m$ and $C$",
        ),
        Claim(
            Le(C / _ROOT_RARE, 1 / sqrt(1 - beta2)),
            by_squares,
            r"drop $\beta_2 v_{t-1} \ge 0$",
            {beta2: 1 / (1 + _s)},
        ),
        Claim(
            Ge(T_1, -p / sqrt(1 - beta2)),
            by_pieces(p * (_r + _u), {_r: (C - numerator) / _ROOT_RARE, _u: room}),
            "lines 1 and 2",
        ),
    )
    hypotheses = (Le(m, C), Lt(beta2, 1))
    return Step(
        "T_1", "The rare gradient costs at most p / sqrt(1 - beta2)", claims, hypotheses, TERMS
    )


def second_term() -> Step:
    """T_2: a rare gradient k rounds ago is divided by its own echo in v."""
    powers, slack = {beta1**k: _e, beta2**k: _q}, {v_old: (1 - beta2) * _q * C**2 + _r}
    ratio = beta1 / sqrt(beta2)
    closed = (1 - gamma ** (N + 1)) / (1 - gamma)
    sums = by_telescoping(-(gamma**k) / (1 - gamma))
    tail = by_pieces(_r, {_r: gamma ** (N + 1) / (1 - gamma)})

    def adds_up(relation: Any) -> bool:
        closed_form = sums(Eq(relation.lhs, closed, evaluate=False))
        return closed_form and tail(relation.func(closed, relation.rhs))

    claims = (
        Claim(
            Le(beta1**k * C / sqrt(v_old), gamma**k / sqrt(1 - beta2)),
            naming(powers, slack | {beta2: 1 / (1 + _s)}, by_squares),
            r"$v_{t-1} \ge (1-\beta_2) \beta_2^k C^2$: again $C$ cancels",
            {gamma: ratio},
        ),
        Claim(
            Le(Sum(gamma**k, (k, 0, N)), 1 / (1 - gamma)),
            Reason(adds_up, tail.needs),
            r"a geometric sum, $\gamma < 1$",
        ),
    )
    large = Ge(v_old, (1 - beta2) * beta2**k * C**2)
    hypotheses = (large, Eq(gamma, ratio), Lt(gamma, 1), Lt(beta2, 1))
    return Step("T_2", "An old rare gradient, k rounds ago", claims, hypotheses)


def third_term() -> Step:
    """T_3: the small gradients, by Jensen's inequality in the form of a tangent."""
    y, a, mean = sympy.symbols(r"y a \mathbb{E}y", positive=True)
    tangent = 1 / sqrt(a) - (y - a) / (2 * a * sqrt(a))
    pieces = {_r: (sqrt(y) - sqrt(a)) ** 2, _s: sqrt(y), _w: sqrt(a)}
    claims = (
        Claim(
            Ge(1 / sqrt(y), tangent),
            by_pieces(_r * (_s + 2 * _w) / (2 * _s * _w**3), pieces),
            r"$1/\sqrt y$ is convex and lies above its tangent at $a$",
        ),
        Claim(
            Ge(tangent.subs(y, mean), 1 / sqrt(a)),
            by_pieces(_r / (2 * _w * _s), {_r: a - mean, _w: a, _s: sqrt(a)}),
            r"if $\mathbb{E}y \le a$",
        ),
        Claim(
            Le(beta2 * E_v + (1 - beta2) * E_g2, E_g2),
            by_pieces(_e * _r, {_e: beta2, _r: E_g2 - E_v}),
            r"the rule, averaged: if $\mathbb{E}v \le \mathbb{E}g^2$ before a round, then after it",
        ),
    )
    hypotheses = (Le(mean, a), Le(E_v, E_g2))
    return Step("T_3", "The mean of a root's inverse", claims, hypotheses)


def sufficient() -> Step:
    """The explicit constant: from this C on the expected step is not negative."""
    half, under_root = Rational(1, 2), beta2 * (1 + delta) * C + 1 - beta2
    large = {C: 2 * (1 + delta) + _r, beta2: 1 / (1 + _s)}
    enough = 4 * (1 + delta) ** 3 * B**2 / (1 - beta1) ** 2
    claims = (
        Claim(Le(p, half), by_signs, r"$C \ge 2(1+\delta)$", large),
        Claim(
            Le(under_root, (1 + delta) * (C + 1)),
            by_signs,
            r"$\beta_2 < 1$",
            {beta2: 1 / (1 + _s)},
        ),
        Claim(
            Eq((p * B) ** 2 * (1 + delta) * (C + 1), (1 + delta) ** 3 * B**2 / (C + 1)),
            by_identity,
            r"$p (C + 1) = 1 + \delta$",
        ),
        Claim(
            Le((1 + delta) ** 3 * B**2 / (C + 1), (1 - beta1) ** 2 / 4),
            by_pieces((1 + _r) * _e / (4 * _w), {_w: C + 1, _r: C - enough, _e: (1 - beta1) ** 2}),
            "the second lower bound on $C$",
        ),
        Claim(
            Le((1 - beta1) ** 2 / 4, ((1 - p) * (1 - beta1)) ** 2),
            by_pieces(_r * (1 + _r) * _e, {_r: half - _PROBABILITY[p], _e: (1 - beta1) ** 2}),
            "line 1",
        ),
    )
    hypotheses = (Ge(C, 2 * (1 + delta)), Ge(C, enough), Lt(beta2, 1), Lt(beta1, 1))
    return Step("constant", "T_3 beats T_1 and T_2", claims, hypotheses, _PROBABILITY, "ours")


def leading_orders() -> Step:
    """How the three bounds fall with C, with C and with the printed C^2 under the root."""
    c_2 = sympy.Symbol("c_2", positive=True)
    b1 = sympy.Symbol("beta1", positive=True)
    probability = _PROBABILITY[p]
    first = -probability / sqrt(1 - beta2)
    second = -c_2 * probability * sympy.log(C + 1) / sympy.log(1 / b1)
    third, printed = (
        (1 - probability) * (1 - beta1) / sqrt(beta2 * (1 + delta) * power + 1 - beta2)
        for power in (C, C**2)
    )
    root = (1 - beta1) / sqrt(beta2 * (1 + delta))
    rows = (
        (r"\lim C\,T_1", C * first, -(1 + delta) / sqrt(1 - beta2), "the bound on $T_1$"),
        (
            r"\lim \frac{C}{\log C}\,T_2",
            C / sympy.log(C) * second,
            -c_2 * (1 + delta) / sympy.log(1 / b1),
            r"the paper's bound on $T_2$, $\beta_1 > 0$",
        ),
        (r"\lim \sqrt{C}\,T_3", sqrt(C) * third, root, "$C$ under the root"),
        (r"\lim C\,\tilde{T}_3", C * printed, root, "$C^2$ under the root, as printed"),
    )
    names, claims = {}, []
    for tex, expression, value, why in rows:
        symbol = sympy.Symbol(tex, real=True)
        names[symbol] = sympy.limit(expression, C, sympy.oo)
        claims.append(Claim(Eq(symbol, value), by_sameness, why, {b1: 1 / (1 + _s)}))
    given = (Lt(b1, 1), Lt(beta2, 1))
    return Step("orders", "Leading orders in C", tuple(claims), given, names)


def exception() -> Step:
    """Without momentum the printed bound can still be positive: when, exactly."""
    up, down = 1 / (beta2 * (1 + delta)), (1 + delta) ** 2 / (1 - beta2)
    room = (1 - beta2) - beta2 * (1 + delta) ** 3
    claims = (
        Claim(
            Eq(up - down, room / (beta2 * (1 + delta) * (1 - beta2))),
            by_identity,
            r"the squares of $\lim C\,\tilde{T}_3$ and $\lim C\,T_1$ at $\beta_1 = 0$",
        ),
    )
    return Step("exception", "The exception of the misprint", claims, (Lt(beta2, 1),), {}, "ours")


def proof() -> tuple[Step, ...]:
    """All steps of Theorem 3, without projection, in the order of the argument.

    Returns:
      Steps.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3. Introduced in the chapter "Theorem 3".
    """
    return (
        expectation(),
        split(),
        first_term(),
        second_term(),
        third_term(),
        sufficient(),
        leading_orders(),
        exception(),
    )
