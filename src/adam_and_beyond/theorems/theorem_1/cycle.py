"""Adam's rule in a cycle of Theorem 1's losses: the symbols, the second moments, the steps.

In the paper's notation cycle t (from 0) is the steps 3t+1, 3t+2, 3t+3. Nothing of Adam is retyped:
second moments and step lengths come from the rule in :mod:`adam_and_beyond.methods`.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Integer, sqrt

from adam_and_beyond.methods import SYMBOLIC, get, get_schedule

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
    """One cycle by the rule: definitions of its moments, and of the lengths of its steps.

    Args:
      schedule: ``"inverse_sqrt"`` or ``"constant"``.

    Returns:
      ``(moments, steps)``, each a dictionary from a symbol to what it stands for.
    """
    (e1, big), (e2, small1), (e3, small2) = (
        adam_step(gradient, before, 3 * t + k, schedule)
        for k, (gradient, before) in enumerate(((C, v0), (-1, v1), (-1, v2)), start=1)
    )
    moments = {v1: e1, v2: e2, v3: e3}
    steps = {T_1: -big, S_1: small1, S_2: small2}
    return moments, steps


MOMENTS, STEPS = one_cycle()
STEPS[T_max] = alpha / (sqrt(3 * t + 1) * sqrt(1 - beta2))


def balance():
    r"""The squared ratio of the bound on the two small steps over that on the big one.

    The small steps' bound has both roots replaced by :math:`\sqrt{2(3t+1)}`. The argument needs
    that the ratio is at least 1.

    Returns:
      A SymPy expression in ``C`` and ``beta2``.
    """
    small = 2 * alpha / (sqrt(2 * (3 * t + 1)) * sqrt(beta2 * C**2 + 1 - beta2))
    return sympy.simplify(small**2 / STEPS[T_max] ** 2)


def solutions_for_beta2() -> list[sympy.Expr]:
    """Every positive beta2 at which the bound on the small steps meets that on the big one.

    Returns:
      SymPy expressions in ``C``.
    """
    return sympy.solve(Eq(balance(), 1), beta2)
