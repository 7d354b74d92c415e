r"""Certificates of Theorem 5: AdamNC with beta2_t = 1 - 1/t.

The lines are those of the steps in :mod:`adam_and_beyond.theorems.theorem_5`.
"""

from __future__ import annotations

from sympy import Ge, Le, Rational

from adam_and_beyond.proofs.certificate import Certificate, Weakening, lines_of
from adam_and_beyond.theorems import theorem_5

_PLACE = "Theorem 5"


def conditions() -> Certificate:
    """The scale never falls: condition 2, and condition 1 as an equation."""
    lines = lines_of(theorem_5.conditions(), (), ())
    grows = lines[1].conclusion
    return Certificate(
        "conditions of AdamNC",
        _PLACE,
        r"With $\beta_{2t} = 1 - 1/t$ the inverse learning rate is $\sqrt{S_t}/\alpha$, and "
        "it never falls.",
        lines,
        r"$v_t = S_t / t$, which the step *plain average* reads from the rule",
        "nothing further",
        "z3",
        (
            Weakening(
                "growth by a hundredth demanded",
                lines[1]._replace(conclusion=Ge(grows.lhs, Rational(101, 100) * grows.rhs)),
            ),
        ),
        "paper, Theorem 5",
    )


def sum_of_steps() -> Certificate:
    """One round of Auer and Gentile's sum."""
    (line,) = lines_of(theorem_5.sum_of_steps(), ())
    left, right = line.conclusion.args
    return Certificate(
        "sum of steps",
        _PLACE,
        r"One round of $\sum g_t^2 / \sqrt{S_t} \le 2 \sqrt{S_T}$.",
        (line,),
        "nothing",
        "the sum over the rounds, whose right side telescopes",
        "z3",
        (
            Weakening(
                "2 replaced by 1.9", line._replace(conclusion=Le(left, Rational(19, 20) * right))
            ),
        ),
        "paper, proof of Theorem 5",
    )


def constants() -> Certificate:
    """Our constants against the printed ones."""
    lines = lines_of(theorem_5.constants(), (0,), (0,), (0,))
    ours, printed = lines[2].conclusion.args
    return Certificate(
        "constants of AdamNC",
        _PLACE,
        r"The three constants of the direct proof are at most the printed ones.",
        lines,
        "nothing",
        "that these are the constants of the two bounds",
        "z3",
        (
            Weakening(
                "the printed third constant halved",
                lines[2]._replace(conclusion=Le(ours, printed / 2)),
            ),
        ),
    )


def certificates() -> tuple[Certificate, ...]:
    """Theorem 5: conditions, sum and constants."""
    return conditions(), sum_of_steps(), constants()
