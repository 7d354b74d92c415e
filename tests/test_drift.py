"""The drift number: its closed form, its roots, and runs on both sides of every threshold."""

import math

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from adam_and_beyond import drift, methods, problems, simulate

FIGURE_1 = problems.figure_1_online()
TRIES = settings(max_examples=150, deadline=None, derandomize=True)


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
        (adam(0.9, 0.999), FIGURE_1, 0.10502, 5.1e-6),
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
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0, 0.9))
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


# --- roots ---
@pytest.mark.parametrize(
    "C, beta2, digits",
    [
        (2.1, 0.885926, 5.1e-7),
        (3, 0.4723131400589345, 1e-14),
        (5, 0.236815, 5.1e-7),
        (10, 0.098347, 5.1e-7),
        (100, 0.0056636, 5.1e-8),
    ],
)
def test_critical_beta2_of_theorem_1s_problem(C, beta2, digits):
    found = drift.critical(adam(0.0, 0.5), problems.theorem_1(C), "beta2", (1e-4, 0.9999))
    assert found == pytest.approx(beta2, abs=digits)
    assert found > 1 / (1 + C**2)  # the theorem's own choice is far inside


@pytest.mark.parametrize(
    "C, beta2, digits",
    [
        (4, 0.70064, 5.1e-6),
        (10, 0.955443072105499, 1e-13),  # D is flat there: 1e-15 of D moves the root by 1e-14
        (20, 0.989380, 5.1e-7),
        (50, 0.998358, 5.1e-7),
        (100, 0.999595, 5.1e-7),
        (1000, 0.999995995, 5.1e-10),
    ],
)
def test_critical_beta2_of_theorem_2s_problem(C, beta2, digits):
    found = drift.critical(adam(0.0, 0.5), problems.theorem_2(C), "beta2", (0.1, 1 - 1e-9))
    assert found == pytest.approx(beta2, abs=digits)


@pytest.mark.parametrize("C, expected", [(10, 4.4557), (30, 4.1696), (100, 4.0526), (1000, 4.0053)])
def test_the_memory_that_adam_needs_grows_like_the_square_of_the_rarity(C, expected):
    found = drift.critical(adam(0.0, 0.5), problems.theorem_2(C), "beta2", (0.1, 1 - 1e-9))
    assert (1 - found) * C**2 == pytest.approx(expected, abs=5.1e-5)


def test_critical_values_on_figure_1():
    beta2 = drift.critical(adam(0.9, 0.5), FIGURE_1, "beta2", (0.99, 0.99999))
    assert 1 - beta2 == pytest.approx(4.841119098612e-4, abs=1e-14)
    beta1 = drift.critical(adam(0.9, 0.999), FIGURE_1, "beta1", (0.5, 0.999))
    assert beta1 == pytest.approx(0.974464, abs=5.1e-7)


def test_the_failing_set_need_not_begin_at_zero():
    problem = problems.theorem_2(10)
    low = drift.critical(adam(0.9, 0.5), problem, "beta2", (0.01, 0.5))
    high = drift.critical(adam(0.9, 0.5), problem, "beta2", (0.5, 0.99))
    assert (low, high) == pytest.approx((0.0649, 0.7747), abs=5.1e-5)
    signs = {b: drift.number(adam(0.9, b), problem) > 0 for b in (0.06, 0.07, 0.5, 0.77, 0.78)}
    assert signs == {0.06: False, 0.07: True, 0.5: True, 0.77: True, 0.78: False}
    never = [drift.number(adam(0.95, b), problem) for b in np.linspace(0.001, 0.999, 500)]
    assert max(never) < 0


@pytest.mark.parametrize(
    "beta1, beta2, C",
    [(0, 0.5, 4), (0, 0.9, 7), (0.5, 0.9, 8), (0.9, 0.95, 17), (0, 0.99, 21)]
    + [(0.5, 0.99, 22), (0.9, 0.99, 30), (0, 0.999, 64), (0.9, 0.999, 74), (0.9, 0.9999, 210)],
)
def test_the_smallest_rarity_on_which_adam_fails(beta1, beta2, C):
    signs = [drift.number(adam(beta1, beta2), problems.theorem_2(c)) > 0 for c in range(2, C + 1)]
    assert signs == [False] * (C - 2) + [True]


# --- runs on both sides ---
def ends_at(method, problem, steps, alpha):
    return simulate.run(method, problem, steps, alpha, record=1).x[-1]


@pytest.mark.parametrize("beta2, end", [(0.47, 1.0), (0.4724, -1.0)])
def test_theorem_1s_problem_flips_at_its_critical_beta2(beta2, end):
    method, problem = adam(0.0, beta2), problems.theorem_1(3)
    assert math.copysign(1, drift.number(method, problem)) == end
    # As little as -1e-4: in the first millions of steps x hardly knows where to go.
    assert ends_at(method, problem, 10_000_000, 5.0) == pytest.approx(end, abs=0.01)


@pytest.mark.parametrize("C, end", [(29, -1.0), (30, 1.0)])
def test_theorem_2s_problem_flips_between_29_and_30(C, end):
    method, problem = adam(0.9, 0.99), problems.theorem_2(C)
    assert math.copysign(1, drift.number(method, problem)) == end
    assert ends_at(method, problem, 10_000_000, 5.0) == pytest.approx(end, abs=0.1)


@pytest.mark.parametrize("beta2, end", [(0.95, 1), (0.955, 1), (0.956, -1), (0.96, -1), (0.63, 1)])
def test_theorem_2s_problem_with_rarity_ten_flips_at_095544(beta2, end):
    # A paper reports the flip between 0.63 and 0.64; 0.63 and everything up to 0.955 fails.
    run = ends_at(adam(0.0, beta2), problems.theorem_2(10), 4_000_000, 5.0)
    assert run == pytest.approx(end, abs=0.05)


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


@pytest.mark.parametrize("problem", [problems.figure_1_stochastic(), problems.theorem_1([3, 4])])
def test_the_drift_number_needs_one_periodic_problem(problem):
    with pytest.raises(ValueError, match="one periodic problem"):
        drift.number(adam(0.9, 0.99), problem)


def test_a_bracket_without_a_change_of_sign_is_refused_with_both_values():
    with pytest.raises(ValueError, match="must change its sign over the bracket of beta2: it is 0"):
        drift.critical(adam(0.0, 0.1), problems.theorem_1(3), "beta2", (0.1, 0.4))
    with pytest.raises(ValueError, match="must change its sign"):
        drift.critical(methods.get("amsgrad"), FIGURE_1, "beta2", (0.1, 0.999))


def test_a_bracket_outside_the_allowed_range_is_refused():
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\)"):
        drift.critical(adam(0.0, 0.1), problems.theorem_1(3), "beta2", (0.1, 1.0))
    with pytest.raises(ValueError, match="no hyperparameter 'gamma'"):
        drift.critical(adam(0.0, 0.1), problems.theorem_1(3), "gamma", (0.1, 0.9))
