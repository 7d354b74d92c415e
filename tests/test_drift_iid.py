"""Independent gradients: the exact integral against chance, direct sums, and recorded values.

That projected runs follow its sign, ``test_theorem_3.py`` asks.
"""

import itertools
import math

import mpmath
import numpy as np
import pytest

from adam_and_beyond import drift, methods, problems

FIGURE_1 = problems.figure_1_stochastic()


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


# --- values ---
@pytest.mark.parametrize(
    "problem, betas, expected",
    [
        (FIGURE_1, (0.9, 0.99), 0.0591390),
        (problems.iid([10.0, -1.0], [0.1, 0.9]), (0.0, 0.97), 0.0109254),
    ],
)
def test_the_stationary_drift_has_the_recorded_value(problem, betas, expected):
    found = drift.stationary(adam(*betas), problem)
    print(found)
    assert found == pytest.approx(expected, abs=5.1e-8)


@pytest.mark.parametrize("beta1, beta2, C, p", [(0.0, 0.3, 4, 0.3), (0.5, 0.4, 3, 0.6)])
def test_the_integral_is_the_sum_over_all_pasts(beta1, beta2, C, p):
    # A short memory: the last 14 gradients decide, and their 16,384 pasts can be added up.
    depth = 14
    weights = np.array([p, 1 - p])
    pasts = np.array(list(itertools.product((0, 1), repeat=depth)))
    g = np.where(pasts == 0, float(C), -1.0)
    probability = weights[pasts].prod(axis=1)
    k = np.arange(depth)
    m = (1 - beta1) * (g * beta1**k).sum(axis=1)
    v = (1 - beta2) * (g**2 * beta2**k).sum(axis=1)
    direct = -(probability * m / np.sqrt(v)).sum()
    found = drift.stationary(adam(beta1, beta2), problems.iid([C, -1.0], weights))
    left_out = 10 * C * max(beta1, beta2) ** depth
    assert found == pytest.approx(direct, abs=left_out)
    assert left_out < 0.002 < abs(direct)


def test_the_integral_agrees_with_chance():
    # 400 independent stretches of averages, 4,000 rounds each after the first 1,000.
    rng = np.random.default_rng(7)
    method, problem = adam(0.9, 0.99), FIGURE_1
    state, sums = method.init(np.zeros(400)), np.zeros(400)
    for t in range(5_000):
        g = rng.choice(problem.gradients, size=400, p=problem.probabilities)
        m, root, state = method.update(g, state, np.inf, np)
        if t >= 1_000:
            sums -= m / root
    means = sums / 4_000
    error = means.std() / math.sqrt(400)
    exact = drift.stationary(method, problem)
    assert abs(means.mean() - exact) < 4 * error
    assert error < 0.1 * exact


def test_thirty_digits_agree_with_a_quadrature_of_another_kind():
    with mpmath.workdps(40):
        beta1, beta2 = mpmath.mpf("0.5"), mpmath.mpf("0.1")
        p, C = mpmath.mpf("0.25"), mpmath.mpf(4)

        def integrand(u):
            s = mpmath.exp(u)
            product, rest = mpmath.mpf(1), mpmath.mpf(0)
            for k in range(42):  # 0.1^42 is nothing beside 30 digits
                y = s * (1 - beta2) * beta2**k
                big, small = p * mpmath.exp(-y * C**2), (1 - p) * mpmath.exp(-y)
                product *= big + small
                rest += (1 - beta1) * beta1**k * (C * big - small) / (big + small)
            rest += beta1**42 * (p * C - (1 - p))
            return mpmath.exp(u / 2) * product * rest

        direct = -mpmath.quad(integrand, range(-152, 9, 8)) / mpmath.sqrt(mpmath.pi)
        problem = problems.iid([4.0, -1.0], [0.25, 0.75])
        found = drift.stationary(adam(0.5, 0.1), problem, digits=30)
        assert abs(mpmath.mpf(str(found)) / direct - 1) < mpmath.mpf(10) ** -29


@pytest.mark.parametrize("betas", [(0.0, 0.9), (0.9, 0.99), (0.99, 0.99)])
def test_float64_and_thirty_digits_agree(betas):
    fast = drift.stationary(adam(*betas), FIGURE_1)
    slow = drift.stationary(adam(*betas), FIGURE_1, digits=30)
    assert fast == pytest.approx(float(slow), rel=1e-12, abs=1e-13)
    more = drift.stationary(adam(*betas), FIGURE_1, digits=40)
    assert abs(more - slow) < 1e-29


def test_epsilon_inside_the_root_and_other_weights_are_read_off_the_rule():
    problem = problems.iid([10.0, -1.0], [0.1, 0.9])
    inside = methods.get("adam_epsilon_inside", beta1=0.5, beta2=0.9, epsilon=2.0)
    rng = np.random.default_rng(3)
    for method in (inside, methods.get("nadam", beta1=0.9, beta2=0.9)):
        state, total = method.init(np.zeros(2_000)), []
        for t in range(700):
            g = rng.choice(problem.gradients, size=2_000, p=problem.probabilities)
            m, root, state = method.update(g, state, np.inf, np)
            if t > 200:
                total.append(-(m / root))
        means = np.mean(total, axis=0)
        exact = drift.stationary(method, problem)
        assert abs(means.mean() - exact) < 4 * means.std() / math.sqrt(2_000)
    corrected = methods.get("adam_corrected", beta1=0.9, beta2=0.99)
    plain = drift.stationary(adam(0.9, 0.99), FIGURE_1)
    assert drift.stationary(corrected, FIGURE_1) == pytest.approx(plain, rel=1e-14)
    rmsprop = methods.get("rmsprop", beta2=0.99)
    assert drift.stationary(rmsprop, FIGURE_1) == drift.stationary(adam(0.0, 0.99), FIGURE_1)


# --- gradients that may be 0 ---
WITH_ZEROS = problems.iid([3.0, 0.0, -1.0], [0.2, 0.5, 0.3])


@pytest.mark.parametrize("betas", [(0.0, 0.9), (0.5, 0.5), (0.9, 0.99), (0.97, 0.9)])
def test_the_integral_with_zeros_agrees_with_chance(betas):
    rng, lanes, rounds = np.random.default_rng(11), 4_000, 1_200
    method, sums = adam(*betas), np.zeros(4_000)
    state = method.state_type(np.full(lanes, 0.3), np.full(lanes, 2.1))
    for t in range(rounds):
        g = rng.choice(WITH_ZEROS.gradients, size=lanes, p=WITH_ZEROS.probabilities)
        m, root, state = method.update(g, state, np.inf, np)
        if t >= 200:
            sums -= m / root
    means = sums / (rounds - 200)
    assert abs(means.mean() - drift.stationary(method, WITH_ZEROS)) < 4 * means.std() / lanes**0.5


@pytest.mark.parametrize("beta1", [0.0, 0.5])
def test_the_integral_with_zeros_agrees_with_a_quadrature_of_another_kind(beta1):
    beta2, k = 0.2, np.arange(100)  # also where v is as small as 1e-40
    nodes, weights = np.polynomial.legendre.leggauss(20)
    u = (np.arange(-64, 100) + 0.5)[:, None] + nodes / 2
    y = np.exp(u)[..., None] * (1 - beta2) * beta2**k
    faded = [
        p * np.exp(-y * g**2)
        for g, p in zip(WITH_ZEROS.gradients, WITH_ZEROS.probabilities, strict=True)
    ]
    here = sum(faded)
    slope = sum(g * e for g, e in zip(WITH_ZEROS.gradients, faded, strict=True)) / here
    rest = slope @ ((1 - beta1) * beta1**k)
    direct = -np.sum(np.exp(u / 2) * here.prod(axis=-1) * rest * weights / 2) / math.sqrt(math.pi)
    found = drift.stationary(adam(beta1, beta2), WITH_ZEROS)
    assert found == pytest.approx(direct, rel=1e-11)
    more = drift.stationary(adam(beta1, beta2), WITH_ZEROS, digits=18)
    assert float(more) == pytest.approx(direct, rel=1e-11)


def test_a_rare_zero_changes_little():
    plain = drift.stationary(adam(0.9, 0.99), problems.iid([10.0, -1.0], [0.1, 0.9]))
    rarely = problems.iid([10.0, -1.0, 0.0], [0.1, 0.9 - 1e-7, 1e-7])
    assert drift.stationary(adam(0.9, 0.99), rarely) == pytest.approx(plain, abs=1e-6)


def test_where_the_mean_does_not_exist_it_is_refused():
    # p_0 beta1 = 0.495 against sqrt(beta2): 0.6 is enough, 0.5 is too close, 0.49 is not.
    assert np.isfinite(drift.stationary(adam(0.99, 0.36), WITH_ZEROS))
    with pytest.raises(ValueError, match="converges too slowly"):
        drift.stationary(adam(0.99, 0.25), WITH_ZEROS)
    with pytest.raises(ValueError, match=r"times beta1 must be less than sqrt\(beta2\)"):
        drift.stationary(adam(0.99, 0.24), WITH_ZEROS)
    inside = methods.get("adam_epsilon_inside", beta1=0.99, beta2=0.24, epsilon=0.1)
    assert drift.stationary(inside, WITH_ZEROS) < 0  # with an epsilon it exists


# --- critical values ---
TABLE = [
    (0, 0.9, 0.01, 1.200, 5.1e-4),
    (0, 0.99, 0.1, 21.018, 5.1e-4),
    (0.9, 0.99, 0.1, 22.569, 5.1e-4),
    (0.9, 0.99, 1, 215.07, 5.1e-3),
    (0, 0.999, 1, 2025.4, 0.051),
    (0.9, 0.999, 0.01, 21.178, 5.1e-4),
    (0.9, 0.999, 1, 2031.2, 0.051),
]


@pytest.mark.parametrize("beta1, beta2, delta, C, digits", TABLE)
def test_critical_rarity_of_theorem_3s_family(beta1, beta2, delta, C, digits):
    def family(C):
        return problems.theorem_3(C, delta)

    found = drift.critical(adam(beta1, beta2), family, "C", (1.1 * max(1, delta), 4000.0))
    print(beta1, beta2, delta, found)
    assert found == pytest.approx(C, abs=digits)
    # The first-order law of small 1 - beta2, and both sides.
    law = 1 + 2 * delta * (1 - beta1 * beta2) / ((1 - beta2) * (1 - beta1))
    assert found == pytest.approx(law, rel=0.02)
    signs = [drift.stationary(adam(beta1, beta2), family(found * f)) for f in (0.99, 1.01)]
    assert signs[0] < 0 < signs[1]


@pytest.mark.parametrize("beta1, beta2", [(0.0, 0.999600), (0.9, 0.999599), (0.99, 0.999584)])
def test_critical_beta2_of_figure_1s_random_problem(beta1, beta2):
    found = drift.critical(adam(beta1, 0.5), FIGURE_1, "beta2", (0.99, 0.9999))
    print(beta1, found)
    assert found == pytest.approx(beta2, abs=5.1e-7)


@pytest.mark.parametrize(
    "k, beta1, beta2",
    [(10, 0.0, 0.977737), (10, 0.9, 0.973055), (50, 0.0, 0.999184), (50, 0.9, 0.999178)],
)
def test_critical_beta2_of_rare_squares(k, beta1, beta2):
    # Gradients k^2 with probability 1/k, else -k: the toy problem of Taniguchi et al. (2024).
    problem = problems.iid([k**2, -k], [1 / k, 1 - 1 / k])
    found = drift.critical(adam(beta1, 0.5), problem, "beta2", (0.9, 0.9999))
    assert found == pytest.approx(beta2, abs=5.1e-7)


def test_chance_is_worse_than_a_fixed_order():
    iid = problems.iid([10.0, -1.0], [0.1, 0.9])
    random = drift.critical(adam(0.0, 0.5), iid, "beta2", (0.9, 0.999))
    cyclic = drift.critical(adam(0.0, 0.5), problems.theorem_2(10), "beta2", (0.9, 0.999))
    print(random, cyclic)
    assert (random, cyclic) == pytest.approx((0.977737, 0.955443), abs=5.1e-7)


# --- refusals ---
@pytest.mark.parametrize("name", ["amsgrad", "sgd", "adagrad", "adadelta", "adam_epsilon"])
def test_methods_with_other_averages_are_refused(name):
    with pytest.raises(ValueError, match="the exact integral needs averages"):
        drift.stationary(methods.get(name), FIGURE_1)


def test_a_second_moment_without_memory_is_refused():
    with pytest.raises(ValueError, match="the exact integral needs averages"):
        drift.stationary(adam(0.9, 0.0), FIGURE_1)


def test_a_beta2_too_close_to_one_is_refused_before_memory_runs_out():
    assert drift.stationary(adam(0.0, 1 - 2e-5), FIGURE_1) < 0
    with pytest.raises(ValueError, match="beta2 is too close to 1"):
        drift.stationary(adam(0.0, 1 - 1e-7), FIGURE_1)


def test_other_problems_are_refused():
    with pytest.raises(ValueError, match="independent gradients"):
        drift.stationary(adam(0.9, 0.99), problems.figure_1_online())
    with pytest.raises(ValueError, match="not all are 0"):
        drift.stationary(adam(0.9, 0.99), problems.iid([0.0, 0.0], [0.5, 0.5]))
