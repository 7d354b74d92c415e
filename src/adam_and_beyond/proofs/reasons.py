"""More reasons for the steps of a proof: sums of non-negative pieces, induction, telescoping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Abs, Eq, Ge, Max
from sympy.core.relational import Relational

from adam_and_beyond.proofs.exact import sign, unfold
from adam_and_beyond.proofs.needs import Reason, covered, declared
from adam_and_beyond.proofs.step import by_identity, by_signs

_Plain = Callable[[Relational], bool]
_STRICT = ("<", ">")


def same(left: Any, right: Any) -> bool:
    """Whether two expressions simplify to one, for positive values of their non-negative symbols;
    at 0 then too, by continuity, with 0^0 = 1."""
    # SymPy joins beta1 beta1^(j - 1) to beta1^j only where beta1 can't be 0.
    symbols = sympy.sympify(left).free_symbols | sympy.sympify(right).free_symbols
    doubtful = (s for s in symbols if s.is_nonnegative and not s.is_positive and not s.is_integer)
    positive = {s: sympy.Dummy(s.name, positive=True) for s in doubtful}
    left, right = (sympy.sympify(side).subs(positive) for side in (left, right))
    return by_identity(Eq(left, right, evaluate=False))


def by_sameness(relation: Relational) -> bool:
    """An equation whose sides are the same, powers with symbolic exponents included."""
    return relation.rel_op == "==" and same(relation.lhs, relation.rhs)


def by_pieces(form: Any, meaning: Mapping[sympy.Symbol, Any]) -> Reason:
    """An inequality: larger minus smaller *is* the form, whose symbols are declared non-negative
    and stand for quantities of which this follows from the hypotheses, or from earlier lines."""

    def reason(relation: Relational) -> bool:
        if relation.rel_op not in ("<", "<=", ">", ">="):
            return False
        positive = form.is_positive if relation.rel_op in _STRICT else by_signs(_at_least_0(form))
        return bool(positive) and same(relation.gts - relation.lts, unfold(form, meaning))

    needs = tuple(need for name, e in meaning.items() for need in declared(name, e))
    return Reason(reason, lambda relation, known: needs)


def _from_the_hypotheses(relation: Relational, known: Any) -> tuple[Relational, ...]:
    sides = (side.replace(Abs, lambda e: Max(e, -e)) for side in relation.args)
    return (relation.func(*sides, evaluate=False),)


# A relation that z3 finds to follow from the hypotheses, as it stands.
by_the_hypotheses = Reason(lambda relation: True, _from_the_hypotheses)


def by_induction(index: sympy.Symbol, first: Any, advance: Callable[[Any], Any]) -> _Plain:
    """An equation whose right side is ``first`` at index 1, and at index + 1 what ``advance`` makes
    of it."""

    def reason(relation: Relational) -> bool:
        form = relation.rhs
        return (
            relation.rel_op == "=="
            and same(form.subs(index, 1), first)
            and same(advance(form), form.subs(index, index + 1))
        )

    return reason


def by_telescoping(antidifference: Any) -> _Plain:
    """A sum in closed form: the summand is F(j + 1) - F(j), so the sum is F(end + 1) - F(start)."""

    def reason(relation: Relational) -> bool:
        if not (relation.rel_op == "==" and isinstance(relation.lhs, sympy.Sum)):
            return False
        summand, (index, start, end) = relation.lhs.function, relation.lhs.limits[0]
        F = sympy.Lambda(index, antidifference)
        return same(F(index + 1) - F(index), summand) and same(relation.rhs, F(end + 1) - F(start))

    return reason


def naming(powers: Mapping[sympy.Pow, sympy.Symbol], slack: Mapping, reason: _Plain) -> Reason:
    """Another reason, after powers with symbolic exponents were given names and the hypotheses
    were built into those: ``{beta1 ** (j - 1): p}`` turns beta1^j into p beta1 as well."""

    def rename(power: sympy.Pow) -> Any:
        for known, name in powers.items():
            if power.base == known.base:
                times, more = sympy.cancel(power.exp / known.exp), power.exp - known.exp
                if times.is_Rational:
                    return name**times
                if more.is_Integer:
                    return name * power.base**more
        return power

    def renamed(relation: Relational) -> bool:
        bases = {known.base for known in powers}
        relation = relation.replace(lambda e: e.is_Pow, sympy.expand_power_base)
        relation = relation.replace(lambda e: e.is_Pow and e.base in bases, rename)
        relation = unfold(relation, slack)
        return relation is sympy.true or (relation is not sympy.false and reason(relation))

    def needs(relation: Relational, known: Any) -> tuple[Relational, ...]:
        meaning = {name: power for power, name in powers.items()}
        found = covered(slack, {*known, *meaning, *slack})
        signs = (need for s, power in meaning.items() for need in declared(s, power))
        return (*signs, *(need.subs(meaning) for need in found))

    return Reason(renamed, needs)


def by_coefficients(relation: Relational) -> bool:
    """An inequality: larger minus smaller is a polynomial in non-negative symbols, and none of its
    coefficients is negative."""
    if relation.rel_op not in ("<=", ">="):
        return False
    difference = sympy.expand(relation.gts - relation.lts)
    symbols = sorted(difference.free_symbols, key=str)
    return (
        bool(symbols)
        and all(symbol.is_nonnegative for symbol in symbols)
        and all(sign(c) >= 0 for c in sympy.Poly(difference, *symbols).coeffs())
    )


def by_largest(relation: Relational) -> bool:
    """A lower bound on a maximum: one of its entries is as large."""
    return any(_no_less(entry, relation.lts) for entry in _entries(relation.gts, sympy.Max))


def by_smallest(relation: Relational) -> bool:
    """Between minima: each entry of the larger one is at least some entry of the smaller one."""
    smaller = _entries(relation.lts, sympy.Min)
    return all(
        any(_no_less(entry, other) for other in smaller)
        for entry in _entries(relation.gts, sympy.Min)
    )


def _at_least_0(form: Any) -> Relational:
    return Ge(form, 0, evaluate=False)


def _no_less(larger: Any, smaller: Any) -> bool:
    difference = sympy.expand(larger - smaller)
    return difference == 0 or by_signs(_at_least_0(difference))


def _entries(expression: Any, kind: type) -> tuple:
    return expression.args if isinstance(expression, kind) else (expression,)
