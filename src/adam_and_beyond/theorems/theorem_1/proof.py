r"""The proof of Theorem 1 (Reddi, Kale and Kumar 2018) as named steps, and the repair of its gap.

Losses of period three, :math:`Cx, -x, -x` on [-1, 1]; Adam with beta1 = 0, beta2 = 1/(1 + C^2),
alpha_t = alpha/sqrt(t), x_1 = 1. In the paper's notation cycle t (from 0) is the steps 3t+1, 3t+2,
3t+3. Nothing of Adam is retyped here: second moments and step lengths come from the rule in
:mod:`adam_and_beyond.methods`.

Every function returns a :class:`~adam_and_beyond.proofs.step.Step`; :func:`proof` returns
them all, in order.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ge, Gt, Integer, Le, Lt, Rational, sqrt

from adam_and_beyond.methods import SYMBOLIC, get, get_schedule
from adam_and_beyond.proofs.step import (
    Claim,
    Step,
    by_evaluation,
    by_identity,
    by_signs,
    by_squares,
    by_sturm,
    sign,
    unfold,
)

# The symbols of the theorem. Positivity is declared, so that SymPy may use it and solve() has one
# answer.
C, alpha = sympy.symbols("C alpha", positive=True)
beta2 = sympy.Symbol("beta2", positive=True)
t = sympy.Symbol("t", integer=True, nonnegative=True)  # number of the cycle, from 0
# Second moments at the end of the previous cycle and after each step of this one.
v0 = sympy.Symbol("v_{3t}", nonnegative=True)  # 0 before the first gradient, positive ever after
v1, v2, v3 = (sympy.Symbol(f"v_{{3t+{k}}}", positive=True) for k in (1, 2, 3))
# The big step, the two small steps, the largest possible big step, and the points before
# projection.
T_1, S_1, S_2, T_max = sympy.symbols(r"T_1 S_1 S_2 T_1^{\max}", real=True)
x4 = sympy.Symbol(r"\hat{x}_{3t+4}", real=True)

# Slack: non-negative (or positive) numbers that build a hypothesis into a symbol, as in C = 2 + c.
_a, _c, _s = sympy.symbols("a c s", positive=True)
_p, _q, _r, _w = sympy.symbols("p q r w", nonnegative=True)
_k = sympy.Symbol("k", integer=True, nonnegative=True)
_BETA2_BELOW_1 = {beta2: 1 / (1 + _s)}
_ALPHA_BELOW_LIMIT = {alpha: sqrt(1 - beta2) / (1 + _a)} | _BETA2_BELOW_1


def adam_step(gradient, second_moment, step, schedule="inverse_sqrt"):
    r"""One step of the rule: the new v, and how far x moves, :math:`-\alpha_t m_t / \sqrt{v_t}`.

    Args:
      gradient: g at this step, symbolic.
      second_moment: v left by the step before.
      step: the step number, from 1.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.

    Returns:
      ``(v, increment)``, SymPy expressions in ``C, alpha, beta2`` and the arguments.

    References:
      Introduced in the chapter "Theorem 1".
    """
    method = get("adam").over(beta1=Integer(0), beta2=beta2)
    state = method.init(Integer(0))._replace(v=second_moment)
    update = method.update(gradient, state, step, SYMBOLIC)
    alpha_t = get_schedule(schedule)(SYMBOLIC, alpha, step)
    return update.state.v, -alpha_t * update.m / update.sqrt_V


def one_cycle(schedule="inverse_sqrt"):
    """One cycle by the rule: definitions of its moments, and of the lengths of its steps."""
    (e1, big), (e2, small1), (e3, small2) = (
        adam_step(gradient, before, 3 * t + k, schedule)
        for k, (gradient, before) in enumerate(((C, v0), (-1, v1), (-1, v2)), start=1)
    )
    moments = {v1: e1, v2: e2, v3: e3}
    steps = {T_1: -big, S_1: small1, S_2: small2}
    return moments, steps


_MOMENTS, _STEPS = one_cycle()
_STEPS[T_max] = alpha / (sqrt(3 * t + 1) * sqrt(1 - beta2))


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
    return Step("update", "The rule, run on the gradients C, -1, -1", claims, (), _MOMENTS | _STEPS)


def moments_stay_below() -> Step:
    """The second moment never exceeds C^2, the largest square of which it is an average."""
    slack = {C: 1 + _c} | _BETA2_BELOW_1
    claims = tuple(
        Claim(Le(_MOMENTS[after], C**2), by_signs, why, {before: C**2 - _w} | slack)
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
    hypotheses = (Ge(v0, 0, evaluate=False), Lt(beta2, 1), Lt(alpha, sqrt(1 - beta2)))
    return Step("big step", "0 < T_1 <= T_max < 1, so 0 < x_{3t+2} < 1", claims, hypotheses, _STEPS)


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
    return Step("small steps", "Lower bounds on the two steps up", claims, given, _STEPS)


def balance():
    r"""What the argument needs of beta2: the two small steps' bound, with both roots replaced by
    :math:`\sqrt{2(3t+1)}`, must reach the bound on the big step. Squared ratio of the two."""
    small = 2 * alpha / (sqrt(2 * (3 * t + 1)) * sqrt(beta2 * C**2 + 1 - beta2))
    return sympy.simplify(small**2 / _STEPS[T_max] ** 2)


def solutions_for_beta2() -> list[sympy.Expr]:
    """Every positive beta2 at which the bound on the small steps meets that on the big one."""
    return sympy.solve(Eq(balance(), 1), beta2)


def identity() -> Step:
    """Where beta2 = 1/(1 + C^2) comes from: it is the only value at which the two bounds meet."""
    (solution,) = solutions_for_beta2()  # a second solution, or none, would stop here
    q = sympy.Symbol("q", real=True)
    small, big = beta2 * C**2 + 1 - beta2, 2 * (1 - beta2)

    def is_the_solution(relation):
        return relation.lhs == beta2 and [relation.rhs] == solutions_for_beta2()

    claims = (
        Claim(Eq(q, big / small), by_identity, "squared ratio of the two bounds"),
        Claim(Eq(beta2, solution), is_the_solution, "$q = 1$ solved for; it is linear, so unique"),
        Claim(Eq(small, big), by_identity, "the solution put back", {beta2: solution}),
        Claim(Ge(q, 1), by_signs, r"also for any smaller $\beta_2$", {beta2: 1 / (1 + C**2 + _r)}),
    )
    return Step("identity", "The bounds meet at exactly one beta2", claims, (), {q: balance()})


def printed_ratio(cycle=t):
    """Left over right side of the printed inequality (*); it holds where this is at least 1."""
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

    def adds_up(relation):
        # S_1 + S_2 - T_1 is a sum of three differences, each non-negative by the lines above.
        parts = ((S_1 - T_max / 2), (S_2 - T_max / 2), (T_max - T_1))
        excess = relation.lhs - relation.rhs - unfold(sum(parts), _STEPS).subs(small_enough)
        return relation.rel_op == ">=" and sympy.simplify(excess) == 0

    claims = (
        Claim(Le(T_1, T_max), by_squares, "as in the big step", small_enough),
        Claim(Ge(S_1, T_max / 2), by_squares, half, small_enough | {v1: C**2 / (1 + _w)}),
        Claim(Ge(S_2, T_max / 2), by_squares, half, small_enough | {v2: C**2 / (1 + _w)}),
        Claim(Ge(x4, 1), adds_up, "the sum of the lines above", small_enough),
    )
    hypotheses = (
        Ge(v0, 0, evaluate=False),
        Le(v1, C**2),
        Le(v2, C**2),
        Le(beta2, 1 / (1 + C**2)),
        Ge(t, 1),
    )
    statement = "Each step up is at least T_max / 2, so x_{3t+4} = 1"
    return Step("push back", statement, claims, hypotheses, _STEPS | {x4: 1 - T_1 + S_1 + S_2})


def first_block_function(b=beta2):
    r"""What the small steps of the first cycle recover, in units of its big step."""
    return 1 / sqrt(2 * (2 - b)) + 1 / sqrt(3 * (1 + 2 * b - b**2))


def _first_moments(value_of_C):
    """v_1, v_2, v_3 from the rule, started at v_0 = 0."""
    m1 = _MOMENTS[v1].subs({v0: 0, C: value_of_C})
    m2 = _MOMENTS[v2].subs(v1, m1)
    return m1, m2, _MOMENTS[v3].subs(v2, m2)


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
    cycle = {name: e.subs({t: 0, v0: 0, C: _C_of_beta2()}) for name, e in _STEPS.items()}
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

    return reason


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
    """Limit of T_max as the cycles go on: 0, so the regret of a cycle tends to 2C - 4."""
    return sympy.limit(_STEPS[T_max], t, sympy.oo)


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
