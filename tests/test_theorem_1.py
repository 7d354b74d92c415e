"""Theorem 1: each step of the proof proved, tried at exact numbers, and made to fail on purpose."""

from fractions import Fraction

import numpy as np
import pytest
import steps
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Lt, Rational, sqrt
from tries import tries

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.proofs.exact import sign
from adam_and_beyond.theorems.theorem_1 import constant_step
from adam_and_beyond.theorems.theorem_1 import proof as theorem
from adam_and_beyond.theorems.theorem_1.replay import exact_cycles

STEPS = {
    step.name: step for step in (*theorem.proof(), constant_step.push_back(), constant_step.orbit())
}
TRIES = tries(25)


def fractions(low, high, strict=False):
    """Exact rationals between two rationals, with small denominators so that SymPy stays quick."""
    values = st.fractions(Fraction(low), Fraction(high), max_denominator=60)
    return values.filter(lambda q: low < q < high) if strict else values


beta2s = fractions(0, 1, strict=True)
ratios = fractions(0, 1, strict=True)  # alpha over its limit sqrt(1 - beta2)
cycle_numbers = st.integers(0, 40)


def limit_times(ratio, beta2):
    return Rational(ratio) * sqrt(1 - Rational(beta2))


# --- the proof as a whole ---


test_every_step_is_shown = steps.test_of(STEPS)


PERTURBED = [
    ("update", 0, Eq(theorem.v1, theorem.beta2 * theorem.v0 + (1 - theorem.beta2) * theorem.C)),
    ("update", 3, Eq(theorem.T_1, theorem.alpha / (sqrt(3 * theorem.t + 1) * sqrt(theorem.v1)))),
    ("update", 4, Eq(theorem.S_1, theorem.alpha / (sqrt(3 * theorem.t + 1) * sqrt(theorem.v2)))),
    ("moments", 1, Le(theorem.one_cycle()[0][theorem.v2], theorem.C**2 - 1)),
    ("big step", 1, Le(theorem.T_1, theorem.T_max * Rational(99, 100))),
    ("big step", 2, Lt(theorem.T_max, Rational(99, 100))),
    ("identity", 1, Eq(theorem.beta2, 1 / (2 + theorem.C**2))),
    ("identity", 1, Eq(theorem.beta2, 1 / (1 + theorem.C))),
    ("identity", 0, Eq(sympy.Symbol("q", real=True), theorem.balance() + 1)),
    ("identity", 3, Ge(sympy.Symbol("q", real=True), Rational(101, 100))),
    ("(*)", 1, Ge(1 / sqrt(3 * theorem.t + 3), 1 / sqrt(3 * theorem.t + 1))),
    ("push back", 1, Ge(theorem.S_1, theorem.T_max)),
    ("push back", 3, Ge(theorem.x4, Rational(101, 100))),
    (
        "first moments",
        2,
        Eq(sympy.Symbol("v_3", positive=True), (1 - theorem.beta2) * (1 + theorem.beta2)),
    ),
    ("first block", 0, Eq(theorem.S_1, theorem.first_block_function())),
    ("first block", 1, Gt(3 * (1 - theorem.beta2) ** 2, 3 * (1 + 2 * theorem.beta2) ** 2)),
    ("first block", 2, Ge(theorem.first_block_function(), Rational(103, 100))),
    (
        "first block",
        4,
        Gt(theorem.first_block_function(Rational(1, 5)), Rational(103, 100), evaluate=False),
    ),
    ("smaller beta2", 1, Le(sympy.Symbol("v_2", positive=True), (1 - theorem.beta2) ** 2)),
    ("cycle regret", 0, Ge((theorem.C - 2) * sympy.Symbol("x", real=True), 3 - theorem.C)),
    ("cycle regret", 2, Ge(sympy.Symbol(r"\rho_t", real=True), 2 * theorem.C - 3)),
    ("constant step", 1, Ge(theorem.S_1, theorem.T_max)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_a_constant_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


def test_a_float_is_not_an_exact_number():
    with pytest.raises(TypeError, match="exact values only"):
        STEPS["identity"].at({theorem.C: 3.0, theorem.beta2: Fraction(1, 10)})


def test_sign_tells_a_tiny_number_from_zero():
    assert sign(sqrt(2) * sqrt(3) - sqrt(6)) == 0
    assert sign(sqrt(2 + 2 * sqrt(6) + 3) - sqrt(2) - sqrt(3)) == 0
    assert sign(Rational(1, 10**30)) == 1
    assert sign(-sqrt(2) + Rational(141421356237309504880, 10**20)) == -1


# --- the steps at exact numbers, on both sides of each hypothesis ---


@TRIES
@given(fractions(1, 20, strict=True), beta2s, fractions(0, 1))
def test_second_moments_stay_below_C_squared_if_they_start_there(C, beta2, share):
    v = share * C**2
    values = {theorem.C: C, theorem.beta2: beta2, theorem.v0: v, theorem.v1: v, theorem.v2: v}
    assert STEPS["moments"].at(values) == (True, True)


def test_second_moments_may_exceed_C_squared_if_they_start_above_or_C_is_below_1():
    above = {
        theorem.C: 3,
        theorem.beta2: Fraction(1, 2),
        theorem.v0: 10,
        theorem.v1: 0,
        theorem.v2: 0,
    }
    assert STEPS["moments"].at(above) == (False, False)
    small = {theorem.C: Fraction(1, 2), theorem.beta2: Fraction(1, 2)}
    assert STEPS["moments"].at(small | {theorem.v0: 0, theorem.v1: 0, theorem.v2: 0}) == (
        False,
        False,
    )


@TRIES
@given(fractions(2, 50, strict=True), beta2s, ratios, cycle_numbers, fractions(0, 2500))
def test_big_step_stays_inside_when_alpha_is_below_its_limit(C, beta2, ratio, t, v):
    alpha = limit_times(ratio, beta2)
    values = {theorem.C: C, theorem.beta2: beta2, theorem.alpha: alpha, theorem.t: t, theorem.v0: v}
    assert STEPS["big step"].at(values) == (True, True)


@TRIES
@given(fractions(2, 50, strict=True), beta2s, fractions(1, 5))
def test_big_step_reaches_0_in_the_first_cycle_when_alpha_is_at_or_above_its_limit(C, beta2, ratio):
    alpha = limit_times(ratio, beta2)
    values = {theorem.C: C, theorem.beta2: beta2, theorem.alpha: alpha, theorem.t: 0, theorem.v0: 0}
    assert STEPS["big step"].at(values) == (False, False)


@TRIES
@given(fractions(1, 50, strict=True), beta2s, ratios, cycle_numbers, fractions(0, 1, strict=True))
def test_small_steps_are_bounded_below_when_v_is_below_C_squared(C, beta2, ratio, t, share):
    values = {
        theorem.C: C, theorem.beta2: beta2, theorem.alpha: limit_times(ratio, beta2), theorem.t: t,
        theorem.v1: share * C**2, theorem.v2: share**2 * C**2,
    }  # fmt: skip
    assert STEPS["small steps"].at(values) == (True, True)
    assert STEPS["small steps"].at(values | {theorem.v1: C**2 + 1}) == (False, False)


@TRIES
@given(fractions(2, 100, strict=True), beta2s)
def test_identity_holds_at_one_beta2_and_no_other(C, beta2):
    assert STEPS["identity"].at({theorem.C: C, theorem.beta2: 1 / (1 + C**2)}).claim
    assume(beta2 != 1 / (1 + C**2))
    assert not STEPS["identity"].at({theorem.C: C, theorem.beta2: beta2}).claim


def test_identity_is_produced_by_solving_and_has_one_solution():
    assert theorem.solutions_for_beta2() == [1 / (1 + theorem.C**2)]
    # Without declaring beta2 positive the answer is the same: the equation is linear.
    anything = sympy.Symbol("beta2")
    balance = theorem.balance().subs(theorem.beta2, anything)
    assert sympy.solve(Eq(balance, 1), anything) == [1 / (1 + theorem.C**2)]


def test_bound_ratio_falls_through_1_at_the_printed_beta2():
    at = {theorem.C: 3}
    assert theorem.balance().subs(at | {theorem.beta2: Rational(9, 100)}) > 1
    assert theorem.balance().subs(at | {theorem.beta2: Rational(1, 10)}) == 1
    assert theorem.balance().subs(at | {theorem.beta2: Rational(11, 100)}) < 1


def test_printed_inequality_is_false_in_the_first_cycle_and_true_later():
    # PAPER values to 4 decimals; tolerance is half a unit of the last printed digit.
    printed = [0.9082, 1.2098, 1.2850, 1.3197]
    exact = [theorem.printed_ratio(k) for k in range(4)]
    assert sign(exact[0] - (Rational(1, 2) + 1 / sqrt(6))) == 0
    assert [float(r) for r in exact] == pytest.approx(printed, abs=5e-5)
    assert sign(exact[0] - 1) == -1
    assert STEPS["(*)"].at({theorem.t: 0}) == (False, False)
    for t in range(1, 30):
        assert STEPS["(*)"].at({theorem.t: t}) == (True, True)
        assert sign(theorem.printed_ratio(t) - theorem.printed_ratio(t - 1)) == 1
    assert sympy.limit(theorem.printed_ratio(), theorem.t, sympy.oo) == sqrt(2)


@TRIES
@given(
    fractions(2, 30, strict=True), ratios, st.integers(1, 40), fractions(0, 1),
    fractions(0, 1, strict=True), fractions(0, 1, strict=True),
)  # fmt: skip
def test_later_cycles_are_pushed_back_for_beta2_at_and_below_the_printed_value(
    C, ratio, t, share, a, b
):
    for beta2 in (1 / (1 + C**2), a / (1 + C**2)):
        values = {
            theorem.C: C, theorem.beta2: beta2, theorem.alpha: limit_times(ratio, beta2),
            theorem.t: t, theorem.v0: share * C**2, theorem.v1: a * C**2, theorem.v2: b * C**2,
        }  # fmt: skip
        assert STEPS["push back"].at(values) == (True, True)


def test_second_small_step_is_too_short_in_the_first_cycle_at_the_worst_v():
    """The printed argument replaces v by C^2 and breaks at t = 0."""
    values = {
        theorem.C: 3, theorem.beta2: Fraction(1, 10), theorem.alpha: Fraction(1, 2), theorem.t: 0,
        theorem.v0: 0, theorem.v1: 9, theorem.v2: 9,
    }  # fmt: skip
    assert STEPS["push back"].at(values) == (False, False)


def test_push_back_argument_breaks_above_the_printed_beta2():
    values = {
        theorem.C: 3, theorem.beta2: Fraction(1, 2), theorem.alpha: Fraction(1, 2), theorem.t: 100,
        theorem.v0: 0, theorem.v1: 9, theorem.v2: 9,
    }  # fmt: skip
    assert STEPS["push back"].at(values) == (False, False)


@TRIES
@given(fractions(0, Fraction(1, 5), strict=True), ratios)
def test_first_cycle_is_pushed_back_for_every_C_above_2(beta2, ratio):
    values = {theorem.beta2: beta2, theorem.alpha: limit_times(ratio, beta2)}
    assert STEPS["first block"].at(values) == (True, True)


@pytest.mark.parametrize("C", [Fraction(2), Fraction(2_000_001, 1_000_000), Fraction(10**6)])
def test_first_cycle_at_the_edges_of_its_hypothesis(C):
    values = {theorem.beta2: 1 / (1 + C**2), theorem.alpha: Fraction(1, 3)}
    assert STEPS["first block"].at(values) == (True, True)


def test_first_cycle_bound_by_its_value_at_one_fifth_fails_for_C_below_2():
    values = {theorem.beta2: 1 / (1 + Fraction(19, 10) ** 2), theorem.alpha: Fraction(1, 3)}
    assert STEPS["first block"].at(values) == (False, False)


def test_slack_of_the_first_cycle():
    # PAPER values to 4 decimals; tolerance is half a unit of the last printed digit.
    slack = [theorem.first_block_function(Rational(1, 1 + C**2)) - 1 for C in (2, 3, 10)]
    assert [float(s) for s in slack] == pytest.approx([0.0221, 0.0422, 0.0730], abs=5e-5)
    limit = sympy.limit(theorem.first_block_function(), theorem.beta2, 0, "+") - 1
    assert sympy.simplify(limit - (1 / sqrt(3) - Rational(1, 2))) == 0


@TRIES
@given(fractions(2, 30, strict=True), fractions(0, 1, strict=True))
def test_first_moments_are_bounded_for_smaller_beta2_and_not_for_larger(C, share):
    smaller = {theorem.C: C, theorem.beta2: share / (1 + C**2)}
    assert STEPS["smaller beta2"].at(smaller) == (True, True)
    larger = {theorem.C: C, theorem.beta2: (share + C**2) / (1 + C**2)}
    assert STEPS["smaller beta2"].at(larger) == (False, False)


def regret_values(C, second, third):
    x, x2, x3 = sympy.symbols(r"x x_{3t+2} x_{3t+3}", real=True)
    return {theorem.C: C, x: Fraction(1, 2), x2: second, x3: third, theorem.T_max: 1 - second}


@TRIES
@given(fractions(2, 100, strict=True), fractions(0, 1), fractions(0, 1))
def test_cycle_regret_is_at_least_2C_minus_4(C, a, b):
    second, third = sorted((a, b))
    assert STEPS["cycle regret"].at(regret_values(C, second, third)) == (True, True)


@TRIES
@given(fractions(0, 2, strict=True))
def test_for_C_below_2_the_best_point_is_not_minus_1(C):
    assert STEPS["cycle regret"].at(regret_values(C, Fraction(1, 2), Fraction(3, 4))) == (
        False,
        False,
    )


def test_for_C_equal_2_all_claims_hold_but_say_nothing():
    """The appendix's "C >= 2" must read "C > 2": at C = 2 the bound is 0."""
    verdict = STEPS["cycle regret"].at(regret_values(2, Fraction(1, 2), Fraction(3, 4)))
    assert verdict == (False, True)
    assert (2 * theorem.C - 4).subs(theorem.C, 2) == 0


def test_cycle_regret_tends_to_2C_minus_4():
    assert theorem.limit_of_T_max() == 0


# --- the replay ---

TABLE = [  # C, alpha / limit, first-cycle regret, last-cycle regret, average regret, as printed
    ("2.001", "0.999999", "1.4750", "0.01466", "0.009140"),
    ("2.1", "0.1", "0.3475", "0.2013", "0.06752"),
    ("3", "0.1", "2.1487", "2.00133", "0.66756"),
    ("3", "0.999999", "3.4870", "2.01332", "0.67558"),
    ("10", "0.999999", "17.4988", "16.0136", "5.3424"),
    ("100", "0.999999", "197.50", "196.0136", "65.3424"),
]


def as_printed(text):
    """A printed decimal; the tolerance is half a unit of its last digit, and a hair."""
    return pytest.approx(float(text), abs=0.501 * 10.0 ** -len(text.split(".")[1]))


@pytest.mark.parametrize(("C", "ratio", "first", "last", "average"), TABLE)
def test_replay_gives_the_table_and_every_claim_holds(C, ratio, first, last, average):
    C = Rational(C)
    seen = exact_cycles(C, limit_times(ratio, 1 / (1 + C**2)), cycles=3000)
    assert seen.all_claims()
    assert all(r > 2 * C - 4 for r in seen.regret)
    assert float(seen.regret[0]) == as_printed(first)
    assert float(seen.regret[-1]) == as_printed(last)
    assert float(seen.average_regret) == as_printed(average)


@pytest.mark.parametrize("ratio", [Rational(1), Rational(3, 2), Rational(3)])
def test_alpha_at_or_above_its_limit_costs_positivity_and_nothing_else(ratio):
    seen = exact_cycles(3, limit_times(ratio, Rational(1, 10)), cycles=200)
    assert not seen.big_step_inside[0]
    assert all(seen.starts_at_one) and all(seen.pushed_past_one)
    assert all(r > 2 for r in seen.regret)


def test_iterate_leaves_the_interval_before_projection_when_alpha_exceeds_twice_its_limit():
    big = theorem.one_cycle()[1][theorem.T_1]
    landing = 1 - big.subs(
        {theorem.C: 3, theorem.beta2: Rational(1, 10), theorem.t: 0, theorem.v0: 0}
    )
    for ratio, leaves in ((Rational(199, 100), False), (Rational(201, 100), True)):
        x = landing.subs(theorem.alpha, limit_times(ratio, Rational(1, 10)))
        assert (sign(x + 1) == -1) is leaves


def test_replay_finds_the_claim_that_fails_when_beta2_is_too_large():
    seen = exact_cycles(
        3, limit_times(Rational(9, 10), Rational(1, 5)), cycles=5, beta2=Rational(1, 5)
    )
    assert not seen.pushed_past_one[0] and not seen.starts_at_one[1]


def test_replay_refuses_floats_and_empty_runs():
    with pytest.raises(TypeError, match="exact values only"):
        exact_cycles(3.0, Rational(1, 2), cycles=1)
    with pytest.raises(ValueError, match="at least 1"):
        exact_cycles(3, Rational(1, 2), cycles=0)


# --- constant step size ---


def test_constant_step_cycle_regret_tends_to_its_closed_form():
    limit = constant_step.limiting_cycle_regret(3, Rational(9, 10))
    seen = exact_cycles(
        3, limit_times(Rational(9, 10), Rational(1, 10)), cycles=60, schedule="constant"
    )
    assert seen.all_claims()
    assert float(limit) == pytest.approx(3.1373, abs=5e-5)  # printed to 4 decimals
    # v_3t approaches its orbit by the factor beta2^3 = 1e-3 a cycle, so 60 cycles leave only
    # rounding at 50 digits.
    assert abs(seen.regret[-1] - sympy.N(limit, 50)) < 1e-45


@TRIES
@given(fractions(2, 30, strict=True), ratios, cycle_numbers, fractions(0, 1, strict=True))
def test_constant_step_pushes_back_in_every_cycle(C, ratio, t, share):
    beta2, v = 1 / (1 + C**2), share * C**2
    values = {
        theorem.C: C, theorem.beta2: beta2, theorem.alpha: limit_times(ratio, beta2), theorem.t: t,
        theorem.v0: v, theorem.v1: v, theorem.v2: v,
    }  # fmt: skip
    assert STEPS["constant step"].at(values) == (True, True)


# --- the simulation and the exact threshold ---


def three_cycle_run(beta2, steps, alpha=0.9, C=3.0, x1=1.0, record=None):
    method = methods.get("adam", beta1=0.0, beta2=beta2)
    record = np.arange(1, steps + 1) if record is None else record
    return simulate.run(method, problems.theorem_1(C), steps, alpha=alpha, x1=x1, record=record)


def test_simulated_iterate_is_exactly_1_at_the_end_of_every_cycle():
    run = three_cycle_run(beta2=0.1, steps=30_000, alpha=0.9 * np.sqrt(0.9))
    assert np.all(run.x[2::3] == 1.0)  # exactly: the projection clips, it does not round


def test_simulated_cycle_regret_exceeds_2_and_tends_to_2():
    run = three_cycle_run(beta2=0.1, steps=30_000, alpha=0.9 * np.sqrt(0.9))
    # From the points played, not from differences of R_t, which would cancel.
    played = np.concatenate([[1.0], run.x[:-1]]).reshape(-1, 3)
    cycle_regret = (played + 1.0) @ np.array([3.0, -1.0, -1.0])
    assert np.all(cycle_regret > 2.0)
    bound = 2 * 0.9 / np.sqrt(3 * np.arange(10_000) + 1)  # 2 T_max, step "cycle regret"
    assert np.all(cycle_regret - 2.0 <= bound)
    # Its last value: at most 2 + 2 * 0.9 / sqrt(29998) = 2.0104.
    assert cycle_regret[-1] < 2.0104
    assert run.average_regret[-1] == pytest.approx(cycle_regret.sum() / 30_000, rel=1e-12)


def test_problem_is_the_one_of_the_proof():
    assert problems.theorem_1(3.0).gradients.tolist() == [3.0, -1.0, -1.0]
    assert problems.theorem_1(3.0).best_fixed_point == -1.0
    with pytest.raises(ValueError, match="C must exceed 2"):
        problems.theorem_1(2.0)


@pytest.mark.parametrize(
    ("C", "threshold", "digits"),
    [(2.1, 0.885926, 5e-7), (3, 0.4723131400589345, 1e-14), (5, 0.236815, 5e-7),
     (10, 0.098347, 5e-7), (100, 0.0056636, 5e-8)],
)  # fmt: skip
def test_exact_threshold_of_the_period_3_problem(C, threshold, digits):
    root = drift.critical(
        methods.get("adam", beta1=0.0), problems.theorem_1(C), "beta2", (1e-6, 0.999)
    )
    assert root == pytest.approx(threshold, abs=digits)  # half of the last printed digit
    assert root > 1 / (1 + C**2)  # the printed value lies inside the region of failure


def test_runs_on_both_sides_of_the_threshold_end_at_opposite_walls():
    # 2 million steps at distance 0.02 from the threshold: |D| is about 0.01, and D sum(alpha_t)/3
    # exceeds 2.
    above = three_cycle_run(beta2=0.50, steps=2_000_000, record=1)
    below = three_cycle_run(beta2=0.45, steps=2_000_000, record=1, x1=-1.0)
    # Distance from the wall is at most one big step, 0.9 * C / sqrt(v T) < 1.3e-3.
    assert below.x[-1] > 1 - 2e-3 and above.x[-1] < -1 + 2e-3
    assert below.average_regret[-1] == pytest.approx(2 / 3, abs=0.02)
    assert abs(above.average_regret[-1]) < 0.1
