r"""Reading a rule: the same function that JAX runs, called with SymPy symbols.

:func:`trace` gives the expressions, :func:`equations` their LaTeX, and
:mod:`adam_and_beyond.methods.javascript` the code that the explorers run.
"""

from __future__ import annotations

import types
from typing import Any, NamedTuple

import sympy

from adam_and_beyond.methods.generic import algorithm_1, direction, get_schedule
from adam_and_beyond.methods.rule import Method


def _where(condition: Any, if_true: Any, if_false: Any) -> Any:
    if condition in (True, False, sympy.true, sympy.false):
        return if_true if condition else if_false
    return sympy.Piecewise((if_true, condition), (if_false, True))


# The array namespace of symbols: the functions that rules may call, on SymPy expressions.
SYMBOLIC = types.SimpleNamespace(
    sqrt=sympy.sqrt,
    maximum=sympy.Max,
    minimum=sympy.Min,
    where=_where,
    sign=sympy.sign,
)


class Trace(NamedTuple):
    """A rule as expressions: the new state by the old one, then phi_t and the root of psi_t."""

    state: tuple[tuple[sympy.Symbol, sympy.Expr], ...]  # (new symbol, expression), in order
    m: sympy.Expr  # phi_t; may use the new state symbols
    sqrt_V: sympy.Expr  # psi_t^{1/2}; may use the new state symbols
    previous: tuple[sympy.Symbol, ...]  # the state left by step t - 1
    hyperparameters: tuple[sympy.Symbol, ...]
    g: sympy.Symbol
    t: sympy.Symbol
    latex_names: dict[sympy.Symbol, str]


def _symbols(method: Method) -> tuple[tuple, tuple, tuple, sympy.Symbol, sympy.Symbol]:
    fields = method.state_type._fields
    # Only a signed average can be negative; every other state variable averages or sums squares.
    signs = [{"real": True} if field == "m" else {"nonnegative": True} for field in fields]
    new = tuple(sympy.Symbol(f, **sign) for f, sign in zip(fields, signs, strict=True))
    old = tuple(
        sympy.Symbol(f + "_previous", **sign) for f, sign in zip(fields, signs, strict=True)
    )
    hyper = tuple(sympy.Symbol(spec.name, nonnegative=True) for spec in method.hyperparameters)
    return new, old, hyper, sympy.Symbol("g", real=True), sympy.Symbol("t", positive=True)


def trace(method: Method) -> Trace:
    r"""Read a method's rule with symbols instead of numbers, in the order it is written.

    Args:
      method: a method of the catalogue; its values do not matter, only its rule.

    Returns:
      A ``Trace``. Its expressions are unevaluated, so that they print as the rule reads and
      compute, in JavaScript, in the order in which JAX computes; call ``.doit()`` before analysis.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    new, old, hyper, g, t = _symbols(method)
    with sympy.evaluate(False):
        update = method.rule(SYMBOLIC, g, method.state_type(*old), t, type(method.hyper)(*hyper))
        # Fold what was already computed back into its name: max(v_hat, beta2 v + ...) reads
        # max(v_hat, v_t).
        folded: dict[sympy.Expr, sympy.Symbol] = {}
        state = []
        for symbol, expression in zip(new, update.state, strict=True):
            state.append((symbol, sympy.sympify(expression).xreplace(folded)))
            folded[expression] = symbol
        m = sympy.sympify(update.m).xreplace(folded)
        sqrt_V = sympy.sympify(update.sqrt_V).xreplace(folded)
    # \hat v_t, v_{t-1}: the time index goes outside the accent.
    latex_names = {g: "g_t", t: "t"}
    for symbol, previous, tex in zip(new, old, method.state_symbols, strict=True):
        latex_names |= {symbol: f"{tex}_t", previous: f"{tex}_{{t-1}}"}
    specs = method.hyperparameters
    latex_names |= {s: spec.symbol for s, spec in zip(hyper, specs, strict=True)}
    return Trace(tuple(state), m, sqrt_V, old, hyper, g, t, latex_names)


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
        step = algorithm_1(SYMBOLIC, x, d, alpha_t, lower, upper)
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
