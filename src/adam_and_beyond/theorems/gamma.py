r"""Gamma, the change of the inverse learning rate, and where a regret proof needs its sign.

.. math:: \Gamma_t = \frac{\sqrt{V_t}}{\alpha_t} - \frac{\sqrt{V_{t-1}}}{\alpha_{t-1}}

One coordinate throughout; with a diagonal V_t a proof does the same in each. The scales of the
methods come from their rules in :mod:`adam_and_beyond.methods`. Every function of the proof returns
a :class:`~adam_and_beyond.proofs.step.Step`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Eq, Ge, Integer, Le, Lt, Max, Rational, sqrt

from adam_and_beyond.methods import ALPHA, SYMBOLIC, get, get_schedule
from adam_and_beyond.proofs.reasons import by_largest, by_pieces
from adam_and_beyond.proofs.step import (
    Claim,
    Step,
    by_evaluation,
    by_identity,
    by_squares,
)

# The best fixed point, the ends of the interval, the distance to the best point, the direction.
best, low, high, e_t, m, g = sympy.symbols("x^* l u e_t m_t g_{t+1}", real=True)
alpha, w = sympy.symbols("alpha w_t", positive=True)
beta2 = sympy.Symbol("beta2", positive=True)
t = sympy.Symbol("t", integer=True, positive=True)
v = sympy.Symbol("v_t", positive=True)
v_hat = sympy.Symbol(r"\hat{v}_t", positive=True)
s = sympy.Symbol("s_t", nonnegative=True)
v_next, s_next, v_hat_next = sympy.symbols(r"v_{t+1} s_{t+1} \hat{v}_{t+1}", nonnegative=True)
Gamma = sympy.Symbol(r"\Gamma_{t+1}", real=True)
# Distances squared, (x_t - x^*)^2, and inverse learning rates around round T.
d, d_next, w_T, w_next, Gamma_T, D = sympy.symbols(
    r"d_{T+1} d_{T+2} w_T w_{T+1} \Gamma_{T+1} D_\infty", real=True
)
_r, _e = sympy.symbols("r e", nonnegative=True)


def projection_comes_closer() -> Step:
    """Projecting a point never takes it further from a point of the interval.

    How far the point lies outside is r.
    """
    r = sympy.Symbol("r", nonnegative=True)
    form = r**2 + 2 * r * _e
    claims = (
        Claim(
            Le((high - best) ** 2, (high + r - best) ** 2),
            by_pieces(form, {_e: high - best}),
            r"the point $u + r$ is projected to $u$",
        ),
        Claim(
            Le((low - best) ** 2, (low - r - best) ** 2),
            by_pieces(form, {_e: best - low}),
            r"the point $l - r$ is projected to $l$",
        ),
    )
    hypotheses = (Le(low, best), Le(best, high))
    return Step("projection", "Projection comes closer to every feasible point", claims, hypotheses)


def one_round() -> Step:
    """What one round says about the loss, by squaring the distance to the best point."""
    old, new = sympy.symbols("d_t d_{t+1}", real=True)
    landed = e_t - m / w  # the distance before the projection
    claims = (
        Claim(
            Eq(landed**2, old - 2 * m * e_t / w + m**2 / w**2),
            by_identity,
            "the square, multiplied out",
        ),
        Claim(
            Le(m * e_t, w / 2 * (old - new) + m**2 / (2 * w)),
            by_pieces(w / 2 * _r, {_r: landed**2 - new}),
            "line 1, and the projection comes closer",
        ),
    )
    return Step("one round", "One round", claims, (Le(new, landed**2),), {old: e_t**2})


def summation_by_parts() -> Step:
    """Abel's summation: products of weights and differences become products of differences."""
    first = sympy.symbols("w_1 d_1 d_2", real=True)
    w_1, d_1, d_2 = first
    left_grows = w_next * (d - d_next)
    right_grows = Gamma_T * d - w_next * d_next + w_T * d
    claims = (
        Claim(Eq(w_1 * (d_1 - d_2), w_1 * d_1 - w_1 * d_2), by_identity, "the case $T = 1$"),
        Claim(
            Eq(left_grows, right_grows),
            by_identity,
            "what both sides gain from $T$ to $T + 1$",
        ),
    )
    return Step("parts", "Summation by parts", claims, (), {Gamma_T: w_next - w_T})


def where_the_sign_is_needed() -> Step:
    """With Gamma >= 0 each distance may be replaced by the largest one; with Gamma < 0 not."""
    claims = (
        Claim(
            Le(Gamma_T * d, Gamma_T * D**2),
            by_pieces(_e * _r, {_r: D**2 - d, _e: w_next - w_T}),
            r"$\Gamma \ge 0$ and $d \le D_\infty^2$",
        ),
        Claim(
            Eq(w_T * D**2 + Gamma_T * D**2, w_next * D**2),
            by_identity,
            r"so that all replaced terms telescope to the last one",
        ),
    )
    hypotheses = (Ge(Gamma_T, 0), Le(d, D**2))
    names = {Gamma_T: w_next - w_T}
    return Step("sign", "Where the sign is needed", claims, hypotheses, names)


def _scale(name: str, gradient: Any, state: dict[str, Any], step: Any) -> Any:
    """The root of psi by a method's rule on symbols; what is not given of the state is 0."""
    method = get(name)
    known = {"beta2": beta2} if "beta2" in method.hyper._fields else {}
    method = method.over(lambda value: Integer(0), **known)
    return method.update(gradient, method.init(Integer(0))._replace(**state), step, SYMBOLIC)


def _inverse_rate(sqrt_V: Any, step: Any, schedule: str) -> Any:
    return sqrt_V / get_schedule(schedule)(SYMBOLIC, alpha, step)


def never_falls() -> Step:
    """Gamma >= 0 for SGD, AdaGrad and AMSGrad, whatever the gradients are."""
    adagrad = _scale("adagrad", g, {"s": s}, t + 1)
    amsgrad = _scale("amsgrad", g, {"v": v, "v_hat": v_hat}, t + 1)
    names = {v_next: _scale("adam", g, {"v": v}, t + 1).state.v}
    peak = Max(v_hat, v_next)
    cases = (
        ("SGD", Integer(1), Integer(1), sqrt(t + 1) - sqrt(t), r"$\sqrt{t+1} > \sqrt t$"),
        (
            "AdaGrad",
            sqrt(s / t),
            adagrad.sqrt_V,
            sqrt(s + g**2) - sqrt(s),
            r"$s_t = g_1^2 + \dots + g_t^2$ can only grow; $t$ cancels",
        ),
        (
            "AMSGrad",
            sqrt(v_hat),
            amsgrad.sqrt_V,
            sqrt(t + 1) * sqrt(peak) - sqrt(t) * sqrt(v_hat),
            r"both factors can only grow",
        ),
    )
    claims = []
    for name, before, after, form, why in cases:
        symbol = sympy.Symbol(rf"\Gamma^{{\mathrm{{{name}}}}}_{{t+1}}", real=True)
        old = _inverse_rate(before, t, "inverse_sqrt")
        new = _inverse_rate(after, t + 1, "inverse_sqrt")
        names[symbol] = new - old
        claims.append(Claim(Eq(symbol, form / alpha), by_identity, "the rule"))
        claims.append(Claim(Ge(symbol, 0), _ordered_squares(old, new), why))
    return Step("never falls", "Gamma >= 0", tuple(claims), (), names)


def _ordered_squares(old: Any, new: Any) -> Any:
    """Reason: the relation says new - old >= 0, and the squares of the two are ordered."""

    def reason(relation: Any) -> bool:
        if relation.rel_op != ">=" or relation.rhs != 0 or relation.lhs != new - old:
            return False
        maxima = new.atoms(Max)
        if not all(by_largest(Ge(peak, v_hat, evaluate=False)) for peak in maxima):
            return False
        larger = new.subs(dict.fromkeys(maxima, v_hat + _r))  # all that such a maximum can be
        return by_squares(Ge(larger, old, evaluate=False))

    return reason


def adam_may_fall() -> Step:
    """For Adam the sign of Gamma depends on the new gradient: it is negative for small ones."""
    after = _scale("adam", g, {"v": v}, t + 1)
    c = sympy.Symbol("c_{t+1}", real=True)
    old = _inverse_rate(sqrt(v), t, "inverse_sqrt")
    new = _inverse_rate(after.sqrt_V, t + 1, "inverse_sqrt")
    constant_old = _inverse_rate(sqrt(v), t, "constant")
    constant_new = _inverse_rate(after.sqrt_V, t + 1, "constant")
    one, two = sympy.symbols(r"w_{t+1}^2-w_t^2 \bar{w}_{t+1}^2-\bar{w}_t^2", real=True)
    claims = (
        Claim(Eq(v_next, beta2 * v + (1 - beta2) * g**2), by_identity, "the rule"),
        Claim(
            Eq(one, (t + 1) * (1 - beta2) / alpha**2 * (g**2 - c * v)),
            by_identity,
            r"$\alpha_t = \alpha/\sqrt t$; the sign of $\Gamma_{t+1}$ is that of the difference",
        ),
        Claim(
            Eq(two, (1 - beta2) / alpha**2 * (g**2 - v)),
            by_identity,
            r"the same with a constant step size, $\bar w_t = \sqrt{v_t}/\alpha$",
        ),
    )
    names = {
        c: 1 - 1 / ((1 - beta2) * (t + 1)),
        v_next: after.state.v,
        one: new**2 - old**2,
        two: constant_new**2 - constant_old**2,
    }
    hypotheses = (Lt(beta2, 1),)
    return Step("may fall", "When Gamma is negative for Adam", claims, hypotheses, names, "ours")


def smallest_example() -> Step:
    """C = 3, beta2 = 1/100, two rounds of Theorem 1's losses: Gamma_2 < 0, in exact numbers."""
    b, gradients = Rational(1, 100), (3, -1)
    values, state = [], Integer(0)
    for step, gradient in enumerate(gradients, start=1):
        state = _scale("rmsprop", gradient, {"v": state}, step).state.v.subs(beta2, b)
        values.append(state)
    v_1, v_2 = sympy.symbols("v_1 v_2", positive=True)
    Gamma_2 = sympy.Symbol(r"\alpha \Gamma_2", real=True)
    claims = (
        Claim(Eq(v_1, Rational(891, 100)), by_evaluation, "the rule, gradient 3"),
        Claim(Eq(v_2, Rational(10791, 10000)), by_evaluation, "the rule, gradient $-1$"),
        Claim(Lt(2 * v_2, v_1), by_evaluation, "exact numbers"),
        Claim(Lt(Gamma_2, 0), by_evaluation, "roots of line 3"),
    )
    names = dict(zip((v_1, v_2), values, strict=True))
    names[Gamma_2] = sqrt(2) * sqrt(values[1]) - sqrt(values[0])
    return Step("example", "Gamma_2 < 0", claims, (), names)


def changes(scales: Any, alpha: float = 1.0, schedule: str = "inverse_sqrt") -> np.ndarray:
    r"""Gamma_2, ..., Gamma_T of a run from its scales.

    .. math:: \Gamma_t = \frac{\sqrt{V_t}}{\alpha_t} - \frac{\sqrt{V_{t-1}}}{\alpha_{t-1}}

    Args:
      scales: the roots of V_1, ..., V_T, e.g. of :func:`adam_and_beyond.diagnostics.scales`, shape
        ``(T,)`` with T at least 2.
      alpha: scale of the step size, positive.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.

    Returns:
      The changes, float64, shape ``(T - 1,)``, units of the inverse learning rate.

    Raises:
      ValueError: unless the scales are a sequence of at least two numbers that are not negative.

    References:
      Reddi, Kale and Kumar (2018), equation (2). Introduced in the chapter "Where the proof
      breaks".
    """
    ALPHA.check(alpha, "changes")
    return np.diff(inverse_rates(scales, alpha, schedule))


def inverse_rates(scales: Any, alpha: float = 1.0, schedule: str = "inverse_sqrt") -> np.ndarray:
    r"""The inverse learning rates of rounds 1 to T.

    .. math:: w_t = \sqrt{V_t} / \alpha_t

    Args:
      scales: the roots of V_1, ..., V_T, shape ``(T,)`` with T at least 2.
      alpha: scale of the step size, positive.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.

    Returns:
      The inverse rates, float64, shape ``(T,)``.

    Raises:
      ValueError: unless the scales are a sequence of at least two numbers that are not negative.

    References:
      Reddi, Kale and Kumar (2018), equation (2). Introduced in the chapter "Where the proof
      breaks".
    """
    scales = np.asarray(scales, np.float64)
    if scales.ndim != 1 or scales.size < 2 or not np.all((scales >= 0) & np.isfinite(scales)):
        raise ValueError("scales must be a sequence of at least two finite numbers, none negative")
    step = np.arange(1.0, scales.size + 1)
    return scales / get_schedule(schedule)(np, alpha, step)


def proof() -> tuple[Step, ...]:
    """All steps of the chapter, in order.

    Returns:
      Steps; the first four are the argument that every regret proof of this kind makes.

    References:
      Reddi, Kale and Kumar (2018), section 3. Introduced in the chapter "Where the proof breaks".
    """
    return (
        projection_comes_closer(),
        one_round(),
        summation_by_parts(),
        where_the_sign_is_needed(),
        never_falls(),
        adam_may_fall(),
        smallest_example(),
    )
