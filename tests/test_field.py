"""Where a method rests on curved losses: the tables, other programs, chance, and refusals."""

import itertools
import math

import flint
import mpmath
import numpy as np
import pytest

from adam_and_beyond import drift, field, methods, problems
from adam_and_beyond.drift import iid
from adam_and_beyond.field import laws
from adam_and_beyond.field.integral import mean_direction

RARE = ([1.0, 0.0], [0.05, 0.95])  # 1 once in 20, else 0
IN_ORDER = [1.0] + [0.0] * 19
EXPONENTIAL = -np.log1p(-(np.arange(400) + 0.5) / 400)  # 400 quantiles of Exp(1)
HONEST = ["sgd", "adagrad", "adamnc", "nosadam", "amsgrad", "padam", "adamx", "adopt", "adashift"]


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


def direction(method, g, p):
    memory = iid.memory_of(method)
    return mean_direction(memory, np.asarray(g, float), np.asarray(p, float))


# --- the integral ---
@pytest.mark.parametrize("betas", [(0.0, 0.3), (0.9, 0.95), (0.9, 0.99), (0.99, 0.999)])
def test_the_integral_in_blocks_is_the_one_of_random_gradients(betas):
    problem = problems.iid([10.0, -1.0, 0.5], [0.1, 0.6, 0.3])
    exact = drift.stationary(adam(*betas), problem)
    found = -direction(adam(*betas), problem.gradients, problem.probabilities)
    assert found == pytest.approx(exact, abs=5e-12)


@pytest.mark.parametrize("name, hyper", [("nadam", {}), ("adam_epsilon_inside", {"epsilon": 0.3})])
def test_the_integral_in_blocks_knows_other_weights_too(name, hyper):
    method = methods.get(name, beta1=0.8, beta2=0.97, **hyper)
    problem = problems.iid([3.0, -1.0], [0.2, 0.8])
    found = -direction(method, problem.gradients, problem.probabilities)
    assert found == pytest.approx(drift.stationary(method, problem), abs=1e-12)


@pytest.mark.parametrize("beta1, beta2, still", [(0.0, 0.3, 0.5), (0.5, 0.4, 0.3)])
def test_gradients_of_value_0_count_as_in_the_sum_over_all_pasts(beta1, beta2, still):
    # A short memory: the last 12 gradients decide, and their half a million pasts can be added up.
    values, chances = (
        np.array([3.0, -1.0, 0.0]),
        np.array([0.3 * (1 - still), 0.7 * (1 - still), still]),
    )
    depth = 12
    pasts = np.array(list(itertools.product(range(3), repeat=depth)), dtype=np.int8)
    probability, m, v = np.ones(len(pasts)), np.zeros(len(pasts)), np.zeros(len(pasts))
    for k in range(depth):
        g = values[pasts[:, k]]
        probability *= chances[pasts[:, k]]
        m += (1 - beta1) * beta1**k * g
        v += (1 - beta2) * beta2**k * g**2
    direct = (probability * np.divide(m, np.sqrt(v), where=v > 0, out=np.zeros_like(m))).sum()
    found = direction(adam(beta1, beta2), values, chances)
    left_out = 3 * (
        max(beta1, beta2, still) ** depth + (still * max(beta1, 0) / beta2**0.5) ** depth
    )
    assert found == pytest.approx(direct, abs=left_out)
    assert left_out < 0.01 < abs(direct)


def test_gradients_of_value_0_agree_with_a_quadrature_of_another_kind():
    beta1, beta2, p = 0.5, 0.3, 0.5  # gradient 1 with probability p, else 0
    with mpmath.workdps(15):

        def integrand(u):
            s, product, rest = mpmath.exp(u), mpmath.mpf(1), mpmath.mpf(0)
            for k in range(45):
                e = mpmath.exp(-s * (1 - beta2) * mpmath.mpf(beta2) ** k)
                product *= p * e + 1 - p
                rest += (1 - beta1) * mpmath.mpf(beta1) ** k * p * e / (p * e + 1 - p)
            return mpmath.exp(u / 2) * product * rest

        direct = mpmath.quad(integrand, range(-40, 41, 8), maxdegree=4) / mpmath.sqrt(mpmath.pi)
    assert direction(adam(beta1, beta2), [1.0, 0.0], [p, 1 - p]) == pytest.approx(
        float(direct), rel=1e-8
    )


def test_an_infinite_mean_is_refused():
    with pytest.raises(ValueError, match="infinite"):
        direction(adam(0.99, 0.5), [1.0, 0.0], [0.05, 0.95])


# --- the table of where Adam rests ---
@pytest.mark.parametrize(
    "betas, expected",
    [
        ((0, 0.9), 0.0120315811),
        ((0, 0.99), 0.0454586576),
        ((0.9, 0.99), 0.0457918293),
        ((0.9, 0.999), 0.0495535234),
    ],
)
def test_a_rare_one_among_zeros(betas, expected):
    assert field.rest_point(adam(*betas), *RARE) == pytest.approx(expected, abs=5.1e-11)
    repeated = field.rest_point(adam(*betas), IN_ORDER)
    assert repeated == pytest.approx(expected, abs=5.1e-11)


@pytest.mark.parametrize(
    "betas, expected",
    [
        ((0, 0.9), 0.0292775561),
        ((0, 0.99), 0.0477575095),
        ((0.9, 0.99), 0.0492232344),
        ((0.9, 0.999), 0.0499225687),
    ],
)
def test_one_1_and_nineteen_0_in_a_fixed_order(betas, expected):
    found = field.rest_point(adam(*betas), IN_ORDER, order="fixed")
    assert found == pytest.approx(expected, abs=5.1e-11)


@pytest.mark.parametrize(
    "betas, expected",
    [
        ((0, 0.5), 0.8037381260),
        ((0, 0.9), 0.9316385767),
        ((0.9, 0.99), 0.9908178423),
        ((0.9, 0.999), 0.9982016787),
    ],
)
def test_quantiles_of_the_exponential_law(betas, expected):
    assert EXPONENTIAL.mean() == pytest.approx(0.9991338, abs=5.1e-8)
    assert np.median(EXPONENTIAL) == pytest.approx(0.6931503, abs=5.1e-8)
    found = field.rest_point(adam(*betas), EXPONENTIAL)
    assert found == pytest.approx(expected, abs=5.1e-11)


# --- what is said of it ---
def test_without_memory_adam_rests_at_the_median_and_with_a_long_one_at_the_mean():
    z = [0.0, 0.2, 0.3, 1.1, 5.0]
    assert field.rest_point(adam(0.0, 0.0), z) == pytest.approx(0.3, abs=1e-9)
    assert field.rest_point(adam(0.0, 1 - 1e-7), z) == pytest.approx(np.mean(z), abs=1e-6)
    between = [field.rest_point(adam(0.0, b), z) for b in (0.3, 0.6, 0.9, 0.99, 0.999)]
    assert np.all(np.diff([0.3, *between, np.mean(z)]) > 0)


@pytest.mark.parametrize("name", HONEST)
def test_honest_methods_rest_at_the_mean(name):
    assert field.rest_point(name, [0.0, 0.0, 1.0, 7.0]) == pytest.approx(2.0, rel=1e-14)
    assert field.calibration(name, 0.01) == 1.0


@pytest.mark.parametrize("order", ["independent", "fixed"])
def test_moving_and_stretching_the_data_moves_and_stretches_the_rest_point(order):
    z, method = np.array([0.0, 0.5, 0.6, 4.0]), adam(0.9, 0.95)
    here = field.rest_point(method, z, order=order)
    there = field.rest_point(method, 3 - 2 * z, order=order)
    assert there == pytest.approx(3 - 2 * here, abs=1e-10)


@pytest.mark.parametrize("betas", [(0.0, 0.5), (0.9, 0.99), (0.5, 0.9)])
def test_symmetric_data_have_no_bias(betas):
    z = [-3.0, -1.0, -0.5, 0.5, 1.0, 3.0]
    assert field.rest_point(adam(*betas), z) == pytest.approx(0.0, abs=1e-11)


def test_the_remainder_of_the_first_order_law_falls_with_the_square_of_kappa():
    gaps = np.array([1e-1, 1e-2, 1e-3, 1e-4])
    off = [
        field.rest_point(adam(0.0, 1 - gap), EXPONENTIAL)
        - laws.rest_point(adam(0.0, 1 - gap), EXPONENTIAL)
        for gap in gaps
    ]
    order = np.diff(np.log(np.abs(off))) / np.diff(np.log(gaps))
    assert order[-1] == pytest.approx(2, abs=0.05)


def test_a_batch_divides_the_bias_by_its_size():
    # The skewness of a mean of B draws falls like 1 / sqrt(B), and so does its sigma.
    z, p = np.array([0.0, 1.0]), 0.05
    bias = []
    for B in (1, 2, 4, 8):
        k = np.arange(B + 1)
        chances = [math.comb(B, j) * p**j * (1 - p) ** (B - j) for j in k]
        # The gradient of a batch is x minus the mean of its data.
        bias.append(p - field.rest_point(adam(0.9, 0.999), k / B, chances))
    assert np.array(bias) * [1, 2, 4, 8] == pytest.approx(bias[0], rel=0.01)
    assert z.size == 2


def test_chance_agrees_where_zeros_are_common():
    method, p = adam(0.9, 0.97), np.array([0.1, 0.9])
    rng = np.random.default_rng(11)
    state, sums = method.state_type(np.full(2_000, 0.1), np.full(2_000, 0.1)), np.zeros(2_000)
    for t in range(1_500):
        g = rng.choice([1.0, 0.0], size=2_000, p=p)
        m, root, state = method.update(g, state, np.inf)
        if t >= 500:
            sums += m / root
    means = sums / 1_000
    exact = direction(method, [1.0, 0.0], p)
    assert abs(means.mean() - exact) < 4 * means.std() / math.sqrt(2_000)
    assert means.std() / math.sqrt(2_000) < 0.01 * exact


# --- digits ---
def test_digits_of_a_fixed_order_are_those_of_a_long_run_in_many_digits():
    data, digits = ["0.1", "0.7", "0.2", "3"], 25
    x = field.rest_point(adam(0.5, 0.8), [float(z) for z in data], order="fixed", digits=digits)
    with mpmath.workdps(50):
        beta1, beta2, drifts = mpmath.mpf("0.5"), mpmath.mpf("0.8"), []
        for off in (-1, 1):
            g = [mpmath.mpf(str(x)) + off * mpmath.mpf(10) ** -digits - mpmath.mpf(z) for z in data]
            m = v = total = mpmath.mpf(0)
            for t in range(1200):  # 0.8^1200 is 1e-116
                m = beta1 * m + (1 - beta1) * g[t % 4]
                v = beta2 * v + (1 - beta2) * g[t % 4] ** 2
                total -= m / mpmath.sqrt(v) if t >= 1196 else 0
            drifts.append(total)
    assert drifts[0] > 0 > drifts[1]


def test_digits_of_independent_data_are_those_of_an_integral_with_a_proved_error():
    digits, rounds, end = 20, 90, 30  # 0.5^90 is 1e-27, and e^(-v end^2) is less
    x = field.rest_point(adam(0.0, 0.5), [0.0, 1.0], [0.35, 0.65], digits=digits)
    means = []
    with flint.ctx.workdps(40):
        p, half = [flint.arb("0.35"), flint.arb("0.65")], flint.arb("0.5")
        for off in (-1, 1):
            at = flint.arb(str(x)) + off * flint.arb(10) ** (2 - digits)
            g = [at, at - 1]

            def integrand(r, _, g=g):  # s = r^2: an entire function of r
                product, mean = flint.acb(1), flint.acb(0)
                for k in range(rounds):
                    w = half ** (k + 1) * r * r
                    terms = [b * (-w * a * a).exp() for a, b in zip(g, p, strict=True)]
                    if k == 0:
                        mean = sum((a * b for a, b in zip(g, terms, strict=True)), mean)
                    else:
                        product *= sum(terms, flint.acb(0))
                return product * mean

            parts = [flint.acb.integral(integrand, a, a + 5) for a in range(0, end, 5)]
            means.append(sum(parts, flint.acb(0)).real)
    assert means[0] < 0 < means[1]


@pytest.mark.parametrize(
    "how", [{"weights": [0.05, 0.95]}, {"order": "fixed"}, {"weights": [1, 19]}]
)
def test_digits_go_on_where_the_float_ends(how):
    method, data = adam(0.5, 0.9), [1.0, 0.0] if "weights" in how else IN_ORDER
    x = field.rest_point(method, data, digits=18, **how)
    assert float(x) == pytest.approx(field.rest_point(method, data, **how), abs=1e-12)
    assert len(str(x).strip("0.")) >= 16


def test_honest_methods_have_the_digits_of_the_mean():
    assert str(field.rest_point("adopt", [0.1, 0.2, 1.0], digits=20)) == "0.43333333333333333333"


@pytest.mark.parametrize(
    "name, how, message",
    [
        ("adam", {"digits": 0}, "from 1 to 30"),
        ("adam", {"digits": 99}, "from 1 to 30"),
        ("adam", {"digits": 2.5}, "from 1 to 30"),
        ("amsgrad", {"digits": 5, "order": "fixed"}, "affine"),
    ],
)
def test_digits_that_cannot_be_had_are_refused(name, how, message):
    with pytest.raises(ValueError, match=message):
        field.rest_point(name, [0.0, 0.0, 1.0], **how)


# --- refusals ---
@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"data": []}, "data must be a list"),
        ({"data": [[1.0]]}, "data must be a list"),
        ({"data": [1.0, math.nan]}, "data must be a list"),
        ({"data": "ab"}, "data must be real"),
        ({"data": [1.0, 2.0], "weights": [1.0]}, "weights must be one number"),
        ({"data": [1.0, 2.0], "weights": [1.0, -1.0]}, "weights must be one number"),
        ({"data": [1.0, 2.0], "order": "random"}, "order must be one of"),
        ({"data": [1.0, 2.0], "weights": [1, 2], "order": "fixed"}, "repeat the data"),
    ],
)
def test_bad_input_is_refused_with_a_reason(arguments, message):
    with pytest.raises(ValueError, match=message):
        field.rest_point("adam", **arguments)


@pytest.mark.parametrize("name", ["yogi", "adadelta", "adabelief"])
def test_a_method_without_such_a_field_is_refused(name):
    with pytest.raises(ValueError, match="the exact integral needs averages"):
        field.rest_point(name, [0.0, 1.0, 5.0])
