"""Runs and sweeps: equal to the oracle, to the published numbers, and honest about what they do."""

import logging
import math

import jax
import numpy as np
import pytest
import reference
import runs
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from adam_and_beyond import methods, problems, simulate

NAMES = reference.NAMES
TRIES = tries(12)
FIGURE_1 = problems.figure_1_online()
ADAM = methods.get("adam", **runs.BETAS)

# The steps of one compiled shape; enough for several periods.
STEPS = 40
# Within a factor of a hundred, so that no step is large and rounding stays below 1e-12.
sizes = st.floats(0.1, 10)
numbers = st.one_of(st.just(0.0), sizes, sizes.map(lambda size: -size))


def betas_of(name, beta1=0.9, beta2=0.99):
    return {k: {"beta1": beta1, "beta2": beta2}[k] for k in reference.HYPERPARAMETERS[name]}


def run_all(name, cycle, alpha, schedule="inverse_sqrt", x1=0.0, ends=(-1.0, 1.0), **values):
    """The package's and the oracle's points x_2, ..., and their regrets, at every step."""
    problem = problems.periodic(cycle, *ends)
    found = simulate.run(
        methods.get(name, **values), problem, STEPS, alpha, schedule, x1=x1, record=STEPS
    )
    gradients = reference.periodic_gradients(cycle, STEPS)
    points = reference.iterates(name, gradients, alpha, schedule, x1, *ends, **values)
    return found, points, reference.regrets(gradients, points, *ends)


# --- the oracle ---
@pytest.mark.parametrize("period", [1, 3, 7])
@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(st.data())
def test_runs_equal_the_oracle(name, period, data):
    cycle = data.draw(st.lists(numbers, min_size=period, max_size=period))
    alpha = data.draw(st.floats(1e-3, 2))
    schedule = data.draw(st.sampled_from(["inverse_sqrt", "constant"]))
    lower = data.draw(st.integers(-500, 100)) / 100
    upper = lower + data.draw(st.integers(10, 500)) / 100
    x1 = min(lower + (upper - lower) * data.draw(st.integers(0, 64)) / 64, upper)
    values = betas_of(name, data.draw(st.floats(0, 0.99)), data.draw(st.floats(0.1, 0.999)))
    found, points, regrets = run_all(name, cycle, alpha, schedule, x1, (lower, upper), **values)
    # Forty steps, each below 2 * 100 before clipping and rounded a few times at 1e-16.
    assert found.x == pytest.approx(points[1:], abs=1e-12)
    assert found.regret == pytest.approx(regrets, abs=STEPS * 10 * 1e-12)
    assert found.x.min() >= lower and found.x.max() <= upper  # feasible, without tolerance


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "constant"])
@pytest.mark.parametrize("name", NAMES)
def test_longer_runs_of_figure_1_equal_the_oracle(name, schedule):
    alpha = 1e-4 if name == "sgd" else 0.1
    steps = 20_000
    times = [1, 2, 100, 101, 102, 5050, 19_999]
    found = simulate.run(
        methods.get(name, **betas_of(name)), FIGURE_1, steps, alpha, schedule, record=times
    )
    gradients = reference.figure_1_gradients(steps)
    points = reference.iterates(name, gradients, alpha, schedule, **betas_of(name))
    # Errors of 1e-16 add up over 2e4 steps, but every visit to an end erases them.
    assert found.x == pytest.approx([points[t] for t in found.t], abs=1e-12)
    exact = [reference.final_regret(gradients[:t], points[:t]) / t for t in found.t]
    assert found.average_regret == pytest.approx(exact, rel=1e-12, abs=1e-12)


# --- published numbers, after five million steps of Figure 1's problem ---
def test_adam_ends_at_plus_one_with_the_stated_average_regret():
    run = runs.figure_1("adam")
    assert run.x[-1] == pytest.approx(1.0, abs=1e-7)
    assert run.average_regret[-1] == pytest.approx(0.21145475, abs=1e-7)


def test_amsgrad_ends_near_minus_one_with_the_stated_average_regret():
    run = runs.figure_1("amsgrad")
    assert run.x[-1] == pytest.approx(-0.99887267, abs=1e-7)
    assert run.average_regret[-1] == pytest.approx(0.01508708, abs=1e-7)


# Printed with four digits: half a unit of the last.
SCOREBOARD = [
    ("adam", 0.5, 1.0000, 0.2115),
    ("adam_corrected", 0.5, 1.0000, 0.2114),
    ("amsgrad", 0.5, -0.9989, 0.0151),
    ("adamnc", 0.5, -0.9986, 0.0246),
    ("adagrad", 0.5, -0.9979, 0.0295),
    ("sgd", 0.01, -0.9958, 0.0489),
]


@pytest.mark.parametrize("name, alpha, x, average", SCOREBOARD)
def test_the_scoreboard_of_methods_holds(name, alpha, x, average):
    run = runs.figure_1(name, alpha=alpha)
    assert run.x[-1] == pytest.approx(x, abs=5.1e-5)
    assert run.average_regret[-1] == pytest.approx(average, abs=5.1e-5)


# Average regret at 1, 2, 4 and 6.9 million steps, printed with four digits.
BY_STEP_SIZE = [
    (0.3, [0.2150, 0.2102, 0.2068, 0.2048], [0.0212, 0.0147, 0.0102, 0.0077]),
    (0.55, [0.2311, 0.2214, 0.2146, 0.2106], [0.0381, 0.0266, 0.0186, 0.0141]),
    (1.0, [0.2581, 0.2405, 0.2281, 0.2209], [0.0685, 0.0479, 0.0336, 0.0255]),
]


@pytest.mark.parametrize("alpha, adam, amsgrad", BY_STEP_SIZE)
def test_the_average_regret_at_other_step_sizes_is_the_recorded_one(alpha, adam, amsgrad):
    times = [1_000_000, 2_000_000, 4_000_000, 6_900_000]
    for name, expected in (("adam", adam), ("amsgrad", amsgrad)):
        run = simulate.run(
            methods.get(name, **runs.BETAS), FIGURE_1, times[-1], alpha, record=times
        )
        assert run.average_regret == pytest.approx(expected, abs=5.1e-5)


# x and R_t/t at 1e5, 1e6, 5e6, printed with three decimals at most. Some were rounded twice
# (0.09845 to 0.0985 to 0.099; the oracle says 0.09845 too), which adds a twentieth of a unit.
BY_SCHEDULE = [
    ("inverse_sqrt", 0.001, "adam", [0.008, 0.034, 0.081], [0.109, 0.101, 0.104]),
    ("inverse_sqrt", 0.01, "adam", [0.083, 0.341, 0.806], [0.115, 0.121, 0.151]),
    ("inverse_sqrt", 0.01, "amsgrad", [-0.039, -0.050, -0.069], [0.107, 0.095, 0.094]),
    ("inverse_sqrt", 0.1, "amsgrad", [-0.389, -0.495, -0.688], [0.092, 0.062, 0.045]),
    ("inverse_sqrt", 5, "adam", [0.928, 1, 1], [1.14, 0.495, 0.332]),
    ("inverse_sqrt", 5, "amsgrad", [-0.984, -0.973, -0.989], [1.02, 0.328, 0.147]),
    ("constant", 1e-5, "adam", [0.019, 0.188, 0.941], [0.110, 0.109, 0.146]),
    ("constant", 1e-4, "amsgrad", [-0.008, -0.078, -0.390], [0.111, 0.099, 0.083]),
    ("constant", 1e-3, "amsgrad", [-0.083, -0.781, -0.995], [0.137, 0.093, 0.046]),
    ("constant", 1e-2, "adam", [0.955, 1, 1], [0.513, 0.498, 0.498]),
    ("constant", 1e-2, "amsgrad", [-0.834, -0.946, -0.950], [0.392, 0.336, 0.331]),
]


@pytest.mark.parametrize("schedule, alpha, name, x, average", BY_SCHEDULE)
def test_the_dependence_on_alpha_and_schedule_is_the_recorded_one(
    schedule, alpha, name, x, average
):
    times = [100_000, 1_000_000, 5_000_000]
    run = simulate.run(
        methods.get(name, **runs.BETAS), FIGURE_1, times[-1], alpha, schedule, record=times
    )
    assert run.x == pytest.approx(x, abs=5.1e-4)
    rounding = [5.6e-3 if value >= 1 else 5.6e-4 for value in average]
    assert np.all(abs(run.average_regret - average) <= rounding)


def test_with_a_large_constant_step_amsgrads_regret_is_larger_than_adams():
    for name, expected in (("adam", 3.197), ("amsgrad", 3.294)):
        run = runs.figure_1(name, alpha=0.1, schedule="constant")
        assert run.average_regret[-1] == pytest.approx(expected, abs=5.1e-4)


@pytest.mark.parametrize(
    "beta2, x", [(0.999, 1.0), (0.9994, 0.88), (0.9995, 0.55), (0.9999, -0.999)]
)
def test_where_adam_ends_depends_on_beta2_as_recorded(beta2, x):
    run = runs.figure_1("adam", beta2=beta2)
    assert run.x[-1] == pytest.approx(x, abs=5.1e-3)


# --- what is recorded ---
@pytest.mark.parametrize(
    "steps, record, expected",
    [
        (10, 5, [2, 4, 6, 8, 10]),
        (10, 3, [3, 6, 10]),
        (7, 1, [7]),
        (3, 1000, [1, 2, 3]),
        (10, [1, 4, 10], [1, 4, 10]),
        (10, [1, 4], [1, 4, 10]),
        (10, np.array([2.0, 3.0]), [2, 3, 10]),
        (np.int64(4), np.int64(2), [2, 4]),
    ],
)
def test_records_are_where_they_were_asked_for_and_end_at_the_last_step(steps, record, expected):
    run = simulate.run(ADAM, FIGURE_1, steps, 0.5, record=record)
    assert run.t.tolist() == expected
    assert len(run.x) == len(run.average_regret) == len(expected)


def test_x_k_is_the_iterate_after_step_t_k():
    # SGD with constant step 1/8 on gradient -1: x_{t+1} = t / 8, exactly.
    run = simulate.run(
        methods.get("sgd"), problems.periodic([-1.0]), 6, 0.125, "constant", record=[1, 2, 5]
    )
    assert run.t.tolist() == [1, 2, 5, 6]
    assert run.x.tolist() == [0.125, 0.25, 0.625, 0.75]
    # Losses are paid at x_1..x_t: -(0 + 1 + ... + (t-1)) / 8, against -t.
    losses = -np.array([0, 1, 10, 15]) / 8
    assert run.regret.tolist() == (losses + run.t).tolist()


@pytest.mark.parametrize("name", ["adam", "amsgrad"])
def test_recording_does_not_change_the_run(name):
    method = methods.get(name, **runs.BETAS)
    sparse = simulate.run(method, FIGURE_1, 30_000, 0.5, record=1)
    dense = simulate.run(method, FIGURE_1, 30_000, 0.5, record=30_000)
    middle = simulate.run(method, FIGURE_1, 30_000, 0.5, record=np.arange(7, 30_001, 7))
    # Several rounds at a time and single ones, before a record, may round products otherwise.
    assert sparse.x[-1] == pytest.approx(dense.x[-1], abs=1e-13)
    assert middle.x[:-1] == pytest.approx(dense.x[6::7], abs=1e-13)
    # The regret's partial sums are grouped differently: an ulp of the sums at most.
    assert sparse.average_regret[-1] == pytest.approx(dense.average_regret[-1], rel=1e-12)
    assert middle.average_regret[:-1] == pytest.approx(dense.average_regret[6::7], rel=1e-11)


def test_a_long_run_returns_only_what_was_asked_for():
    run = runs.figure_1("adam")
    assert run.t[-1] == runs.STEPS
    held = [a for a in vars(run).values() if isinstance(a, np.ndarray)]
    assert {a.shape for a in held} == {(1000,)}


def test_a_long_random_run_needs_no_memory_for_its_gradients():
    run = simulate.run(ADAM, problems.figure_1_stochastic(), 10**6, 0.5, record=3)
    held = [a for a in vars(run).values() if isinstance(a, np.ndarray)]
    assert {a.shape for a in held} == {(3,)}


@pytest.mark.parametrize("enabled", [False, True])
def test_results_are_float64_whatever_the_caller_set(enabled):
    expected = simulate.run(ADAM, FIGURE_1, 500, 0.5, record=5)
    with jax.enable_x64(enabled):
        run = simulate.run(ADAM, FIGURE_1, 500, 0.5, record=5)
        grid = simulate.sweep("adam", FIGURE_1, 500, 0.5, beta2=np.array([0.9, 0.99]))
        assert jax.config.jax_enable_x64 is enabled  # and left as it was
    assert run.x.dtype == run.average_regret.dtype == np.float64
    assert grid.x.dtype == grid.average_regret.dtype == np.float64
    assert run.t.dtype == np.int64
    assert np.array_equal(run.x, expected.x)
    assert np.array_equal(run.average_regret, expected.average_regret)


# --- the traps seen in other people's reproductions ---
@pytest.mark.parametrize("name", NAMES)
def test_the_iterate_can_leave_plus_one_again(name):
    # The trap: a projection that replaces the variable, so that it sticks to the wall.
    cycle = [-1.0] * 20 + [1.0] * 20
    found, points, _ = run_all(name, cycle, 1.0, x1=1.0, **betas_of(name, 0.5, 0.9))
    assert np.all(found.x[:19] == 1.0)
    assert found.x[-1] < 0.9
    assert found.x == pytest.approx(points[1:], abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_iterate_stays_in_the_feasible_interval(name):
    # The trap: no projection at all. This drifts 40 steps in one direction.
    found, _, _ = run_all(name, [-1.0], 1.0, **betas_of(name))
    assert found.x.max() == 1.0
    wide, _, _ = run_all(name, [-1.0], 1.0, ends=(-1.0, 100.0), **betas_of(name))
    assert wide.x[-1] > 5.0


def test_the_schedule_reads_t_and_not_x():
    # The trap: a schedule of x. On gradients of one sign, Adam corrected steps alpha / sqrt(t).
    found, _, _ = run_all(
        "adam_corrected", [-1.0], 0.25, x1=-7.0, ends=(-7.0, 7.0), beta1=0.9, beta2=0.99
    )
    expected = 0.25 / np.sqrt(np.arange(1, STEPS + 1))
    assert np.diff(found.x, prepend=-7.0) == pytest.approx(expected, abs=1e-13)


# --- compiled once ---
@pytest.fixture
def compilations(caplog):
    """Call with a function; answers how many times calling it made JAX compile."""

    def count(function):
        caplog.clear()
        with caplog.at_level(logging.WARNING), jax.log_compiles(True):
            function()
        return sum("Compiling" in record.getMessage() for record in caplog.records)

    return count


BASE = {"method": ADAM, "problem": FIGURE_1, "steps": 200, "alpha": 0.5, "record": 17}
NUMBERS_ONLY = {
    "alpha": {"alpha": 0.25},
    "a whole alpha": {"alpha": 1},
    "a NumPy alpha": {"alpha": np.float32(0.5)},
    "beta2": {"method": methods.get("adam", beta1=0.9, beta2=0.5)},
    "a whole beta1": {"method": methods.get("adam", beta1=0, beta2=0.5)},
    "steps": {"steps": 4321},
    "x1": {"x1": 1},
    "seed": {"seed": 3},
    "record times": {"record": [*range(3, 51, 3), 200]},
    "gradients of the same period": {"problem": problems.theorem_2(101)},
    "interval": {"problem": problems.periodic(FIGURE_1.gradients, -2, 3)},
}


@pytest.mark.parametrize("change", NUMBERS_ONLY.values(), ids=NUMBERS_ONLY)
def test_a_second_run_with_other_numbers_does_not_compile(change, compilations):
    simulate.run(**BASE)
    assert compilations(lambda: simulate.run(**{**BASE, **change})) == 0


def test_random_runs_with_other_numbers_do_not_compile(compilations):
    def run(C, delta, seed):
        return simulate.run(ADAM, problems.theorem_3(C, delta), 300, 0.5, record=19, seed=seed)

    run(10, 0.1, 0)
    assert compilations(lambda: run(12.5, 1.0, 7)) == 0


def test_sweeps_of_the_same_shape_do_not_compile(compilations):
    def sweep(C, alpha):
        return simulate.sweep("adam", problems.theorem_1(C), 50, alpha, beta2=np.full(13, 0.9))

    sweep(3.0, 0.5)
    assert compilations(lambda: sweep(5.0, 0.1)) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"method": methods.get("rmsprop"), "record": 23},
        {"schedule": "constant", "record": 29},
        {"problem": problems.periodic(np.arange(1.0, 38.0))},
        {"record": 31},
    ],
    ids=["method", "schedule", "period", "number of records"],
)
def test_the_detector_of_compilations_sees_one_when_there_is_one(change, compilations):
    simulate.run(**BASE)
    assert compilations(lambda: simulate.run(**{**BASE, **change})) >= 1


# --- sweeps ---
def assert_lanes_equal_runs(grid, lanes, steps, schedule="inverse_sqrt"):
    """Every lane against the run of its own: side by side, roots and products may round otherwise.

    A few ulps a step over a few hundred steps.
    """
    for index, (method, problem, alpha, x1, seed) in lanes.items():
        run = simulate.run(method, problem, steps, alpha, schedule, x1=x1, record=1, seed=seed)
        assert grid.x[index] == pytest.approx(run.x[-1], abs=1e-13)
        assert grid.average_regret[index] == pytest.approx(run.average_regret[-1], abs=1e-11)


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "constant"])
@pytest.mark.parametrize("name", NAMES)
def test_a_sweep_equals_runs_one_by_one(name, schedule):
    rng = np.random.default_rng(1)
    values = {key: rng.uniform(0, 0.99, 5) for key in reference.HYPERPARAMETERS[name]}
    alpha = rng.uniform(1e-3, 0.5, 5)
    x1 = rng.uniform(-1, 1, 5)
    grid = simulate.sweep(name, FIGURE_1, 300, alpha, schedule, x1=x1, **values)
    lanes = {
        k: (methods.get(name, **{n: v[k] for n, v in values.items()}), FIGURE_1, alpha[k], x1[k], 0)
        for k in range(5)
    }
    assert_lanes_equal_runs(grid, lanes, 300, schedule)


def test_sweeps_broadcast_families_of_problems_with_everything_else():
    C = np.array([2.5, 3.0, 10.0])[:, None]
    beta2 = np.array([0.1, 0.5, 0.9, 0.99])
    grid = simulate.sweep("adam", problems.theorem_1(C), 200, alpha=0.3, beta1=0.0, beta2=beta2)
    assert grid.x.shape == grid.average_regret.shape == (3, 4)
    lanes = {
        (i, j): (
            methods.get("adam", beta1=0.0, beta2=beta2[j]),
            problems.theorem_1(C[i, 0]),
            0.3,
            0.0,
            0,
        )
        for i in range(3)
        for j in range(4)
    }
    assert_lanes_equal_runs(grid, lanes, 200)


def test_sweeps_of_random_problems_broadcast_over_seeds():
    problem = problems.theorem_3(10, 0.5)
    seeds, alpha = np.arange(4)[:, None], np.array([0.1, 0.5])
    grid = simulate.sweep("amsgrad", problem, 400, alpha, seed=seeds)
    assert grid.x.shape == (4, 2)
    lanes = {
        (i, j): (methods.get("amsgrad"), problem, alpha[j], 0.0, i)
        for i in range(4)
        for j in range(2)
    }
    assert_lanes_equal_runs(grid, lanes, 400)
    assert len(set(grid.x[:, 0])) == 4


def test_a_sweep_without_arrays_is_a_single_run():
    grid = simulate.sweep("adam", FIGURE_1, 200, 0.5, beta2=0.99)
    assert grid.x.shape == ()
    assert_lanes_equal_runs(grid, {(): (ADAM, FIGURE_1, 0.5, 0.0, 0)}, 200)


@pytest.mark.parametrize("lanes", [1, 4095, 4096, 4097, 8193, 20_001])
def test_no_lane_is_lost_where_the_chunks_of_a_sweep_meet(lanes):
    x1 = np.linspace(-1, 1, lanes)
    grid = simulate.sweep("sgd", problems.theorem_1(3), 4, 0.01, x1=x1)
    shift = 0.01 * (-3 + 1 / math.sqrt(2) + 1 / math.sqrt(3) - 3 / math.sqrt(4))
    expected = np.clip(x1, -0.9, 0.99) + shift
    inside = (x1 > -0.9) & (x1 < 0.99)
    assert grid.x.shape == (lanes,)
    assert grid.x[inside] == pytest.approx(expected[inside], abs=1e-15)
    assert np.all(np.diff(grid.x) >= 0)  # a shift and a clip keep the order


# --- bad input ---
RUN = {"method": ADAM, "problem": FIGURE_1, "steps": 10, "alpha": 0.5}
REFUSED = [
    ({"steps": 0}, "steps must be a positive whole number"),
    ({"steps": -5}, "steps must be a positive whole number"),
    ({"steps": 2.5}, "steps must be a positive whole number"),
    ({"steps": True}, "steps must be a positive whole number"),
    ({"steps": math.inf}, "steps must be a positive whole number"),
    ({"steps": None}, "steps must be a positive whole number"),
    ({"record": math.nan}, "record must be a positive number of points"),
    ({"record": [math.nan]}, "increasing whole steps from 1 to steps=10"),
    ({"alpha": 0}, r"alpha .* must lie in \(0, inf\)"),
    ({"alpha": -1}, r"alpha .* must lie in \(0, inf\)"),
    ({"alpha": math.nan}, r"alpha .* must lie in \(0, inf\)"),
    ({"alpha": math.inf}, r"alpha .* must lie in \(0, inf\)"),
    ({"x1": 1.5}, r"x1 must lie in the feasible interval \[-1.0, 1.0\]"),
    ({"x1": math.nan}, "x1 must lie in the feasible interval"),
    ({"schedule": "cosine"}, "unknown schedule 'cosine'; the schedules are: constant, inverse"),
    ({"record": 0}, "record must be a positive number of points"),
    ({"record": 2.5}, "record must be a positive number of points"),
    ({"record": [0, 5]}, "increasing whole steps from 1 to steps=10"),
    ({"record": [5, 5]}, "increasing whole steps from 1 to steps=10"),
    ({"record": [5, 11]}, "increasing whole steps from 1 to steps=10"),
    ({"record": [1.5]}, "increasing whole steps from 1 to steps=10"),
    ({"record": []}, "increasing whole steps from 1 to steps=10"),
    ({"seed": 1.5}, "seed must be a whole number"),
]


@pytest.mark.parametrize("change, message", REFUSED, ids=lambda value: repr(value)[:30])
def test_a_bad_argument_of_run_is_refused_with_what_is_allowed(change, message):
    with pytest.raises(ValueError, match=message):
        simulate.run(**{**RUN, **change})


@pytest.mark.parametrize(
    "change, name",
    [
        ({"alpha": [0.1, 0.2]}, "alpha"),
        ({"x1": [0.1, 0.2]}, "x1"),
        ({"seed": [1, 2]}, "seed"),
        ({"method": methods.get("adam", beta2=[0.1, 0.2])}, "beta2"),
        ({"problem": problems.theorem_1([3, 4])}, "problem"),
    ],
)
def test_arrays_are_for_sweeps(change, name):
    with pytest.raises(ValueError, match=rf"{name}.*call sweep"):
        simulate.run(**{**RUN, **change})


@pytest.mark.parametrize(
    "change, message",
    [
        ({"method": "adan"}, "unknown method 'adan'"),
        ({"beta3": 0.5}, "no hyperparameter 'beta3'; it has: beta1, beta2"),
        ({"beta2": [0.5, 1.0]}, r"beta2 of 'adam' .* must lie in \[0, 1\)"),
        ({"alpha": [0.5, -1.0]}, r"alpha .* must lie in \(0, inf\)"),
        ({"x1": [0.0, 2.0]}, "x1 must lie in the feasible interval"),
        ({"seed": [0.5]}, "seed must be a whole number"),
        ({"beta1": [0.1, 0.2], "beta2": [0.1, 0.2, 0.3]}, "broadcast"),
    ],
)
def test_a_bad_argument_of_sweep_is_refused_with_what_is_allowed(change, message):
    call = {"method": "adam", "problem": FIGURE_1, "steps": 10, "alpha": 0.5}
    with pytest.raises(ValueError, match=message):
        simulate.sweep(**{**call, **change})


# --- no silent nan ---
@pytest.mark.parametrize("cycle", [[0.0, 3.0, -1.0], [1010.0, -10.0, -10.0]])
@pytest.mark.parametrize("name", NAMES)
def test_runs_pass_jaxs_check_for_nan(name, cycle):
    with jax.debug_nans(True):
        run = simulate.run(methods.get(name), problems.periodic(cycle), 50, 0.5, record=10)
        grid = simulate.sweep(name, problems.periodic(cycle), 50, np.array([0.1, 0.5]))
    assert np.isfinite(run.x).all() and np.isfinite(run.average_regret).all()
    assert np.isfinite(grid.x).all()
