r"""Theorem 4 (Reddi, Kale and Kumar 2018): the bound on AMSGrad's regret, step by step.

One coordinate; the theorem adds them up. In round t: the distance e = x_t - x^* to a rival, the
gradient g, the average m, the root w of v_hat, the step size a. A second index p is the round
before. Rule and step come from :mod:`adam_and_beyond.methods`.

Two ways lead to the end: the published one, which solves for g and divides by 1 - beta1_t, and
:func:`direct`, ours, which compares g with m and never divides.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Ge, Gt, Integer, Le, Lt, Rational, sqrt

from adam_and_beyond.methods import SYMBOLIC, direction, get, projected_step
from adam_and_beyond.proofs.reasons import by_pieces, by_sameness, by_the_hypotheses
from adam_and_beyond.proofs.step import (
    Claim,
    Step,
    by_identity,
    by_signs,
    by_squares,
    by_sturm,
)

x, star, g, m_before, e, m = sympy.symbols(r"x_t x^* g_t m_{t-1} e_t m_t", real=True)
e_before, move = sympy.symbols(r"e_{t-1} \Delta", real=True)
landed = sympy.Symbol(r"\hat{x}_{t+1}", real=True)
lower, upper = sympy.symbols("l u", real=True)
a, a_before, w, w_before = sympy.symbols(r"\alpha_t \alpha_{t-1} w_t w_{t-1}", positive=True)
b, beta1 = sympy.symbols(r"\beta_{1t} beta1", nonnegative=True)
v_before, beta2, gamma = sympy.symbols(r"v_{t-1} beta2 gamma", nonnegative=True)
t = sympy.Symbol("t", integer=True, positive=True)

_p, _q, _r = sympy.symbols("p q r", nonnegative=True)
_s = sympy.Symbol("s", positive=True)
_k = sympy.Symbol("k", integer=True, nonnegative=True)
_BELOW_1 = {b: _p / (1 + _p)}


def _rule(name: str = "amsgrad", **state: Any):
    """The update of a method on symbols, with beta1_t in the place of beta1."""
    method = get(name)
    values = {"beta1": b, "beta2": beta2, "decay": Integer(1)}
    method = method.over(**{key: values[key] for key in method.hyper._fields})
    return method.update(g, method.state_type(m=m_before, v=v_before, **state), t, SYMBOLIC)


def _a_maximum(relation) -> bool:
    """A maximum is at least each of the things it is the maximum of."""
    of = relation.lhs.args if isinstance(relation.lhs, sympy.Max) else ()
    return relation.rel_op == ">=" and relation.rhs in of


def projection() -> Step:
    """Clipping brings no point of the interval farther away."""
    y, past = sympy.symbols("y x_{t+1}", real=True)
    above = Le((upper - star) ** 2, (y - star) ** 2)
    below = Le((lower - star) ** 2, (y - star) ** 2)

    def outside(side):
        end = upper if side > 0 else lower
        beyond = (Ge(y, end), Le(star, end)) if side > 0 else (Le(y, end), Ge(star, end))
        return {y: end + side * _p, star: end - side * _q}, beyond

    claims = (
        Claim(above, by_signs, "$y$ above the interval", *outside(1)),
        Claim(below, by_signs, "$y$ below it", *outside(-1)),
    )
    return Step("projection", "The projection does not move away from x*", claims)


def expansion() -> Step:
    """One step, before the projection, in terms of the squared distances."""
    step = projected_step(SYMBOLIC, x, direction(SYMBOLIC, m, w), a, -sympy.oo, sympy.oo)
    change = w / (2 * a) * ((x - star) ** 2 - (landed - star) ** 2)
    claims = (
        Claim(Eq(landed, x - a * m / w), by_identity, "the step of Algorithm 1"),
        Claim(
            Eq(m * (x - star), change + a * m**2 / (2 * w)), by_identity, "the square worked out"
        ),
    )
    return Step("expansion", "What a step does to the distance", claims, (), {landed: step})


def solve_for_gradient() -> Step:
    """The published way: from m to g, dividing by 1 - beta1_t, and Young for the rest."""
    young = a_before * m_before**2 / (2 * w_before) + w_before * e**2 / (2 * a_before)
    claims = (
        Claim(Eq(m, b * m_before + (1 - b) * g), by_identity, "the rule"),
        Claim(Eq((1 - b) * g * e, m * e - b * m_before * e), by_identity, "solved for $g_t$"),
        Claim(Le(-m_before * e, young), by_signs, "Young: the difference is a square"),
    )
    names = {m: _rule(v_hat=sympy.Symbol("v", nonnegative=True)).m}
    return Step("published", "g e by m e and the past", claims, (), names)


def direct() -> Step:
    """Our way: g and m differ by beta1_t times what is new, and nothing is divided."""
    new = g - m_before
    young = w * e**2 / (2 * a) + a * new**2 / (2 * w)
    claims = (
        Claim(Eq(g - m, b * new), by_identity, "the rule"),
        Claim(Le(new * e, young), by_signs, "Young: the difference is a square"),
        Claim(Le(new**2, 2 * g**2 + 2 * m_before**2), by_signs, "the difference is a square"),
    )
    names = {m: _rule(v_hat=sympy.Symbol("v", nonnegative=True)).m}
    return Step("direct", "g e by m e and what is new", claims, (), names, "ours")


def by_parts() -> Step:
    """With a constant beta1: g and m differ by what telescopes, but for the iterate's moves."""
    names = {m: _rule(v_hat=sympy.Symbol("v", nonnegative=True)).m}
    claims = (
        Claim(
            Eq(g * e, m * e + b / (1 - b) * (m - m_before) * e),
            by_identity,
            "the rule, solved for $g_t$",
        ),
        Claim(
            Eq((m - m_before) * e, m * e - m_before * e_before - m_before * (e - e_before)),
            by_identity,
            "summation by parts, one round",
        ),
    )
    return Step("by parts", "g e by m e, and a sum that telescopes", claims, (Lt(b, 1),), names)


def short_moves() -> Step:
    """A projected step is no longer than the step, so a move against m costs one squared step."""
    step = a_before * m_before / w_before
    landing = projected_step(
        SYMBOLIC, x, direction(SYMBOLIC, m_before, w_before), a_before, lower, upper
    )
    pieces = {_p: step**2 - move**2, _q: (step + move) ** 2}
    claims = (
        Claim(Le((landing - x) ** 2, step**2), by_the_hypotheses, "the point $x$ is inside"),
        Claim(
            Le(-m_before * move, a_before * m_before**2 / w_before),
            by_pieces(w_before / (2 * a_before) * (_p + _q), pieces),
            r"if line 1 holds of the move $\Delta$: a square",
            given=(Le(move**2, step**2),),
        ),
    )
    given = (Le(lower, x), Le(x, upper))
    return Step("short moves", "What a move costs", claims, given)


def inverse_learning_rate() -> Step:
    """Gamma >= 0: neither the maximum nor sqrt(t) falls."""
    v_hat = sympy.Symbol(r"\hat{v}_{t-1}", nonnegative=True)
    update = _rule(v_hat=v_hat)
    claims = (
        Claim(Ge(update.state.v_hat, v_hat, evaluate=False), _a_maximum, "a maximum"),
        Claim(
            Ge(sqrt(t + 1) * w, sqrt(t) * w_before),
            by_squares,
            "both factors grow",
            {w: w_before + _r},
        ),
    )
    return Step("Gamma", "The inverse learning rate never falls", claims, (Ge(w, w_before),))


def telescope() -> Step:
    r"""The sum of c_t (e_t^2 - e_{t+1}^2) is at most c_T (D^2 - e_{T+1}^2), by induction on T."""
    D2, d2, last2 = sympy.symbols("D^2 e_T^2 e_{T+1}^2", nonnegative=True)
    c, c_before = sympy.symbols("c_T c_{T-1}", positive=True)
    so_far = c_before * (D2 - d2) + c * (d2 - last2)
    claims = (
        Claim(Le(c * (d2 - last2), c * (D2 - last2)), by_signs, "$T = 1$", {D2: d2 + _p}),
        Claim(
            Le(so_far, c * (D2 - last2)),
            by_signs,
            "from $T-1$ to $T$, as $c_T \\ge c_{T-1}$",
            {D2: d2 + _p, c: c_before + _q},
        ),
    )
    hypotheses = (Le(d2, D2), Ge(c, c_before))
    return Step("telescope", "Abel's sum with growing weights", claims, hypotheses)


def moments() -> Step:
    """What the lemma on the steps needs of m and v, round by round."""
    v = _rule(v_hat=v_before).state.v
    averaged = _rule(v_hat=v_before).m ** 2
    slack = _BELOW_1 | {beta2: _q / (1 + _q)}
    claims = (
        Claim(
            Le(averaged, b * m_before**2 + (1 - b) * g**2, evaluate=False),
            by_signs,
            "the square is convex",
            slack,
        ),
        Claim(Ge(v, beta2 * v_before, evaluate=False), by_signs, "drop the new square", slack),
        Claim(Ge(v, (1 - beta2) * g**2, evaluate=False), by_signs, "drop the old average", slack),
    )
    hypotheses = (Lt(b, 1), Lt(beta2, 1))
    return Step("moments", "m^2 and v against single gradients", claims, hypotheses)


def constants() -> Step:
    """Our constants are below those of the submission, and hence of the final version."""
    c = 1 - beta1
    room = (Rational(1, 2) + beta1) * c**2 + beta1 * c**2
    claims = (
        Claim(
            Le(Rational(1, 2), 1 / (2 * c)),
            by_signs,
            "first and second term",
            {beta1: _p / (1 + _p)},
        ),
        Claim(Gt(1, room), by_sturm(beta1, 0, 1), r"third term times $(1-\beta_1)^2(1-\gamma)$"),
        Claim(Le(1 / (2 * c), 1 / c**2), by_signs, "final version", {beta1: _p / (1 + _p)}),
    )
    return Step("constants", "direct <= submission <= final", claims, (Lt(beta1, 1),), {}, "ours")


def published_exchange() -> Step:
    """Replacing 1 - beta1_t by the smaller 1 - beta1 needs a sign that is not there."""
    A = sympy.Symbol("A_t", real=True)
    slack = {beta1: _p / (1 + _p)}
    smaller = slack | {b: beta1 - _r}
    claims = (
        Claim(Le(_q / (1 - b), _q / (1 - beta1)), by_signs, "for $A_t = q \\ge 0$", smaller),
        Claim(Ge(-_q / (1 - b), -_q / (1 - beta1)), by_signs, "for $A_t = -q \\le 0$", smaller),
    )
    hypotheses = (Le(b, beta1), Lt(beta1, 1))
    return Step("exchange", f"The inequality turns with the sign of {A}", claims, hypotheses)


def geometric_sum() -> Step:
    """The sum of t lambda^(t - 1) stays below 1 / (1 - lambda)^2, for Corollary 1."""
    n = sympy.Symbol("n", integer=True, positive=True)
    decay = sympy.Symbol("lambda", positive=True)

    def total(k):
        return (1 - (k + 1) * decay**k + k * decay ** (k + 1)) / (1 - decay) ** 2

    below_1 = {decay: 1 / (1 + _s)}
    claims = (
        Claim(Le(sqrt(t), t), by_squares, "$t \\ge 1$", {t: 1 + _k}),
        Claim(
            Eq(total(n) - total(n - 1), n * decay ** (n - 1)),
            by_sameness,
            "the closed form, by induction on $n$",
        ),
        Claim(
            Le(total(n), 1 / (1 - decay) ** 2),
            by_signs,
            "$(n+1)\\lambda^n > n\\lambda^{n+1}$",
            below_1,
        ),
    )
    return Step("geometric sum", "Sum of sqrt(t) lambda^(t-1)", claims, (Lt(decay, 1),))


def adamx_scale() -> Step:
    """AdamX divides by (1 - beta1_t) times the root of a running maximum z."""
    z = sympy.Symbol("z_{t-1}", nonnegative=True)
    z_now = sympy.Symbol("z_t", nonnegative=True)
    update = _rule("adamx", z=z)
    names = {w: update.sqrt_V, z_now: update.state.z}
    claims = (
        Claim(
            Eq(w / (1 - b), sqrt(z_now)),
            by_identity,
            r"with $z_t$ the maximum of all $v_s/(1-\beta_{1s})^2$ so far",
            _BELOW_1,
        ),
        Claim(Ge(update.state.z, z, evaluate=False), _a_maximum, "a maximum"),
        Claim(
            Ge(sqrt(t + 1) * sqrt(z + _r), sqrt(t) * sqrt(z)),
            by_squares,
            "both factors grow",
        ),
    )
    return Step("AdamX", "sqrt(t v_hat_t) / (1 - beta1_t) never falls", claims, (Lt(b, 1),), names)


def proof() -> tuple[Step, ...]:
    """The steps of the direct proof, in order; what joins them is in the chapter.

    Returns:
      Steps; :mod:`.theorem_4_replay` watches each inequality along a run.

    References:
      Reddi, Kale and Kumar (2018), Theorem 4. Introduced in the chapter "AMSGrad and its bound".
    """
    return (
        projection(),
        expansion(),
        direct(),
        inverse_learning_rate(),
        telescope(),
        moments(),
        constants(),
    )
