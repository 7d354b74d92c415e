"""The drift number where it is easily got wrong: boxes, ties, betas next to 1."""

import mpmath
import numpy as np
import pytest

from adam_and_beyond import drift, methods, problems

TIES = ([1.0, -1.0], [0.1, 0.2, -0.3, -0.1, -0.2, 0.3], [3.0, 1.0, -3.0, -1.0])


def exact_drift(gradients, beta1, beta2):
    """D of Adam by its closed form in 60 digits, the floats taken at their exact values."""
    with mpmath.workdps(60):
        g = [mpmath.mpf(x) for x in gradients]
        b1, b2, P = mpmath.mpf(beta1), mpmath.mpf(beta2), len(g)

        def average(b, values):
            weights = [(1 - b) * b**k / (1 - b**P) for k in range(P)]
            return [sum(w * values[i - k] for k, w in enumerate(weights)) for i in range(P)]

        m, v = average(b1, g), average(b2, [x * x for x in g])
        return -sum(a / mpmath.sqrt(b) for a, b in zip(m, v, strict=True))


def test_each_coordinate_of_a_box_has_its_own_drift_number():
    lower, upper = [-1.0, 0.0, -2.0], [1.0, 1.0, 5.0]
    rounds = np.array([[4.0, 1.0, 10.0], [-1.0, -1.0, -1.0], [-1.0, 0.5, -1.0], [-1.0, 1.0, -1.0]])
    box = problems.periodic(rounds, lower, upper)
    for name in ("sgd", "adam", "amsgrad"):
        alone = [drift.number(name, problems.periodic(rounds[:, k])) for k in range(3)]
        assert np.array_equal(drift.number(name, box), alone)
        assert drift.orbit(name, box).m.shape == (3, 4)
        found = drift.limits(name, box)
        assert np.array_equal(found.x, np.where(np.array(alone) > 0, upper, lower))
    apart = [
        drift.limits("adam", problems.periodic(rounds[:, k], lower[k], upper[k])) for k in range(3)
    ]
    together = drift.limits("adam", box).average_regret
    assert together == pytest.approx(sum(end.average_regret for end in apart), rel=1e-14)


@pytest.mark.parametrize("gradients", TIES)
@pytest.mark.parametrize("name", ["adam", "rmsprop", "nadam", "amsgrad", "sgd", "adashift"])
def test_a_drift_of_zero_is_not_decided_by_rounding(name, gradients):
    # The second half is the first with the other sign: D is 0 exactly.
    problem = problems.periodic(gradients)
    found = drift.orbit(name, problem)
    assert abs(found.D) <= found.D_error < 1e-10
    with pytest.raises(ValueError, match="is 0 here to within rounding: the start decides, not D"):
        drift.limits(name, problem)


def test_a_small_drift_is_decided():
    for excess in (1e-9, -1e-9):
        problem = problems.periodic([1.0 + excess, -1.0])
        assert drift.limits("adam", problem).x == -np.sign(excess)
        assert abs(drift.number("adam", problem)) < 1e-8


def test_the_error_of_the_drift_covers_what_rounding_does():
    rng, nearest = np.random.default_rng(7), 0.0
    for _ in range(300):
        period = rng.integers(2, 9)
        gradients = rng.choice([1.0, -1.0, 0.1], period) * rng.uniform(0.5, 2, period)
        gradients -= gradients.mean() * rng.choice([0.0, 1.0])
        beta1 = rng.choice([0.0, 0.9, 0.99, 1 - 1e-9])
        beta2 = rng.choice([0.1, 0.9, 0.999, 1 - 1e-12])
        orbit = drift.orbit(
            methods.get("adam", beta1=beta1, beta2=beta2), problems.periodic(gradients)
        )
        missed = abs(float(exact_drift(gradients, beta1, beta2) - orbit.D))
        assert missed <= orbit.D_error
        nearest = max(nearest, missed / orbit.D_error)
    assert 0.001 < nearest < 0.5  # neither void nor barely enough


@pytest.mark.parametrize("distance", [1e-6, 1e-10, 1e-13, 1e-15, 2.0**-52])
def test_betas_next_to_1_lose_no_digits(distance):
    # 1 - beta2^P by subtraction was wrong by 6.7 % at 1 - 1e-15.
    gradients = [3.0, -1.0, -1.0]
    method = methods.get("adam", beta1=0.9, beta2=1 - distance)
    expected = float(exact_drift(gradients, 0.9, 1 - distance))
    assert drift.number(method, problems.periodic(gradients)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: drift.number(m, problems.theorem_1(3.0)),
        lambda m: drift.orbit(m, problems.theorem_1(3.0)).D,
        lambda m: drift.limits(m, problems.theorem_1(3.0)).x,
        lambda m: drift.constant_step(m, problems.theorem_1(3.0), 0.1).average_regret,
        lambda m: drift.stationary(m, problems.figure_1_stochastic()),
        lambda m: drift.critical(m, problems.figure_1_online(), "beta2", (0.99, 0.99999)),
        lambda m: drift.critical_all(m, problems.theorem_1(3.0), "beta2", (0.1, 0.9), samples=5),
        lambda m: drift.critical_rarity(m, beta2=0.9),
        lambda m: drift.slope(m, problems.theorem_1(3.0)).D,
        lambda m: drift.worst(m, 3, 0.1, searches=1).D,
        lambda m: drift.certified(m, problems.theorem_1(3.0), {"beta2": (0.1, 0.2)}).failing,
    ],
)
def test_a_name_serves_wherever_a_method_does(call):
    assert call("adam") == call(methods.get("adam"))


def test_a_problem_that_was_not_made_yet_says_how_to_make_it():
    with pytest.raises(ValueError, match=r"call it, problems\.figure_1_online\("):
        drift.number("adam", problems.figure_1_online)
    with pytest.raises(ValueError, match="on an interval"):
        drift.stationary("adam", problems.iid([[1.0, 2.0], [3.0, 4.0]], [0.5, 0.5], [0, 0], [1, 1]))
