"""Theorem 5: AdamNC's conditions, its bound, and a counterexample to the printed statement."""

import functools
import math

import mpmath
import numpy as np
import pytest
import steps
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Ge, Le
from tries import tries

from adam_and_beyond import methods, problems, regret, simulate
from adam_and_beyond.theorems import theorem_5 as theorem

TRIES = tries(40)
STEPS = {step.name: step for step in (*theorem.proof(), theorem.printed_conditions())}


test_every_step_is_shown = steps.test_of(STEPS)


rho, rho_before = sympy.symbols(r"\rho_t \rho_{t-1}", positive=True)
new, old = sympy.symbols(r"\sqrt{S_t} \sqrt{S_{t-1}}", positive=True)
PERTURBED = [
    ("plain average", 1, Eq(theorem.v, (theorem.S + theorem.g**2) / (theorem.t + 1))),
    ("plain average", 2, Eq(theorem.v, theorem.S)),
    ("conditions", 0, Eq(rho, 2 * rho)),
    ("conditions", 1, Ge(rho_before, rho)),
    ("sum of steps", 0, Le((new**2 - old**2) / new, new - old)),
    ("constants", 2, Le(3, 2 / (1 - sympy.Symbol("beta1", nonnegative=True)))),
    ("printed conditions", 0, Eq(theorem.v, (theorem.t + 1) / theorem.T)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_something_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


values = st.lists(st.floats(-5, 5).filter(lambda g: abs(g) > 1e-3), min_size=40, max_size=40)


@TRIES
@given(values, st.floats(0.01, 10))
def test_condition_1_is_an_equality_with_zeta_alpha_and_condition_2_holds(gs, alpha):
    h = simulate.history(methods.get("adamnc", beta1=0.0), gs, alpha)
    inverse = h.sqrt_V / h.alpha_t
    assert inverse == pytest.approx(np.sqrt(np.cumsum(np.square(gs))) / alpha, rel=1e-10)
    assert np.all(np.diff(inverse) >= -1e-12 * inverse[1:])
    # v is the plain average, and without momentum the method is AdaGrad.
    assert h.sqrt_V**2 == pytest.approx(np.cumsum(np.square(gs)) / h.t, rel=1e-10)
    adagrad = simulate.history(methods.get("adagrad"), gs, alpha)
    assert h.x == pytest.approx(adagrad.x, abs=1e-10)


@TRIES
@given(values, st.floats(0, 0.95), st.floats(0.01, 10), st.floats(-1, 1))
def test_the_direct_bound_is_above_every_regret_and_below_the_printed_bound(gs, beta1, alpha, x1):
    t = np.arange(1.0, 41)
    for kind in methods.schedules.BETA1_SCHEDULES:
        beta1_t = methods.beta1_schedule(kind, beta1, t, 0.7)
        h = simulate.history(methods.get("adamnc"), gs, alpha, x1=x1, beta1=beta1_t)
        ours, printed = (
            regret.theorem_5(gs, h.sqrt_V, alpha, beta1_t, alpha, version=v).total
            for v in ("direct", "final")
        )
        assert np.all(h.regret <= ours) and np.all(ours <= printed)


# --- condition 1 with alpha_T ---
ALPHA = 3.0


@functools.cache
def played(horizon):
    gradients = theorem.adversary(horizon, ALPHA)
    beta2_t = theorem.fading_beta2(horizon, np.arange(1.0, horizon + 1))
    h = simulate.history(methods.get("adam", beta1=0.0), gradients, ALPHA, beta2=beta2_t)
    return h, regret.theorem_5(gradients, h.sqrt_V, ALPHA, 0.0, ALPHA).total[-1]


@pytest.mark.parametrize("horizon", [1000, 10_000])
def test_the_fading_beta2_satisfies_the_printed_conditions_with_zeta_alpha(horizon):
    h, _ = played(horizon)
    assert set(h.gradients.tolist()) == {-1.0, 1.0}
    assert h.sqrt_V**2 == pytest.approx(h.t / horizon, rel=1e-9)
    norm = np.sqrt(np.cumsum(h.gradients**2))
    printed = h.sqrt_V * math.sqrt(horizon) / ALPHA
    assert np.all(printed >= norm / ALPHA * (1 - 1e-9))
    assert np.all(np.diff(h.sqrt_V / h.alpha_t) > 0)
    # With alpha_t in its place condition 1 fails at every t < T.
    meant = h.sqrt_V / h.alpha_t
    assert np.all(meant[:-1] < norm[:-1] / ALPHA)


@pytest.mark.parametrize(("horizon", "ratio"), [(1000, 0.906), (3000, 1.032), (10_000, 1.168)])
def test_theorem_5_as_printed_is_false_for_long_horizons(horizon, ratio):
    h, bound = played(horizon)
    assert bound == pytest.approx((2 / ALPHA + 2 * ALPHA) * math.sqrt(horizon), rel=1e-9)
    assert h.regret[-1] / bound == pytest.approx(ratio, abs=1e-3)


def test_the_counterexample_with_fifty_digits_and_without_the_library():
    horizon, alpha = 3000, 3
    gradients = played(horizon)[0].gradients
    with mpmath.workdps(50):
        x, v, paid = mpmath.mpf(0), mpmath.mpf(0), mpmath.mpf(0)
        for t in range(1, horizon + 1):
            g = int(gradients[t - 1])
            paid += g * x
            b = 1 - mpmath.mpf(1) / (horizon - t + 1)
            v = b * v + (1 - b) * g * g
            x = min(max(x - alpha / mpmath.sqrt(t) * g / mpmath.sqrt(v), -1), 1)
        total = paid + abs(int(gradients.sum()))
        bound = (mpmath.mpf(2) / alpha + 2 * alpha) * mpmath.sqrt(horizon)
        assert total > 1.03 * bound
        assert float(total) == pytest.approx(played(horizon)[0].regret[-1], rel=1e-9)


def test_the_counterexample_is_certified_by_ball_arithmetic():
    total, bound = theorem.certified(3000, 3)
    assert total > bound  # certainly: the balls do not touch
    assert float(total.rad()) < 1e-20
    assert float(total) == pytest.approx(played(3000)[0].regret[-1], rel=1e-9)
    shorter = theorem.certified(1000, 3)
    assert shorter[0] < shorter[1]  # for a shorter horizon the bound does hold
    # Too few digits decide nothing, and say so.
    with pytest.raises(ArithmeticError, match="too few digits"):
        theorem.certified(3000, 3, digits=2)


def test_with_alpha_t_in_condition_1_the_bound_holds_and_is_vacuous_there():
    h, _ = played(10_000)
    zeta = ALPHA * math.sqrt(10_000)  # the smallest that satisfies the condition at t = 1
    meant = h.sqrt_V / h.alpha_t
    assert np.all(meant >= np.sqrt(h.t) / zeta * (1 - 1e-9))
    bound = regret.theorem_5(h.gradients, h.sqrt_V, ALPHA, 0.0, zeta).total[-1]
    assert bound > 2 * np.abs(h.gradients).sum() > h.regret[-1]


def test_the_adversary_refuses():
    with pytest.raises(ValueError, match="horizon must be at least 1"):
        theorem.adversary(0, 1.0)
    with pytest.raises(ValueError, match="scale positive"):
        theorem.adversary(10, 0.0)


def test_corollary_2_as_printed_lacks_the_factor_d_over_alpha():
    gradients = problems.figure_1_online().sample(100_000)
    t = np.arange(1.0, gradients.size + 1)
    beta1_t = methods.beta1_schedule("geometric", 0.9, t, 0.99)
    root = simulate.history(methods.get("adamnc"), gradients, 0.001, beta1=beta1_t).sqrt_V
    needed = regret.theorem_5(gradients, root, 0.001, beta1_t, 0.001).momentum[-1]
    numbers = gradients, 0.001, 0.9, 0.99, 1010.0
    printed, repaired = (
        regret.corollary_2(*numbers, version=v).momentum[-1] for v in ("final", "repaired")
    )
    assert printed < needed < repaired == pytest.approx(1000 * printed)
