r"""Proofs by ball arithmetic: a range of parameters covered by boxes too small to hide a zero.

A ball is a number with a rigorous error bound. An expression evaluated on balls returns a ball
that contains every value it takes there. Where that ball lies on one side of zero the box is done;
otherwise the box is halved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import flint
import sympy

from adam_and_beyond.proofs.implication import Implication

_BOXES = 20_000  # before giving up
_BITS = 128


def ball(low: Any, high: Any) -> flint.arb:
    """The smallest ball that contains two exact numbers, and so everything between them."""
    return _number(low).union(_number(high))


def _number(value: Any) -> flint.arb:
    value = sympy.Rational(value)
    return flint.arb(flint.fmpq(int(value.p), int(value.q)))


def enclose(e: sympy.Expr, values: Mapping[sympy.Symbol, flint.arb]) -> flint.arb:
    """A ball that contains every value of an expression whose symbols lie in the given balls.

    Args:
      e: made of rationals, symbols, sums, products, and integer and half-integer powers.
      values: a ball for every symbol.

    Returns:
      The ball; it is infinite or not a number where the expression may be undefined.

    Raises:
      ValueError: for anything else.

    References:
      Johansson (2017). Introduced in the chapter "Certificates".
    """
    if e.is_Rational:
        return _number(e)
    if e.is_Symbol:
        return values[e]
    if e.is_Add:
        return sum((enclose(a, values) for a in e.args), flint.arb(0))
    if e.is_Mul:
        product = flint.arb(1)
        for a in e.args:
            product *= enclose(a, values)
        return product
    if e.is_Pow and (2 * e.exp).is_Integer:
        base = enclose(e.base, values)
        root = base if e.exp.is_Integer else base.sqrt()
        power = _power(root, int(abs(e.exp.p)))
        return power if e.exp > 0 else 1 / power
    raise ValueError(f"ball arithmetic certificates know sums, products and roots, not {e}")


def _power(base: flint.arb, n: int) -> flint.arb:
    """A power; of a positive ball by its ends, since repeated products widen it."""
    low = base.lower()
    return (low**n).union(base.upper() ** n) if low > 0 else base**n


class Piece(NamedTuple):
    """A box of a covering, and bounds on the difference of the two sides on it."""

    box: Mapping[sympy.Symbol, tuple[sympy.Rational, sympy.Rational]]
    low: float
    high: float


def prove(implication: Implication) -> tuple[str, int, Mapping[sympy.Symbol, Any] | None]:
    """Prove one strict inequality on a box of parameters.

    Args:
      implication: its hypotheses are the ranges of its unknowns; its conclusion is strict.

    Returns:
      ``(status, boxes, values)``: ``"proved"``; ``"refuted"`` with the middle of a box on which the
      opposite was seen; or ``"undecided"``.

    Raises:
      ValueError: as :func:`covering`.

    References:
      Johansson (2017). Introduced in the chapter "Certificates".
    """
    status, pieces, values = covering(implication)
    return status, len(pieces), values


def covering(
    implication: Implication,
) -> tuple[str, list[Piece], Mapping[sympy.Symbol, Any] | None]:
    """The proof itself: boxes that cover the parameters, with a bound above zero on each.

    Args:
      implication: as in :func:`prove`.

    Returns:
      ``(status, pieces, values)``; the pieces cover everything if the status is ``"proved"``.

    Raises:
      ValueError: for other hypotheses, an unknown without a range, or an inequality not strict.

    References:
      Johansson (2017). Introduced in the chapter "Certificates".
    """
    relation = implication.conclusion
    if relation.rel_op not in ("<", ">") or implication.hypotheses:
        raise ValueError("ball arithmetic proves strict inequalities on boxes of parameters")
    if set(implication.unknowns) - set(implication.ranges):
        raise ValueError("every unknown needs a range")
    left, right = implication.unfolded(relation)
    more, less = (left, right) if relation.rel_op == ">" else (right, left)
    with flint.ctx.workprec(_BITS):
        return _cover(more - less, dict(implication.ranges))


def _cover(excess: sympy.Expr, whole: dict) -> tuple[str, list[Piece], Any]:
    """Show that the excess is positive on a box, halving what is too wide to tell."""
    boxes = [{s: tuple(map(sympy.Rational, ends)) for s, ends in whole.items()}]
    pieces: list[Piece] = []
    for _ in range(_BOXES):
        if not boxes:
            return "proved", pieces, None
        box = boxes.pop()
        bound = enclose(excess, {s: ball(*ends) for s, ends in box.items()})
        if bound > 0:
            pieces.append(Piece(box, float(bound.lower()), float(bound.upper())))
            continue
        middle = {s: (low + high) / 2 for s, (low, high) in box.items()}
        if enclose(excess, {s: _number(x) for s, x in middle.items()}) <= 0:
            return "refuted", pieces, middle
        if not any(low < high for low, high in box.values()):
            break  # a single point, and the precision is not enough
        widest = max(box, key=lambda s: (box[s][1] - box[s][0]) / (whole[s][1] - whole[s][0] or 1))
        low, high = box[widest]
        boxes += [box | {widest: (low, middle[widest])}, box | {widest: (middle[widest], high)}]
    return "undecided", pieces, None
