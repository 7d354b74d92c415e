r"""Theorem 6 (Reddi, Kale and Kumar 2018), Adam with epsilon under the root, and its repair.

The losses, the start and the step size are those of :mod:`.theorem_1`; beta2 = 2 / ((1 + C^2) C^2).
Multiplying all losses by s turns epsilon into epsilon / s^2, so one value of epsilon is enough. The
paper takes epsilon = 1, with which the first cycle falls short of 1; epsilon = 1/2 repairs it.
Steps come from the rule in :mod:`adam_and_beyond.methods`.
"""

from __future__ import annotations

from typing import Any

import mpmath
import sympy
from sympy import Eq, Ge, Gt, Integer, Le, Lt, Rational, sqrt

from adam_and_beyond.methods import SYMBOLIC, get, get_schedule
from adam_and_beyond.proofs.exact import exact, unfold
from adam_and_beyond.proofs.needs import Reason
from adam_and_beyond.proofs.reasons import by_the_hypotheses
from adam_and_beyond.proofs.step import (
    Claim,
    Step,
    by_evaluation,
    by_identity,
    by_signs,
    by_squares,
)
from adam_and_beyond.theorems.theorem_1.cycle import (
    S_1,
    S_2,
    T_1,
    C,
    T_max,
    alpha,
    beta2,
    t,
    v0,
    v1,
    v2,
    v3,
)

epsilon = sympy.Symbol("epsilon", positive=True)
scale = sympy.Symbol("s", positive=True)
half, needed = sympy.symbols("h u", positive=True)

_c, _s = sympy.symbols("c s_0", positive=True)
_r, _w = sympy.symbols("r w", nonnegative=True)
_k = sympy.Symbol("k", integer=True, nonnegative=True)
PAPERS_BETA2 = 2 / ((1 + C**2) * C**2)
_BETA2_BELOW_1 = {beta2: 1 / (1 + _s)}
# C > 2 and 0 < epsilon <= 1, with the paper's beta2.
_SETTING = {beta2: PAPERS_BETA2, C: 2 + _c, epsilon: 1 / (1 + _r)}


def adam_step(gradient: Any, second_moment: Any, step: Any) -> tuple[Any, Any]:
    r"""One step of the rule: the new v, and how far x moves.

    .. math:: x_{t+1} - x_t = -\alpha_t m_t / \sqrt{v_t + \epsilon}

    Args:
      gradient: g at this step, symbolic or exact.
      second_moment: v left by the step before.
      step: the step number, from 1.

    Returns:
      ``(v, increment)``, in ``C, alpha, beta2, epsilon`` and the arguments.

    References:
      Reddi, Kale and Kumar (2018), update (3).
    """
    method = get("adam_epsilon_inside").over(beta1=Integer(0), beta2=beta2, epsilon=epsilon)
    state = method.init(Integer(0))._replace(v=second_moment)
    update = method.update(gradient, state, step, SYMBOLIC)
    alpha_t = get_schedule("inverse_sqrt")(SYMBOLIC, alpha, step)
    return update.state.v, -alpha_t * update.m / update.sqrt_V


def _one_cycle():
    """One cycle by the rule: definitions of its moments, and of the lengths of its steps."""
    rounds = enumerate(((C, v0), (-1, v1), (-1, v2)), start=1)
    (e1, big), (e2, first), (e3, second) = (adam_step(g, v, 3 * t + k) for k, (g, v) in rounds)
    return {v1: e1, v2: e2, v3: e3}, {T_1: -big, S_1: first, S_2: second}


_MOMENTS, _STEPS = _one_cycle()
_STEPS[T_max] = alpha / (sqrt(3 * t + 1) * sqrt(1 - beta2 + epsilon / C**2))
# The two sides that the choice of beta2 compares.
_SIDES = {half: (beta2 * C**2 + 1 - beta2 + epsilon) / 2, needed: 1 - beta2 + epsilon / C**2}


def scaling() -> Step:
    """Losses multiplied by s: the same points as with epsilon / s^2."""
    g, v, b = sympy.Symbol("g", real=True), v1, beta2
    averaged = b * v + (1 - b) * g**2
    scaled = b * (scale**2 * v) + (1 - b) * (scale * g) ** 2
    directions = scale * g / sqrt(scale**2 * v + epsilon), g / sqrt(v + epsilon / scale**2)
    claims = (
        Claim(
            Eq(scaled, scale**2 * averaged),
            by_identity,
            "so $v$ is multiplied by $s^2$ in every round",
        ),
        Claim(
            Eq(*directions, evaluate=False),
            by_identity,
            r"and the direction is that of $\epsilon / s^2$",
        ),
    )
    return Step("scaling", "Multiplying the losses by s divides epsilon by s^2", claims)


def update_in_the_cycle() -> Step:
    """The update inside one cycle that starts at x = 1, with epsilon under each root."""
    claims = (
        Claim(
            Eq(T_1, alpha * C / (sqrt(3 * t + 1) * sqrt(v1 + epsilon))),
            by_identity,
            "the step down",
        ),
        Claim(
            Eq(S_1, alpha / (sqrt(3 * t + 2) * sqrt(v2 + epsilon))),
            by_identity,
            "the first step up",
        ),
        Claim(
            Eq(S_2, alpha / (sqrt(3 * t + 3) * sqrt(v3 + epsilon))),
            by_identity,
            "the second step up",
        ),
    )
    given, names = (Lt(beta2, 1),), _MOMENTS | _STEPS
    return Step("update", "The rule, run on the gradients C, -1, -1", claims, given, names)


def big_step() -> Step:
    """The step down is at most T_max < 1."""
    limit = {alpha: sqrt(1 - beta2) / (1 + _w)} | _BETA2_BELOW_1
    claims = (
        Claim(Le(T_1, T_max), by_squares, r"drop $\beta_2 v_{3t} \ge 0$", _BETA2_BELOW_1),
        Claim(Lt(T_max, 1), by_squares, r"$\epsilon > 0$ only shortens it", limit),
    )
    hypotheses = (Lt(beta2, 1), Le(alpha, sqrt(1 - beta2)))
    return Step("big step", "T_1 <= T_max < 1, so 0 < x_{3t+2}", claims, hypotheses, _STEPS)


def small_steps() -> Step:
    """Each step up is at least what it would be if v had its largest possible value, C^2."""
    root = sqrt(beta2 * C**2 + 1 - beta2 + epsilon)
    why = "in the root, the old $v$ replaced by its upper bound $C^2$"
    claims = tuple(
        Claim(
            Ge(S, alpha / (sqrt(3 * t + k) * root)),
            by_squares,
            why,
            {v: C**2 / (1 + _w)} | _BETA2_BELOW_1,
        )
        for S, k, v in ((S_1, 2, v1), (S_2, 3, v2))
    )
    given = (Le(v1, C**2), Le(v2, C**2), Lt(beta2, 1))
    return Step("small steps", "Lower bounds on the two steps up", claims, given, _STEPS)


def identity() -> Step:
    """The paper's identity with the epsilon that its print forgets, and what it is good for."""
    difference = (C**2 - 2) * (epsilon - 1) / (2 * C**2)
    claims = (
        Claim(
            Eq(half - needed, difference),
            by_identity,
            r"the paper's $\beta_2$ put in",
            {beta2: PAPERS_BETA2},
        ),
        Claim(Le(half, needed), by_signs, r"hence, as $\epsilon \le 1$ and $C^2 > 2$", _SETTING),
    )
    setting = (Eq(beta2, PAPERS_BETA2), Gt(C, 2), Le(epsilon, 1))
    return Step("identity", "h <= u, with equality at epsilon = 1", claims, setting, _SIDES)


def printed_identity() -> Step:
    """As printed, without that epsilon, the two sides are never equal."""
    printed = half - epsilon / 2
    claims = (
        Claim(
            Eq(printed - needed, -(C**2 - 2 + 2 * epsilon) / (2 * C**2)),
            by_identity,
            r"the paper's $\beta_2$ put in",
            {beta2: PAPERS_BETA2},
        ),
        Claim(
            Lt(-(C**2 - 2 + 2 * epsilon) / (2 * C**2), 0),
            by_signs,
            r"$C^2 > 2$",
            {C: 2 + _c},
        ),
    )
    setting = (Eq(beta2, PAPERS_BETA2), Gt(C, 2))
    return Step("printed", "The printed sides differ", claims, setting, _SIDES)


def push_back() -> Step:
    """From the second cycle on the two steps up exceed the step down by a fifth of T_max."""
    bound_1, bound_2 = sympy.symbols(r"S_1^{\min} S_2^{\min}", positive=True)
    lengths = {
        T_max: alpha / (sqrt(3 * t + 1) * sqrt(needed)),
        bound_1: alpha / (sqrt(3 * t + 2) * sqrt(2 * half)),
        bound_2: alpha / (sqrt(3 * t + 3) * sqrt(2 * half)),
    }
    later = {t: 1 + _k, half: needed / (1 + _r)}
    first, second = sqrt(Rational(2, 5)), sqrt(Rational(1, 3))
    claims = (
        Claim(
            Ge(bound_1, first * T_max),
            by_squares,
            r"$\frac{3t+1}{3t+2} \ge \frac45$ and $h \le u$",
            later,
        ),
        Claim(
            Ge(bound_2, second * T_max),
            by_squares,
            r"$\frac{3t+1}{3t+3} \ge \frac23$ and $h \le u$",
            later,
        ),
        Claim(Gt(first + second, Rational(6, 5), evaluate=False), by_evaluation, "exact value"),
    )
    hypotheses = (Le(half, needed), Ge(t, 1))
    return Step("push back", "S_1 + S_2 >= 6/5 T_max >= 6/5 T_1", claims, hypotheses, lengths)


def _first_cycle():
    """The lengths of the steps of the first cycle, where v_0 = 0, in C, beta2, epsilon, alpha."""
    moments = unfold(sympy.Tuple(v1, v2, v3), _MOMENTS | {v0: Integer(0)})
    values = dict(zip((v1, v2, v3), moments, strict=True)) | {v0: Integer(0)}
    lengths = (S.subs(t, 0) for S in (_STEPS[T_1], _STEPS[S_1], _STEPS[S_2]))
    return [unfold(S, values) for S in lengths]


_inverse = sympy.Symbol("q", positive=True)  # 1 / C^2, in (0, 1/4] for C >= 2


def _for_every_C(relation) -> bool:
    """A strict inequality between squares of quotients, for 0 < 1/C^2 <= 1/4, by Sturm."""
    if relation.rel_op not in ("<", ">"):
        return False
    difference = sympy.together(sympy.simplify(relation.gts**2 - relation.lts**2))
    parts = [sympy.Poly(part, _inverse) for part in sympy.fraction(sympy.cancel(difference))]
    if any(part.count_roots(0, Rational(1, 4)) for part in parts):
        return False
    return parts[0].eval(0) * parts[1].eval(0) > 0


def _within(relation, known):
    """The range of C, and that the larger side is not negative: so its square decides."""
    at_least_2 = Le(1 / C**2, Rational(1, 4), evaluate=False)
    return at_least_2, Ge(relation.gts, 0, evaluate=False)


_by_sturm_for_every_C = Reason(_for_every_C, _within)


def _first_block(name, statement, value, bounds, order, total) -> Step:
    down, one, two = _first_cycle()
    r1, r2 = sympy.symbols("r_1 r_2", positive=True)
    ratios = {r1: one / down, r2: two / down}
    in_q = {beta2: PAPERS_BETA2, epsilon: value, C: 1 / sqrt(_inverse)}

    why = "their squares are rational in $q = 1/C^2$: no root in $[0, 1/4]$ (Sturm)"
    claims = (
        Claim(order(r1, bounds[0]), _by_sturm_for_every_C, why, in_q),
        Claim(order(r2, bounds[1]), _by_sturm_for_every_C, why, in_q),
        Claim(
            order(r1 + r2, total),
            by_the_hypotheses,
            "the sum of the lines above",
            in_q,
            lines=(0, 1),
        ),
    )
    hypotheses = (Ge(C, 2), Eq(beta2, PAPERS_BETA2), Eq(epsilon, value))
    return Step(name, statement, claims, hypotheses, ratios, "ours")


def first_block() -> Step:
    """With epsilon = 1 the first cycle misses 1, by 4 per cent of its step down or more."""
    statement = "S_1 + S_2 < 24/25 T_1 in the first cycle, for every C >= 2 and every alpha"
    bounds = Rational(51, 100), Rational(45, 100)
    return _first_block("first block", statement, Integer(1), bounds, Lt, Rational(24, 25))


def first_block_repaired() -> Step:
    """With epsilon = 1/2 the first cycle ends at 1, as the induction wants."""
    statement = "S_1 + S_2 > T_1 in the first cycle, for every C >= 2 and every alpha"
    bounds = Rational(535, 1000), Rational(468, 1000)
    return _first_block("first block, repaired", statement, Rational(1, 2), bounds, Gt, Integer(1))


def shortfall(value_of_C: Any, value_of_epsilon: Any, value_of_beta2: Any = None) -> sympy.Expr:
    r"""By how much the first cycle misses 1, over alpha; negative if it overshoots.

    .. math:: \frac{T_1 - S_1 - S_2}{\alpha} = \frac{C}{\sqrt{v_1 + \epsilon}}
        - \frac{1}{\sqrt{2 (v_2 + \epsilon)}} - \frac{1}{\sqrt{3 (v_3 + \epsilon)}}

    Args:
      value_of_C: C, exact.
      value_of_epsilon: epsilon, exact (or a symbol).
      value_of_beta2: exact; by default the paper's 2 / ((1 + C^2) C^2).

    Returns:
      An exact SymPy expression.

    References:
      Ours. Introduced in the chapter "Theorem 6".
    """
    b = PAPERS_BETA2 if value_of_beta2 is None else exact(value_of_beta2)
    down, one, two = _first_cycle()
    expression = ((down - one - two) / alpha).subs(beta2, b)
    return sympy.simplify(expression.subs({C: exact(value_of_C), epsilon: exact(value_of_epsilon)}))


def epsilon_threshold(value_of_C: Any, digits: int = 30) -> mpmath.mpf:
    r"""The epsilon up to which the first cycle ends at 1, with the paper's beta2.

    Args:
      value_of_C: C, exact, at least 2.
      digits: how many to compute.

    Returns:
      The zero of :func:`shortfall` in epsilon, an mpmath number.

    References:
      Ours. Introduced in the chapter "Theorem 6".
    """
    gap = sympy.lambdify(epsilon, shortfall(value_of_C, epsilon), "mpmath")
    with mpmath.workdps(digits + 5):
        return mpmath.findroot(gap, (mpmath.mpf("0.5"), mpmath.mpf("0.7")), solver="anderson")


def limit_of_threshold() -> Step:
    """As C grows the threshold tends to the root of 1 = (1/sqrt(2) + 1/sqrt(3)) / sqrt(1 + e)."""
    limit = sympy.Symbol(r"\epsilon_\infty", positive=True)
    found = 2 / sqrt(6) - Rational(1, 6)
    claims = (
        Claim(
            Eq(1 / sqrt(2 * (1 + limit)) + 1 / sqrt(3 * (1 + limit)), 1),
            lambda relation: by_identity(Eq(relation.lhs**2, relation.rhs**2)),
            r"for $C \to \infty$: $v_1/C^2, v_2, v_3 \to 1$",
        ),
    )
    return Step("limit", "The threshold for large C", claims, (), {limit: found}, "ours")


def proof() -> tuple[Step, ...]:
    """All steps of Theorem 6 as repaired, with epsilon = 1/2 after scaling, in order.

    Returns:
      Steps; what a cycle costs is :func:`.theorem_1.cycle_regret`.

    References:
      Reddi, Kale and Kumar (2018), Theorem 6. Introduced in the chapter "Theorem 6".
    """
    return (
        scaling(),
        update_in_the_cycle(),
        big_step(),
        small_steps(),
        identity(),
        push_back(),
        first_block_repaired(),
    )
