r"""Certificates of Theorem 3: independent gradients C with probability p, else -1.

The expected step is split by the coin: :math:`T_1` for the gradient C, :math:`T_2 + T_3` for the
gradient -1, with the old average in :math:`T_2` and the new gradient in :math:`T_3`. The bound on
:math:`T_1 + T_2` is :math:`-p B`, that on :math:`T_3` has a root of C in it and wins.
"""

from __future__ import annotations

from sympy import Eq, Ge, Le, Lt, Rational, Symbol, sqrt, symbols

from adam_and_beyond.methods import SYMBOLIC, get
from adam_and_beyond.proofs.certificate import Certificate, Weakening, without
from adam_and_beyond.proofs.implication import Implication

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


def certificates() -> tuple[Certificate, ...]:
    """Theorem 3: the rare step, and the condition on C."""
    return rare_step(), large_C()
