r"""Proofs by z3: the hypotheses and the negated conclusion have no common solution over the reals.

Roots and quotients are eliminated first. A root :math:`\sqrt e` becomes a fresh unknown
:math:`y \ge 0` with :math:`y^2 = e`, a quotient :math:`1/e` a fresh unknown with :math:`q e = 1`. A
fresh unknown that cannot exist would make everything true; so each time z3 is asked first whether
the hypotheses force :math:`e \ge 0`, or :math:`e \ne 0`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

import sympy
import z3

from adam_and_beyond.proofs.implication import Implication

_MILLISECONDS = 20_000  # for one question
_SHORT = 3_000  # for one that only asks whether something follows
_RELATIONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SMALL_INTEGERS = range(6)  # what an integer unknown of a counterexample is tried at
_DENOMINATORS = (1, 2, 4, 5, 10, 20, 100, 1000, 10**6, 10**12)


class _Translation:
    """SymPy expressions as polynomials of z3, and the conditions that make them so."""

    def __init__(self) -> None:
        self.unknowns: dict[sympy.Symbol, Any] = {}
        self.signs: list[Any] = []  # declared of the unknowns
        self.equations: list[Any] = []  # of the fresh unknowns
        self.domain: list[tuple[Any, int]] = []  # what must hold, and how many equations precede it
        self.laws: list[Any] = []  # of powers with symbolic exponents, each an unknown of its own
        self._known: dict[Any, Any] = {}
        self._powers: dict[sympy.Pow, Any] = {}

    def __call__(self, e: sympy.Expr) -> Any:
        if e not in self._known:
            self._known[e] = self._new(e)
        return self._known[e]

    def relation(self, relation: Any, left: sympy.Expr, right: sympy.Expr) -> Any:
        """A relation whose sides are given unfolded."""
        return _RELATIONS[relation.rel_op](self(left), self(right))

    def _new(self, e: sympy.Expr) -> Any:
        if e.is_Rational:
            return z3.RatVal(int(e.p), int(e.q))
        if e.is_Symbol:
            return self._unknown(e)
        if e.is_Add or e.is_Mul:
            combine = operator.add if e.is_Add else operator.mul
            return functools.reduce(combine, map(self, e.args))
        if isinstance(e, (sympy.Min, sympy.Max)):
            choose = operator.le if isinstance(e, sympy.Min) else operator.ge
            return functools.reduce(lambda a, b: z3.If(choose(a, b), a, b), map(self, e.args))
        if e.is_Pow and (2 * e.exp).is_Integer:
            return self._power(e.base, e.exp)
        if e.is_Pow:
            return self._symbolic_power(e)
        raise ValueError(f"z3 certificates know sums, products, roots, Min and Max, not {e}")

    def _unknown(self, symbol: sympy.Symbol) -> Any:
        x = self.unknowns[symbol] = z3.Real(symbol.name)
        if symbol.is_positive:
            self.signs.append(x >= 1 if symbol.is_integer else x > 0)
        elif symbol.is_nonnegative:
            self.signs.append(x >= 0)
        return x

    def _power(self, base: sympy.Expr, exponent: sympy.Rational) -> Any:
        if exponent.is_Integer and exponent > 0:
            return functools.reduce(operator.mul, [self(base)] * int(exponent))
        unit = sympy.Rational(1, exponent.q) * (1 if exponent > 0 else -1)
        if unit != exponent:
            return self._power(base**unit, exponent / unit)
        b = self(base)
        y = z3.Real(f"fresh!{len(self.equations)}")
        condition = {(1, 2): b >= 0, (-1, 2): b > 0, (-1, 1): b != 0}[(unit.p, unit.q)]
        self.domain.append((condition, len(self.equations)))
        square = y * y if unit.q == 2 else y
        equation = square == b if unit > 0 else square * b == 1
        self.equations.append(z3.And(y >= 0, equation) if unit.q == 2 else equation)
        return y

    def _symbolic_power(self, e: sympy.Pow) -> Any:
        """An unknown with the laws of powers; 0^0 is 1."""
        b, n, y = self(e.base), self(e.exp), z3.Real(f"power!{len(self._powers)}")
        self.laws += [
            z3.Implies(b > 0, y > 0),
            z3.Implies(z3.And(b >= 0, n >= 0), y >= 0),
            z3.Implies(z3.And(b >= 0, b <= 1, n >= 0), y <= 1),
            z3.Implies(z3.And(b >= 0, b < 1, n > 0), y < 1),
            z3.Implies(z3.And(b > 1, n > 0), y > 1),
        ]
        for other, x in self._powers.items():
            if other.base == e.base:
                self.laws += _neighbours(b, n, y, self(other.exp), x)
                self.laws += _neighbours(b, self(other.exp), x, n, y)
        self._powers[e] = y
        return y


def _neighbours(b: Any, n: Any, y: Any, k: Any, x: Any) -> list[Any]:
    """What is true of y = b^n and x = b^k: the larger exponent has the smaller power below 1."""
    exists = z3.Or(b > 0, z3.And(b == 0, k >= 0))
    return [
        z3.Implies(z3.And(exists, b <= 1, n >= k), y <= x),
        z3.Implies(z3.And(exists, n == k + 1), y == b * x),
    ]


def follows(implication: Implication) -> bool:
    """Whether z3 proves an implication within seconds; no counterexample is looked for.

    Args:
      implication: as in :func:`prove`.

    Returns:
      Whether it is proved.
    """
    return _try(implication, _SHORT)[0] == "proved"


def prove(implication: Implication) -> tuple[str, int, Mapping[sympy.Symbol, Any] | None]:
    """Prove one implication.

    Args:
      implication: over real unknowns; an integer is treated as a real, which proves more.

    Returns:
      ``(status, questions, values)``: ``"proved"``; ``"refuted"`` with values that, put in exactly,
      violate it; or ``"undecided"``.

    References:
      de Moura and Bjorner (2008). Introduced in the chapter "Certificates".
    """
    status, questions, asked = _try(implication, _MILLISECONDS)
    if status == "proved":
        return status, questions, None
    values = None if asked is None else _values(implication, *asked)
    return ("undecided", questions, None) if values is None else (status, questions, values)


def _try(implication: Implication, milliseconds: int) -> tuple[str, int, tuple | None]:
    """Ask for the conditions of roots and quotients, and then for the conclusion.

    Returns:
      ``(status, questions, asked)``; of a conclusion that wasn't proved ``asked`` is the
      translation, what was known, the formula and z3's model of its opposite.
    """
    translate = _Translation()
    facts: list[Any] = []
    questions, settled = 0, 0
    lines = [*_range_lines(implication), *implication.hypotheses, implication.conclusion]
    for line in lines:
        formula = translate.relation(line, *implication.unfolded(line))
        last = line is lines[-1]
        wanted = translate.domain[settled:]
        settled = len(translate.domain)
        for condition, before in [*wanted, *([(formula, None)] if last else [])]:
            questions += 1
            known = [*translate.signs, *facts, *translate.laws, *translate.equations[:before]]
            status, model = _ask(known, condition, milliseconds)
            if status != "proved":
                is_line = before is None
                return status, questions, (translate, known, condition, model) if is_line else None
        facts.append(formula)
    return "proved", questions, None


def _range_lines(implication: Implication) -> list[Any]:
    pairs = implication.ranges.items()
    ends = [(sympy.Ge, s, low) for s, (low, _) in pairs] + [
        (sympy.Le, s, high) for s, (_, high) in pairs
    ]
    return [relation(s, end, evaluate=False) for relation, s, end in ends]


def _ask(known: list[Any], claim: Any, milliseconds: int = _MILLISECONDS) -> tuple[str, Any]:
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(*known, z3.Not(claim))
    answer = solver.check()
    if answer == z3.unsat:
        return "proved", None
    return ("refuted", solver.model()) if answer == z3.sat else ("undecided", None)


def _values(implication, translate, known, claim, model):
    """Exact values from z3's solution, with small denominators where these do as well."""
    if model is None:
        return None
    integers = [s for s in translate.unknowns if s.is_integer]
    for choice in _SMALL_INTEGERS if integers else (None,):
        fixed = [translate.unknowns[s] == choice for s in integers]
        if fixed:
            _, model = _ask([*known, *fixed], claim)
        if model is None:
            continue
        found = {s: _rational(model.eval(x, True)) for s, x in translate.unknowns.items()}
        for denominator in _DENOMINATORS:
            values = {s: sympy.Rational(v).limit_denominator(denominator) for s, v in found.items()}
            if implication.refuted_by(values):
                return values
        if implication.refuted_by(found):
            return found
    return None


def _rational(number: Any) -> sympy.Rational:
    """A number of z3; an algebraic one is rounded, and the substitution judges the result."""
    if z3.is_algebraic_value(number):
        number = number.approx(30)
    return sympy.Rational(number.numerator_as_long(), number.denominator_as_long())
