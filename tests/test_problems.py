"""The online problems: their gradients, their best fixed points, and the law of the random ones."""

import jax
import numpy as np
import pytest
import reference
from scipy import stats

from adam_and_beyond import methods, problems, simulate

FIGURE_1 = problems.figure_1_online()
SEED = 2018


# --- periodic problems ---
@pytest.mark.parametrize(
    "problem, expected",
    [
        (FIGURE_1, reference.figure_1_gradients(350)),
        (problems.theorem_1(3), reference.theorem_1_gradients(3, 350)),
        (problems.theorem_1(2.001), reference.theorem_1_gradients(2.001, 350)),
        (problems.theorem_2(10), reference.theorem_2_gradients(10, 350)),
        (problems.periodic([1, 2, -4, 0.5]), reference.periodic_gradients([1, 2, -4, 0.5], 350)),
    ],
    ids=["figure 1", "theorem 1", "theorem 1, C near 2", "theorem 2", "of one's own"],
)
def test_gradients_are_those_of_the_definition(problem, expected):
    assert problem.sample(350).tolist() == expected


@pytest.mark.parametrize("problem, C", [(problems.theorem_1(3), 3), (FIGURE_1, 1010)])
def test_t_starts_at_one_so_the_first_gradient_is_the_big_one(problem, C):
    # The trap: "t mod 3 = 1" with t from 0 puts the big gradient second.
    gradients = problem.sample(2)
    assert gradients[0] == C and gradients[1] < 0
    first = simulate.run(methods.get("sgd"), problem, 1, 1e-6, x1=0.5, record=1)
    assert first.x[0] == pytest.approx(0.5 - 1e-6 * C, rel=1e-15)  # alpha / sqrt(1)


@pytest.mark.parametrize(
    "problem, period, mean",
    [
        (FIGURE_1, 101, 10 / 101),  # (1010 - 1000) / 101
        (problems.theorem_1(3), 3, 1 / 3),
        (problems.theorem_1(10), 3, 8 / 3),
        (problems.theorem_2(4), 4, 1 / 4),
        (problems.theorem_2(210), 210, 1 / 210),
    ],
)
def test_periods_means_and_best_fixed_points(problem, period, mean):
    assert problem.period == period
    assert problem.mean_gradient == pytest.approx(mean, rel=1e-13)  # a sum of 210 terms
    assert (problem.lower, problem.upper) == (-1, 1)
    assert problem.best_fixed_point == -1


def test_the_best_fixed_point_is_the_end_against_the_slope():
    assert problems.periodic([1, 1], lower=-2, upper=5).best_fixed_point == -2
    assert problems.periodic([1, -3], lower=-2, upper=5).best_fixed_point == 5
    assert np.isnan(problems.periodic([1, -1]).best_fixed_point)


@pytest.mark.parametrize("C", [2, 2.0, 1.999, 0, -3, np.nan, [3, 2]])
def test_theorem_1_needs_C_above_2(C):
    with pytest.raises(ValueError, match=r"C must exceed 2 \(paper, Theorem 1\), got"):
        problems.theorem_1(C)


def test_theorem_1_of_an_array_is_a_family():
    family = problems.theorem_1(np.array([[3.0, 4.0], [5.0, 6.0]]))
    assert family.gradients.shape == (2, 2, 3)
    assert family.gradients[1, 0].tolist() == [5, -1, -1]
    assert family.best_fixed_point.tolist() == [[-1, -1], [-1, -1]]


@pytest.mark.parametrize("C", [1, 0, -4, 2.5, np.inf, np.nan])
def test_theorem_2_needs_a_whole_C(C):
    with pytest.raises(ValueError, match=r"C must be an integer of at least 2 \(paper, Theorem 2"):
        problems.theorem_2(C)


# --- random problems ---
@pytest.mark.parametrize("C, delta", [(100, 0.1), (10, 1.0), (3, 2.5)])
def test_theorem_3_has_expected_slope_delta(C, delta):
    problem = problems.theorem_3(C, delta)
    assert problem.mean_gradient == pytest.approx(delta, rel=1e-13)
    assert problem.best_fixed_point == -1
    law = dict(zip(problem.gradients, problem.probabilities, strict=True))
    assert law[C] == pytest.approx((1 + delta) / (C + 1), rel=1e-15)
    assert set(law) == {C, -1}


@pytest.mark.parametrize("C, delta", [(10, 0), (10, -1), (10, 10), (10, 11), (np.nan, 1)])
def test_theorem_3_needs_delta_between_0_and_C(C, delta):
    with pytest.raises(ValueError, match=r"delta must lie in \(0, C\) \(paper, Theorem 3\)"):
        problems.theorem_3(C, delta)


def test_the_random_figure_1_problem_is_the_papers():
    problem = problems.figure_1_stochastic()
    law = dict(zip(problem.gradients, problem.probabilities, strict=True))
    assert law == {1010: 0.01, -10: 0.99}
    assert problem.mean_gradient == pytest.approx(0.2, rel=1e-13)  # 10.1 - 9.9


THREE = problems.iid([5.0, -1.0, 2.0], [0.1, 0.7, 0.2])


@pytest.mark.parametrize(
    "problem", [problems.figure_1_stochastic(), THREE, problems.iid([1, 2], [0.5, 0.5])]
)
def test_samples_follow_the_law(problem):
    steps = 200_000
    gradients = problem.sample(steps, SEED)
    assert set(gradients) == set(problem.gradients)
    counts = [np.count_nonzero(gradients == value) for value in problem.gradients]
    # A sound sampler fails this at one seed in ten thousand, and the seed is fixed.
    assert stats.chisquare(counts, steps * problem.probabilities).pvalue > 1e-4


@pytest.mark.parametrize("problem", [problems.figure_1_stochastic(), THREE])
def test_samples_are_independent_from_round_to_round(problem):
    gradients = problem.sample(200_000, SEED)
    common = gradients == problem.gradients[0]
    # Of two consecutive rounds, all four cases have their product probabilities.
    pairs = 2 * common[0::2] + common[1::2]
    p = problem.probabilities[0]
    expected = np.array([(1 - p) ** 2, (1 - p) * p, p * (1 - p), p**2]) * pairs.size
    assert stats.chisquare(np.bincount(pairs, minlength=4), expected).pvalue > 1e-4


def test_waiting_times_for_the_big_gradient_are_geometric():
    gradients = problems.figure_1_stochastic().sample(1_000_000, SEED)
    rounds = np.flatnonzero(gradients == 1010) + 1
    assert rounds.size > 5 * problems.BLOCK  # several refills of the generator's block
    waits = np.diff(rounds, prepend=0)
    edges = np.array([0, 20, 50, 100, 150, 200, 300, 450, 10**9])
    counts = np.histogram(waits, bins=edges + 1)[0]
    law = np.diff(stats.geom.cdf(edges, 0.01))
    assert stats.chisquare(counts, law * waits.size).pvalue > 1e-4
    # The mean over n waits has standard deviation 99.5 / sqrt(n): five of them.
    assert abs(waits.mean() - 100) < 5 * 99.5 / np.sqrt(waits.size)


@pytest.mark.parametrize("block", range(1, 6))
def test_no_round_is_lost_or_doubled_where_a_block_of_random_numbers_ends(block):
    problem = problems.figure_1_stochastic()
    gradients = problem.sample(1_000_000, SEED)
    last = np.flatnonzero(gradients == 1010)[block * problems.BLOCK - 1] + 1
    for steps in (last - 1, last, last + 1):
        assert np.array_equal(problem.sample(steps, SEED), gradients[:steps])


@pytest.mark.parametrize("p", [1e-12, 1e-17, 1e-300])
def test_gradients_too_rare_to_come_do_not_come(p):
    # Waiting times beyond the largest integer must not wrap round to rounds before the first.
    problem = problems.iid([1000.0, -1.0], [p, 1 - p])
    assert problem.sample(1000, SEED).tolist() == [-1.0] * 1000
    assert simulate.run(methods.get("sgd"), problem, 1000, 0.1, record=1).x[-1] == 1.0


def test_seeds_decide_the_sequence():
    problem = problems.figure_1_stochastic()
    first = problem.sample(5000, 1)
    assert np.array_equal(first, problem.sample(5000, 1))
    assert not np.array_equal(first, problem.sample(5000, 2))
    # Also for seeds that 32 bits could confuse.
    assert not np.array_equal(first, problem.sample(5000, 1 + 2**32))


@pytest.mark.parametrize("enabled", [False, True])
def test_the_sequence_does_not_depend_on_the_callers_precision(enabled):
    with jax.enable_x64(enabled):
        sample = THREE.sample(3000, 5)
    assert np.array_equal(sample, THREE.sample(3000, 5))


@pytest.mark.parametrize("problem", [problems.figure_1_stochastic(), THREE], ids=["two", "three"])
@pytest.mark.parametrize("name", ["amsgrad", "sgd"])
def test_a_run_sees_the_gradients_that_sample_shows(problem, name):
    # Past several blocks of random numbers: 1024 rare rounds are 3400 or 102 400 rounds.
    steps = 220_000
    found = simulate.run(
        methods.get(name), problem, steps, 1e-3, seed=SEED, record=[1, 2, 3, 150_000]
    )
    gradients = problem.sample(steps, SEED).tolist()
    betas = {} if name == "sgd" else {"beta1": 0.9, "beta2": 0.999}
    points = reference.iterates(name, gradients, 1e-3, **betas)
    # Rounding of 2e5 steps of size 1e-3 or less: 1e-16 each, in the worst case one-sided.
    assert found.x == pytest.approx([points[t] for t in found.t], abs=1e-11)
    regret = reference.final_regret(gradients, points)
    assert found.average_regret[-1] == pytest.approx(regret / steps, rel=1e-9)


# --- bad input, and input that is shared ---
@pytest.mark.parametrize("gradients", [[], 3.0, [[], []]])
def test_a_problem_needs_gradients(gradients):
    with pytest.raises(ValueError, match="a sequence of at least 1 number"):
        problems.periodic(gradients)


@pytest.mark.parametrize("gradients", [[1, np.nan], [np.inf, -1]])
def test_gradients_must_be_finite(gradients):
    with pytest.raises(ValueError, match="gradients must be finite"):
        problems.periodic(gradients)
    with pytest.raises(ValueError, match="gradients must be finite"):
        problems.iid(gradients, [0.5, 0.5])


@pytest.mark.parametrize("ends", [(1, 1), (1, -1), (-np.inf, 1), (0, np.nan)])
def test_an_interval_needs_an_inside(ends):
    for make in (
        lambda: problems.periodic([1, -2], *ends),
        lambda: problems.iid([1, -2], [0.5, 0.5], *ends),
    ):
        with pytest.raises(ValueError, match="finite ends lower < upper"):
            make()


@pytest.mark.parametrize(
    "gradients, probabilities, message",
    [
        ([1, -1], [0.5, 0.4], "must be positive and sum to 1"),
        ([1, -1], [1.0, 0.0], "must be positive and sum to 1"),
        ([1, -1], [1.5, -0.5], "must be positive and sum to 1"),
        ([1, -1], [np.nan, 0.5], "must be positive and sum to 1"),
        ([1, -1], [0.5, 0.25, 0.25], "two lists of the same length"),
        ([[1, -1]], [[0.5, 0.5]], "two lists of the same length"),
        ([1], [1.0], "at least 2 number"),
    ],
)
def test_a_random_problem_needs_a_distribution(gradients, probabilities, message):
    with pytest.raises(ValueError, match=message):
        problems.iid(gradients, probabilities)


def test_a_problem_keeps_its_own_copy_of_the_gradients():
    mine = np.array([3.0, -1.0])
    law = np.array([0.5, 0.5])
    for problem in (problems.periodic(mine), problems.iid(mine, law)):
        mine[0] = 7.0  # still mine to change
        law[0] = 0.1
        assert 7.0 not in problem.gradients
        with pytest.raises(ValueError, match="read-only"):
            problem.gradients[0] = 1.0
        mine[0], law[0] = 3.0, 0.5
