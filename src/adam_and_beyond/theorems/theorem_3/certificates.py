r"""Certificates of Theorem 3: independent gradients C with probability p, else -1.

The expected step is split by the coin: :math:`T_1` for the gradient C, :math:`T_2 + T_3` for the
gradient -1, with the old average in :math:`T_2` and the new gradient in :math:`T_3`. The bound on
:math:`T_1 + T_2` is :math:`-p B`, that on :math:`T_3` has a root of C in it and wins.
"""

from __future__ import annotations

from sympy import Eq, Ge, Le, Lt, Rational, Symbol, sqrt, symbols

from adam_and_beyond.methods import SYMBOLIC, get
from adam_and_beyond.proofs.certificate import Certificate, Weakening, lines_of, without
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.theorems.theorem_3 import projected
from adam_and_beyond.theorems.theorem_3.proof import third_term

_PLACE = "Theorem 3"
C, delta, B = symbols("C delta B", positive=True)
beta1, beta2, v = symbols("beta1 beta2 v", nonnegative=True)
m, t = Symbol("m", real=True), Symbol("t", positive=True)
p = (1 + delta) / (C + 1)  # the probability of the rare gradient
_DECAYS = (Lt(beta1, 1), Lt(beta2, 1))


def rare_step() -> Certificate:
    """The rare gradient moves the iterate by a bounded amount."""
    method = get("adam").over(beta1=beta1, beta2=beta2)
    update = method.update(C, method.state_type(m, v), t, SYMBOLIC)
    bounded = Implication(Le(update.m / update.sqrt_V, 1 / sqrt(1 - beta2)), (Le(m, C), _DECAYS[1]))
    return Certificate(
        "rare step",
        _PLACE,
        "A rare gradient moves the iterate down by at most this, in units of the step size, "
        "however large $C$ is.",
        (bounded,),
        "the formulas of $m$ and $v$, read from the rule of Adam",
        r"that $m \le C$ always, an average of numbers up to $C$; and the mean of $T_1$",
        "z3",
        (
            Weakening(r"$m \le C$ dropped", without(bounded, 0)),
            Weakening(
                r"$1 - \beta_2$ under the root left out",
                bounded._replace(conclusion=Le(bounded.conclusion.lhs, 1)),
            ),
        ),
        "paper, proof of Theorem 3",
    )


def large_C() -> Certificate:
    """Why a large C makes the expected step positive."""
    root = sqrt((1 + delta) * C)
    enough = Ge(C, 4 * (1 + delta) ** 3 * B**2 / (1 - beta1) ** 2)
    wide = Ge(C, 2 * (1 + delta))
    lines = (
        Implication(Eq(p * C - (1 - p), delta)),
        Implication(Ge(1 - p, Rational(1, 2)), (wide,)),
        Implication(Le(beta2 * (1 + delta) * C + 1 - beta2, (1 + delta) * C), (wide, _DECAYS[1])),
        Implication(Le(p * B, (1 + delta) * B / C)),
        Implication(Ge((1 - beta1) / (2 * root), (1 + delta) * B / C), (_DECAYS[0], enough)),
    )
    last = lines[-1]
    return Certificate(
        "large C",
        _PLACE,
        r"With $p = (1 + \delta)/(C + 1)$ the mean gradient is $\delta$. If "
        r"$C \ge 2(1 + \delta)$ and $C \ge 4 (1 + \delta)^3 B^2 / (1 - \beta_1)^2$, then "
        r"$E[T_3] \ge (1 - p)(1 - \beta_1) / \sqrt{\beta_2 (1 + \delta) C + 1 - \beta_2} \ge p B$, "
        "line by line:",
        lines,
        r"the bounds $E[T_1 + T_2] \ge -pB$ and, by Jensen's inequality, the one on $E[T_3]$",
        "putting the five lines together",
        "z3",
        (
            Weakening(
                "$C^2$ under the root of the bound on $T_3$, as printed",
                last._replace(
                    conclusion=Ge((1 - beta1) / (2 * sqrt((1 + delta) * C**2)), last.conclusion.rhs)
                ),
            ),
            Weakening(
                "4 replaced by 3 in the condition on $C$",
                last._replace(
                    hypotheses=(
                        _DECAYS[0],
                        Ge(C, 3 * (1 + delta) ** 3 * B**2 / (1 - beta1) ** 2),
                    )
                ),
            ),
            Weakening(r"$C \ge 2(1 + \delta)$ dropped", without(lines[1], 0)),
        ),
        "paper, proof of Theorem 3, with C for a misprinted square",
    )


def old_rare_gradient() -> Certificate:
    """T_2: a rare gradient of k rounds ago is divided by its own echo."""
    power, (echo, old) = Symbol("p", nonnegative=True), symbols("q v", positive=True)
    bounded = Implication(
        Le(power * C / sqrt(old), power / (sqrt(echo) * sqrt(1 - beta2))),
        (Ge(old, (1 - beta2) * echo * C**2), _DECAYS[1]),
    )
    return Certificate(
        "old rare gradient",
        _PLACE,
        r"With $p = \beta_1^k$ and $q = \beta_2^k$: what a rare gradient of $k$ rounds ago still "
        r"adds to a step is at most $\gamma^k / \sqrt{1 - \beta_2}$, however large $C$ is.",
        (bounded,),
        r"$v_{t-1} \ge (1 - \beta_2) \beta_2^k C^2$, one term of the average",
        r"the sum over $k$, and its mean",
        "z3",
        (
            Weakening(r"the echo in $v$ dropped", without(bounded, 0)),
            Weakening(
                r"$1 - \beta_2$ under the root left out",
                bounded._replace(conclusion=Le(bounded.conclusion.lhs, power / sqrt(echo))),
            ),
        ),
        "paper, proof of Theorem 3",
    )


def tangent() -> Certificate:
    """T_3: Jensen's inequality for 1 / sqrt(y), in the form of a tangent."""
    lines = lines_of(third_term(), (), (0,), (1,))
    below, at_the_mean, _ = lines
    value, line = below.conclusion.args
    a = Symbol("a", positive=True)
    return Certificate(
        "tangent",
        _PLACE,
        r"$1/\sqrt y$ lies above its tangent at $a$; at a mean that is at most $a$ the tangent is "
        r"at least $1/\sqrt a$; and the mean of $v$ stays below that of $g^2$.",
        lines,
        "nothing",
        r"that means may be taken on both sides of the first line, and the induction over the "
        r"rounds in the last one",
        "z3",
        (
            Weakening(
                "a tangent that is too high by a tenth",
                below._replace(conclusion=Ge(value, line + 1 / (10 * sqrt(a)))),
            ),
            Weakening(r"$\mathbb{E}y \le a$ dropped", without(at_the_mean, 0)),
        ),
        "paper, proof of Theorem 3",
    )


def projected_case() -> Certificate:
    """The inequalities of the projected case."""
    companion = lines_of(projected.comparison(), (0,), ())
    past = lines_of(projected.forgotten_past(), (0, 1), ())
    moment = projected.exponential_moment()
    last = Implication(moment.relations[-1], moment.hypotheses)
    return Certificate(
        "projected case",
        _PLACE,
        "A companion projected at the top alone stays below, and its path is a minimum; the past "
        "fades; and the exponent of a step with a positive mean is negative.",
        (*companion, *past, last),
        "that $g^2$ is at least 1 in every round",
        r"$e^z \le 1 + z + z^2$ for $z \le \frac14$, the sums, and the passage to the limit",
        "z3",
        (
            Weakening("$x_t \\ge y_t$ dropped", without(companion[0], 0)),
            Weakening(r"$\lambda \alpha_u H^2 \le d/4$ dropped", without(last, 0)),
            Weakening(
                r"the tangent's 2 replaced by 3",
                past[1]._replace(
                    conclusion=Le(past[1].conclusion.lhs, past[1].conclusion.rhs * Rational(2, 3))
                ),
            ),
        ),
    )


def certificates() -> tuple[Certificate, ...]:
    """Theorem 3: the three terms, the condition on C, and the projected case."""
    return rare_step(), old_rare_gradient(), tangent(), large_C(), projected_case()
