"""The drift number: its closed form, orbits of every kind of state, and runs beside its sign."""

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from adam_and_beyond import drift, methods, problems, simulate

FIGURE_1 = problems.figure_1_online()
TRIES = tries(150)
# Gradients of a size whose square is a number, and 0.
sizes = st.one_of(st.just(0.0), st.floats(1e-100, 10), st.floats(-10, -1e-100))


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


def rare(C, P):
    """One gradient C, then -1 for the rest of a period P."""
    return problems.periodic([float(C)] + [-1.0] * (P - 1))


# --- values ---
@pytest.mark.parametrize(
    "method, problem, expected, digits",
    [
        (adam(0.0, 0.1), problems.theorem_1(3), 0.68094960199367182, 1e-14),
        (adam(0.9, 0.99), FIGURE_1, 1.90085474993102345, 1e-13),  # a sum of 101 terms
        # Printed with fewer digits: half a unit of the last.
        (adam(0.9, 0.999), FIGURE_1, 0.10502190, 5.1e-9),
        (adam(0.0, 0.99), FIGURE_1, 2.2798, 5.1e-5),
        (adam(0.99, 0.999), FIGURE_1, -0.05705, 5.1e-6),
    ],
)
def test_the_drift_number_has_the_recorded_value(method, problem, expected, digits):
    assert drift.number(method, problem) == pytest.approx(expected, abs=digits)


cases = given(
    st.floats(1.01, 3),
    st.integers(2, 60),
    st.floats(0, 0.95),
    st.floats(1e-4, 0.63),
)


@TRIES
@cases
def test_the_drift_number_is_the_closed_form(ratio, P, beta1, gap):
    C, beta2 = ratio * max(P - 1, 1), 1 - gap
    expected = reference.drift_number(C, P, beta1, beta2)
    found = drift.number(adam(beta1, beta2), rare(C, P))
    # A sum of P terms up to C; 1 - beta2^P, at least 2e-4, is known to a digit less in each form.
    assert found == pytest.approx(expected, abs=1e-12 * P * max(1, C))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4, 1e10, -1.0])
@pytest.mark.parametrize("beta2", [0.5, 0.99, 0.99999])
def test_the_scale_of_the_gradients_does_not_matter_and_their_sign_turns_it(scale, beta2):
    plain = drift.number(adam(0.9, beta2), rare(101, 101))
    scaled = drift.number(adam(0.9, beta2), problems.periodic(scale * rare(101, 101).gradients))
    # A sum of 101 terms; powers of ten round once each.
    assert scaled == pytest.approx(math.copysign(1, scale) * plain, abs=1e-12)


@TRIES
@given(st.lists(sizes, min_size=1, max_size=12), st.floats(0, 0.9))
def test_sgds_drift_number_is_minus_the_sum_of_the_gradients(gradients, shift):
    found = drift.number(methods.get("sgd"), problems.periodic(gradients))
    assert found == pytest.approx(-math.fsum(gradients), abs=1e-13)  # a dozen terms of size 10


@TRIES
@cases
def test_amsgrads_drift_is_always_towards_the_optimum(ratio, P, beta1, gap):
    C, beta2 = ratio * max(P - 1, 1), 1 - gap
    found = drift.number(methods.get("amsgrad", beta1=beta1, beta2=beta2), rare(C, P))
    v_bar = (1 - beta2) * (C**2 - 1) / (1 - beta2**P) + 1
    assert found < 0
    assert found == pytest.approx(-(C - P + 1) / math.sqrt(v_bar), abs=1e-12 * P * C)


def test_amsgrads_largest_v_on_figure_1_is_the_recorded_one():
    root = drift.orbit(methods.get("amsgrad", beta1=0.9, beta2=0.99), FIGURE_1).sqrt_V
    assert root**2 == pytest.approx(np.full(101, 16096.79), abs=5.1e-3)


def test_the_orbit_is_where_long_runs_settle():
    orbit = drift.orbit(adam(0.9, 0.99), FIGURE_1)
    # After 41 periods 0.99^t has fallen to 1e-18.
    pairs = reference.moments("adam", reference.figure_1_gradients(101 * 42), 0.9, 0.99)[-101:]
    assert orbit.m == pytest.approx([m for m, _ in pairs], rel=1e-11, abs=1e-10)
    assert orbit.sqrt_V**2 == pytest.approx([V for _, V in pairs], rel=1e-11)


def test_bias_correction_and_rmsprop_are_adam_in_the_long_run():
    corrected = methods.get("adam_corrected", beta1=0.9, beta2=0.99)
    assert drift.number(corrected, FIGURE_1) == drift.number(adam(0.9, 0.99), FIGURE_1)
    rmsprop = methods.get("rmsprop", beta2=0.99)
    assert drift.number(rmsprop, FIGURE_1) == drift.number(adam(0.0, 0.99), FIGURE_1)


@pytest.mark.parametrize("gradients", [[0.0], [0.0, 0.0, 0.0], [1.0, 0.0, -2.0]])
@pytest.mark.parametrize("name", ["rmsprop", "adam", "amsgrad", "sgd"])
def test_zero_gradients_move_nothing_and_raise_no_warning(name, gradients):
    values = dict.fromkeys(reference.HYPERPARAMETERS[name], 0.0)
    found = drift.number(methods.get(name, **values), problems.periodic(gradients))
    # Without memory: minus the signs for RMSProp and Adam; over the largest for AMSGrad.
    by_hand = {"rmsprop": 0.0, "adam": 0.0, "amsgrad": 0.5, "sgd": 1.0}
    assert found == (by_hand[name] if any(gradients) else 0.0)


# --- many at once ---
def test_arrays_of_hyperparameters_and_families_of_problems_broadcast():
    beta1, beta2 = np.array([[0.0], [0.9]]), np.array([0.5, 0.9, 0.99])
    C = np.array([3.0, 10.0, 100.0])
    for name in ("adam", "amsgrad", "nadam"):
        method = methods.get(name, beta1=beta1, beta2=beta2)
        grid = drift.number(method, problems.theorem_1(C))
        assert grid.shape == (2, 3)
        for i, j in np.ndindex(grid.shape):
            one = methods.get(name, beta1=float(beta1[i, 0]), beta2=float(beta2[j]))
            expected = drift.number(one, problems.theorem_1(float(C[j])))
            assert grid[i, j] == pytest.approx(expected, rel=1e-13, abs=1e-14)
    assert drift.orbit(method, problems.theorem_1(C)).m.shape == (2, 3, 3)


def test_the_error_of_an_orbit_bounds_its_distance_from_the_exact_one():
    C, P, beta1, beta2 = 7, 5, Fraction(9, 10), Fraction(999, 1000)
    found = drift.orbit(adam(float(beta1), float(beta2)), rare(C, P))
    m = [(1 - beta1) * (C + 1) * beta1**i / (1 - beta1**P) - 1 for i in range(P)]
    v = [(1 - beta2) * (C**2 - 1) * beta2**i / (1 - beta2**P) + 1 for i in range(P)]
    away = max(
        *(abs(a - float(b)) for a, b in zip(found.m, m, strict=True)),
        *(abs(a**2 - float(b)) for a, b in zip(found.sqrt_V, v, strict=True)),
    )
    # 0.999 in binary is off by 1e-17, which 1 - 0.999^5 turns into 2e-15 of v.
    assert away <= found.error + 2e-14 < 1e-10


# --- running maxima, and states that are not affine ---
def test_a_maximum_that_the_first_rounds_have_left_is_kept():
    # optax corrects v before the maximum: v_1 / (1 - beta2) = g_1^2 = 1010^2, for ever.
    optax = methods.get("amsgrad_optax", beta1=0.9, beta2=0.99, epsilon=0.0)
    assert drift.orbit(optax, FIGURE_1).sqrt_V == pytest.approx(np.full(101, 1010.0), rel=1e-14)
    assert drift.number(optax, FIGURE_1) == pytest.approx(-10 / 1010, rel=1e-12)
    # AdamX divides the first v by (1 - beta1)^2 and later ones by 1: 101 = (1 - 0.99)^0.5 1010.
    adamx = methods.get("adamx", beta1=0.9, beta2=0.99, decay=0.99)
    run = reference.scaled_pairs(
        "adamx", reference.figure_1_gradients(101 * 80), 0.9, 0.99, decay=0.99
    )
    root = math.sqrt(run[-1][1])
    assert drift.orbit(adamx, FIGURE_1).sqrt_V == pytest.approx(np.full(101, root), rel=1e-12)


def ends_at(method, problem, steps, alpha):
    return simulate.run(method, problem, steps, alpha, record=1).x[-1]


def test_adadelta_has_an_orbit_and_fails_like_the_rest():
    ends = {}
    for rho in (0.8, 0.95, 0.98, 0.99):
        method = methods.get("adadelta", rho=rho, epsilon=1e-2)
        D = drift.number(method, problems.theorem_2(10))
        ends[rho] = (math.copysign(1, D), ends_at(method, problems.theorem_2(10), 400_000, 5.0))
    assert [sign for sign, _ in ends.values()] == [1, 1, -1, -1]
    assert all(x == pytest.approx(sign, abs=0.02) for sign, x in ends.values())


def adabelief(xp, g, state, t, h):
    """Zhuang et al. (2020) without bias correction; a copy for this test only."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * (g - m) ** 2
    return methods.Update(m, xp.sqrt(v), type(state)(m, v))


def normalised_first(xp, g, state, t, h):
    """m averages g_t / sqrt(v_{t-1}), in the manner of ADOPT."""
    root = xp.where(state.v > 0, xp.sqrt(state.v), xp.abs(g))
    m = h.beta1 * state.m + (1 - h.beta1) * g / root
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return methods.Update(m, 1, type(state)(m, v))


def additive(xp, g, state, t, h):
    """Yogi's second moment: it moves by a step that does not shrink."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = state.v - (1 - h.beta2) * xp.sign(state.v - g**2) * g**2
    return methods.Update(m, xp.sqrt(v), type(state)(m, v))


def variant(rule, label, **values):
    method = dataclasses.replace(methods.get("adam"), rule=rule, label=label, affine_state=False)
    return method.replace(**values)


@pytest.mark.parametrize("rule", [methods.get("adam").rule, adabelief, normalised_first])
@pytest.mark.parametrize("beta2", [0.9, 0.99, 0.99999])
def test_an_orbit_found_by_newtons_method_comes_back_to_itself(rule, beta2):
    method = variant(rule, "variant", beta1=0.9, beta2=beta2)
    found = drift.orbit(method, rare(10, 7))
    # The same rule in plain floats, until nothing of the start is left.
    state, cycle = method.init(np.float64(0.0)), []
    if beta2 < 0.999:
        for _ in range(math.ceil(40 / (1 - beta2) / 7)):
            cycle = []
            for g in rare(10, 7).gradients:
                m, root, state = rule(np, g, state, np.inf, method.hyper)
                cycle.append((m, root))
        assert found.m == pytest.approx([m for m, _ in cycle], rel=1e-10, abs=1e-11)
        assert found.sqrt_V == pytest.approx([root for _, root in cycle], rel=1e-10)
    assert found.error < 1e-8  # 1 - 0.99999^7 is 7e-5: rounding of v times 1e4
    if rule is methods.get("adam").rule:
        exact = drift.orbit(adam(0.9, beta2), rare(10, 7))
        assert found.m == pytest.approx(exact.m, abs=1e-10)
        assert found.sqrt_V == pytest.approx(exact.sqrt_V, rel=1e-10)


def test_newtons_orbits_decide_runs_on_both_sides():
    problem = rare(30, 30)
    for beta2 in (0.9, 0.9999):
        method = variant(adabelief, "AdaBelief", beta1=0.5, beta2=beta2)
        D = drift.number(method, problem)
        assert (D > 0) == (beta2 == 0.9)
        assert ends_at(method, problem, 1_000_000, 5.0) == pytest.approx(np.sign(D), abs=0.1)


def test_a_second_moment_that_moves_by_steps_has_no_orbit():
    with pytest.raises(ValueError, match="no periodic orbit of the averages of Additive"):
        drift.number(variant(additive, "Additive"), rare(10, 7))


def test_states_that_are_not_affine_are_found_one_at_a_time():
    method = variant(adabelief, "AdaBelief", beta2=np.array([0.9, 0.99]))
    with pytest.raises(ValueError, match="one set of hyperparameters at a time"):
        drift.number(method, rare(10, 7))


# --- runs ---
def random_cases(count):
    rng = np.random.default_rng(2018)
    for _ in range(count):
        P = int(rng.integers(3, 60))
        C = (P - 1) * rng.uniform(1.01, 3)
        beta1 = float(rng.choice([0, 0.3, 0.6, 0.9, 0.95]))
        beta2 = 1 - 10 ** rng.uniform(-4, -0.2)
        yield pytest.param(C, P, beta1, beta2, id=f"C={C:.1f}-P={P}-{beta1}-{beta2:.4f}")


@pytest.mark.parametrize("C, P, beta1, beta2", list(random_cases(24)))
def test_runs_go_where_the_sign_of_the_drift_says(C, P, beta1, beta2):
    method, problem = adam(beta1, beta2), rare(C, P)
    D = drift.number(method, problem)
    steps, alpha = 1_000_000, 1.0
    x = ends_at(method, problem, steps, alpha)
    # What the drift alone would add over the run; below 3 there was not the time to cross.
    if abs(D) * 2 * alpha * math.sqrt(steps) / P > 3:
        assert x * D > 0.9 * abs(D)


def test_most_of_the_random_cases_are_decided():
    decided = 0
    for case in random_cases(24):
        C, P, beta1, beta2 = case.values
        decided += abs(drift.number(adam(beta1, beta2), rare(C, P))) * 2000 / P > 3
    assert decided >= 20


# --- refusals ---
@pytest.mark.parametrize("name, label", [("adagrad", "AdaGrad"), ("adamnc", "AdamNC")])
def test_methods_that_never_forget_have_no_drift_number(name, label):
    with pytest.raises(ValueError, match=f"{label} never forgets.*no drift number"):
        drift.number(methods.get(name), FIGURE_1)


def test_the_drift_number_needs_a_periodic_problem():
    with pytest.raises(ValueError, match="one periodic problem, or a family"):
        drift.number(adam(0.9, 0.99), problems.figure_1_stochastic())
