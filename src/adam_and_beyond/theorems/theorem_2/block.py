r"""Adam's two averages inside one block of Theorem 2's losses: closed forms, signs and bounds.

A block is the rounds n + 1, ..., n + C with n = kC: the gradient C first, then C - 1 times -1. The
averages come from the rule in :mod:`adam_and_beyond.methods`; nothing of it is retyped. Every
function of the proof returns a :class:`~adam_and_beyond.proofs.step.Step`.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Le, Lt

from adam_and_beyond.methods import SYMBOLIC, get
from adam_and_beyond.proofs.reasons import by_induction, by_pieces
from adam_and_beyond.proofs.step import Claim, Step, by_identity
from adam_and_beyond.theorems.theorem_2.conditions import Terms, echoes, sides, terms

C, j, n = sympy.symbols("C j n", integer=True, positive=True)
beta2, t = sympy.symbols("beta2 t", positive=True)
beta1 = sympy.Symbol("beta1", nonnegative=True)
# The averages before the block, after its j-th round, after one round more, and at its end.
m_n, m_j, m_next, m_C = sympy.symbols("m_n m_{n+j} m_{n+j+1} m_{n+C}", real=True)
v_n, v_next = sympy.symbols("v_n v_{n+j+1}", nonnegative=True)
v_j = sympy.Symbol("v_{n+j}", positive=True)

# What is left of the big gradient after j rounds, its echo in m and in v; and the pull of the small
# gradients on m. The same at the end (j = C) and in the middle (j = C/2) of the block.
E_j, U_j, F_j = sympy.symbols("E_j U_j F_j", nonnegative=True)
E_C, U_C, F_half = sympy.symbols("E_C U_C F_{C/2}", nonnegative=True)
# The pieces of the sum of the steps of a block.
K, S, b = sympy.symbols("K S b", nonnegative=True)
ECHOES = dict(zip((E_j, U_j, F_j), echoes(beta1, beta2, C, j), strict=True))
NAMED = Terms(E_C, U_C, F_half, K, S, b)
MEANT = dict(zip(NAMED, terms(beta1, beta2, C, sympy.sqrt), strict=True))
_AT_END = {symbol: MEANT[symbol] for symbol in (E_C, U_C)}
_IN_THE_MIDDLE = {F_half: MEANT[F_half]}
# The conditions of the theorem.
_SIDES = sides(NAMED, C)
condition_1, condition_2, condition_3 = Le(*_SIDES.i), Le(*_SIDES.ii), Lt(*_SIDES.iii)

# Pieces of differences: not negative, by the hypotheses or by an earlier line.
_a, _c, _d, _e, _u, _w = sympy.symbols("a c d e u w", nonnegative=True)


def update(gradient: Any, m: Any, v: Any) -> tuple[Any, Any]:
    """One round of Adam's rule on symbols.

    Args:
      gradient: g of the round.
      m: the average of gradients before it.
      v: the average of squares before it.

    Returns:
      The new averages ``(m, v)``.
    """
    method = get("adam").over(beta1=beta1, beta2=beta2)
    state = method.update(gradient, method.state_type(m=m, v=v), t, SYMBOLIC).state
    return state.m, state.v


def first_moment(index: Any = j) -> Any:
    """The average of gradients in a block, in closed form.

    Args:
      index: number of rounds, from 1; a number or a symbol.

    Returns:
      m after so many rounds, in the average before the block.

    References:
      Introduced in the chapter "Theorem 2".
    """
    return beta1**index * m_n + (ECHOES[E_j] - ECHOES[U_j]).subs(j, index)


def second_moment(index: Any = j) -> Any:
    """The average of squares in a block, in closed form.

    Args:
      index: number of rounds, from 1; a number or a symbol.

    Returns:
      v after so many rounds, in the average before the block.

    References:
      Introduced in the chapter "Theorem 2".
    """
    return beta2**index * v_n + (1 - beta2) * ECHOES[F_j].subs(j, index) + 1 - beta2 ** (index - 1)


def block() -> Step:
    """Both averages inside a block, in closed form."""
    (m_first, v_first), (m_then, v_then) = update(C, m_n, v_n), update(-1, m_j, v_j)
    small, all_j = "the rule, gradient $-1$", "true for $j = 1$; the rule takes $j$ to $j + 1$"
    claims = (
        Claim(Eq(m_next, beta1 * m_j - (1 - beta1)), by_identity, small),
        Claim(Eq(v_next, beta2 * v_j + (1 - beta2)), by_identity, small),
        Claim(
            Eq(m_j, beta1**j * m_n + E_j - U_j),
            by_induction(j, m_first, lambda form: m_then.subs(m_j, form)),
            all_j,
        ),
        Claim(
            Eq(v_j, beta2**j * v_n + (1 - beta2) * F_j + (1 - beta2 ** (j - 1))),
            by_induction(j, v_first, lambda form: v_then.subs(v_j, form)),
            all_j,
        ),
    )
    names = {m_next: m_then, v_next: v_then} | ECHOES
    return Step("block", "The averages inside a block, in closed form", claims, (), names)


def momentum_ends_negative() -> Step:
    """Condition (i) is what carries m <= 0 from the start of a block to its end."""
    claims = (
        Claim(Eq(m_C, beta1**C * m_n + E_C - U_C), by_identity, "the closed form at $j = C$"),
        Claim(
            Le(m_C, 0),
            by_pieces(_a * _w + _e, {_a: beta1**C, _w: -m_n, _e: _AT_END[U_C] - _AT_END[E_C]}),
            "$m_n \\le 0$, and (i)",
        ),
    )
    names = {m_C: first_moment(C)} | _AT_END
    return Step(
        "momentum", "m <= 0 at the end of every block", claims, (Le(m_n, 0), condition_1), names
    )


def momentum_falls() -> Step:
    """Along a block m only falls, so the steps change their direction once: from down to up."""
    m_first, _ = update(C, m_n, v_n)
    m_then, _ = update(-1, m_j, v_j)
    m_one = sympy.Symbol("m_{n+1}", real=True)
    average = "an average of numbers that are at least $-1$"
    claims = (
        Claim(
            Ge(m_one, -1),
            by_pieces(_a * _w + _e * (_c + 1), {_a: beta1, _w: m_n + 1, _e: 1 - beta1, _c: C}),
            average,
        ),
        Claim(Ge(m_next, -1), by_pieces(_a * _w, {_a: beta1, _w: m_j + 1}), average),
        Claim(Eq(m_next - m_j, -(1 - beta1) * (m_j + 1)), by_identity, "the rule"),
        Claim(
            Le(m_next, m_j),
            by_pieces(_e * _w, {_e: 1 - beta1, _w: m_j + 1}),
            r"line 3, and $m \ge -1$",
        ),
    )
    hypotheses = (Ge(m_n, -1), Ge(m_j, -1), Lt(beta1, 1))
    names = {m_one: m_first, m_next: m_then}
    return Step("one change", "m falls along a block and stays above -1", claims, hypotheses, names)


def second_moment_bounds() -> Step:
    """How large v is inside a block: at least what the big gradient left, at most a little more."""
    power = {_a: beta2**j, _d: beta2 ** (j - 1), _e: 1 - beta2 ** (j - 1)}
    below = power | {_w: C**2 - v_n, _c: C**2 - 1}
    claims = (
        Claim(
            Ge(v_j, (1 - beta2) * F_j),
            by_pieces(_a * _u + _e, power | {_u: v_n}),
            r"drop $\beta_2^j v_n \ge 0$ and $1 - \beta_2^{j-1} \ge 0$",
        ),
        Claim(Le(v_j, F_j + 1), by_pieces(_a * _w + _d, below), r"$v_n \le C^2$"),
        Claim(
            Le(v_j, C**2),
            by_pieces(_a * _w + _e * _c, below),
            r"an average of numbers up to $C^2$; so the next block starts with $v \le C^2$ too",
        ),
    )
    names = {v_j: second_moment()} | ECHOES
    hypotheses = (Le(v_n, C**2), Lt(beta2, 1))
    return Step("bounds on v", "v inside a block", claims, hypotheses, names)


def second_moment_late() -> Step:
    """Condition (ii) is what makes the second half of a block forget the big gradient."""
    fallen = {_w: (_IN_THE_MIDDLE[F_half] - ECHOES[F_j]) / C**2, _c: C**2}
    claims = (
        Claim(
            Le(F_j, F_half),
            by_pieces(_w * _c, fallen),
            r"$\beta_2^{j-1}$ falls with $j$",
        ),
        Claim(
            Le(F_j + 1, 2),
            by_pieces(_w * _c + _e, fallen | {_e: 1 - _IN_THE_MIDDLE[F_half]}),
            "line 1 and (ii)",
        ),
    )
    hypotheses = (Ge(j, C / 2), condition_2, Lt(beta2, 1))
    names = ECHOES | _IN_THE_MIDDLE
    return Step("late v", "v <= 2 from the middle of the block on", claims, hypotheses, names)
