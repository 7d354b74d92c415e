"""Limits of x and of the average regret: exact, and where long runs go."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.drift.clamp import compose

FIGURE_1 = problems.figure_1_online()
BETAS = {"beta1": 0.9, "beta2": 0.99}
TRIES = tries(200)
# Of a size whose square is a number, and 0.
sizes = st.one_of(st.just(0.0), st.floats(1e-100, 3), st.floats(-3, -1e-100))


# --- clamp-shifts ---
@TRIES
@given(
    st.lists(sizes, min_size=1, max_size=8),
    st.lists(st.floats(-1, 1), min_size=1, max_size=5),
)
def test_steps_that_are_projected_compose_to_one_clamp_shift(shifts, points):
    whole = compose(shifts, -1.0, 1.0)
    for x in points:
        moved = x
        for shift in shifts:
            moved = min(max(moved + shift, -1.0), 1.0)
        assert whole(x) == pytest.approx(moved, abs=1e-14)  # eight additions of numbers below 24


# --- vanishing steps ---
def test_limits_are_the_end_that_the_drift_points_to_and_its_price():
    # Adam's is 20/101: the interval is 2 long, the mean gradient 10/101.
    adam = drift.limits(methods.get("adam", **BETAS), FIGURE_1)
    assert adam.x == 1 and adam.average_regret == pytest.approx(20 / 101, rel=1e-14)
    assert drift.limits(methods.get("amsgrad", **BETAS), FIGURE_1) == (-1.0, 0.0)
    # Theorem 1: (2C - 4) / 3. Theorem 2: 2 / C.
    three = drift.limits(methods.get("adam", beta1=0.0, beta2=0.1), problems.theorem_1(3))
    assert three == pytest.approx((1.0, 2 / 3), rel=1e-14)
    thirty = drift.limits(methods.get("adam", **BETAS), problems.theorem_2(30))
    assert thirty == pytest.approx((1.0, 2 / 30), rel=1e-13)


def test_the_interval_of_the_problem_counts():
    problem = problems.periodic(FIGURE_1.gradients, lower=2.0, upper=5.0)
    found = drift.limits(methods.get("adam", **BETAS), problem)
    assert found == pytest.approx((5.0, 30 / 101), rel=1e-13)


# --- a constant step size ---
@pytest.mark.parametrize("name", ["adam", "amsgrad", "rmsprop", "nadam", "sgd"])
@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.1, 1.0])
def test_the_long_run_of_a_constant_step_is_what_runs_repeat(name, alpha):
    method = methods.get_sharing(name, **BETAS)
    found = drift.constant_step(method, FIGURE_1, alpha)
    cycles = 60_000  # AMSGrad's drift at 0.001 needs 25,000 to cross the interval
    record = 101 * (cycles - 1) + np.arange(102)
    run = simulate.run(method, FIGURE_1, 101 * cycles, alpha, "constant", x1=0.3, record=record)
    # After round 101 k the run stands where the next cycle starts.
    assert run.x[:-1] == pytest.approx(found.x, abs=1e-9)
    cycle_regret = run.regret[-1] - run.regret[0]
    assert cycle_regret / 101 == pytest.approx(found.average_regret, abs=1e-6)


@pytest.mark.parametrize("alpha, adam, amsgrad", [(0.01, 0.498, 0.3294), (0.1, 3.197, 3.294)])
def test_amsgrads_regret_does_not_vanish_with_a_constant_step(alpha, adam, amsgrad):
    found = {
        name: drift.constant_step(methods.get(name, **BETAS), FIGURE_1, alpha).average_regret
        for name in ("adam", "amsgrad")
    }
    print(alpha, found)
    assert found["adam"] == pytest.approx(adam, abs=5.1e-4)
    assert found["amsgrad"] == pytest.approx(amsgrad, abs=5.1e-4)


def test_five_million_steps_are_not_the_limit_yet():
    # A run reports 0.331; that includes the 2,500 cycles in which AMSGrad walks down.
    amsgrad = methods.get("amsgrad", **BETAS)
    run = simulate.run(amsgrad, FIGURE_1, 5_000_000, 0.01, "constant", record=2)
    assert run.average_regret[-1] == pytest.approx(0.331, abs=5.1e-4)
    limit = drift.constant_step(amsgrad, FIGURE_1, 0.01).average_regret
    second_half = (run.regret[1] - run.regret[0]) / 2_500_000
    assert second_half == pytest.approx(limit, abs=1e-4)  # the halves are no whole cycles
    assert run.average_regret[-1] - limit > 1e-3


def test_theorem_1_with_a_constant_step_costs_3_1373_a_cycle():
    method, alpha = methods.get("adam", beta1=0.0, beta2=0.1), 0.9 * math.sqrt(0.9)
    found = drift.constant_step(method, problems.theorem_1(3), alpha)
    assert 3 * found.average_regret == pytest.approx(3.1373, abs=5.1e-5)
    assert found.x[0] == 1


def test_an_interval_shorter_than_a_step_leaves_no_room():
    # The cycle's clamp is one point: x does not depend on the drift.
    problem = problems.periodic([1.0, -1.0], lower=-0.1, upper=0.1)
    found = drift.constant_step(methods.get("sgd"), problem, 1.0)
    assert found.x.tolist() == [0.1, -0.1]
    assert found.average_regret == pytest.approx(0.1, rel=1e-14)


# --- refusals ---
def test_no_drift_means_no_limit():
    even = problems.periodic([1.0, -1.0])
    for ask in (drift.limits, lambda *a: drift.constant_step(*a, 0.1)):
        with pytest.raises(ValueError, match="SGD is 0 here to within rounding"):
            ask(methods.get("sgd"), even)


@pytest.mark.parametrize("alpha", [0.0, -1.0, math.nan, math.inf])
def test_a_step_size_must_be_positive(alpha):
    with pytest.raises(ValueError, match=r"alpha .* must lie in \(0, inf\)"):
        drift.constant_step(methods.get("sgd"), FIGURE_1, alpha)


# --- how the average regret comes to its limit ---

RATES = [
    ("adam", {"beta1": 0.9, "beta2": 0.99}, problems.figure_1_online()),
    ("amsgrad", {"beta1": 0.9, "beta2": 0.99}, problems.figure_1_online()),
    ("amsgrad", {"beta1": 0.0, "beta2": 0.9}, problems.periodic([5.0, -1.0, 2.0, -3.0])),
    ("adam", {"beta1": 0.5, "beta2": 0.5}, problems.theorem_1(3.0)),
    ("adopt", {"beta1": 0.5, "beta2": 0.99}, problems.figure_1_online()),
]


@pytest.mark.parametrize("name, values, problem", RATES)
def test_the_average_regret_approaches_its_limit_at_the_exact_rate(name, values, problem):
    method, alpha = methods.get(name, **values), 0.5
    found = drift.approach(method, problem, alpha)
    times = problem.period * np.array([20_000, 80_000, 320_000])
    run = simulate.run(method, problem, int(times[-1]), alpha, record=times)
    scaled = (run.average_regret - found.limit) * np.sqrt(run.t)
    # What is left of (R_T / T - a) sqrt(T) - b falls like 1 / sqrt(T): by 2 with four times T.
    ahead = 2 * scaled[1:] - scaled[:-1]
    assert abs(ahead[-1] / found.rate - 1) < 2e-3
    assert abs(scaled[-1] - found.rate) < 0.6 * abs(scaled[-2] - found.rate) + 1e-6


def test_the_rate_is_proportional_to_the_step_size_and_the_limit_is_that_of_limits():
    problem = problems.figure_1_online()
    one, two = (drift.approach("adam", problem, alpha) for alpha in (0.5, 1.0))
    assert two.rate == pytest.approx(2 * one.rate, rel=1e-14) and one.rate > 0
    assert one.limit == two.limit == drift.limits("adam", problem).average_regret
    with pytest.raises(ValueError, match="alpha"):
        drift.approach("adam", problem, 0.0)
    with pytest.raises(ValueError, match="start decides"):
        drift.approach("adam", problems.periodic([1.0, -1.0]), 0.5)


# --- when x arrives ---


def settled_arrival(method, problem, alpha, x):
    """The first round at the far end, by a walk whose averages start on their orbit."""
    orbit = drift.orbit(method, problem)
    moves, t = (-orbit.m / orbit.sqrt_V).tolist(), 0
    end = problem.upper if orbit.D > 0 else problem.lower
    while x != end:
        x += alpha / math.sqrt(t + 1) * moves[t % len(moves)]
        x, t = min(max(x, problem.lower), problem.upper), t + 1
    return t


@pytest.mark.parametrize("start", [-1.0, 0.0, 0.7])
@pytest.mark.parametrize(
    "gradients, betas",
    [([2.2, -1.0, -1.0], (0.5, 0.5)), ([5.0, -1, -1, -1, -1.0], (0.0, 0.9)), ([1.0, 3.0], (0, 0))],
)
def test_the_bounds_hold_the_arrival_of_a_settled_walk(gradients, betas, start):
    method = methods.get("adam", beta1=betas[0], beta2=betas[1])
    for alpha in (0.5, 0.1):
        problem = problems.periodic(gradients)
        found = drift.arrival(method, problem, alpha, start)
        assert found.earliest <= settled_arrival(method, problem, alpha, start) <= found.latest


def test_both_bounds_come_to_the_law_as_steps_get_smaller():
    method, problem = methods.get("adam", beta1=0.5, beta2=0.5), problems.theorem_1(3.0)
    ratios = []
    for alpha in (0.1, 0.03, 0.01):
        found = drift.arrival(method, problem, alpha, x1=1.0)
        ratios.append((found.earliest / found.law, found.latest / found.law))
    gaps = np.abs(np.array(ratios) - 1)
    assert np.all(gaps[1:] < gaps[:-1] / 2) and np.all(gaps[-1] < 0.1)


def test_an_arrival_that_cannot_be_told_is_refused():
    with pytest.raises(ValueError, match="alpha"):
        drift.arrival("adam", FIGURE_1, 0.0)
    with pytest.raises(ValueError, match="a start inside"):
        drift.arrival("adam", FIGURE_1, 0.5, x1=2.0)
    with pytest.raises(ValueError, match="not have arrived after 5 periods"):
        drift.arrival("adam", FIGURE_1, 1e-4, largest=5)
    assert drift.arrival("sgd", problems.periodic([1.0]), 0.5, x1=-1.0) == (0, 0, 0)
