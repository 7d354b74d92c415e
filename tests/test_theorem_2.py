"""Theorem 2: its conditions, its lemma and its steps, proved, tried, and made to fail."""

from fractions import Fraction

import numpy as np
import pytest
import steps
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Max, Min, Rational, Sum, sqrt
from tries import tries

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.proofs import reasons
from adam_and_beyond.theorems.theorem_2 import block as in_a_block
from adam_and_beyond.theorems.theorem_2 import proof as theorem
from adam_and_beyond.theorems.theorem_2.block import (
    E_C,
    C,
    E_j,
    F_j,
    U_j,
    beta1,
    beta2,
    j,
    m_C,
    m_j,
    m_n,
    m_next,
    n,
    v_j,
    v_n,
)

# --- the conditions as numbers ---

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


# --- the proof as a whole ---

STEPS = {step.name: step for step in theorem.proof()}
TRIES = tries(20)


test_every_step_is_proved_and_shown = steps.test_of(STEPS)


K, S, b, gamma = theorem.K, theorem.S, theorem.b, theorem.gamma
G = sympy.Symbol("G", real=True)
y, z, top, low = sympy.symbols("y z u l", real=True)
d = sympy.Symbol("d", nonnegative=True)
rho = sympy.Symbol(r"\rho", real=True)
r_k, r_next = sympy.symbols(r"r_k r_{k+1}", positive=True)

PERTURBED = [
    ("block", 0, Eq(m_next, beta1 * m_j - 1)),
    ("block", 2, Eq(m_j, beta1**j * m_n + E_j + U_j)),
    ("block", 2, Eq(m_j, beta1**j * m_n + beta1 * E_j - U_j)),
    ("block", 3, Eq(v_j, beta2**j * v_n + F_j + 1 - beta2 ** (j - 1))),
    ("momentum", 0, Eq(m_C, beta1**C * m_n + E_C)),
    ("momentum", 1, Le(m_C, -1)),
    ("one change", 1, Ge(m_next, 0)),
    ("one change", 2, Eq(m_next - m_j, -(m_j + 1))),
    ("one change", 3, Le(m_next, m_j - 1)),
    ("lemma", 0, Ge(Max(y - d, low), z)),
    ("lemma", 1, Ge(Min(y + d, top), Min(z + 2 * d, top))),
    ("lemma", 2, Ge(top - d, Min(z + d, top))),
    ("bounds on v", 0, Ge(v_j, F_j)),
    ("bounds on v", 1, Le(v_j, F_j)),
    ("bounds on v", 2, Le(v_j, C**2 - 1)),
    ("late v", 1, Le(F_j + 1, Rational(3, 2))),
    ("one step", 0, Ge(-m_j, U_j)),
    ("one step", 1, Le(E_j / sqrt(v_j), K * gamma**j)),
    ("one step", 2, Ge(U_j / sqrt(v_j), U_j)),
    ("step sizes", 1, Ge(1 / sqrt(n + j), Rational(3, 4) / sqrt(n + 1))),
    ("late gains", 0, Eq(Sum(U_j, (j, C / 2, C)), C / 2)),
    ("late gains", 1, Ge(Sum(U_j, (j, C / 2, C)), C / 2 + 1 - b)),
    ("late gains", 1, Ge(Sum(U_j, (j, C / 2 + 1, C)), C / 2 - b)),
    ("block sum", 0, Ge(Rational(1, 3) * G - K * S, theorem.kappa)),
    ("block sum", 1, Ge(theorem.kappa, theorem.s_3)),
    ("block sum", 2, Gt(theorem.kappa, 1)),
    ("reach", 1, Ge(1 / r_k, 3 / C * (r_next - r_k))),
    ("block regret", 1, Ge(rho, 3)),
    ("persistence", 0, Eq(sympy.Symbol("h_{C+1}", real=True) - sympy.Symbol("h_C", real=True), 0)),
    ("persistence", 4, Gt(sympy.Symbol("s_{C+2}", real=True), 0)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_a_constant_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).check()


# --- the reasons ---


def test_pieces_must_be_declared_non_negative_and_add_up():
    a, x = sympy.Symbol("a", nonnegative=True), sympy.Symbol("x", real=True)
    claim = Ge(x, 1)
    assert reasons.by_pieces(a, {a: x - 1})(claim)
    assert not reasons.by_pieces(2 * a, {a: x - 1})(claim)
    assert not reasons.by_pieces(-a, {a: 1 - x})(claim)
    assert not reasons.by_pieces(a, {a: x - 1})(Gt(x, 1))  # a may be 0
    assert not reasons.by_pieces(a, {a: x - 1})(Eq(x, 1))


def test_induction_needs_both_the_start_and_the_step():
    x = sympy.Symbol("x", real=True)
    double = reasons.by_induction(j, 2, lambda form: 2 * form)
    assert double(Eq(x, 2**j))
    assert not double(Eq(x, 3 * 2**j))  # wrong start
    assert not double(Eq(x, 2 * j))  # wrong step


def test_coefficients_must_not_be_negative():
    p, q = sympy.symbols("p q", nonnegative=True)
    assert reasons.by_coefficients(Ge((p + q) ** 2, p**2 + q**2))
    assert not reasons.by_coefficients(Ge(p**2 + q**2, p * q))  # true, but not for this reason
    assert not reasons.by_coefficients(Gt(p + q, 0))


def test_sameness_of_powers_holds_at_0_by_continuity_and_is_not_granted_elsewhere():
    assert reasons.same(beta1 * beta1 ** (j - 1), beta1**j)
    assert not reasons.same(beta1 * beta1 ** (j - 1), beta1 ** (j - 1))


# --- the steps at exact numbers, on both sides of each hypothesis ---


def fractions(low, high):
    return st.fractions(Fraction(low), Fraction(high), max_denominator=40)


betas = fractions(0, Fraction(39, 40))
positive_betas = fractions(Fraction(1, 40), Fraction(39, 40))
lengths = st.integers(2, 20).map(lambda half: 2 * half)


@tries(8)
@given(betas, positive_betas, st.integers(2, 9), fractions(-1, 3), fractions(0, 9))
def test_closed_forms_are_the_rule_run_round_by_round(b1, b2, length, m, v):
    numbers = {beta1: Rational(b1), beta2: Rational(b2), C: length}
    start = {m_n: Rational(m), v_n: Rational(v)}
    m, v = start.values()
    for k, g in enumerate([length] + [-1] * (length - 1), start=1):
        m, v = (e.subs(numbers) for e in in_a_block.update(g, m, v))
        assert m == in_a_block.first_moment(k).subs(numbers | start)
        assert v == in_a_block.second_moment(k).subs(numbers | start)


@TRIES
@given(betas, lengths, fractions(-1, 0))
def test_first_condition_is_what_carries_the_sign_of_m(b1, length, m):
    verdict = STEPS["momentum"].at({beta1: b1, C: length, m_n: m})
    first = theorem.conditions(float(b1), 0.5, length).i
    assume(abs(first) > 1e-9)
    assert verdict.hypotheses is bool(first > 0)
    assert verdict.claim or not verdict.hypotheses


def test_without_the_first_condition_the_first_block_ends_with_m_above_0():
    # From m_0 = 0 the sign of m_C is that of the slack, exactly.
    for b1, length in ((Fraction(9, 10), 4), (Fraction(99, 100), 8)):
        assert theorem.conditions(float(b1), 0.5, length).i < 0
        assert STEPS["momentum"].at({beta1: b1, C: length, m_n: 0}) == (False, False)
        assert STEPS["momentum"].at({beta1: b1, C: 60 * length, m_n: 0}) == (True, True)


@TRIES
@given(positive_betas, lengths, fractions(0, 1), st.integers(1, 40))
def test_second_moment_stays_between_its_bounds(b2, length, share, k):
    values = {beta2: b2, C: length, v_n: share * length**2, j: min(k, length)}
    assert STEPS["bounds on v"].at(values) == (True, True)


def test_second_moment_may_exceed_its_bound_if_it_starts_above():
    values = {beta2: Fraction(1, 2), C: 4, v_n: 40, j: 1}
    assert STEPS["bounds on v"].at(values) == (False, False)


@TRIES
@given(positive_betas, lengths, st.integers(0, 20))
def test_second_condition_is_what_makes_v_forget(b2, length, later):
    middle = STEPS["late v"].at({beta2: b2, C: length, j: length // 2})
    second = theorem.conditions(0.0, float(b2), length).ii
    assume(abs(second) > 1e-9)
    assert middle.hypotheses is middle.claim is bool(second > 0)
    if middle.hypotheses:
        assert STEPS["late v"].at({beta2: b2, C: length, j: length // 2 + later}).claim


def test_v_that_enters_the_middle_of_a_block_may_be_far_above_2():
    values = {beta2: Rational(1, 16), C: 4, v_n: 1}
    entering, after = (in_a_block.second_moment(k).subs(values) for k in (1, 2))
    assert theorem.conditions(0.0, 1 / 16, 4).ii == 0
    assert entering > 15 and after < 2


@TRIES
@given(betas, positive_betas, lengths, st.integers(1, 40), fractions(-1, 0), fractions(0, 1))
def test_one_step_is_at_least_its_bound(b1, b2, length, k, m, share):
    k = min(k, length)
    lower = (1 - b2) * b2 ** (k - 1) * length**2
    assume(lower < 2)
    v = lower + share * (2 - lower)
    values = {beta1: b1, beta2: b2, C: length, j: k, m_n: m, v_j: v}
    assert STEPS["one step"].at(values) == (True, True)


def test_one_step_breaks_below_the_lower_bound_on_v_and_above_the_upper_one():
    values = {beta1: Fraction(1, 2), beta2: Fraction(1, 2), C: 20, j: 10, m_n: 0}
    lower = Fraction(1, 2) ** 10 * 400
    assert STEPS["one step"].at(values | {v_j: lower}) == (True, True)
    assert STEPS["one step"].at(values | {v_j: lower / 2}) == (False, False)
    assert STEPS["one step"].at(values | {v_j: 3}) == (False, False)


def test_step_sizes_need_the_second_block():
    # 4 (n + j) <= 9 (n + 1) from j <= n; in the first block, n = 1 say, long blocks break it.
    assert STEPS["step sizes"].at({n: 20, j: 20}) == (True, True)
    assert STEPS["step sizes"].at({n: 1, j: 20}) == (False, False)


@pytest.mark.parametrize("length", [4, 10, 20])
@pytest.mark.parametrize("b1", [Fraction(0), Fraction(1, 2), Fraction(9, 10)])
def test_late_gains_add_up(length, b1):
    total = sum(1 - b1 ** (k - 1) for k in range(length // 2, length + 1))
    (closed, _) = STEPS["late gains"].relations
    assert closed.rhs.subs({C: length, beta1: Rational(b1)}) == Rational(total)
    assert total >= Fraction(length, 2) - b1 ** (length // 2 - 1) / (1 - b1)


@TRIES
@given(lengths, fractions(0, 3), fractions(0, 3), fractions(0, 3))
def test_third_condition_is_what_lifts_a_block(length, k, s, remnant):
    values = {C: length, K: k, S: s, b: remnant, G: Fraction(length, 2) - remnant}
    verdict = STEPS["block sum"].at(values)
    assert verdict.hypotheses is (3 * k * s / 2 + remnant < Fraction(length, 3))
    assert verdict.claim or not verdict.hypotheses


def test_block_sum_fails_where_losses_are_larger():
    values = {C: 8, K: 2, S: 3, b: 0, G: 4}
    assert STEPS["block sum"].at(values) == (False, False)


def test_block_regret_is_2_at_least_and_hardly_more():
    above, epsilon = sympy.symbols(r"Y \varepsilon", real=True)
    assert STEPS["block regret"].at({C: 10, above: 18, epsilon: 0}) == (True, True)
    assert STEPS["block regret"].at({C: 10, above: 17, epsilon: Fraction(1, 9)}) == (True, True)
    assert STEPS["block regret"].at({C: 10, above: 19, epsilon: 0}) == (False, False)


# --- the projection lemma ---


def sequences(seed):
    random = np.random.default_rng(seed)
    shifts = np.sort(random.normal(size=(20_000, 9)) * random.uniform(0.01, 2, (20_000, 1)))
    return random.uniform(-1, 1, 20_000), shifts


def test_projection_lemma_has_no_violation_when_steps_go_down_first():
    for seed in range(5):
        y1, shifts = sequences(seed)
        end, bound = theorem.landing(y1, shifts)
        assert np.all(end >= bound - 1e-13)  # nine roundings of numbers below 50
        assert np.mean(end > bound + 0.1) > 0.1  # the projection does interfere


def test_projection_lemma_is_violated_when_steps_go_up_first():
    y1, shifts = sequences(0)
    end, bound = theorem.landing(y1, shifts[:, ::-1])
    share = np.mean(end < bound - 1e-9)
    print(f"violated by {share:.1%} of the reversed sequences")
    assert share > 0.2
    # By hand: up to 1, cut, down to 0; the bound says 1.
    assert theorem.landing(1.0, [1.0, -1.0]) == (0.0, 1.0)
    assert theorem.landing(1.0, [-1.0, 1.0]) == (1.0, 1.0)


def test_landing_projects_as_the_method_does():
    end, bound = theorem.landing([0.0, 0.5], [[-3.0, 1.0], [0.1, 0.2]], lower=-2.0, upper=2.0)
    assert end.tolist() == pytest.approx([-1.0, 0.8])
    assert bound.tolist() == pytest.approx([-2.0, 0.8])


# --- runs at the printed C ---


@pytest.mark.parametrize("alpha", [0.1, 1.0])
@pytest.mark.parametrize(("b1", "b2"), [(0.0, 0.5), (0.5, 0.9), (0.9, 0.95)])
def test_at_the_printed_C_the_iterate_goes_to_1_and_average_regret_to_2_over_C(b1, b2, alpha):
    rarity = theorem.smallest_C(b1, b2).together
    blocks = 10**8 // rarity
    adam = methods.get("adam", beta1=b1, beta2=b2)
    run = simulate.run(
        adam, problems.theorem_2(rarity), blocks * rarity, alpha, x1=-1.0,
        record=rarity * np.arange(1, blocks + 1, blocks // 50), path="steady cycle",
    )  # fmt: skip
    print(f"({b1}, {b2}), C = {rarity}: {run.average_regret[-1]:.6f}, 2/C = {2 / rarity:.6f}")
    assert np.all(run.x[-20:] == 1.0)  # exactly, at the end of each block
    # What the walk from -1 saved and what the blocks cost beyond 2 are below a twentieth of it all.
    assert run.average_regret[-1] == pytest.approx(2 / rarity, rel=0.05)
    # Each block from 1 costs at least 2; its excess shrinks like 1/sqrt(t).
    costs = np.diff(run.regret[5:]) / np.diff(run.t[5:] / rarity)
    assert np.all(costs >= 2) and np.all(np.diff(costs) <= 1e-7)
    assert costs[-1] - 2 == pytest.approx((costs[0] - 2) * np.sqrt(run.t[5] / run.t[-1]), rel=0.1)


def test_each_block_of_a_run_leads_up_by_what_the_proof_says():
    b1 = b2 = 0.5
    rarity, alpha, k = 20, 0.1, np.arange(1, 60)
    adam = methods.get("adam", beta1=b1, beta2=b2)
    run = simulate.run(adam, problems.theorem_2(rarity), 60 * rarity, alpha, x1=-1.0, record=1200)
    at_start = run.x[rarity - 1 :: rarity]  # x_{kC+1}, k = 1, ..., 60
    slack = theorem.conditions(b1, b2, rarity).iii
    proved = 2 / 3 * slack * alpha / np.sqrt(k * rarity + 1)
    assert np.all(at_start[1:] >= np.minimum(1.0, at_start[:-1] + proved))
    assert at_start[0] < 0 and at_start[-1] == 1.0


def test_drift_of_a_block_exceeds_what_the_proof_says():
    for b1, b2, *_ in TABLE[:5]:
        rarity = theorem.smallest_C(b1, b2).together
        slack = theorem.conditions(b1, b2, rarity).iii
        D = drift.number(methods.get("adam", beta1=b1, beta2=b2), problems.theorem_2(rarity))
        assert D > 2 / 3 * slack > 0
