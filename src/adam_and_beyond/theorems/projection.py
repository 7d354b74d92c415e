r"""Certificates of the projection lemma: what one sign change is worth.

Points :math:`y_{j+1} = \Pi_{[a, b]}(y_j + \delta_j)` whose steps are first at most 0 and then at
least 0 end at :math:`\min\{b, y_1 + \sum \delta_j\}` or above. The projection is the one that the
book runs, read with symbols.
"""

from __future__ import annotations

from sympy import Ge, Le, Min, Symbol, symbols

from adam_and_beyond.methods import SYMBOLIC, project
from adam_and_beyond.proofs.certificate import Certificate, Weakening
from adam_and_beyond.proofs.implication import Implication

_LONGEST = 3  # steps of the sequences that are proved whole, beside the induction
_PLACE = "Projection lemma"
# What a sequence of n steps, k of them down, needs: 1 is that it starts below b, 2 the sign of its
# first step, 3 that of the second and so on; 0, that it starts above a, is never needed.
_NEEDED = {(1, 0): (), (1, 1): (), (2, 0): (3,), (2, 1): (3,), (2, 2): (1, 2)}
_NEEDED |= {(3, 0): (3, 4), (3, 1): (3, 4), (3, 2): (1, 2, 4), (3, 3): (1, 2, 3)}
a, b = symbols("a b", real=True)
y, s = symbols("y s", real=True)
delta = Symbol("delta", real=True)


def _after(point, step):
    return project(SYMBOLIC, point + step, a, b)


def induction() -> Certificate:
    """The two steps of the induction: on the way down, and on the way up."""
    inside = (Le(a, y), Le(y, b))
    down = Implication(Ge(_after(y, delta), s + delta), (Ge(y, s), Le(delta, 0), Le(y, b)))
    up = Implication(Ge(_after(y, delta), Min(b, s + delta)), (Ge(y, Min(b, s)), Ge(delta, 0)))
    change = Implication(Ge(y, Min(b, s)), (Ge(y, s),))
    # What would be needed to go down again after having gone up.
    wrong = up._replace(hypotheses=(up.hypotheses[0], Le(delta, 0), *inside))
    return Certificate(
        "one step of the lemma",
        _PLACE,
        "Let $s$ be where the point would be without projection. While the steps go down, the "
        r"point is at least $s$; while they go up, at least $\min\{b, s\}$.",
        (down, change, up),
        "nothing",
        "the induction over the steps, and that the first kind turns into the second once",
        "z3",
        (
            Weakening("down again after up", wrong),
            Weakening(
                r"$\min\{b, s\}$ replaced by $s$ on the way up",
                up._replace(conclusion=Ge(_after(y, delta), s + delta)),
            ),
        ),
        "paper, proof of Theorem 2",
    )


def _sequence(signs: tuple[int, ...]) -> Implication:
    """The lemma for a whole sequence with the given signs of its steps."""
    steps = symbols(f"delta_1:{len(signs) + 1}", real=True)
    start = point = Symbol("y_1", real=True)
    for step in steps:
        point = _after(point, step)
    conclusion = Ge(point, Min(b, start + sum(steps)))
    directions = tuple(
        Ge(step, 0) if sign > 0 else Le(step, 0) for step, sign in zip(steps, signs, strict=True)
    )
    return Implication(conclusion, (Le(a, start), Le(start, b), *directions))


def whole_sequences() -> Certificate:
    """The lemma for every short sequence, with one sign change at any place."""
    implications = (
        _sequence((-1,) * k + (1,) * (n - k)).needing(*_NEEDED[n, k])
        for n in range(1, _LONGEST + 1)
        for k in range(n + 1)
    )
    return Certificate(
        "short sequences",
        _PLACE,
        f"The lemma itself for sequences of up to {_LONGEST} steps: first down, then up, the "
        "change at any place; with each the signs that it needs.",
        tuple(implications),
        "nothing",
        "nothing",
        "z3",
        (
            Weakening("first up, then down", _sequence((1, -1))),
            Weakening("two sign changes: down, up, down", _sequence((-1, 1, -1))),
        ),
        "paper, proof of Theorem 2",
    )


def certificates() -> tuple[Certificate, ...]:
    """The lemma, by induction and by short sequences."""
    return induction(), whole_sequences()
