r"""The proof of Theorem 1 (Reddi, Kale and Kumar 2018) as named steps, and the repair of its gap.

Losses of period three, :math:`Cx, -x, -x` on [-1, 1]; Adam with beta1 = 0, beta2 = 1/(1 + C^2),
alpha_t = alpha/sqrt(t), x_1 = 1. What the rule does in a cycle is in :mod:`.cycle`, the repair in
:mod:`.first_block`.

Every function returns a :class:`~adam_and_beyond.proofs.step.Step`; :func:`proof` returns
them all, in order.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ge, Gt, Integer, Le, Lt, sqrt

from adam_and_beyond.proofs.reasons import by_the_hypotheses
from adam_and_beyond.proofs.step import Claim, Step, by_identity, by_signs, by_squares
from adam_and_beyond.theorems.theorem_1.cycle import (
    MOMENTS,
    S_1,
    S_2,
    STEPS,
    T_1,
    C,
    T_max,
    alpha,
    beta2,
    solutions_for_beta2,
    t,
    v0,
    v1,
    v2,
    v3,
    x4,
)
from adam_and_beyond.theorems.theorem_1.cycle import adam_step as adam_step
from adam_and_beyond.theorems.theorem_1.cycle import balance as balance
from adam_and_beyond.theorems.theorem_1.cycle import one_cycle as one_cycle
from adam_and_beyond.theorems.theorem_1.first_block import (
    first_block,
    first_block_moments,
    smaller_beta2,
)
from adam_and_beyond.theorems.theorem_1.first_block import (
    first_block_function as first_block_function,
)

# Slack: non-negative (or positive) numbers that build a hypothesis into a symbol, as in C = 2 + c.
_a, _c, _s = sympy.symbols("a c s", positive=True)
_p, _q, _r, _w = sympy.symbols("p q r w", nonnegative=True)
_k = sympy.Symbol("k", integer=True, nonnegative=True)
_BETA2_BELOW_1 = {beta2: 1 / (1 + _s)}
_ALPHA_BELOW_LIMIT = {alpha: sqrt(1 - beta2) / (1 + _a)} | _BETA2_BELOW_1


def update_in_the_cycle() -> Step:
    """The update inside one cycle that starts at x = 1: one step down, two steps up."""
    claims = (
        Claim(Eq(v1, beta2 * v0 + (1 - beta2) * C**2), by_identity, "the rule, gradient $C$"),
        Claim(Eq(v2, beta2 * v1 + (1 - beta2)), by_identity, "the rule, gradient $-1$"),
        Claim(Eq(v3, beta2 * v2 + (1 - beta2)), by_identity, "the rule, gradient $-1$"),
        Claim(Eq(T_1, alpha * C / (sqrt(3 * t + 1) * sqrt(v1))), by_identity, "the step down"),
        Claim(Eq(S_1, alpha / (sqrt(3 * t + 2) * sqrt(v2))), by_identity, "the first step up"),
        Claim(Eq(S_2, alpha / (sqrt(3 * t + 3) * sqrt(v3))), by_identity, "the second step up"),
    )
    given, names = (Lt(beta2, 1),), MOMENTS | STEPS
    return Step("update", "The rule, run on the gradients C, -1, -1", claims, given, names)


def moments_stay_below() -> Step:
    """The second moment never exceeds C^2, the largest square of which it is an average."""
    slack = {C: 1 + _c} | _BETA2_BELOW_1
    claims = tuple(
        Claim(Le(MOMENTS[after], C**2), by_signs, why, {before: C**2 - _w} | slack)
        for before, after, why in (
            (v0, v1, "an average of $v_{3t}$ and $C^2$"),
            (v1, v2, "an average of $v_{3t+1}$ and 1"),
            (v2, v3, "an average of $v_{3t+2}$ and 1"),
        )
    )
    hypotheses = (Le(v0, C**2), Le(v1, C**2), Le(v2, C**2), Gt(C, 1), Lt(beta2, 1))
    return Step("moments", "If v <= C^2 before a step, so it is after it", claims, hypotheses)


def big_step() -> Step:
    """The step down is at most T_max < 1: the iterate stays inside, nothing is projected."""
    claims = (
        Claim(Gt(T_1, 0), by_signs, "the big gradient points down", _BETA2_BELOW_1),
        Claim(
            Le(T_1, T_max),
            by_squares,
            r"drop $\beta_2 v_{3t} \ge 0$ from the denominator",
            _BETA2_BELOW_1,
        ),
        Claim(
            Lt(T_max, 1),
            by_squares,
            r"$3t + 1 \ge 1$, and the hypothesis on $\alpha$",
            _ALPHA_BELOW_LIMIT,
        ),
    )
    hypotheses = (Lt(beta2, 1), Lt(alpha, sqrt(1 - beta2)))
    return Step("big step", "0 < T_1 <= T_max < 1, so 0 < x_{3t+2} < 1", claims, hypotheses, STEPS)


def small_steps() -> Step:
    """Each step up is at least what it would be if v had its largest possible value, C^2."""
    root = sqrt(beta2 * C**2 + 1 - beta2)
    why = "in the root, the old $v$ replaced by its upper bound $C^2$"
    claims = (
        Claim(
            Ge(S_1, alpha / (sqrt(3 * t + 2) * root)),
            by_squares,
            why,
            {v1: C**2 / (1 + _w)} | _BETA2_BELOW_1,
        ),
        Claim(
            Ge(S_2, alpha / (sqrt(3 * t + 3) * root)),
            by_squares,
            why,
            {v2: C**2 / (1 + _w)} | _BETA2_BELOW_1,
        ),
    )
    given = (Le(v1, C**2), Le(v2, C**2), Lt(beta2, 1))
    return Step("small steps", "Lower bounds on the two steps up", claims, given, STEPS)


def identity() -> Step:
    """Where beta2 = 1/(1 + C^2) comes from: it is the only value at which the two bounds meet."""
    (solution,) = solutions_for_beta2()  # a second solution, or none, would stop here
    q = sympy.Symbol("q", real=True)
    small, big = beta2 * C**2 + 1 - beta2, 2 * (1 - beta2)
    smaller = {beta2: 1 / (1 + C**2 + _r)}
    claims = (
        Claim(Eq(q, big / small), by_identity, "squared ratio of the two bounds"),
        Claim(
            Eq(beta2, solution),
            by_the_hypotheses,
            "$q = 1$ solved for; it is linear, so unique",
            given=(Eq(q, 1),),
        ),
        Claim(
            Eq(small, big),
            by_identity,
            "the solution put back",
            {beta2: solution},
            (Eq(beta2, solution),),
        ),
        Claim(
            Ge(q, 1),
            by_signs,
            r"also for any smaller $\beta_2$",
            smaller,
            (Le(beta2, solution),),
        ),
    )
    given = (Lt(beta2, 1),)
    return Step("identity", "The bounds meet at exactly one beta2", claims, given, {q: balance()})


def printed_ratio(cycle=t):
    """Left over right side of the printed inequality (*); it holds where this is at least 1.

    Args:
      cycle: number of the cycle, from 0; a symbol or a number.

    Returns:
      A SymPy expression.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 1. Introduced in the chapter "Theorem 1".
    """
    left = 1 / sqrt(3 * cycle + 2) + 1 / sqrt(3 * cycle + 3)
    return left / (sqrt(2) / sqrt(3 * cycle + 1))


def printed_inequality() -> Step:
    """The printed inequality (*) for t >= 1, term by term; ``printed_ratio(0)`` is below 1."""
    half = 1 / sqrt(2 * (3 * t + 1))
    later = {t: 1 + _k}
    claims = (
        Claim(
            Ge(1 / sqrt(3 * t + 2), half), by_squares, r"$3t + 2 \le 6t + 2$ if $t \ge 0$", {t: _k}
        ),
        Claim(
            Ge(1 / sqrt(3 * t + 3), half), by_squares, r"$3t + 3 \le 6t + 2$ if $t \ge 1/3$", later
        ),
    )
    return Step("(*)", "(*) from the second cycle on", claims, (Ge(t, 1),))


def push_back() -> Step:
    """From the second cycle on the steps up undo the step down, if beta2 <= 1/(1 + C^2)."""
    small_enough = {beta2: 1 / (1 + C**2 + _r), t: 1 + _k}
    half = r"$v \le C^2$, the bound on $\beta_2$, and (∗)"

    claims = (
        Claim(Le(T_1, T_max), by_squares, "as in the big step", small_enough),
        Claim(Ge(S_1, T_max / 2), by_squares, half, small_enough | {v1: C**2 / (1 + _w)}),
        Claim(Ge(S_2, T_max / 2), by_squares, half, small_enough | {v2: C**2 / (1 + _w)}),
        Claim(
            Ge(x4, 1),
            by_the_hypotheses,
            "the sum of the lines above",
            small_enough,
            lines=(0, 1, 2),
        ),
    )
    hypotheses = (
        Le(v1, C**2),
        Le(v2, C**2),
        Le(beta2, 1 / (1 + C**2)),
        Ge(t, 1),
    )
    statement = "Each step up is at least T_max / 2, so x_{3t+4} = 1"
    return Step("push back", statement, claims, hypotheses, STEPS | {x4: 1 - T_1 + S_1 + S_2})


def cycle_regret() -> Step:
    """A cycle from x = 1 costs between 2C - 4 and 2C - 4 + 2 T_max more than the point -1."""
    x, second, third = sympy.symbols(r"x x_{3t+2} x_{3t+3}", real=True)
    regret = sympy.Symbol(r"\rho_t", real=True)
    paid = C * 1 - second - third
    best = (C - 2) * Integer(-1)
    # second >= 1 - T_1 >= 1 - T_max, and the next step goes up.
    near = {third: second + _q, second: 1 - T_max + _p}
    claims = (
        Claim(
            Ge((C - 2) * x, best), by_signs, "$x = -1$ is best if $C > 2$", {C: 2 + _c, x: -1 + _p}
        ),
        Claim(Eq(regret, 2 * C - 2 - second - third), by_identity, "paid minus best"),
        Claim(
            Ge(regret, 2 * C - 4),
            by_signs,
            "both points are at most 1",
            {second: 1 - _p, third: 1 - _q},
        ),
        Claim(
            Le(regret, 2 * C - 4 + 2 * T_max),
            by_signs,
            r"both points are at least $1 - T_1^{\max}$",
            near,
        ),
    )
    hypotheses = (Gt(C, 2), Ge(x, -1), Le(third, 1), Ge(third, second), Ge(second, 1 - T_max))
    statement = "Each cycle costs at least 2C - 4, and tends to it"
    return Step("cycle regret", statement, claims, hypotheses, {regret: paid - best})


def limit_of_T_max():
    """Limit of T_max as the cycles go on: 0, so the regret of a cycle tends to 2C - 4.

    Returns:
      A SymPy number.
    """
    return sympy.limit(STEPS[T_max], t, sympy.oo)


def proof() -> tuple[Step, ...]:
    """All steps of Theorem 1 with the decreasing step size, in the order of the argument.

    Returns:
      Steps; ``all(step.check() for step in proof())`` is the theorem.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """
    return (
        update_in_the_cycle(),
        moments_stay_below(),
        big_step(),
        small_steps(),
        identity(),
        printed_inequality(),
        push_back(),
        first_block_moments(),
        first_block(),
        smaller_beta2(),
        cycle_regret(),
    )
