"""The explorers' JavaScript, printed by SymPy from the functions that JAX runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from adam_and_beyond.methods.algorithm_1 import direction, projected_step
from adam_and_beyond.methods.catalogue import CATALOGUE, get
from adam_and_beyond.methods.method import Method
from adam_and_beyond.methods.read.symbols import SYMBOLIC, trace
from adam_and_beyond.methods.schedules import SCHEDULES


class _Printer(JavascriptCodePrinter):
    """SymPy's printer, with products for squares: what JAX computes, faster than Math.pow."""

    def __init__(self) -> None:
        super().__init__({"order": "none"})

    def _print_Pow(self, expr: sympy.Pow) -> str:
        base = self.parenthesize(expr.base, sympy.printing.precedence.PRECEDENCE["Pow"])
        if expr.exp == 2 and expr.base.is_Symbol:
            return f"({base}*{base})"  # parenthesised: (1 - beta2)*(g*g), as in Python
        if expr.exp == 1:  # SymPy writes 1/t as 1/Math.pow(t, 1) while it keeps the written order
            return base
        return super()._print_Pow(expr)


def expression(value: sympy.Expr) -> str:
    r"""A SymPy expression as JavaScript, its symbols as variables of the same names.

    Args:
      value: the expression.

    Returns:
      JavaScript source of one expression.
    """
    return _Printer().doprint(value)


def _rule(method: Method) -> str:
    traced = trace(method)
    lines = []
    if traced.hyperparameters:
        lines.append(f"const {{{', '.join(map(str, traced.hyperparameters))}}} = h;")
    lines += [f"const {symbol} = memory[{k}];" for k, symbol in enumerate(traced.previous)]
    lines += [f"const {symbol} = {expression(expr)};" for symbol, expr in traced.state]
    lines += [f"memory[{k}] = {symbol};" for k, (symbol, _) in enumerate(traced.state)]
    lines.append(f"return direction({expression(traced.m)}, {expression(traced.sqrt_V)});")
    body = "\n".join("      " + line for line in lines)
    names = [spec.name for spec in method.hyperparameters]
    return (
        f"  {method.name}: {{\n"
        f"    label: {json.dumps(method.label)},\n"
        f"    state: {json.dumps(list(method.state_type._fields))},\n"
        f"    maxima: {json.dumps(list(method.maxima))},\n"
        f"    hyperparameters: {json.dumps(names)},\n"
        f"    step(memory, g, t, h) {{\n{body}\n    }},\n  }}"
    )


def _function(name: str, arguments: str, value: Any) -> str:
    return f"function {name}({arguments}) {{\n  return {expression(value)};\n}}\n"


def module(names: Iterable[str] | None = None) -> str:
    r"""The update rules as JavaScript declarations, generated from the Python functions.

    Declares ``RULES`` (per method: label, state, which of it are running maxima, hyperparameters
    and ``step(memory, g, t, h)``, which updates the ``Float64Array`` of state variables in place
    and returns V_t^{-1/2} m_t), ``SCHEDULES`` (``(alpha, t) -> alpha_t``) and
    ``projectedStep(x, d, alpha_t, lower, upper)``, the projected step along d.

    Args:
      names: methods to include, keys of the catalogue; without, all of them.

    Returns:
      JavaScript source without imports or exports; the explorers join it with their own.

    Raises:
      ValueError: for a name that is not in the catalogue.
    """
    names = CATALOGUE if names is None else names
    names_used = "x m d sqrt_V alpha alpha_t t lower upper"
    x, m, d, root, alpha, alpha_t, t, lower, upper = sympy.symbols(names_used, real=True)
    with sympy.evaluate(False):
        scaled = direction(SYMBOLIC, m, root)
        step = projected_step(SYMBOLIC, x, d, alpha_t, lower, upper)
        schedules = {name: f(SYMBOLIC, alpha, t) for name, f in SCHEDULES.items()}
    parts = [
        "// Generated from adam_and_beyond.methods by SymPy's JavaScript printer. Do not edit.\n",
        _function("direction", "m, sqrt_V", scaled),
        _function("projectedStep", "x, d, alpha_t, lower, upper", step),
        "const SCHEDULES = {\n"
        + "".join(f"  {n}: (alpha, t) => {expression(e)},\n" for n, e in schedules.items())
        + "};\n",
        "const RULES = {\n" + ",\n".join(_rule(get(name)) for name in names) + ",\n};\n",
    ]
    return "\n".join(parts)
