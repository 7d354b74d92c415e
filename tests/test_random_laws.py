"""Independent gradients, symbolically: steps proved, made to fail, held against the integral."""

import numpy as np
import pytest
import steps
import sympy
from sympy import Eq, Rational

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.theorems.boundary import random_laws as laws

STEPS = {
    step.name: step
    for step in (laws.covariance(), laws.first_order(), laws.laws(), laws.root_as_integral())
}


test_every_step_is_shown = steps.test_of(STEPS)


WRONG = [
    ("covariance", 0, Eq(laws._Em, laws.beta1 * laws.mu1)),
    ("covariance", 2, Eq(laws._cov, (1 - laws.beta2) * (laws.mu3 - laws.mu1 * laws.mu2))),
    ("first order at random", 0, Eq(laws._drift, -laws.mu1 / sympy.sqrt(laws.mu2))),
    ("random laws", 0, Eq(sympy.Symbol("E[g]", real=True), 2 * laws.delta)),
    ("random laws", 3, Eq(STEPS["random laws"].claims[3].relation.lhs, 4)),
    ("root", 0, Eq(STEPS["root"].claims[0].relation.lhs, 1 / laws._u)),
]


@pytest.mark.parametrize("name, index, relation", WRONG)
def test_a_step_fails_when_its_claim_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


def test_the_covariance_is_that_of_a_long_sample():
    rng = np.random.default_rng(4)
    g = rng.choice([4.0, -1.0], size=(400, 4_000), p=[0.3, 0.7])
    beta1, beta2 = 0.5, 0.8
    m, v, total = np.zeros(400), np.zeros(400), []
    for t in range(4_000):
        m = beta1 * m + (1 - beta1) * g[:, t]
        v = beta2 * v + (1 - beta2) * g[:, t] ** 2
        if t > 100:
            total.append(m * v)
    moments = [0.3 * 4.0**k + 0.7 * (-1.0) ** k for k in (1, 2, 3)]
    covariance = laws.covariance().definitions[laws._cov].subs(laws.stationary_averages())
    numbers = zip((laws.mu1, laws.mu2, laws.mu3), moments, strict=True)
    exact = float(covariance.subs({laws.beta1: beta1, laws.beta2: beta2, **dict(numbers)}))
    per_lane = np.mean(total, axis=0) - moments[0] * moments[1]
    assert exact == pytest.approx(per_lane.mean(), abs=4 * per_lane.std() / 20)
    assert per_lane.std() / 20 < 0.02 * exact


@pytest.mark.parametrize("beta1", [0.0, 0.9])
@pytest.mark.parametrize("eta", [1e-3, 1e-4])
def test_the_first_order_drift_is_the_integrals_near_beta2_1(beta1, eta):
    problem = problems.iid([3.0, -1.0], [0.3, 0.7])
    moments = [float(problem.probabilities @ problem.gradients**k) for k in (1, 2, 3)]
    numbers = dict(zip((laws.mu1, laws.mu2, laws.mu3), moments, strict=True))
    numbers |= {laws.beta1: beta1, laws.beta2: 1 - eta}
    step = laws.first_order()
    law = step.definitions[laws._drift].subs(laws.stationary_averages()).subs(numbers)
    exact = drift.stationary(methods.get("adam", beta1=beta1, beta2=1 - eta), problem)
    honest = -moments[0] / moments[1] ** 0.5
    # What is left is of first order too: 3/8 Var(v) / V^2 of the honest part.
    square = float(problem.probabilities @ problem.gradients**4) - moments[1] ** 2
    spread = 3 / 8 * eta / 2 * square / moments[1] ** 2
    assert exact == pytest.approx(float(law) + honest * spread, abs=60 * eta**2)


def test_the_failure_number_is_one_at_the_boundary_up_to_higher_order():
    figure_1 = problems.figure_1_stochastic()
    moments = [float(figure_1.probabilities @ figure_1.gradients**k) for k in (1, 2, 3)]
    for beta1 in (0.0, 0.9, 0.99):
        adam = methods.get("adam", beta1=beta1, beta2=0.5)
        root = drift.critical(adam, figure_1, "beta2", (0.99, 0.9999))
        at = {laws.beta1: Rational(str(beta1)), laws.beta2: root}
        assert float(laws.failure_number(*moments).subs(at)) == pytest.approx(1, abs=5e-3)
        for beta2, fails in ((0.999, True), (0.9999, False)):
            at[laws.beta2] = beta2
            assert (float(laws.failure_number(*moments).subs(at)) > 1) == fails


def test_theorem_3s_moments_are_its_problems():
    problem = problems.theorem_3(30.0, 0.1)
    for k, form in enumerate(laws.moments_of_theorem_3(), start=1):
        exact = float(form.subs({laws.C: 30, laws.delta: Rational(1, 10)}))
        assert exact == pytest.approx(float(problem.probabilities @ problem.gradients**k))


@pytest.mark.parametrize("C, expected", [(10, 2.2263), (30, 2.0691), (100, 2.0202)])
def test_one_event_in_C_at_random_needs_twice_the_memory(C, expected):
    problem = problems.iid([float(C), -1.0], [1 / C, 1 - 1 / C])
    adam = methods.get("adam", beta1=0.0, beta2=0.5)
    root = drift.critical(adam, problem, "beta2", (0.9, 0.9999))
    assert (1 - root) * C**2 == pytest.approx(expected, abs=5.1e-5)
