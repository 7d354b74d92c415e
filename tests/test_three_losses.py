"""Three losses defeat every Adam: the theorem, its hypotheses, its interval and its laws."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.theorems.three_losses import certificates, laws, proof

TRIES = tries(60)
betas = st.one_of(st.just(0.0), st.floats(1e-3, 0.9999))
ALL = {c.name: c for c in certificates.certificates()}


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


def drift_at(method, C, period):
    return drift.number(method, problems.periodic([C] + [-1.0] * (period - 1)))


# --- the proof ---


@pytest.mark.parametrize("step", proof.proof(), ids=lambda s: s.name)
def test_a_changed_claim_is_not_proved(step):
    for k, relation in enumerate(step.relations):
        more = relation.func(relation.lhs + sympy.Rational(1, 7), relation.rhs, evaluate=False)
        changed = step.with_relation(k, more)
        if relation.rel_op in ("<", "<=") or relation.rel_op == "==":
            assert not changed.check()


@pytest.mark.parametrize("name", ALL)
def test_each_certificate_is_proved_and_its_weakenings_are_refuted(name):
    assert ALL[name].prove().status == "proved"
    for weakening in ALL[name].weakened:
        assert ALL[name].refute(weakening).status == "refuted", weakening.what


# --- the theorem, tried ---


@TRIES
@given(betas, betas, st.integers(3, 60), st.floats(0.0, 3.0), st.floats(0.01, 3.0))
def test_the_drift_is_positive_at_the_tie_and_falls_beyond(beta1, beta2, period, excess, more):
    method = adam(beta1, beta2)
    assert drift_at(method, period - 1.0, period) > 0
    near, far = (drift_at(method, period - 1 + e, period) for e in (excess, excess + more))
    if beta1 == beta2 == 0:
        assert near == pytest.approx(far, abs=1e-12) == pytest.approx(period - 2)
    else:
        assert far < near


@TRIES
@given(betas, betas, st.floats(0.001, 50.0))
def test_two_losses_never_do_it(beta1, beta2, excess):
    assert drift_at(adam(beta1, beta2), 1 + excess, 2) <= 1e-13


@pytest.mark.parametrize("beta1, beta2", [(0.9, 0.99), (0.0, 0.9), (0.95, 0.5), (0.5, 0.0)])
@pytest.mark.parametrize("period", [3, 4, 11])
def test_runs_turn_round_at_the_end_of_the_interval(beta1, beta2, period):
    method = adam(beta1, beta2)
    high = drift.failing_interval(method, period).high
    excess = high - (period - 1)
    for share, end in ((0.5, 1.0), (1.5, -1.0)):
        problem = problems.periodic([period - 1 + share * excess] + [-1.0] * (period - 1))
        assert problem.best_fixed_point == -1.0
        D = drift.number(method, problem)
        # x moves by D alpha_t a period: enough of it to cross the interval ten times.
        alpha, steps = 5 * period / abs(D) / math.sqrt(2e6), 2_000_000
        for x1 in (-1.0, 1.0):
            run = simulate.run(method, problem, steps, alpha, x1=x1, record=1)
            assert abs(run.x[-1] - end) < 0.35, (share, x1)


# --- the interval ---

KNOWN = {  # reference numbers of an independent program
    (0.9, 0.999): {3: 5.26122e-5, 5: 3.9346e-4, 10: 3.79637e-3, 30: 0.0992226, 74: 1.01587},
    (0.9, 0.99): {3: 5.28758e-4, 10: 0.0382761, 30: 1.02266, 74: 11.2459, 101: 24.121},
    (0.0, 0.999): {3: 7.5097e-4, 30: 0.211245, 74: 1.3498},
}


@pytest.mark.parametrize("pair", KNOWN)
def test_the_interval_has_the_reference_length(pair):
    for period, excess in KNOWN[pair].items():
        assert drift.failing_interval(adam(*pair), period).excess == pytest.approx(excess, rel=1e-5)


def test_digits_are_certified_and_agree_with_float64():
    for pair, period in (((0.9, 0.999), 3), ((0.0, 0.5), 5), ((0.99, 0.9), 30)):
        exact = drift.failing_interval(adam(*pair), period, digits=40)
        assert exact.low == period - 1 and len(str(exact.high).replace(".", "").lstrip("0")) == 40
        fast = drift.failing_interval(adam(*pair), period)
        assert fast.high == pytest.approx(float(exact.high), rel=1e-14)
        more = drift.failing_interval(adam(*pair), period, digits=60)
        assert abs(more.high - exact.high) < exact.high * sympy.Float(10, 60) ** -39


def test_sign_descent_fails_for_every_C():
    assert drift.failing_interval(adam(0.0, 0.0), 3).high == math.inf


@pytest.mark.parametrize(
    "call, message",
    [
        (("adam", 2), "period must be a whole number of at least 3, got 2"),
        (("adam", 3.5), "period must be a whole number"),
        (("amsgrad", 3), "does not fail at period 3"),
        (("sgd", 3), "does not fail at period 3"),
    ],
)
def test_what_has_no_interval_says_so(call, message):
    with pytest.raises(ValueError, match=message):
        drift.failing_interval(*call)


# --- the laws ---


@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("period", [3, 10, 30])
def test_the_first_law_is_of_first_order(beta1, period):
    age = beta1 / (1 - beta1) - period * beta1**period / (1 - beta1**period)
    law = float(laws.excess_per_eta().subs({laws.P: period, laws.tau: age}))
    etas, errors = 10.0 ** -np.arange(3, 6), []
    for eta in etas:
        found = drift.failing_interval(adam(beta1, 1 - eta), period, digits=25)
        errors.append(abs(float(found.high - found.low) / (law * eta) - 1))
    slope = np.polyfit(np.log(etas), np.log(errors), 1)[0]
    assert slope == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("y", [0.1, 0.5, 1.0])
def test_the_second_law_is_approached_like_one_over_the_period(y):
    periods, errors = np.array([200, 400, 800]), []
    for period in periods:
        end = drift.failing_interval(adam(0.0, 1 - y / period), int(period)).high
        errors.append(abs(end / period - 2 * math.expm1(y / 2) / y))
    slope = np.polyfit(np.log(periods), np.log(errors), 1)[0]
    assert slope == pytest.approx(-1, abs=0.15)
