"""Exact numbers and relations between them: how they are shown, unfolded and decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.core.relational import Relational

# Digits that decide the sign of an exact number. Differences that are not zero but smaller than
# 10^-40 do not occur among the book's numbers; if one did, `sign` would ask SymPy for a proof of
# zero and fail loudly.
_DIGITS = 50
_SIGNS = {"==": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "!=": r"\ne"}


def latex(relation: Relational, before: str = " ") -> str:
    """A relation as LaTeX, sides in the order in which it was written."""
    left, right = sympy.latex(relation.lhs), sympy.latex(relation.rhs)
    return f"{left}{before}{_SIGNS[relation.rel_op]} {right}"


def unfold(expression: Any, definitions: Mapping[Any, Any]) -> Any:
    """Replace names by what they stand for, until none is left (definitions may be nested)."""
    for _ in range(len(definitions) + 1):
        replaced = expression.subs(definitions)
        if replaced == expression:
            return expression
        expression = replaced
    raise ValueError("the definitions refer to themselves")


def exact(value: Any) -> sympy.Expr:
    """A number as an exact SymPy number; a float is refused, a proof has no use for it."""
    if isinstance(value, float):
        raise TypeError(f"exact values only, got the float {value!r}; write Rational('{value}')")
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        return sympy.Rational(int(value.numerator), int(value.denominator))
    return sympy.sympify(value)


def sign(number: sympy.Expr) -> int:
    """The sign of an exact number made of rationals and roots: -1, 0 or 1."""
    approximation = sympy.N(number, _DIGITS)
    if abs(approximation) > sympy.Float(10) ** -40:
        return 1 if approximation > 0 else -1
    if sympy.simplify(number) == 0 or number.equals(0):
        return 0
    raise ArithmeticError(f"cannot decide the sign of {number}")


def decide(relation: Any) -> bool:
    """Decide a relation between exact numbers."""
    if relation in (True, False):
        return bool(relation)
    order = sign(relation.lhs - relation.rhs)
    outcome = {
        "==": order == 0,
        "!=": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }
    return outcome[relation.rel_op]
