"""Regret: by definition, with sums that hold their digits, and growing at the rates of theory."""

import math
from fractions import Fraction

import numpy as np
import pytest
import reference
import runs
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from adam_and_beyond import methods, problems, regret, simulate

TRIES = tries(100)
terms = st.floats(-1e6, 1e6)
rounds = st.lists(st.tuples(terms, st.floats(-1, 1)), min_size=1, max_size=30)


def sum_error(values):
    """What a compensated sum may be off by: an ulp of the result, n^2 u^2 of the absolute sum."""
    u = np.finfo(float).eps / 2
    n = len(values)
    return 2 * u * abs(math.fsum(values)) + n * n * u * u * math.fsum(map(abs, values))


@TRIES
@given(rounds)
def test_regret_is_the_loss_paid_less_that_of_the_best_of_many_fixed_points(played):
    gradients, x = map(list, zip(*played, strict=True))
    found = regret.of_sequence(gradients, x)
    grid = np.linspace(-1, 1, 401)  # ends included
    for T in range(1, len(x) + 1):
        paid = sum(Fraction(g) * Fraction(p) for g, p in zip(gradients[:T], x[:T], strict=True))
        slope = sum(map(Fraction, gradients[:T]))
        best = min(slope * Fraction(p) for p in grid.tolist())
        size = math.fsum(map(abs, gradients[:T]))
        # The products are rounded once each; the sums add far less.
        assert abs(float(paid - best) - found[T - 1]) <= 4e-16 * size + 1e-300


@TRIES
@given(rounds, st.floats(-3, 0.5), st.floats(0.6, 4))
def test_regret_on_other_intervals_equals_the_oracle(played, lower, upper):
    gradients, unit = map(list, zip(*played, strict=True))
    x = [min(max(lower + (upper - lower) * (u + 1) / 2, lower), upper) for u in unit]
    expected = reference.regrets(gradients, x, lower, upper)
    size = 5 * math.fsum(map(abs, gradients))
    assert regret.of_sequence(gradients, x, lower, upper) == pytest.approx(
        expected, rel=1e-15, abs=1e-15 * size
    )


@TRIES
@given(st.lists(terms, min_size=1, max_size=30))
def test_the_best_fixed_point_has_no_regret_and_the_worst_the_most(gradients):
    slope = math.fsum(gradients)
    best = -math.copysign(1, slope)
    tolerance = 4e-16 * math.fsum(map(abs, gradients))  # two sums that could differ in rounding
    for x, expected in ((best, 0.0), (-best, 2 * abs(slope)), (0.0, abs(slope))):
        found = regret.of_sequence(gradients, [x] * len(gradients))[-1]
        assert found == pytest.approx(expected, abs=tolerance)


def test_regret_may_be_negative():
    # A point that moves beats every one that may not: -1 - 1, against 0.
    assert regret.of_sequence([1, -1], [-1, 1])[-1] == -2


def test_amsgrad_beats_every_fixed_point_on_alternating_blocks():
    # s_t = +-1 in turn on [2^k, 2^(k+1)): R_T / T tends to -2/3 (Tran and Phong's counterexample).
    T = 2**16 - 1
    gradients = [(-1.0) ** (t.bit_length() - 1) for t in range(1, T + 1)]
    points = reference.iterates("amsgrad", gradients, 1.0, beta1=0.0, beta2=0.5)[:-1]
    average = regret.of_sequence(gradients, points) / np.arange(1, T + 1)
    assert average[-1] == pytest.approx(reference.final_regret(gradients, points) / T, rel=1e-12)
    # The excess over the limit falls like 1/sqrt(T): 2.4e-3 at 2^22 is 1.9e-2 at 2^16.
    assert average[-1] == pytest.approx(-2 / 3, abs=0.025)
    assert average[-1] > -2 / 3
    # Sixteen times the rounds: a quarter of the distance.
    excess = average[[2**12 - 2, 2**16 - 2]] + 2 / 3
    assert excess[1] == pytest.approx(excess[0] / 4, rel=0.1)


@TRIES
@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=60))
def test_running_sums_are_as_good_as_exactly_rounded_ones(values):
    found = regret.of_sequence(values, np.zeros(len(values)))  # |sum| of the gradients
    for k in range(len(values)):
        exact = abs(math.fsum(values[: k + 1]))
        assert abs(found[k] - exact) <= sum_error(values[: k + 1])


def test_a_plain_sum_would_have_failed_where_the_compensated_one_holds():
    values = [1e16, 1.0, 1.0, -1e16]
    assert np.sum(values) != 2.0
    assert regret.of_sequence(values, np.zeros(4))[-1] == 2.0


def test_regret_of_sums_is_the_formula():
    loss, slope = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    assert regret.of_sums(loss, slope, -1.0, 2.0).tolist() == [1.0 + 3.0, 2.0 + 8.0]


@pytest.mark.parametrize(
    "gradients, x, message",
    [
        ([1, 2], [0.0], "two sequences of equal length"),
        ([[1, 2]], [[0.0, 0.0]], "two sequences of equal length"),
        ([1, 2], [0.0, 1.5], r"every x_t must lie in \[-1.0, 1.0\]"),
        ([1, 2], [0.0, math.nan], r"every x_t must lie in"),
    ],
)
def test_sequences_that_do_not_fit_are_refused(gradients, x, message):
    with pytest.raises(ValueError, match=message):
        regret.of_sequence(gradients, x)


# --- per cycle ---
def test_regret_per_cycle_adds_up_to_the_regret_against_that_point():
    gradients = [3.0, -1.0, -1.0]
    x = np.random.default_rng(0).uniform(-1, 1, 30)
    found = regret.per_cycle(gradients, x, rival=-1.0)
    assert found.shape == (10,)
    by_hand = [3 * (a + 1) - (b + 1) - (c + 1) for a, b, c in x.reshape(10, 3)]
    assert found == pytest.approx(by_hand, rel=1e-14)
    # -1 is the best fixed point of whole cycles, so the total is the regret.
    total = regret.of_sequence(gradients * 10, x)[-1]
    assert found.sum() == pytest.approx(total, rel=1e-13)


def test_regret_per_cycle_needs_whole_cycles():
    with pytest.raises(ValueError, match="whole periods of 3"):
        regret.per_cycle([3, -1, -1], [0.0] * 4, rival=-1)


# --- rates ---
def test_the_fit_recovers_limit_and_rate():
    t = np.geomspace(10, 1e6, 30)
    assert regret.fit_inverse_sqrt(t, 0.25 - 3 / np.sqrt(t)) == pytest.approx((0.25, -3), rel=1e-12)
    for bad in ([], [4.0]):
        with pytest.raises(ValueError, match="at least two steps"):
            regret.fit_inverse_sqrt(bad, bad)


def log_slope(t, values):
    return np.polyfit(np.log(t), np.log(values), 1)[0]


def test_amsgrads_regret_grows_no_faster_than_the_root_of_t():
    run = runs.figure_1("amsgrad")
    late = run.t >= 10_000
    # Theory allows 1/2 and a root of a logarithm: at t = 1e4 to 5e6 that adds 0.5 / ln t = 0.05.
    assert log_slope(run.t[late], run.regret[late]) <= 0.5 + 0.05


def test_adams_regret_grows_in_proportion_to_t():
    run = runs.figure_1("adam")
    late = run.t >= 1_000_000
    # R_T = 0.198 T + 32 sqrt(T): the root still lowers the slope by 0.05 here.
    assert log_slope(run.t[late], run.regret[late]) == pytest.approx(1.0, abs=0.06)


def test_adams_average_regret_tends_to_20_101():
    # At the ends of whole cycles: inside one, the average still swings by 1010 / t.
    times = 101 * np.arange(5_000, 50_001, 100)
    run = simulate.run(
        methods.get("adam", **runs.BETAS), problems.figure_1_online(), times[-1], 0.5, record=times
    )
    limit, rate = regret.fit_inverse_sqrt(run.t, run.average_regret)
    # The first term that the fit leaves out is 6 / t, some 1e-5 at its beginning.
    assert limit == pytest.approx(20 / 101, abs=1e-5)
    assert rate > 0  # from above


@pytest.mark.parametrize("name", ["adam", "amsgrad", "sgd"])
def test_a_runs_regret_is_the_definitions_regret_of_its_points(name):
    problem = problems.figure_1_online()
    run = simulate.run(methods.get(name), problem, 2000, 0.5, x1=0.3, record=2000)
    played = np.append(0.3, run.x[:-1])  # x[k] is x_{t[k]+1}
    expected = regret.of_sequence(problem.sample(2000), played)
    # Two ways to add 2000 products of size 1000: a few ulps of the largest partial sum.
    assert run.regret == pytest.approx(expected, abs=1e-9)
