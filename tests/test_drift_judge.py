"""Simulation as the judge, and the worst problems that a search finds."""

import dataclasses

import numpy as np
import pytest

from adam_and_beyond import drift, methods, problems, simulate

CASES = drift.random_cases(2_000, seed=1)


# --- the judge ---
@pytest.fixture(scope="module")
def judgement():
    return drift.judge(CASES, 40_000, alpha=10.0)


def test_no_decided_run_of_two_thousand_contradicts_the_drift(judgement):
    failing = int(np.sum(judgement.verdict > 0))
    print(judgement.undecided, judgement.contradictions, failing)
    assert judgement.contradictions == 0
    assert judgement.undecided <= 40  # 2 %: near the boundary the walk is slow
    assert 300 < failing < 1_700  # both verdicts are tried


def test_undecided_cases_are_those_with_little_drift(judgement):
    undecided = judgement.verdict == 0
    carried = np.abs(judgement.D) / CASES.P * 2 * 10 * np.sqrt(40_000)
    assert carried[undecided].max(initial=0) < np.median(carried)
    # Too short a run decides less, and says so instead of guessing.
    short = drift.judge(CASES, 60, alpha=1e-3)
    assert short.undecided == 2_000 and short.contradictions == 0


def test_the_judge_notices_a_wrong_drift(judgement):
    wrong = judgement._replace(D=-judgement.D)
    assert wrong.contradictions == 2_000 - judgement.undecided


def test_a_familys_drift_is_that_of_each_single_period():
    judgement = drift.judge(drift.random_cases(12, seed=3), 60)
    cases = judgement.cases
    for k in range(12):
        gradients = [cases.C[k]] + [-1.0] * (cases.P[k] - 1)
        method = methods.get("adam", beta1=cases.beta1[k], beta2=cases.beta2[k])
        expected = drift.number(method, problems.periodic(gradients))
        assert judgement.D[k] == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_random_cases_cover_their_ranges_and_are_reproducible():
    ratio = CASES.C / (CASES.P - 1)
    assert 1.01 <= ratio.min() < 1.02 and 2.8 < ratio.max() <= 3
    assert set(CASES.P) == {3, 4, 5, 6, 10, 12, 15, 20, 30, 60}
    again = drift.random_cases(2_000, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(CASES, again, strict=True))
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        drift.random_cases(0)


# --- the slope ---
SLOPES = [
    ("adam", {"beta1": 0.9, "beta2": 0.99}),
    ("rmsprop", {"beta2": 0.9}),
    ("amsgrad", {"beta1": 0.5, "beta2": 0.9}),
    ("adabelief", {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8}),
    ("adadelta", {"rho": 0.9, "epsilon": 1e-3}),
    ("adopt", {"beta1": 0.5, "beta2": 0.9}),
    ("sgd", {}),
]


@pytest.mark.parametrize("name, values", SLOPES)
def test_the_slope_is_the_limit_of_differences(name, values):
    method = methods.get(name, **values)
    gradients = np.array([1.0, 0.4, -0.3, -0.7, 0.2, -0.1])
    found = drift.slope(method, problems.periodic(gradients))
    assert pytest.approx(drift.number(method, problems.periodic(gradients)), rel=1e-9) == found.D
    h = 1e-5
    for k in range(6):
        ends = [
            drift.number(method, problems.periodic(gradients + s * h * np.eye(6)[k]))
            for s in (1, -1)
        ]
        # Error h^2 of the difference, and rounding 1e-12 / h of orbits found by Newton's method.
        difference = (ends[0] - ends[1]) / (2 * h)
        assert found.by_gradient[k] == pytest.approx(difference, rel=1e-5, abs=1e-6)


def test_scaling_the_gradients_does_not_change_adams_drift_to_first_order():
    problem = problems.periodic([3.0, -1.0, -1.5, 0.5])
    slope = drift.slope(methods.get("adam", beta1=0.5, beta2=0.9), problem)
    # Euler: the slope along the gradients themselves is 0.
    assert slope.by_gradient @ problem.gradients == pytest.approx(0, abs=1e-12)


# --- every scale that moves ---
MOVING = ("rmsprop", "adam", "nadam", "adabelief", "adashift", "adopt")


@pytest.mark.parametrize("name", [*MOVING, "sgd", "padam", "amsgrad"])
def test_a_method_fails_on_four_gradients_exactly_if_its_scale_moves(name):
    method = methods.get(name)
    values = {k: v for k, v in (("beta1", 0.5), ("beta2", 0.9)) if k in method.hyper._fields}
    method, zero_sum = method.replace(**values), np.array([3.0, -1.0, -1.0, -1.0])
    D = drift.number(method, problems.periodic(zero_sum))
    turned = drift.number(method, problems.periodic(-zero_sum))
    assert turned == pytest.approx(-D, abs=1e-12)
    problem = problems.periodic(np.sign(D + (name not in MOVING)) * zero_sum + 0.02)
    assert problem.best_fixed_point == -1.0
    x = simulate.run(method, problem, 100_000, 2.0, x1=-1.0, record=1).x[-1]
    assert (abs(D) > 0.05, x > 0.9) == ((name in MOVING),) * 2
    assert (D < 0) == (name in ("adashift", "adopt")) or name not in MOVING


# --- the search ---
P, MEAN = 12, 0.02


@pytest.fixture(scope="module")
def found():
    betas = {"beta1": 0.5, "beta2": 0.9}
    names = {"rmsprop": {"beta2": 0.9}, "adam": betas, "amsgrad": betas}
    return {
        name: drift.worst(methods.get(name, **values), P, MEAN, searches=2)
        for name, values in names.items()
    }


def test_what_is_found_keeps_the_constraints(found):
    for result in found.values():
        g = result.problem.gradients
        assert g.shape == (P,) and g[0] == g.max()
        assert np.abs(g).max() <= 1 + 1e-9 and g.mean() == pytest.approx(MEAN, abs=1e-12)
        assert result.problem.best_fixed_point == -1.0
        assert result.searches[0] == result.searches.max() and len(result.searches) == 2


def test_what_is_found_is_worse_than_the_papers_shape_and_than_random_ones(found):
    rng = np.random.default_rng(0)
    paper = np.r_[1.0, np.full(P - 1, (P * MEAN - 1) / (P - 1))]
    for name in ("rmsprop", "adam"):
        method = methods.get(name, **({} if name == "rmsprop" else {"beta1": 0.5}), beta2=0.9)
        assert drift.number(method, problems.periodic(paper)) < found[name].D
        for _ in range(200):
            g = rng.uniform(-0.8, 0.8, P)
            g += MEAN - g.mean()
            assert drift.number(method, problems.periodic(g)) < found[name].D


@pytest.mark.parametrize("name", ["rmsprop", "adam", "amsgrad"])
def test_runs_confirm_what_is_found(found, name):
    values = {} if name == "rmsprop" else {"beta1": 0.5}
    method = methods.get(name, beta2=0.9, **values)
    D = found[name].D
    assert (D > 0) == (name != "amsgrad")
    x1 = -np.sign(D)  # from the end that it should leave
    x = simulate.run(method, found[name].problem, 60_000, 2.0, x1=x1, record=1).x[-1]
    assert x * np.sign(D) > 0.95


def test_amsgrads_worst_is_all_gradients_of_full_size(found):
    # D = -P mean / sqrt(max v) and v is at most 1.
    assert pytest.approx(-P * MEAN, rel=0.02) == found["amsgrad"].D
    assert found["amsgrad"].D <= -P * MEAN


def test_bad_searches_are_refused():
    adam = methods.get("adam")
    for values in ((1, 0.1, 1), (5, 0.0, 1), (5, 1.0, 1), (5, 0.1, 0)):
        with pytest.raises(ValueError, match="worst needs a period of at least 2"):
            drift.worst(adam, *values)
    with pytest.raises(ValueError, match="no periodic orbit of the averages of AdaGrad"):
        drift.slope(methods.get("adagrad"), problems.periodic([1.0, -1.0]))
    with pytest.raises(ValueError, match="looks at the iterate|not driven by gradients"):
        rule = dataclasses.replace(adam, rule=_Peeking(), affine_state=False)
        drift.slope(rule, problems.periodic([1.0, -1.0]))


class _Peeking:
    needs_x = True
