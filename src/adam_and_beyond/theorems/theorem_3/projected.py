r"""The projected case of Theorem 3, which the paper leaves open: the sign of the drift decides.

Independent gradients, iterates projected onto [-1, 1], :math:`\alpha_t = \alpha / \sqrt t`. With
:math:`h_t = -m_t / \sqrt{v_t}` and its stationary mean d > 0 the iterate tends to 1 almost surely.
The steps here are the inequalities of that proof; the chapter "Theorem 3" joins them. The mirror
image gives d < 0 and -1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Eq, Ge, Gt, Le, Max, Min, Rational, sqrt

from adam_and_beyond.proofs.reasons import by_pieces, by_sameness, by_smallest
from adam_and_beyond.proofs.step import (
    Claim,
    Step,
    by_evaluation,
    by_identity,
    by_squares,
)
from adam_and_beyond.theorems.theorem_2.block import beta2

x, y, shift = sympy.symbols(r"x_t y_t \delta_t", real=True)
A, B = sympy.symbols("A B", real=True)
# v after L rounds from any past, and from a past of zeros.
v, v_fresh = sympy.symbols(r"v v^{\circ}", positive=True)
z = sympy.Symbol("z", real=True)
lam, alpha, d, H = sympy.symbols(r"lambda alpha_u d H", positive=True)

_r, _w, _e = sympy.symbols("r w e", nonnegative=True)
_s, _a = sympy.symbols("s a", positive=True)


def comparison() -> Step:
    """A companion that is projected at the top alone stays below, and its path is a minimum."""

    def some_entry(relation: Any) -> bool:
        entries = relation.gts.args if isinstance(relation.gts, Max) else ()
        return any(by_smallest(Ge(entry, relation.lts, evaluate=False)) for entry in entries)

    claims = (
        Claim(
            Ge(Max(-1, Min(1, x + shift)), Min(1, y + shift)),
            some_entry,
            "the lower end only lifts; same step, from a point not below",
            {x: y + _w},
        ),
        Claim(
            Eq(Min(1, Min(A, B) + shift), Min(1, A + shift, B + shift)),
            by_sameness,
            "a step moves a minimum as a whole (here $A \\ge B$; else exchange them)",
            {A: B + _w},
        ),
    )
    return Step(
        "comparison", "Projected at the top alone", claims, (Ge(x, y), Ge(A, B)), {}, "ours"
    )


def forgotten_past() -> Step:
    """What the past before the last L rounds can change is divided by no less than the last g^2."""
    pieces = {_r: (sqrt(v) - sqrt(v_fresh)) ** 2, _s: sqrt(v), _a: sqrt(v_fresh)}
    claims = (
        Claim(
            Le(1 / sqrt(v), 1 / sqrt(1 - beta2)),
            by_squares,
            r"$g_u^2 \ge 1$ enters $v_u$ with the weight $1 - \beta_2$",
            {v: (1 - beta2) + _w, beta2: 1 / (1 + _s)},
        ),
        Claim(
            Le(1 / sqrt(v_fresh) - 1 / sqrt(v), (v - v_fresh) / (2 * v_fresh * sqrt(v_fresh))),
            by_pieces(_r * (_s + 2 * _a) / (2 * _s * _a**3), pieces),
            r"the tangent of $1/\sqrt{y}$ once more",
        ),
    )
    hypotheses = (Ge(v, 1 - beta2), Gt(1 - beta2, 0))
    return Step("forgotten", "The past fades uniformly", claims, hypotheses, {}, "ours")


def exponential_moment() -> Step:
    """An exponential of a bounded step with positive mean has a mean below 1."""
    f = 1 + z + z**2 - sympy.exp(z)
    bent, slope, start = sympy.symbols("f''(z) f'(0) f(0)", real=True)
    claims = (
        Claim(Eq(start, 0), by_identity, r"$f(z) = 1 + z + z^2 - e^z$"),
        Claim(Eq(slope, 0), by_identity, "its slope at 0"),
        Claim(Eq(bent, 2 - sympy.exp(z)), by_identity, "its second derivative"),
        Claim(
            Gt(2 - sympy.exp(Rational(1, 4)), 0, evaluate=False),
            by_evaluation,
            r"so $f$ is convex for $z \le \frac14$, and $f \ge 0$ there",
        ),
        Claim(
            Le(-lam * alpha * d / 2 + (lam * alpha * H) ** 2, -lam * alpha * d / 4),
            by_pieces(lam * alpha * _r, {_r: d / 4 - lam * alpha * H**2}),
            r"$\lambda \alpha_u H^2 \le d/4$",
        ),
    )
    names = {start: f.subs(z, 0), slope: f.diff(z).subs(z, 0), bent: f.diff(z, 2)}
    hypotheses = (Le(lam * alpha * H**2, d / 4),)
    return Step("exponential", "An exponential moment", claims, hypotheses, names, "ours")


def reflected(x1: Any, shifts: Any) -> np.ndarray:
    r"""The pathwise lower bound on a projected run: the run that is projected at the top alone.

    .. math:: y_{t+1} = \min\Big( x_1 + S_{1,t}, \; 1 + \min_{1 \le s \le t} S_{s+1,t} \Big),
        \qquad S_{a,b} = \sum_{u=a}^b \delta_u

    Args:
      x1: first point, at most 1, units of x.
      shifts: the steps :math:`\delta_1, \dots, \delta_T` before projection, shape ``(T,)``.

    Returns:
      :math:`y_2, \dots, y_{T+1}`, float64, shape ``(T,)``: the projected iterates are not below.

    Raises:
      ValueError: for a start above 1.

    References:
      Ours. Introduced in the chapter "Theorem 3".
    """
    if not x1 <= 1:
        raise ValueError(f"x1 must be at most 1, got {x1}")
    total = np.cumsum(np.asarray(shifts, np.float64))
    return total + np.minimum(x1, np.minimum.accumulate(1 - total))


def proof() -> tuple[Step, ...]:
    """The inequalities of the projected case, in the order of the argument.

    Returns:
      Steps.

    References:
      Ours. Introduced in the chapter "Theorem 3".
    """
    return (comparison(), forgotten_past(), exponential_moment())
