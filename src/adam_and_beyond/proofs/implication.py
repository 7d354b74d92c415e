"""What is proved: a statement over the reals, with its hypotheses and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy
from sympy.core.relational import Relational

from adam_and_beyond.proofs.exact import decide, exact, latex, unfold


class Implication(NamedTuple):
    """If the hypotheses hold, and each unknown lies in its range, then so does the conclusion."""

    conclusion: Relational
    hypotheses: tuple[Relational, ...] = ()
    # What names stand for; a name without an entry is an unknown real of its declared sign.
    definitions: Mapping[Any, Any] = {}
    ranges: Mapping[sympy.Symbol, tuple[Any, Any]] = {}  # closed; ball arithmetic needs them

    def needing(self, *which: int) -> Implication:
        """The same from some of its hypotheses, by their numbers: a line says what it needs."""
        return self._replace(hypotheses=tuple(self.hypotheses[k] for k in which))

    def unfolded(self, relation: Relational) -> tuple[Any, Any]:
        """Both sides of a relation with every name replaced by what it stands for."""
        # Side by side and not as a relation, which SymPy might decide from the declared signs.
        return tuple(unfold(sympy.sympify(e), self.definitions) for e in relation.args)

    @property
    def unknowns(self) -> tuple[sympy.Symbol, ...]:
        """The unknowns, by name."""
        sides = [e for r in (*self.hypotheses, self.conclusion) for e in self.unfolded(r)]
        return tuple(sorted(set().union(*(e.free_symbols for e in sides)), key=lambda s: s.name))

    def refuted_by(self, values: Mapping[sympy.Symbol, Any]) -> bool:
        """Substitute exact numbers: do they meet every hypothesis and violate the conclusion?"""
        values = {symbol: exact(value) for symbol, value in values.items()}
        allowed = all(_admits(symbol, value) for symbol, value in values.items())
        inside = all(
            decide(low <= values[symbol]) and decide(values[symbol] <= high)
            for symbol, (low, high) in self.ranges.items()
        )
        if not (allowed and inside):
            return False

        def holds(relation: Relational) -> bool:
            left, right = (e.subs(values) for e in self.unfolded(relation))
            return decide(relation.func(left, right, evaluate=False))

        return all(map(holds, self.hypotheses)) and not holds(self.conclusion)

    def given(self) -> tuple[str, ...]:
        """Hypotheses and ranges as LaTeX, names folded."""
        ends = (
            rf"{sympy.latex(low)} \le {sympy.latex(s)} \le {sympy.latex(high)}"
            if low != high
            else rf"{sympy.latex(s)} = {sympy.latex(low)}"
            for s, (low, high) in self.ranges.items()
        )
        fixed = (
            f"{sympy.latex(s)} = {sympy.latex(value)}"
            for s, value in self.definitions.items()
            if sympy.sympify(value).is_number
        )
        return (*map(latex, self.hypotheses), *ends, *fixed)

    def named(self) -> dict[Any, Any]:
        """The definitions that the implication makes use of, numbers aside."""
        found: dict[Any, Any] = {}
        waiting = [*self.hypotheses, self.conclusion]
        while waiting:
            for symbol in waiting.pop().free_symbols & self.definitions.keys() - found.keys():
                found[symbol] = sympy.sympify(self.definitions[symbol])
                waiting.append(found[symbol])
        return {symbol: e for symbol, e in found.items() if not e.is_number}


def _admits(symbol: sympy.Symbol, value: sympy.Expr) -> bool:
    """Whether a number has the properties that were declared of a symbol."""
    wanted = [
        (symbol.is_integer, value.is_integer),
        (symbol.is_positive, decide(value > 0)),
        (symbol.is_nonnegative, decide(value >= 0)),
    ]
    return all(has for needed, has in wanted if needed)
