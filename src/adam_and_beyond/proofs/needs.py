r"""What a line of a proof needs: relations that have to follow from the hypotheses of its step.

A reason builds hypotheses into symbols, as in :math:`C = 2 + c` with :math:`c > 0`, and divides and
takes roots. That is a proof only if the hypotheses say that there is such a c, and that what is
divided by isn't 0. Here these needs are written as relations; z3 shows that they follow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import sympy
from sympy import Eq, Ge, Gt, Ne
from sympy.core.relational import Relational

from adam_and_beyond.proofs import solver
from adam_and_beyond.proofs.exact import unfold
from adam_and_beyond.proofs.implication import Implication

FALSE = Ne(0, 0, evaluate=False)  # a need that nothing meets


class Reason(NamedTuple):
    """A reason that needs more than the declared signs of the symbols.

    ``needs`` takes the relation as it was written, and the symbols that are not slack.
    """

    holds: Callable[[Relational], bool]
    needs: Callable[[Relational, Collection[sympy.Symbol]], tuple[Relational, ...]]

    def __call__(self, relation: Relational) -> bool:
        return self.holds(relation)


def declared(symbol: sympy.Symbol, meaning: Any) -> tuple[Relational, ...]:
    """That a meaning has the sign which was declared of the symbol that stands for it."""
    if symbol.is_positive:
        return (Gt(meaning, 0, evaluate=False),)
    return (Ge(meaning, 0, evaluate=False),) if symbol.is_nonnegative else ()


def covered(
    slack: Mapping[sympy.Symbol, Any], known: Collection[sympy.Symbol]
) -> tuple[Relational, ...]:
    """That the slack reaches a point: solved for the slack, which must have its declared sign.

    Args:
      slack: e.g. ``{C: 2 + c}``; each entry brings at most one symbol that is not yet known.
      known: the symbols that stand for themselves.

    Returns:
      The needs, e.g. ``(C - 2 > 0,)``; one that is false if the slack can't be solved for.
    """
    rest, found, needs = dict(slack), {}, []
    while rest:
        counts = {s: _new(form, known, found) for s, form in rest.items()}
        target = min(counts, key=lambda s: len(counts[s]))
        form = sympy.sympify(rest.pop(target)).subs(found)
        if not counts[target]:
            needs.append(Eq(target, form, evaluate=False))
            continue
        (symbol, *more) = counts[target]
        plain = sympy.Dummy(real=True)  # without a sign, which could hide a solution
        solutions = sympy.solve(form.subs(symbol, plain) - target, plain)
        if more or len(solutions) != 1:
            return (FALSE,)
        found[symbol] = solutions[0]
        if symbol.is_integer and not solutions[0].is_integer:
            return (FALSE,)
        needs += declared(symbol, solutions[0])
    return tuple(needs)


def _new(form: Any, known: Collection, found: Mapping) -> list[sympy.Symbol]:
    return [s for s in sympy.sympify(form).free_symbols if s not in known and s not in found]


def defined(*sides: Any) -> tuple[Relational, ...]:
    """That nothing is divided by 0, and no root taken of what is negative.

    What stands in a limit or an integral is left out: it is about every value of their variable.
    """
    needs: dict[Relational, None] = {}
    for side in sides:
        walk = sympy.preorder_traversal(side)
        for e in walk:
            if isinstance(e, (sympy.Limit, sympy.Integral)):
                walk.skip()
            elif isinstance(e, sympy.Pow):
                needs |= dict.fromkeys(_exists(e))
    return tuple(needs)


def _exists(power: sympy.Pow) -> tuple[Relational, ...]:
    base, exponent = power.base, power.exp
    if not exponent.is_Rational:
        return () if base.is_positive else (Ge(exponent, 0, evaluate=False),)
    if not exponent.is_Integer:
        return ((Gt if exponent < 0 else Ge)(base, 0, evaluate=False),)
    return (Ne(base, 0, evaluate=False),) if exponent < 0 else ()


def follows(
    need: Relational,
    hypotheses: tuple[Relational, ...],
    definitions: Mapping[Any, Any],
    slack: Mapping[Any, Any] = MappingProxyType({}),
) -> bool:
    """Whether a relation follows from hypotheses and from the declared signs of the symbols.

    Args:
      need: the relation.
      hypotheses: what is known.
      definitions: what the names in both stand for.
      slack: may be put in, as it reaches every point; see :func:`covered`.

    Returns:
      Whether SymPy or z3 finds that it does.
    """
    left, right = (unfold(sympy.sympify(side), definitions) for side in need.args)
    for built_in in ({}, slack):
        difference = sympy.factor(unfold(left - right, built_in))
        if _by_declaration(need.rel_op, difference):
            return True
    claim = Implication(need, hypotheses, definitions)
    # A quotient is understood only once it is known that its denominator isn't 0.
    ordered = sorted(hypotheses, key=lambda h: len(defined(*claim.unfolded(h))))
    try:
        return solver.follows(claim._replace(hypotheses=tuple(ordered)))
    except ValueError:  # a logarithm, a sum: nothing for z3
        return False


def _by_declaration(order: str, difference: sympy.Expr) -> bool:
    has = {
        ">": difference.is_positive,
        ">=": difference.is_nonnegative,
        "<": difference.is_negative,
        "<=": difference.is_nonpositive,
        "!=": difference.is_nonzero,
        "==": difference.is_zero,
    }
    return bool(has[order])


def contradict(hypotheses: tuple[Relational, ...], definitions: Mapping[Any, Any]) -> bool:
    """Whether hypotheses exclude each other: everything would follow from them."""
    return bool(hypotheses) and follows(FALSE, hypotheses, definitions)
