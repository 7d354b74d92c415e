r"""What a step of a proof is: a claim to show, to prove with symbols, to try at exact numbers.

A proof in this book is a list of :class:`Step`. Each holds its relations as SymPy objects, the
hypotheses under which they are claimed, and for each relation the reason that proves it. Three
things can be done with a step: show it (a notebook prints its relations), :meth:`Step.check` it
(each reason is worked out by SymPy, exactly, and z3 shows that the hypotheses give what the reason
needs), and try it :meth:`Step.at` numbers, also at numbers
that violate a hypothesis.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sympy
from sympy import Ge, Le
from sympy.core.relational import Relational

from adam_and_beyond.proofs.exact import decide, exact, latex, unfold
from adam_and_beyond.proofs.needs import Reason, contradict, covered, defined, follows


class Verdict(NamedTuple):
    """A step at given numbers: do its hypotheses hold there, and do its relations?"""

    hypotheses: bool
    claim: bool


class Claim(NamedTuple):
    """One relation, the reason that proves it, and the hypotheses as ``slack`` in the symbols.

    ``slack`` reaches every point that the hypotheses allow: ``{C: 2 + c}`` with c > 0 if C > 2.
    ``given`` is assumed by this line alone, whose ``why`` says so. ``lines`` are the earlier lines
    that it uses, from 0.
    """

    relation: Relational
    reason: Callable[[Relational], bool]
    why: str
    slack: Mapping[Any, Any] = {}
    given: tuple[Relational, ...] = ()
    lines: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Step:
    r"""A named step of a proof.

    Args:
      name: short name, unique within its proof.
      statement: the claim in words.
      claims: the relations, each with the reason that proves it.
      hypotheses: relations under which the claims are made.
      definitions: what the named quantities in the relations stand for, e.g. ``{T_1: alpha /
        sqrt(...)}``.
      source: "paper, Theorem 1" or "ours".
    """

    name: str
    statement: str
    claims: tuple[Claim, ...]
    hypotheses: tuple[Relational, ...] = ()
    definitions: Mapping[Any, Any] = dataclasses.field(default_factory=dict)
    source: str = "paper"

    @property
    def relations(self) -> tuple[Relational, ...]:
        """The relations alone, in order."""
        return tuple(claim.relation for claim in self.claims)

    def failed(self) -> tuple[str, ...]:
        """The reasons that do not hold, in words; empty if the step is proved."""
        if contradict(self.hypotheses, self.definitions):
            return ("the hypotheses exclude each other",)
        return tuple(c.why for k, c in enumerate(self.claims) if not self.proves(k))

    def proves(self, index: int) -> bool:
        """Whether a line's reason holds, and the hypotheses give what it needs."""
        return self._holds(self.claims[index]) and not self.unmet(index)

    def needs(self, index: int) -> tuple[tuple[Relational, ...], tuple[Relational, ...]]:
        """What has to follow from the hypotheses for the reason of a line to prove it: that its
        slack reaches every point, and the rest, into which the slack may be put."""
        claim = self.claims[index]
        sides = [unfold(sympy.sympify(side), self.definitions) for side in claim.relation.args]
        names = {*claim.slack, *self.definitions, *claim.relation.free_symbols}
        for e in (*sides, *self.hypotheses, *claim.given, *self.definitions.values()):
            names |= sympy.sympify(e).free_symbols
        more = getattr(claim.reason, "needs", lambda relation, known: ())
        rest = (*more(claim.relation, names), *defined(*sides))
        return covered(claim.slack, names), rest

    def unmet(self, index: int) -> tuple[Relational, ...]:
        """Those of its :meth:`needs` that the hypotheses don't give, by z3."""
        claim = self.claims[index]
        # A line with an assumption of its own serves only a line that assumes the same.
        before = [self.claims[k] for k in claim.lines if k < index]
        earlier = tuple(c.relation for c in before if set(c.given) <= set(claim.given))
        known = (*self.hypotheses, *claim.given, *earlier)
        reached, rest = self.needs(index)
        if claim.given and contradict(known, self.definitions):
            return (*reached, *rest)

        def met(need: Relational, slack: Mapping[Any, Any]) -> bool:
            return follows(need, known, self.definitions, slack)

        return (
            *(need for need in reached if not met(need, {})),
            *(need for need in rest if not met(need, claim.slack)),
        )

    def _holds(self, claim: Claim) -> bool:
        relation = claim.relation
        # Definitions before slack: a definition may contain the symbols that slack replaces.
        for mapping in (self.definitions, claim.slack):
            relation = unfold(relation, mapping)
        return relation is sympy.true or (relation is not sympy.false and claim.reason(relation))

    def check(self) -> bool:
        """Work out every reason; true if all relations are proved, by what the step assumes."""
        return not contradict(self.hypotheses, self.definitions) and all(
            map(self.proves, range(len(self.claims)))
        )

    def at(self, values: Mapping[Any, Any]) -> Verdict:
        """Decide hypotheses and relations at exact numbers.

        Args:
          values: exact values (integers, fractions, SymPy radicals) for every free symbol.

        Returns:
          A ``Verdict``. The relations are decided also where a hypothesis fails, which shows what
          it is for.
        """
        values = {symbol: exact(value) for symbol, value in values.items()}
        hypotheses = all(decide(unfold(h, self.definitions).subs(values)) for h in self.hypotheses)
        claim = all(decide(unfold(r, self.definitions).subs(values)) for r in self.relations)
        return Verdict(hypotheses, claim)

    def with_relation(self, index: int, relation: Relational) -> Step:
        """The same step claiming another relation: how a test shows that `check` can fail."""
        claims = list(self.claims)
        claims[index] = claims[index]._replace(relation=relation)
        return dataclasses.replace(self, claims=tuple(claims))

    def _repr_markdown_(self) -> str:
        # A list in plain Markdown, which JupyterLab and the PDF can show as well: each line is
        # followed by its reason, and the site sets it beside the line. The sides of a relation are
        # two formulas, so that paper can break a long line between them.
        items = [
            f"{number}. {_sides(claim.relation)}\n\n    *{why}*"
            for number, (claim, why) in enumerate(zip(self.claims, self.whys(), strict=True), 1)
        ]
        return "\n\n".join([*self._suppose(), *items]) + "\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def __str__(self) -> str:
        given = " and ".join(map(_plain, self.hypotheses))
        suppose = [f"suppose {given}"] if given else []
        lines = [
            f"{number}. {_plain(claim.relation)}   [{why}]"
            for number, (claim, why) in enumerate(zip(self.claims, self.whys(), strict=True), 1)
        ]
        return "\n".join([self.statement, *suppose, *lines])

    def whys(self) -> tuple[str, ...]:
        """The reasons in words, line by line; one that repeats points to where it was given."""
        given: dict[str, int] = {}
        return tuple(
            claim.why
            if given.setdefault(claim.why, number) == number
            else f"as in line {given[claim.why]}"
            for number, claim in enumerate(self.claims, 1)
        )

    def _suppose(self) -> list[str]:
        hypotheses = [f"${latex(h)}$" for h in self.hypotheses]
        if not hypotheses:
            return []
        *most, last = hypotheses
        return [f"Suppose {', '.join(most)}{' and ' if most else ''}{last}. Then"]


def _sides(relation: Relational) -> str:
    apart = r"$ $\displaystyle {}"
    return rf"$\displaystyle {latex(relation, apart)}$"


def _plain(relation: Relational) -> str:
    return f"{relation.lhs} {relation.rel_op.replace('==', '=')} {relation.rhs}"


# Reasons. Each takes a relation in which definitions and hypotheses are already built in.


def by_identity(relation: Relational) -> bool:
    """An equation whose two sides simplify to the same expression."""
    if relation.rel_op != "==":
        return False
    difference = sympy.expand(_tidy_roots(relation.lhs) - _tidy_roots(relation.rhs))
    return sympy.expand(sympy.numer(sympy.together(difference))) == 0


def by_signs(relation: Relational) -> bool:
    """An inequality: over one denominator, larger minus smaller has only terms of one sign."""
    return _ordered(relation.gts - relation.lts, relation.rel_op in ("<", ">"))


def by_squares(relation: Relational) -> bool:
    """An inequality between non-negative quantities: their squares compared by signs."""
    more, less = _tidy_roots(relation.gts), _tidy_roots(relation.lts)
    if not (more.is_nonnegative and less.is_nonnegative):
        return False
    return _ordered(more**2 - less**2, relation.rel_op in ("<", ">"))


def by_evaluation(relation: Relational) -> bool:
    """A relation between exact numbers."""
    return decide(relation)


def by_sturm(symbol: sympy.Symbol, low: Any, high: Any) -> Reason:
    """A strict inequality between polynomials on [low, high]: their difference is positive at low
    and, by Sturm's theorem, has no root in the interval."""

    def reason(relation: Relational) -> bool:
        if relation.rel_op not in ("<", ">"):
            return False
        polynomial = sympy.Poly(relation.gts - relation.lts, symbol)
        return polynomial.count_roots(low, high) == 0 and polynomial.eval(low) > 0

    inside = (Ge(symbol, low, evaluate=False), Le(symbol, high, evaluate=False))
    return Reason(reason, lambda relation, known: inside)


def _tidy_roots(expression: sympy.Expr) -> sympy.Expr:
    """Factor what stands under each root, so that SymPy sees that it is positive."""
    return expression.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer,
        lambda e: sympy.factor(sympy.cancel(e.base)) ** e.exp,
    )


def _ordered(difference: sympy.Expr, strict: bool) -> bool:
    numerator, denominator = sympy.fraction(sympy.together(sympy.simplify(difference)))
    for form in (lambda e: e, sympy.expand, sympy.factor):
        top, bottom = form(numerator), form(denominator)
        # SymPy deduces the sign from the declared signs of the symbols; None means "not proved".
        for a, b in ((top, bottom), (-top, -bottom)):
            if b.is_positive and (a.is_positive if strict else a.is_nonnegative):
                return True
    return False
