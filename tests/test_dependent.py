"""Dependent gradients: the covariance of m and v in any order, and the drift that follows."""

import itertools

import numpy as np
import pytest
import steps

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.theorems.boundary import dependent as laws

STEPS = {
    step.name: step
    for step in (
        laws.one_law(),
        laws.reshuffled(),
        laws.fixed_order(),
        laws.bursts(),
        laws.laws(),
    )
}
SPIKE = np.array([4.0, -1.0, -1.0, -1.0])
ALL = ("fixed", "reshuffled", "independent", 0.5)

test_every_step_is_shown = steps.test_of(STEPS)


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


def stream(gradients, order, lanes, rounds, seed):
    """Many independent stretches of gradients in an order, each from a random round on."""
    rng, n = np.random.default_rng(seed), len(gradients)
    if order == "independent":
        return rng.choice(gradients, size=(rounds, lanes))
    if order in ("fixed", "reshuffled"):
        epochs = np.tile(np.arange(n), (lanes, rounds // n + 2, 1))
        epochs = rng.permuted(epochs, axis=2) if order == "reshuffled" else epochs
        start = rng.integers(n, size=lanes)
        places = start[:, None] + np.arange(rounds)
        flat = epochs.reshape(lanes, -1)
        return np.asarray(gradients)[np.take_along_axis(flat, places, axis=1)].T
    drawn = rng.choice(gradients, size=(rounds, lanes))
    again = rng.random((rounds, lanes)) < order
    again[0] = False
    latest = np.maximum.accumulate(np.where(again, 0, np.arange(rounds)[:, None]), axis=0)
    return np.take_along_axis(drawn, latest, axis=0)


def sampled(method, gradients, order, lanes=2000, rounds=1200, skipped=200):
    """Means of -m / sqrt(v) and of Cov(m, v), with standard errors."""
    mean, square = np.mean(gradients), np.mean(np.square(gradients))
    state = method.state_type(np.full(lanes, mean), np.full(lanes, square))
    moved, product = np.zeros(lanes), np.zeros(lanes)
    for t, g in enumerate(stream(gradients, order, lanes, rounds, seed=5)):
        m, root, state = method.update(g, state, np.inf)
        if t >= skipped:
            moved, product = moved - m / root, product + m * root**2
    lasting, errors = (rounds - skipped), np.sqrt(lanes)
    moved, product = moved / lasting, product / lasting - mean * square
    return (moved.mean(), moved.std() / errors), (product.mean(), product.std() / errors)


@pytest.mark.parametrize("order, beta1", [*itertools.product(ALL, (0.0, 0.5))])
def test_covariance_and_drift_are_those_of_a_long_sample(order, beta1):
    method = adam(beta1, 0.9)
    (moved, its_error), (covariance, error) = sampled(method, SPIKE, order)
    found = drift.first_order(method, SPIKE, order)
    assert found.covariance == pytest.approx(covariance, abs=4 * error + 1e-9)
    assert drift.ordered(method, SPIKE, order) == pytest.approx(moved, abs=4 * its_error + 1e-9)
    assert error < 0.01 * covariance


@pytest.mark.parametrize("order", ALL)
def test_the_first_order_is_exact_near_beta2_1(order):
    # A mean of the size of 1 - beta2, as at the boundary: the error is of second order.
    errors = []
    for eta in (0.02, 0.005):
        g = SPIKE - SPIKE.mean() + eta
        method = adam(0.5, 1 - eta)
        errors.append(
            abs(drift.ordered(method, g, order) - drift.first_order(method, g, order).drift)
        )
    assert errors[1] < errors[0] / 6 and errors[0] < 1e-4


def test_independent_draws_are_the_exact_integral_and_the_failure_number():
    g, method = [10.0] + [-1.0] * 9, adam(0.9, 0.99)
    iid = problems.iid([10.0, -1.0], [0.1, 0.9])
    assert drift.ordered(method, g) == drift.stationary(method, iid)
    # The chain by itself, without a shortcut for independent draws.
    assert drift.ordered(method, g, 1e-14) == pytest.approx(drift.stationary(method, iid), rel=1e-9)
    assert drift.first_order(method, g).clumping == 1
    assert drift.first_order(method, g, 0).covariance == drift.first_order(method, g).covariance


def test_a_fixed_order_is_the_periodic_orbit():
    g = np.array([3.0, -1.0, 0.5, -2.0, 0.1])
    orbit = drift.orbit(adam(0.6, 0.95), problems.periodic(g))
    exact = np.mean(orbit.m * orbit.sqrt_V**2) - orbit.m.mean() * np.mean(orbit.sqrt_V**2)
    assert drift.first_order(adam(0.6, 0.95), g, "fixed").covariance == pytest.approx(exact)
    assert drift.ordered(adam(0.6, 0.95), g, "fixed") == pytest.approx(orbit.D / 5)


def test_order_and_reshuffling_halve_the_harm_and_bursts_multiply_it():
    g, method = [100.0] + [-1.0] * 99, adam(0.0, 1 - 1e-7)
    clumping = [drift.first_order(method, g, order).clumping for order in ALL]
    assert clumping == pytest.approx([0.5, 0.5, 1.0, 2.0], rel=1e-3)


@pytest.mark.parametrize("order, law", [("reshuffled", 4), (0.5, 1)])
def test_critical_values_tend_to_the_laws(order, law):
    # Recorded for reshuffled epochs: 4.19 at C = 10.
    C, expected = 10, {4: 4.188302, 1: 1.125912}[law]
    g = [float(C)] + [-1.0] * (C - 1)
    signs = [
        np.sign(drift.ordered(adam(0.0, 1 - expected * f / C**2), g, order))
        for f in (1 - 1e-6, 1 + 1e-6)
    ]
    assert signs == [-1, 1]


def test_what_cannot_be_ordered_is_refused():
    method = adam(0.9, 0.99)
    for order in ("shuffled", 1.0, -0.1, True, None):
        with pytest.raises(ValueError, match="order must be one of"):
            drift.first_order(method, SPIKE, order)
    for gradients in ([0.0, 0.0], [1.0], [[1.0, 2.0]], [np.nan, 1.0]):
        with pytest.raises(ValueError, match="two finite gradients in a row, not all 0"):
            drift.first_order(method, gradients)
    with pytest.raises(ValueError, match="that of Adam and RMSProp"):
        drift.first_order(methods.get("nadam", beta1=0.9, beta2=0.99), SPIKE)
    with pytest.raises(ValueError, match="more than 400 states"):
        drift.ordered(method, np.arange(1.0, 13.0), "reshuffled")
    with pytest.raises(ValueError, match="other than 0"):
        drift.ordered(method, [1.0, 0.0], 0.5)
