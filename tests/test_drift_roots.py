"""Critical values: recorded roots, all roots of a bracket, the smallest rarity, and runs."""

import math

import pytest

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.drift import roots

FIGURE_1 = problems.figure_1_online()


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


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


def test_beta1_can_rescue_adam():
    # The paper calls beta2 the critical parameter; sqrt(0.999) is 0.9995, far above.
    beta1 = drift.critical(adam(0.9, 0.999), FIGURE_1, "beta1", (0.5, 0.999))
    fails, rescued = (drift.number(adam(b, 0.999), FIGURE_1) for b in (0.9, 0.99))
    print(beta1, fails, rescued)
    assert beta1 < math.sqrt(0.999)
    assert (fails, rescued) == pytest.approx((0.105, -0.057), abs=5.1e-4)


@pytest.mark.parametrize("beta2, outside, inside", [(0.99, 2078.36, 470.08), (0.999, 108.3, 104.8)])
def test_critical_epsilon_of_figure_1(beta2, outside, inside):
    betas = {"beta1": 0.9, "beta2": beta2}
    found = [
        drift.critical(methods.get(name, **betas), FIGURE_1, "epsilon", (1.0, 1e7))
        for name in ("adam_epsilon", "adam_epsilon_inside")
    ]
    print(found[0], math.sqrt(found[1]))
    digits = 5.1e-3 if beta2 == 0.99 else 0.051
    assert found[0] == pytest.approx(outside, abs=digits)
    assert math.sqrt(found[1]) == pytest.approx(inside, abs=digits)


def test_critical_rare_gradient_of_a_family():
    # The root in C at a beta2 is the C whose root in beta2 that is.
    found = drift.critical(adam(0.0, 0.236815), problems.theorem_1, "C", (2.1, 100.0))
    assert found == pytest.approx(5, abs=1e-4)


def test_chance_or_order_gives_critical_values_alike():
    iid = problems.iid([10.0, -1.0], [0.1, 0.9])
    found = drift.critical(adam(0.0, 0.5), iid, "beta2", (0.9, 0.999))
    assert abs(drift.stationary(adam(0.0, found), iid)) < 1e-14


def test_all_roots_of_the_failing_set_that_is_no_interval_from_zero():
    problem = problems.theorem_2(10)
    roots = drift.critical_all(adam(0.9, 0.5), problem, "beta2", (0.0, 0.999))
    print(roots)
    assert roots == pytest.approx((0.0649, 0.7747), abs=5.1e-5)
    signs = {b: drift.number(adam(0.9, b), problem) > 0 for b in (0.06, 0.07, 0.5, 0.77, 0.78)}
    assert signs == {0.06: False, 0.07: True, 0.5: True, 0.77: True, 0.78: False}
    assert drift.critical_all(adam(0.95, 0.5), problem, "beta2", (0.0, 0.999)) == ()
    assert drift.critical_all(methods.get("amsgrad"), problem, "beta2", (0.0, 0.999)) == ()


def test_a_pair_of_roots_within_one_gap_of_the_samples_is_found():
    # Just where the two roots appear they lie closer than four samples do.
    problem = problems.theorem_2(10)
    close = drift.critical(adam(0.0, 0.45), problem, "beta1", (0.9, 0.95)) - 1e-5
    roots = drift.critical_all(adam(close, 0.5), problem, "beta2", (0.0, 0.999), samples=4)
    assert len(roots) == 2 and roots[0] < 0.45 < roots[1]
    assert roots[1] - roots[0] < 0.1  # the samples lie 0.333 apart
    for root in roots:
        assert abs(drift.number(adam(close, root), problem)) < 1e-12


@pytest.mark.parametrize(
    "beta1, beta2, C",
    [(0, 0.5, 4), (0, 0.9, 7), (0.5, 0.9, 8), (0.9, 0.95, 17), (0, 0.99, 21)]
    + [(0.5, 0.99, 22), (0.9, 0.99, 30), (0, 0.999, 64), (0.9, 0.999, 74), (0.9, 0.9999, 210)],
)
def test_the_smallest_rarity_on_which_adam_fails(beta1, beta2, C):
    found = drift.critical_rarity("adam", beta1=beta1, beta2=beta2)
    print(beta1, beta2, found)
    assert found == C
    # One problem at a time, by another path: none below fails.
    signs = [drift.number(adam(beta1, beta2), problems.theorem_2(c)) > 0 for c in range(2, C + 1)]
    assert signs == [False] * (C - 2) + [True]


def test_the_default_betas_are_answered_by_a_few_blocks_of_problems(monkeypatch):
    blocks, together = [], roots._theorem_2_drifts

    def counted(method, C):
        blocks.append((int(C[0]), int(C[-1])))
        return together(method, C)

    monkeypatch.setattr(roots, "_theorem_2_drifts", counted)
    assert drift.critical_rarity("adam", beta1=0.9, beta2=0.999) == 74
    assert blocks == [(2, 16), (17, 32), (33, 64), (65, 128)]


def test_rarity_looks_at_every_period_in_a_block_and_stops_at_the_largest():
    with pytest.raises(ValueError, match=r"adam.*beta2=0.999.* fails for no C up to 73"):
        drift.critical_rarity("adam", largest=73, beta1=0.9, beta2=0.999)
    assert drift.critical_rarity("adam", largest=74, beta1=0.9, beta2=0.999) == 74
    with pytest.raises(ValueError, match="fails for no C up to 300"):
        drift.critical_rarity("amsgrad", largest=300, beta1=0.9, beta2=0.9)
    assert drift.critical_rarity("rmsprop", beta2=0.999) == 64


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


# --- refusals ---
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


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="samples must be at least 3, got 2"):
        drift.critical_all(adam(0.0, 0.1), FIGURE_1, "beta2", (0.1, 0.9), samples=2)
