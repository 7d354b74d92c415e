"""Theorem 2's conditions: written once, read with floats, balls, exact numbers and symbols."""

from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy

from adam_and_beyond import drift
from adam_and_beyond.theorems.theorem_2 import block, conditions
from adam_and_beyond.theorems.theorem_2 import proof as theorem

TABLE = [  # beta1, beta2, smallest even C for (i), (ii), (iii), smallest C at which Adam fails
    (0.0, 0.5, 4, 20, 8, 4),
    (0.0, 0.9, 4, 204, 16, 7),
    (0.5, 0.9, 4, 204, 16, 8),
    (0.9, 0.95, 6, 486, 32, 17),
    (0.0, 0.99, 4, 3218, 46, 21),
    (0.5, 0.99, 4, 3218, 46, 22),
    (0.9, 0.99, 6, 3218, 50, 30),
    (0.0, 0.999, 4, 42622, 144, 64),
    (0.9, 0.999, 6, 42622, 144, 74),
    (0.9, 0.9999, 6, 526972, 452, 210),
]


@pytest.mark.parametrize(("beta1", "beta2", "first", "second", "third", "exact"), TABLE)
def test_smallest_C_of_each_condition_beside_the_exact_one(
    beta1, beta2, first, second, third, exact
):
    found = theorem.smallest_C(beta1, beta2)
    needed = drift.critical_rarity("adam", beta1=beta1, beta2=beta2)
    print(f"({beta1:g}, {beta2:g}): {found}, together {found.together}, exact {needed}")
    assert found == (first, second, third)
    assert found.together == max(first, second, third)
    assert needed == exact


def conditions_by_the_paper(b1, b2, C):
    """Condition (7) as printed, term by term."""
    gamma = b1 / b2**0.5
    total = sum(gamma**j for j in range(C))
    return (
        1 - b1 ** (C - 1) - (1 - b1) * b1 ** (C - 1) * C,
        1 - b2 ** ((C - 2) / 2) * C**2,
        C / 3 - 3 * (1 - b1) / (2 * (1 - b2) ** 0.5) * total - b1 ** (C / 2 - 1) / (1 - b1),
    )


def test_conditions_are_the_printed_ones_and_broadcast():
    b1, b2, C = np.array([0.0, 0.5, 0.9])[:, None, None], np.array([[0.3], [0.9]]), [2, 4, 60]
    slack = theorem.conditions(b1, b2, C)
    for k, value in enumerate(slack):
        assert value.shape == (3, 2, 3)
        for place in np.ndindex(3, 2, 3):
            one = (float(b1[place[0], 0, 0]), float(b2[place[1], 0]), C[place[2]])
            assert value[place] == pytest.approx(conditions_by_the_paper(*one)[k], rel=1e-11)


@pytest.mark.parametrize("beta1", [0.5 * (1 + d) for d in (-1e-9, 0.0, 1e-9)])
def test_conditions_are_smooth_where_beta1_passes_the_root_of_beta2(beta1):
    # gamma = 1, where (1 - gamma^C) / (1 - gamma) is 0/0 and the sum has C equal terms.
    assert theorem.conditions(beta1, 0.25, 100).iii == pytest.approx(
        conditions_by_the_paper(0.5, 0.25, 100)[2], rel=1e-6
    )


@pytest.mark.parametrize("row", TABLE)
def test_conditions_change_sign_at_the_smallest_C(row):
    b1, b2 = row[:2]
    for which, least in theorem.smallest_C(b1, b2)._asdict().items():
        around = theorem.conditions(b1, b2, np.array([least - 2, least]))
        below, at = getattr(around, which)
        assert at > 0 and (below < 0 or least == 4)


@pytest.mark.parametrize("seed", range(5))
def test_from_the_smallest_C_on_each_condition_holds_for_ever_and_never_before(seed):
    random = np.random.default_rng(seed)
    beta2 = random.uniform(0.05, 0.97)
    beta1 = random.uniform(0, 0.99) * np.sqrt(beta2)
    C = np.arange(4, 4000, 2)
    slack, smallest = theorem.conditions(beta1, beta2, C), theorem.smallest_C(beta1, beta2)
    assert smallest.together < 4000
    for values, first in zip(slack, smallest, strict=True):
        assert np.array_equal(values > 0, first <= C)


def test_equality_satisfies_the_second_condition_and_not_the_third():
    # (ii) at C = 4 reads 16 beta2 <= 1; (iii) at beta1 = 0 reads 3 / (2 sqrt(1 - beta2)) < C / 3.
    assert theorem.smallest_C(0, Fraction(1, 16)).ii == 4
    assert theorem.smallest_C(0, Fraction(1, 16) + Fraction(1, 10**40)).ii == 6
    assert theorem.conditions(0, 0.7975, 10).iii == pytest.approx(0, abs=1e-14)
    assert theorem.smallest_C(0, "0.7975").iii == 12
    assert theorem.smallest_C(0, Fraction("0.7975") - Fraction(1, 10**40)).iii == 10


def test_at_C_equal_2_the_second_condition_reads_4_at_most_1():
    assert theorem.conditions(0.0, np.linspace(0.01, 0.99, 9), 2).ii.tolist() == [-3.0] * 9


def test_a_decimal_is_itself_and_not_its_binary_neighbour():
    assert theorem.smallest_C(0.9, 0.999) == theorem.smallest_C(
        Fraction(9, 10), Fraction(999, 1000)
    )


@pytest.mark.parametrize(
    ("beta1", "beta2"), [(0.9, 0.81), (0.95, 0.9), (-0.1, 0.9), (0, 0), (0.5, 1), (1.5, 0.9)]
)
def test_smallest_C_wants_the_hypothesis_of_the_theorem(beta1, beta2):
    with pytest.raises(ValueError, match=r"0 <= beta1 < sqrt\(beta2\) < 1"):
        theorem.smallest_C(beta1, beta2)


@pytest.mark.parametrize(
    ("beta1", "beta2", "C", "message"),
    [
        (1.0, 0.9, 10, "beta1 must lie in"),
        (-0.1, 0.9, 10, "beta1 must lie in"),
        (0.5, 0.0, 10, "beta2 must lie in"),
        (0.5, 1.0, 10, "beta2 must lie in"),
        (0.5, 0.9, 1, "C must be at least 2"),
        (0.5, 0.9, np.inf, "C must be at least 2"),
        (0.5, np.nan, 10, "beta2 must lie in"),
    ],
)
def test_conditions_refuse_what_lies_outside_their_range(beta1, beta2, C, message):
    with pytest.raises(ValueError, match=message):
        theorem.conditions(beta1, beta2, C)


def test_conditions_overflow_to_minus_infinity_without_a_word():
    assert theorem.conditions(0.99, 0.25, 1e6).iii == -np.inf


POINTS = [("0.9", "0.99", 6), ("0", "0.5", 4), ("0.5", "0.9", 204), ("0.3", "0.4", 12)]


@pytest.mark.parametrize(("beta1", "beta2", "C"), POINTS)
def test_floats_balls_and_symbols_give_the_two_sides_of_exact_numbers(beta1, beta2, C):
    exact = (sympy.Rational(beta1), sympy.Rational(beta2), sympy.Integer(C))
    wanted = conditions.sides(conditions.terms(*exact, sympy.sqrt), exact[-1])
    symbols = (block.beta1, block.beta2, block.C)
    at = dict(zip(symbols, exact, strict=True))
    balls = [flint.arb(int(x.p)) / int(x.q) for x in exact]
    floats = [np.float64(x) for x in exact]
    read = {
        "symbols": conditions.sides(conditions.terms(*symbols, sympy.sqrt), block.C),
        "balls": conditions.sides(conditions.terms(*balls, flint.arb.sqrt), balls[-1]),
        "floats": conditions.sides(conditions.terms(*floats, np.sqrt), floats[-1]),
    }
    for name, pairs in read.items():
        for pair, expected in zip(pairs, wanted, strict=True):
            got = [float(sympy.sympify(x).subs(at)) if name != "balls" else float(x) for x in pair]
            assert got == pytest.approx([float(x) for x in expected], rel=1e-12), name


@pytest.mark.parametrize(("beta1", "beta2", "C"), POINTS)
def test_the_proof_assumes_what_the_numbers_say(beta1, beta2, C):
    at = {block.beta1: sympy.Rational(beta1), block.beta2: sympy.Rational(beta2), block.C: C}
    relations = (block.condition_1, block.condition_2, block.condition_3)
    slack = conditions.conditions(float(beta1), float(beta2), C)
    for relation, room in zip(relations, slack, strict=True):
        meant = relation.subs(block.MEANT).subs(at)
        assert bool(meant) is bool(room > 0)
