r"""Theorem 1 with a constant step size, of which the paper only says that the example survives.

The bounds are those of :mod:`adam_and_beyond.theorems.theorem_1.proof` without the factors
1/sqrt(3t + k), so there is no inequality (*) to fail, and the first cycle needs no special care.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Ge, Gt, Le, Lt, sqrt

from adam_and_beyond.proofs.exact import exact, unfold
from adam_and_beyond.proofs.step import Claim, Step, by_evaluation, by_identity, by_squares
from adam_and_beyond.theorems.theorem_1 import proof as theorem_1
from adam_and_beyond.theorems.theorem_1.cycle import (
    S_1,
    S_2,
    T_1,
    C,
    T_max,
    alpha,
    beta2,
    v0,
    v1,
    v2,
    v3,
)

_r, _w = sympy.symbols("r w", nonnegative=True)
_MOMENTS, _STEPS = theorem_1.one_cycle("constant")
_STEPS[T_max] = alpha / sqrt(1 - beta2)
_ORBIT = sympy.symbols(r"\bar{v}_0 \bar{v}_1 \bar{v}_2", positive=True)


def push_back() -> Step:
    """With a constant step size every cycle, the first included, is pushed back to x = 1."""
    small_enough = {beta2: 1 / (1 + C**2 + _r)}
    up = r"$v \le C^2$ and the bound on $\beta_2$"
    factor = T_max / sqrt(2)
    claims = (
        Claim(Le(T_1, T_max), by_squares, r"drop $\beta_2 v_{3t} \ge 0$", small_enough),
        Claim(Ge(S_1, factor), by_squares, up, small_enough | {v1: C**2 / (1 + _w)}),
        Claim(Ge(S_2, factor), by_squares, up, small_enough | {v2: C**2 / (1 + _w)}),
        # Two times 1/sqrt(2) is sqrt(2): more than is needed, at every t.
        Claim(
            Gt(2 / sqrt(2), 1, evaluate=False),
            by_evaluation,
            r"so two small steps exceed the big one",
        ),
    )
    hypotheses = (
        Le(v1, C**2),
        Le(v2, C**2),
        Le(beta2, 1 / (1 + C**2)),
    )
    return Step("constant step", "S_1 + S_2 >= sqrt(2) T_max > T_1", claims, hypotheses, _STEPS)


def periodic_orbit() -> dict[sympy.Symbol, sympy.Expr]:
    """The values of v after each gradient of a cycle, once v has become periodic.

    Returns:
      Expressions in C and beta2, found by solving the rule's three equations with the end set to
      the start.

    References:
      Introduced in the chapter "Theorem 1".
    """
    a, b, c = _ORBIT
    start = {v0: c, v1: a, v2: b}
    equations = [
        Eq(new, _MOMENTS[v].subs(start)) for new, v in zip(_ORBIT, (v1, v2, v3), strict=True)
    ]
    (solution,) = sympy.solve(equations, _ORBIT, dict=True)
    return solution


def orbit() -> Step:
    """The periodic orbit of v in closed form; a cycle brings v closer by the factor beta2^3."""
    forms = ((1 - beta2) * (C**2 - 1) * beta2**i / (1 - beta2**3) + 1 for i in range(3))
    why = "the fixed point of one cycle, solved for"
    claims = tuple(Claim(Eq(v, f), by_identity, why) for v, f in zip(_ORBIT, forms, strict=True))
    return Step(
        "orbit", "The periodic orbit of v", claims, (Lt(beta2, 1),), periodic_orbit(), "ours"
    )


def limiting_cycle_regret(value_of_C, ratio) -> sympy.Expr:
    r"""The regret of a cycle in the long run, exactly, for beta2 = 1/(1 + C^2).

    .. math:: \rho_\infty = 2C - 4 + 2T - \min(S_1, T), \qquad T, S_1 \text{ on the periodic orbit}

    Args:
      value_of_C: C, an exact number above 2.
      ratio: alpha / sqrt(1 - beta2), an exact number in (0, 1).

    Returns:
      An exact SymPy number, units of loss per cycle.

    References:
      Introduced in the chapter "Theorem 1".
    """
    value_of_C, ratio = exact(value_of_C), exact(ratio)
    (b,) = theorem_1.solutions_for_beta2()
    on_orbit = dict(zip((v1, v2, v3), _ORBIT, strict=True)) | {v0: _ORBIT[2]}
    steps = {name: unfold(e, on_orbit) for name, e in _STEPS.items()}
    numbers = {alpha: ratio * sqrt(1 - beta2), beta2: b, C: value_of_C}
    down, up = (unfold(steps[name], periodic_orbit() | numbers) for name in (T_1, S_1))
    # x_{3t+2} = 1 - T and x_{3t+3} = min(1 - T + S_1, 1).
    return sympy.simplify(2 * value_of_C - 4 + 2 * down - sympy.Min(up, down))
