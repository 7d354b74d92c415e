"""Boxes, given gradients, log-spaced records, sums over 10^8 steps, and loops of one kernel."""

from __future__ import annotations

import functools
import re
from fractions import Fraction
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
import runs

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.simulate import loop, trajectory, xla

ADAM = methods.get("adam", **runs.BETAS)
STEPS = 3000  # several blocks, the last one begun
RNG = np.random.default_rng(7)


# --- vectors ---
LOWER, UPPER = np.array([-1.0, -2.0, 0.0]), np.array([1.0, 0.5, 3.0])
START = np.array([0.2, -1.0, 1.0])
VECTORS = RNG.normal(0.1, 2.0, (7, 3))
WEIGHTS = np.array([0.1, 0.6, 0.05, 0.05, 0.1, 0.05, 0.05])
BOXES = {
    "periodic": problems.periodic(VECTORS, LOWER, UPPER),
    "i.i.d.": problems.iid(VECTORS, WEIGHTS, LOWER, UPPER),
    "given": problems.given(RNG.normal(0.1, 2.0, (STEPS, 3)), LOWER, UPPER),
}


@pytest.mark.parametrize("name", ["adam", "amsgrad", "adagrad"])
@pytest.mark.parametrize("kind", BOXES)
def test_a_run_on_a_box_is_a_run_in_each_coordinate(kind, name):
    box, record = BOXES[kind], [1, 1024, 1025, 2999]
    method = methods.get_sharing(name, **runs.BETAS)
    run = simulate.run(method, box, STEPS, 0.3, x1=START, record=record, seed=5)
    assert run.x.shape == (5, 3) and run.average_regret.shape == (5,)
    gradients, regret = box.sample(STEPS, seed=5), 0.0
    for k in range(3):
        own = problems.given(gradients[:, k], LOWER[k], UPPER[k])
        alone = simulate.run(method, own, STEPS, 0.3, x1=START[k], record=record)
        # A few ulps: vectors may round products and sums otherwise.
        np.testing.assert_allclose(run.x[:, k], alone.x, rtol=0, atol=1e-12)
        regret += alone.regret
    np.testing.assert_allclose(run.regret, regret, rtol=1e-11, atol=1e-9)


def test_a_box_of_one_coordinate_is_the_interval():
    gradients = problems.figure_1_online().gradients
    box = problems.periodic(gradients[:, None], [-1.0], [1.0])
    run = simulate.run(ADAM, box, STEPS, 0.5, record=9)
    same = simulate.run(ADAM, problems.figure_1_online(), STEPS, 0.5, record=9)
    np.testing.assert_allclose(run.x[:, 0], same.x, rtol=0, atol=1e-13)
    np.testing.assert_allclose(run.average_regret, same.average_regret, rtol=1e-12)


def test_the_best_fixed_point_of_a_box_is_the_best_in_each_coordinate():
    box = problems.periodic([[1.0, -1.0], [1.0, 0.5]], [-1.0, -2.0], [1.0, 3.0])
    assert box.mean_gradient.tolist() == [1.0, -0.25]
    assert box.best_fixed_point.tolist() == [-1.0, 3.0]


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: problems.periodic([1.0, 2.0], [-1, -1], [1, 1]), "vectors of shape"),
        (lambda: problems.periodic([[1.0], [2.0]], [-1, -1], [1, 1]), "vectors of shape"),
        (lambda: problems.periodic([[1.0, 2.0]], [-1, 1], [1, 1]), "lower < upper"),
        (lambda: problems.periodic([[1.0]], [[-1.0]], [[1.0]]), "one lower and one upper end"),
        (lambda: problems.given([[1.0, 2.0]]), "one sequence"),
        (lambda: problems.given([]), "at least 1"),
        (lambda: problems.given([1.0, np.inf]), "finite"),
        (lambda: problems.iid([[1.0, 2.0]], [1.0], [-1, -1], [1, 1]), "at least 2"),
    ],
)
def test_a_wrong_box_is_refused_with_what_is_wrong(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_runs_and_sweeps_on_boxes_refuse_what_they_cannot_do():
    box = BOXES["periodic"]
    with pytest.raises(ValueError, match="single x1"):
        simulate.run(ADAM, box, 10, 0.5, x1=[0.0, 0.1])
    with pytest.raises(ValueError, match="x1 must lie in"):
        simulate.run(ADAM, box, 10, 0.5, x1=-0.5)  # below the third lower end
    with pytest.raises(ValueError, match="on a box call run"):
        simulate.sweep("adam", box, 10, [0.1, 0.2], x1=0.2)
    family = problems.periodic(np.ones((2, 7, 3)), LOWER, UPPER)
    with pytest.raises(ValueError, match="family of problems"):
        simulate.run(ADAM, family, 10, 0.5, x1=0.2)


# --- given gradients ---
@pytest.mark.parametrize("steps", [1, 500, STEPS])
def test_a_run_on_given_gradients_equals_the_oracle(steps):
    gradients = RNG.normal(0.2, 1.0, STEPS)
    run = simulate.run(ADAM, problems.given(gradients), steps, 0.3, x1=0.4, record=steps)
    points = reference.iterates("adam", gradients[:steps], 0.3, x1=0.4, **runs.BETAS)
    np.testing.assert_allclose(run.x, points[1:], rtol=0, atol=1e-12)
    exact = reference.final_regret(gradients[:steps], points)
    assert run.regret[-1] == pytest.approx(exact, rel=1e-11, abs=1e-10)
    assert run.path == "general"


@pytest.mark.parametrize(
    "problem",
    [
        problems.figure_1_online(),
        problems.figure_1_stochastic(),
        problems.iid([3, -1, 0], [0.3, 0.4, 0.3]),  # refills its table of rare rounds
    ],
)
def test_gradients_that_a_problem_samples_give_the_run_that_it_gives(problem):
    again = problems.given(problem.sample(STEPS, seed=3), problem.lower, problem.upper)
    run = simulate.run(ADAM, problem, STEPS, 0.5, record=37, seed=3)
    given = simulate.run(ADAM, again, STEPS, 0.5, record=37)
    assert np.array_equal(run.x, given.x)
    assert np.array_equal(run.average_regret, given.average_regret)


def test_sweeps_take_given_gradients():
    given = problems.given(RNG.normal(0.2, 1.0, 300))
    beta2 = np.array([0.5, 0.9, 0.99])
    grid = simulate.sweep("adam", given, 299, 0.3, beta2=beta2)
    for k in range(3):
        run = simulate.run(methods.get("adam", beta2=beta2[k]), given, 299, 0.3, record=1)
        assert grid.x[k] == pytest.approx(run.x[-1], abs=1e-13)
        assert grid.average_regret[k] == pytest.approx(run.average_regret[-1], abs=1e-12)


@pytest.mark.parametrize("call", [simulate.run, simulate.sweep])
def test_no_run_is_longer_than_the_given_gradients(call):
    method = ADAM if call is simulate.run else "adam"
    with pytest.raises(ValueError, match="steps must be at most 5"):
        call(method, problems.given(np.ones(5)), 6, 0.5)


# --- records ---
@pytest.mark.parametrize(
    "steps, record, expected",
    [
        (1000, 4, [1, 10, 100, 1000]),
        (10, 1, [10]),
        (8, 4, [1, 2, 4, 8]),
        (5, 5, [1, 2, 3, 5]),  # 1, 1.5, 2.2, 3.3, 5: each whole step once
    ],
)
def test_log_spaced_records(steps, record, expected):
    run = simulate.run(ADAM, problems.theorem_1(3), steps, 0.5, record=record, spacing="log")
    assert run.t.tolist() == expected


def test_an_unknown_spacing_is_refused():
    with pytest.raises(ValueError, match="spacing must be one of even, log"):
        simulate.run(ADAM, problems.theorem_1(3), 10, 0.5, spacing="linear")


# --- long sums ---
@pytest.mark.parametrize("path", ["general", "steady cycle"])
def test_the_regret_of_a_hundred_million_steps_is_that_of_rational_arithmetic(path):
    # SGD on the gradient -0.1 walks to +1 in ten steps and stays: every later round has regret 0,
    # but loss and gradients go on adding up, to 10^7 each.
    steps, g, x, exact = 10**8, -0.1, 0.0, Fraction(0)
    run = simulate.run(
        methods.get("sgd"), problems.periodic([g]), steps, 1.0, "constant", record=1, path=path
    )
    while x < 1:
        exact += Fraction(g) * (Fraction(x) - 1)
        x = min(x - g, 1.0)
    assert run.x[-1] == 1.0
    # The additions of a block of 1024 rounds are rounded, the sum over blocks is not: a bound on
    # what that can lose of 10^7. Plain sums are off by 10^-2.
    assert abs(Fraction(run.regret[-1]) - exact) <= 1024 * 2.0**-53 * 10**7


def test_two_paths_agree_after_a_hundred_million_steps():
    general, steady = (
        simulate.run(ADAM, problems.theorem_1(3), 10**8, 0.5, record=3, path=path)
        for path in ("general", "steady cycle")
    )
    np.testing.assert_allclose(steady.x, general.x, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steady.average_regret, general.average_regret, rtol=1e-12)


# --- what the compiler makes of the loops ---
def test_each_trick_for_the_compiler_names_a_test_that_exists():
    tricks = Path(xla.__file__).read_text("utf-8").split("# --- ")[1:]
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert len(tricks) == 7
    for trick in tricks:
        assert "# Why: " in trick and "# Retired by: " in trick
        for name in re.findall(r"``(test_\w+)``", trick):
            assert f"def {name}(" in tests


@pytest.mark.parametrize("name", methods.CATALOGUE)
def test_the_loop_over_steps_is_one_kernel(name):
    # A loop that outgrows one kernel takes fifty times as long and computes the same.
    if jax.default_backend() != "cpu":
        pytest.skip("kernels are made so on processors only")
    method, problem = methods.get(name), problems.figure_1_online()
    schedule = methods.get_schedule("inverse_sqrt")
    with jax.enable_x64(True):
        run = trajectory._prepare(method, problem, "inverse_sqrt", 0.5, 0.0, 0)
        begun = loop.begin(run.stream, run.numbers, 2)
        numbers = trajectory._ready(run)
        call = (schedule, run.stream, numbers, np.array([1000, 2000]), begun, np.int64(2000))
        text = trajectory._compiled.lower(*call).compile().as_text()
    # Records and stretches are loops of several kernels; the unrolled loop and its rest are one.
    assert text.count(" while(") == 4
    assert text.count("xla_cpu_small_call") == 2


def test_unrolled_rounds_compute_what_none_of_them_changes_once():
    beta1 = jnp.linspace(0.5, 0.9, 3)
    shift = jnp.arange(2.0)

    def step(k, carry):
        # The same nested program on other constants is another computation.
        first, second = (jax.jit(lambda a, c=c: a + c)(carry[1]) for c in (shift, -shift))
        return beta1 * carry[0] + (1 - beta1) * k, jnp.where(k % 2 == 0, first, second)

    def looped(start):
        return xla.unrolled(0, 19, step, start, rounds=8)

    start = jnp.zeros(3), jnp.ones(2)
    expected = start
    for k in range(19):
        expected = step(k, expected)
    jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-6), looped(start), expected)
    # Once for the unrolled rounds, once for the rest.
    assert str(jax.make_jaxpr(looped)(start)).count("sub 1.0") == 2
