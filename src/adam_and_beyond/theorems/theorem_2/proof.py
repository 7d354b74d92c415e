r"""The proof of Theorem 2 (Reddi, Kale and Kumar 2018) as named steps, for blocks of any length C.

Losses of period C: :math:`Cx` once, then :math:`-x` for C - 1 rounds, on [-1, 1]. The averages of
one block are in :mod:`adam_and_beyond.theorems.theorem_2.block`; here they become steps, the
steps of a block are added up, and the blocks too.

Every function returns a :class:`~adam_and_beyond.proofs.step.Step`; :func:`proof` returns
them all, in order. The conditions as numbers: :func:`conditions` and :func:`smallest_C`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Eq, Ge, Gt, Integer, Le, Lt, Max, Min, Rational, Sum, sqrt
from sympy.core.relational import Relational

from adam_and_beyond.methods import project
from adam_and_beyond.proofs.needs import Reason
from adam_and_beyond.proofs.reasons import (
    by_coefficients,
    by_largest,
    by_pieces,
    by_sameness,
    by_smallest,
    by_telescoping,
    naming,
)
from adam_and_beyond.proofs.step import Claim, Step, by_identity, by_signs, by_squares
from adam_and_beyond.theorems.theorem_2 import block as in_a_block
from adam_and_beyond.theorems.theorem_2.block import (
    ECHOES,
    MEANT,
    NAMED,
    C,
    E_j,
    F_j,
    K,
    S,
    U_j,
    b,
    beta1,
    beta2,
    condition_3,
    j,
    m_j,
    m_n,
    n,
    v_j,
)
from adam_and_beyond.theorems.theorem_2.conditions import Conditions as Conditions
from adam_and_beyond.theorems.theorem_2.conditions import SmallestC as SmallestC
from adam_and_beyond.theorems.theorem_2.conditions import closed_sum, sides
from adam_and_beyond.theorems.theorem_2.conditions import conditions as conditions
from adam_and_beyond.theorems.theorem_2.conditions import smallest_C as smallest_C

gamma = sympy.Symbol("gamma", nonnegative=True)
# The guaranteed walk of a block in units of the step size, and the room that (iii) leaves.
push_up, s_3 = sympy.symbols(r"\nu s_{iii}", real=True)

# Non-negative (or positive) pieces, and slack that builds a hypothesis into a symbol.
_a, _d, _e, _p, _r, _w = sympy.symbols("a d e p r w", nonnegative=True)
_q, _s = sympy.symbols("q s", positive=True)
_POWERS = {beta1 ** (j - 1): _p, beta2 ** (j - 1): _q}
_BETAS = {beta1: _r / (1 + _r), beta2: 1 / (1 + _s)}  # [0, 1) and (0, 1)
_NAMES = {
    K: MEANT[K],
    b: MEANT[b],
    gamma: beta1 / sqrt(beta2),
    m_j: in_a_block.first_moment(),
}


def _named(*symbols: sympy.Symbol) -> dict:
    return {symbol: _NAMES[symbol] for symbol in symbols}


def projection_lemma() -> Step:
    r"""Steps that go down first and up afterwards lose nothing to the projection but at the top.

    Line 1 is a step down from y, with z the point without projections so far; lines 2 and 3 a step
    up, below the top and beyond it.
    """
    y, z, low, top = sympy.symbols("y z l u", real=True)
    d = sympy.Symbol("d", real=True)
    from_above = {y: z + _w, d: _a}
    claims = (
        Claim(Ge(Max(y - d, low), z - d), by_largest, r"the bottom only lifts", from_above),
        Claim(
            Ge(Min(y + d, top), Min(z + d, top)),
            by_smallest,
            r"same step from a point not below",
            from_above,
        ),
        Claim(
            Ge(Min(top + d, top), Min(z + d, top)),
            by_smallest,
            "at the top the iterate stays at the top",
            {d: _a},
        ),
    )
    return Step("lemma", "Down first, up afterwards", claims, (Ge(y, z), Ge(d, 0)))


def landing(y1: Any, shifts: Any, lower: float = -1.0, upper: float = 1.0) -> tuple[Any, Any]:
    r"""Where projected steps end, and the lower bound that the projection lemma gives.

    .. math:: y_{j+1} = \Pi_{[l, u]}(y_j + \delta_j), \qquad
        y_{n+1} \ge \min\Big(u, \; y_1 + \sum_{j=1}^n \delta_j\Big)

    The bound is true if no :math:`\delta_j \le 0` comes after a positive one.

    Args:
      y1: starting point(s) in the interval, broadcasts against the shifts without their last axis.
      shifts: the steps :math:`\delta_1, \dots, \delta_n`, shape ``(..., n)``, units of x.
      lower: lower end of the interval.
      upper: upper end.

    Returns:
      ``(end, bound)``, float64 arrays.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 2. Introduced in the chapter "Theorem 2".
    """
    shifts = np.asarray(shifts, np.float64)
    y = np.asarray(y1, np.float64)
    bound = np.minimum(upper, y + shifts.sum(axis=-1))
    for shift in np.moveaxis(shifts, -1, 0):
        y = project(np, y + shift, lower, upper)
    return y, bound


def one_step() -> Step:
    """What a step of the block is at least: the late pull, minus the echo of the big gradient."""
    early = {v_j: (1 - beta2) * _q * C**2 + _w} | _BETAS
    claims = (
        Claim(
            Ge(-m_j, U_j - E_j),
            by_pieces(_a * _w, {_a: beta1**j, _w: -m_n}),
            r"the closed form, and $m_n \le 0$",
        ),
        Claim(
            Le(E_j / sqrt(v_j), K * gamma ** (j - 1)),
            naming(_POWERS, early, by_squares),
            r"$v_{n+j} \ge (1 - \beta_2) F_j$: the $C$ cancels",
        ),
        Claim(
            Ge(U_j / sqrt(v_j), U_j / sqrt(2)),
            naming(_POWERS, {_p: 1 - _e, v_j: 2 / (1 + _w)}, by_squares),
            r"if $v_{n+j} \le 2$, that is, for $j \ge C/2$",
        ),
    )
    hypotheses = (Le(m_n, 0), Ge(v_j, (1 - beta2) * F_j), Le(v_j, 2), Lt(beta1, 1), Lt(beta2, 1))
    names = _named(K, gamma, m_j) | ECHOES
    return Step("one step", "What one step is at least", claims, hypotheses, names)


def step_sizes() -> Step:
    """From the second block on (n >= C) the step size hardly falls within a block."""
    claims = (
        Claim(
            Le(1 / sqrt(n + j), 1 / sqrt(n + 1)),
            by_squares,
            r"$j \ge 1$",
            {j: 1 + _w},
        ),
        Claim(
            Ge(1 / sqrt(n + j), Rational(2, 3) / sqrt(n + 1)),
            by_squares,
            r"$4 (n + j) \le 9 (n + 1)$ because $j \le n$",
            {n: j + _w},
        ),
    )
    return Step("step sizes", "alpha / sqrt(n + j) within a block", claims, (Le(j, n),))


def late_gains() -> Step:
    """The pulls of the second half add up to C/2, but for a remnant of momentum."""
    gains = Sum(U_j, (j, C / 2, C))
    closed = C / 2 + 1 - (beta1 ** (C / 2 - 1) - beta1**C) / (1 - beta1)
    telescopes = by_telescoping(j + beta1 ** (j - 1) / (1 - beta1))
    drop = by_pieces(1 + _a, {_a: beta1**C / (1 - beta1)})

    def closed_form_and_drop(relation: Relational) -> bool:
        adds_up = telescopes(Eq(relation.lhs, closed, evaluate=False))
        return adds_up and drop(relation.func(closed, relation.rhs))

    claims = (
        Claim(
            Eq(gains, closed),
            telescopes,
            r"with $F(j) = j + \beta_1^{j-1}/(1-\beta_1)$ each term is $F(j+1) - F(j)$",
        ),
        Claim(
            Ge(gains, C / 2 - b),
            Reason(closed_form_and_drop, drop.needs),
            r"drop $1 + \beta_1^C/(1-\beta_1)$",
        ),
    )
    names = _named(b) | {U_j: ECHOES[U_j]}
    given = (Lt(beta1, 1), Ge(C, 2))
    return Step("late gains", "The gains of the second half", claims, given, names)


def block_sum() -> Step:
    """Condition (iii) is what makes the gains of a block exceed its losses."""
    gains = sympy.Symbol("G", real=True)  # the sum of the late gains
    slack = condition_3.rhs - condition_3.lhs
    names = {push_up: Rational(2, 3) / sqrt(2) * (C / 2 - b) - K * S, s_3: slack}
    claims = (
        Claim(
            Ge(Rational(2, 3) / sqrt(2) * gains - K * S, push_up),
            by_pieces(sqrt(2) / 3 * _w, {_w: gains - C / 2 + b}),
            r"the bound on the late gains",
        ),
        Claim(
            Ge(push_up, Rational(2, 3) * s_3),
            by_coefficients,
            r"$\frac{1}{2\sqrt2} > \frac13$ before $C$, $\frac{1}{\sqrt2} < 1$ before $b$",
        ),
        Claim(
            Gt(push_up, 0),
            by_pieces(
                _a * C + _d * b + Rational(2, 3) * _s,
                {_s: slack, _a: sqrt(2) / 6 - Rational(2, 9), _d: Rational(2, 3) - sqrt(2) / 3},
            ),
            "line 2 and (iii)",
        ),
    )
    hypotheses = (Ge(gains, C / 2 - b), condition_3)
    return Step("block sum", "A block leads up", claims, hypotheses, names)


def reaches_the_top() -> Step:
    """The guaranteed walks of the blocks add up beyond every bound, so x reaches 1."""
    k = sympy.Symbol("k", integer=True, positive=True)
    root, next_root = sympy.symbols(r"r_k r_{k+1}", positive=True)
    names = {root: sqrt(k * C + 1), next_root: sqrt((k + 1) * C + 1)}
    claims = (
        Claim(
            Eq((next_root - root) * (next_root + root), C),
            by_identity,
            r"$(k+1)C + 1$ minus $kC + 1$",
        ),
        Claim(
            Ge(1 / root, 2 / C * (next_root - root)),
            by_pieces(
                _w / (_q * (_q + _s)),
                {_w: names[next_root] - names[root], _q: names[root], _s: names[next_root]},
            ),
            r"line 1, and $r_{k+1} \ge r_k$",
        ),
    )
    return Step("reach", "Sums of 1/sqrt(kC + 1) grow like the root", claims, (), names)


def block_regret() -> Step:
    """A block that starts at the worst point costs 2 more than the best point, or a little more."""
    rho, points, above, epsilon = sympy.symbols(r"\rho X Y \varepsilon", real=True)
    paid, best = C * 1 - points, (C - (C - 1)) * Integer(-1)
    claims = (
        Claim(
            Eq(rho, 2 * C - above),
            by_identity,
            r"paid minus best, with $Y = \sum_{j=2}^{C} (x_{n+j} + 1)$",
        ),
        Claim(
            Ge(rho, 2),
            by_pieces(_w, {_w: 2 * (C - 1) - above}),
            r"$x \le 1$, so $Y \le 2(C-1)$",
        ),
        Claim(
            Le(rho, 2 + (C - 1) * epsilon),
            by_pieces(_w, {_w: above - (C - 1) * (2 - epsilon)}),
            r"if every $x_{n+j} \ge 1 - \varepsilon$",
        ),
    )
    hypotheses = (Le(above, 2 * (C - 1)), Ge(above, (C - 1) * (2 - epsilon)))
    names = {rho: paid - best, points: above - (C - 1)}
    return Step("block regret", "A block from x = 1 costs 2", claims, hypotheses, names)


def conditions_persist() -> Step:
    """A condition that holds for one C holds for every larger one."""
    x = sympy.Symbol("x", positive=True)
    h, h_next, bent, start = sympy.symbols(r"h_C h_{C+1} \ell''(x) \ell(2)", real=True)
    s, s_next = sympy.symbols("s_C s_{C+2}", real=True)
    # gamma and K keep their names, everything else is written out.
    meant = MEANT | {K: K, S: closed_sum(gamma, C)}
    (echo, pull), (left, _), (steps, room) = sides(NAMED._make(meant[s] for s in NAMED), C)
    first, third = 1 - pull + echo, room - steps
    second = sympy.expand_log(sympy.log(left.subs(C, x)))
    gain = Rational(2, 3) - Rational(3, 2) * K * gamma**C * (1 + gamma) + beta1 ** (C / 2 - 1)
    pieces = {_w: Rational(2, 9) - K * gamma ** (C - 1), _p: beta1 ** (C / 2 - 1), _s: 1 - gamma}
    claims = (
        Claim(
            Eq(h_next - h, -(beta1 ** (C - 1)) * (1 - beta1) ** 2 * (C + 1)),
            by_sameness,
            "(i) says $h_C \\le 1$, and $h$ falls",
        ),
        Claim(
            Eq(bent, -2 / x**2), by_identity, r"(ii) says $\ell(C) \le 0$, and $\ell$ is concave"
        ),
        Claim(Gt(start, 0), by_signs, r"so $\ell$ falls through 0 once, after 2"),
        Claim(Eq(s_next - s, gain), by_sameness, "(iii) says $s_C > 0$"),
        Claim(
            Gt(s_next - s, 0),
            by_pieces(
                _s * (2 + gamma) / 3 + Rational(3, 2) * _w * gamma * (1 + gamma) + _p, pieces
            ),
            r"$\gamma^{C-1}$ is the least of the $C$ terms of $S$, so if (iii) holds at $C$, then "
            r"$\frac32 K \gamma^{C-1} < \frac1C \cdot \frac C3$",
        ),
    )
    names = {h: first, h_next: first.subs(C, C + 1), s: third, s_next: third.subs(C, C + 2)}
    names |= {bent: sympy.diff(second, x, 2), start: second.subs(x, 2)}
    least = Le(K * gamma ** (C - 1), Rational(2, 9))
    hypotheses = (Lt(gamma, 1), Lt(beta1, 1), Ge(C, 2), least)
    return Step(
        "persistence", "Once true, true for every larger C", claims, hypotheses, names, "ours"
    )


def proof() -> tuple[Step, ...]:
    """All steps of Theorem 2, in the order of the argument.

    Returns:
      Steps; ``all(step.check() for step in proof())`` is the theorem.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2. Introduced in the chapter "Theorem 2".
    """
    return (
        in_a_block.block(),
        in_a_block.momentum_ends_negative(),
        in_a_block.momentum_falls(),
        projection_lemma(),
        in_a_block.second_moment_bounds(),
        in_a_block.second_moment_late(),
        one_step(),
        step_sizes(),
        late_gains(),
        block_sum(),
        reaches_the_top(),
        block_regret(),
        conditions_persist(),
    )
