r"""Reading a rule: the same function that JAX runs, called with SymPy symbols.

:func:`trace` gives the expressions; :mod:`.latex` prints them for the page, and :mod:`.javascript`
for the explorers.
"""

from __future__ import annotations

import types
from typing import Any, NamedTuple

import sympy

from adam_and_beyond.methods.method import Method


def _where(condition: Any, if_true: Any, if_false: Any) -> Any:
    if condition in (True, False, sympy.true, sympy.false):
        return if_true if condition else if_false
    # Within the other branch the condition is known to fail: a choice inside it is made already.
    inner = sympy.sympify(if_false).atoms(sympy.Piecewise)
    known = {p: p.args[1].expr for p in inner if p.args[0].cond == condition}
    return sympy.Piecewise((if_true, condition), (sympy.sympify(if_false).xreplace(known), True))


# The array namespace of symbols: the functions that rules may call, on SymPy expressions.
SYMBOLIC = types.SimpleNamespace(
    sqrt=sympy.sqrt,
    power=sympy.Pow,
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
    """
    new, old, hyper, g, t = _symbols(method)
    with sympy.evaluate(False):
        named = dict(zip(method.hyper._fields, hyper, strict=True))
        update = method.over(**named).update(g, method.state_type(*old), t, SYMBOLIC)
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
    for symbol, previous in zip(new, old, strict=True):
        tex = _accented(symbol.name)
        latex_names |= {symbol: f"{tex}_t", previous: f"{tex}_{{t-1}}"}
    specs = method.hyperparameters
    latex_names |= {s: spec.symbol for s, spec in zip(hyper, specs, strict=True)}
    return Trace(tuple(state), m, sqrt_V, old, hyper, g, t, latex_names)


def _accented(field: str) -> str:
    """A field of a state as LaTeX: ``v_hat`` has an accent, as in the paper."""
    name, _, accent = field.partition("_")
    return rf"\{accent} {name}" if accent else name
