"""The theorem on three losses, and on four, proved a second time: no sum of general length."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Gt, Le, Lt

from adam_and_beyond.proofs.certificate import Certificate, Weakening, without
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.theorems.three_losses import proof

_PLACE = "Three losses"
C = proof.C
beta = sympy.Symbol("beta", nonnegative=True)
A, B = proof.A, proof.B


def _weights(period: int) -> list[Any]:
    """The weights of a period, over the sum that they add up to."""
    return [beta**k / sum(beta**j for j in range(period)) for k in range(period)]


def falling_weights(period: int) -> Certificate:
    """The weights of a periodic average fall, the first fall strictly."""
    weights, below_1 = _weights(period), (Lt(beta, 1),)
    lines = [Implication(Gt(weights[0], weights[1], evaluate=False), below_1)]
    lines += [
        Implication(Ge(weights[k], weights[k + 1], evaluate=False), below_1)
        for k in range(1, period - 1)
    ]
    return Certificate(
        f"falling weights, P = {period}",
        _PLACE,
        r"The weights $\beta^i / (1 + \dots + \beta^{P-1})$ of a periodic average fall with the "
        r"age $i$, at first strictly, also at $\beta = 0$.",
        tuple(lines),
        "nothing",
        r"that these are the weights $A_i$ and $B_i$, multiplied out",
        "z3",
        (Weakening(r"$\beta < 1$ dropped", without(lines[0], 0)),),
    )


def sum_of_products(period: int) -> Certificate:
    """At C = P - 1 the sum of m w is negative: m falls, w rises, and m adds up to 0."""
    m = sympy.symbols(f"m_0:{period}", real=True)
    w = sympy.symbols(f"w_0:{period}", real=True)
    later = range(1, period - 1)
    orders = (
        Gt(m[0], m[1]),
        *(Ge(m[k], m[k + 1]) for k in later),
        Lt(w[0], w[1]),
        *(Le(w[k], w[k + 1]) for k in later),
        Eq(sum(m), 0),
    )
    total = sum(a * b for a, b in zip(m, w, strict=True))
    line = Implication(Lt(total, 0), orders)
    first_of_w = period - 1
    return Certificate(
        f"opposite orders, P = {period}",
        _PLACE,
        r"If $m_0 > m_1 \ge \dots$ add up to 0 and $w_0 < w_1 \le \dots$, then "
        rf"$\sum m_i w_i < 0$; for {period} losses.",
        (line,),
        "the order of the weights, and that $w = 1 / \\sqrt v$ turns it round",
        "that $D$ is minus this sum",
        "z3",
        (
            Weakening(r"$m_0 > m_1$ dropped", without(line, 0)),
            Weakening(r"$w_0 < w_1$ dropped", without(line, first_of_w)),
            Weakening(r"$\sum m_i = 0$ dropped", without(line, len(orders) - 1)),
        ),
    )


def falling_drift() -> Certificate:
    """The drift number falls with C: the derivative of each of its terms."""
    form = A * (1 - B) + B * C * (1 - A)
    line = Implication(Ge(form, 0), (Ge(A, 0), Le(A, 1), Ge(B, 0), Le(B, 1)))
    return Certificate(
        "the drift falls with C",
        _PLACE,
        r"The derivative of $\bar m_i / \sqrt{\bar v_i}$ by $C$ has the sign of "
        r"$A_i (1 - B_i) + B_i C (1 - A_i)$, which is not negative.",
        (line,),
        "the derivative, worked out by SymPy",
        "that weights which are not negative and add up to 1 lie in $[0, 1]$",
        "z3",
        tuple(
            Weakening(f"${sympy.latex(h)}$ dropped", without(line, k))
            for k, h in enumerate(line.hypotheses)
        ),
    )


def certificates() -> tuple[Certificate, ...]:
    """The theorem for P = 3 and P = 4, and why its interval has one end."""
    return (
        *(falling_weights(period) for period in (3, 4)),
        *(sum_of_products(period) for period in (3, 4)),
        falling_drift(),
    )
