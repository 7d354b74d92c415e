"""A rule as LaTeX: the equations that the chapters show, printed from the function that runs."""

from __future__ import annotations

from typing import Any

import sympy

from adam_and_beyond.methods.algorithm_1 import direction, projected_step
from adam_and_beyond.methods.method import Method
from adam_and_beyond.methods.read.symbols import SYMBOLIC, trace
from adam_and_beyond.methods.schedules import get_schedule


def _latex(expression: Any, names: dict[sympy.Symbol, str]) -> str:
    return sympy.latex(expression, order="none", symbol_names=names)


def _aligned(lines: list[str]) -> str:
    return r"\begin{aligned}" + r" \\[2pt] ".join(lines) + r"\end{aligned}"


def _squared(root: sympy.Expr) -> sympy.Expr:
    with sympy.evaluate(False):
        if root.is_Pow:
            return root.base if root.exp == sympy.Rational(1, 2) else root.base ** (2 * root.exp)
        if root.is_Mul:  # a root times something else
            return sympy.Mul(*(_squared(factor) for factor in root.args))
        return root if root == 1 else root**2


def equations(method: Method) -> str:
    r"""A method's rule as LaTeX, printed from the function that JAX runs.

    Args:
      method: a method of the catalogue.

    Returns:
      One ``aligned`` block without dollar signs, with the state recursions, then phi_t and psi_t
      (diagonal, by its entries).

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    traced = trace(method)
    names = traced.latex_names
    lines = [f"{names[s]} &= {_latex(e, names)}" for s, e in traced.state]
    lines.append(rf"\phi_t &= {_latex(traced.m, names)}")
    lines.append(rf"\psi_t &= {_latex(_squared(traced.sqrt_V), names)}")
    return _aligned(lines)


def step_equation() -> str:
    r"""Algorithm 1's step as LaTeX, printed from the functions that JAX runs.

    Returns:
      One ``aligned`` block without dollar signs, for an interval [l, u], with the direction, then
      the projected step.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    x, m, root, d, alpha_t, lower, upper = sympy.symbols("x m sqrt_V d alpha_t l u", real=True)
    names = {x: "x_t", m: r"\phi_t", root: r"\psi_t^{1/2}", d: "d_t", alpha_t: r"\alpha_t"}
    with sympy.evaluate(False):
        scaled = direction(SYMBOLIC, m, root)
        step = projected_step(SYMBOLIC, x, d, alpha_t, lower, upper)
    lines = [f"d_t &= {_latex(scaled, names)}", f"x_{{t+1}} &= {_latex(step, names)}"]
    return _aligned(lines)


def schedule_equation(name: str) -> str:
    """A schedule as LaTeX, e.g. ``\\alpha_t = \\frac{\\alpha}{\\sqrt{t}}``.

    Args:
      name: a key of ``SCHEDULES``.

    Returns:
      LaTeX without dollar signs.

    Raises:
      ValueError: for an unknown name.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    alpha, t = sympy.symbols("alpha t", positive=True)
    with sympy.evaluate(False):
        value = get_schedule(name)(SYMBOLIC, alpha, t)
    return r"\alpha_t = " + sympy.latex(value)
