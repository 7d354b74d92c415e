"""Theorem 2: its lemma and its steps, proved, tried, and made to fail."""

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

# --- the proof as a whole ---

STEPS = {step.name: step for step in theorem.proof()}
TRIES = tries(20)


test_every_step_is_shown = steps.test_of(STEPS)


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
    ("block sum", 0, Ge(Rational(1, 3) * G - K * S, theorem.push_up)),
    ("block sum", 1, Ge(theorem.push_up, theorem.s_3)),
    ("block sum", 2, Gt(theorem.push_up, 1)),
    ("reach", 1, Ge(1 / r_k, 3 / C * (r_next - r_k))),
    ("block regret", 1, Ge(rho, 3)),
    ("persistence", 0, Eq(sympy.Symbol("h_{C+1}", real=True) - sympy.Symbol("h_C", real=True), 0)),
    ("persistence", 4, Gt(sympy.Symbol("s_{C+2}", real=True), 0)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_a_constant_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


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
    for b1, b2 in ((0.0, 0.5), (0.0, 0.9), (0.5, 0.9), (0.9, 0.95), (0.0, 0.99)):
        rarity = theorem.smallest_C(b1, b2).together
        slack = theorem.conditions(b1, b2, rarity).iii
        D = drift.number(methods.get("adam", beta1=b1, beta2=b2), problems.theorem_2(rarity))
        assert D > 2 / 3 * slack > 0
