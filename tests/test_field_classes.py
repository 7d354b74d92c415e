"""Large output spaces: the tables of calibration, both laws, the softmax, and runs that judge."""

import math

import numpy as np
import pytest

from adam_and_beyond import field, methods
from adam_and_beyond.drift import iid
from adam_and_beyond.field import judged, laws, race, runs, stored
from adam_and_beyond.field.classes import _Class

LOOSE = "runs train in float32 and draw in float64"

RARITIES = (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0006)


def adam(beta1, beta2):
    return methods.get("adam", beta1=beta1, beta2=beta2)


# --- the tables ---
@pytest.mark.parametrize(
    "betas, batch, first, expected",
    [
        ((0.9, 0.95), 64, 0, [0.9848, 0.9469, 0.8245, 0.3628]),
        ((0.95, 0.95), 64, 0, [0.9886, 0.9598, 0.8645, 0.4390]),
        ((0.9, 0.99), 64, 0, [0.9957, 0.9852, 0.9551, 0.8467, 0.5324]),
        ((0.9, 0.999), 64, 0, [0.9995, 0.9984, 0.9951, 0.9835, 0.9506, 0.8347, 0.5072]),
        ((0.9, 0.999), 1, 2, [0.99603]),
        ((0.0, 0.999), 64, 0, [0.9995, 0.9984, 0.9950, 0.9834, 0.9501, 0.8336, 0.5059]),
    ],
)
def test_q_over_p_of_the_table(betas, batch, first, expected):
    r = RARITIES[first : first + len(expected)]
    assert field.calibration(adam(*betas), r, batch) == pytest.approx(expected, abs=5.1e-5)


def test_the_digits_of_the_rare_limit():
    at = adam(0.9, 0.999)
    assert field.calibration(at, 0.0006, 64) == pytest.approx(0.23647, abs=5.1e-6)
    assert field.calibration(at, [0.01, 0.003, 0.001, 0.0006]) == pytest.approx(
        [0.95136, 0.8353, 0.50758, 0.23666], abs=5.1e-5
    )
    lost = adam(0.9, 0.95)
    assert field.calibration(lost, 0.01, 64) == pytest.approx(0.0044, abs=3.6e-4)
    assert field.calibration(lost, 0.003, 64, log=True) == pytest.approx(-31, abs=0.5)


@pytest.mark.parametrize(
    "betas, expected",
    [
        ((0.9, 0.999), [-1.9615, -2.8438, -4.6166, -8.9125, -24.3277, -59.6388]),
        ((0.9, 0.99), [-1.9110, -2.6970, -4.2427, -7.9882, -21.7540, -54.0304]),
        ((0.0, 0.99), [-1.7190, -2.4087, -3.7685, -7.1009, -19.5379, -48.8793]),
    ],
)
def test_the_logarithm_below_the_threshold(betas, expected):
    half = laws.kappa(adam(*betas)) / 2
    r = half * np.array([1, 0.8, 0.6, 0.4, 0.2, 0.1])
    found = field.calibration(adam(*betas), r, log=True)
    assert found == pytest.approx(expected, abs=1.1e-4)


@pytest.mark.parametrize(
    "betas, steps",
    [((0.9, 0.999), 2018), ((0.9, 0.99), 218), ((0.9, 0.95), 58), ((0.95, 0.95), 78)],
)
def test_where_the_first_order_law_ends(betas, steps):
    assert 2 / laws.kappa(adam(*betas)) == pytest.approx(steps, abs=1e-9)
    assert laws.calibration(adam(*betas), 1 / steps) == pytest.approx(0, abs=1e-12)


# --- the two laws ---
def test_the_remainder_of_the_first_order_law_falls_with_the_square_of_kappa():
    gaps = np.array([1e-2, 1e-3, 1e-4])
    off = [
        field.calibration(adam(0.9, 1 - gap), 0.1, math.inf)
        - laws.calibration(adam(0.9, 1 - gap), 0.1)
        for gap in gaps
    ]
    order = np.diff(np.log(np.abs(off))) / np.diff(np.log(gaps))
    assert order[-1] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("beta1", [0.0, 0.9])
def test_the_second_law_comes_closer_as_beta2_tends_to_1(beta1):
    worst = []
    for gap in (1e-2, 1e-3, 1e-4):
        method = adam(beta1, 1 - gap)
        half = laws.kappa(method) / 2
        r = half * np.array([1.2, 1.0, 0.7, 0.4, 0.2])
        exact = field.calibration(method, r, math.inf, log=True)
        worst.append(np.abs([laws.lost(method, one) for one in r] - exact).max())
    assert worst[0] < 0.03 and np.all(np.diff(np.log(worst)) < -1.5)


def test_at_the_threshold_what_is_kept_falls_like_one_over_a_logarithm():
    kept = [field.calibration(adam(0.0, 1 - gap), gap / 2, math.inf) for gap in (1e-2, 1e-4, 1e-6)]
    assert np.all(np.diff(kept) < 0)
    assert np.all(np.diff([1 / k for k in kept]) == pytest.approx(2.6, abs=0.7))


def test_the_mean_root_of_shots_is_that_of_chance():
    rng = np.random.default_rng(5)
    counts = rng.poisson(0.4 * 30, size=40_000)
    Y = 1 + np.array([np.exp(-rng.uniform(0, 30, n)).sum() for n in counts])
    sample = Y**-0.5
    error = sample.std() / 200
    assert laws.inverse_root_of_shots(0.4) == pytest.approx(sample.mean(), abs=4 * error)
    # The closed form that the law rests on: E[Y^-rate] = e^(-gamma rate) / Gamma(1 + rate).
    closed = math.exp(-np.euler_gamma * 0.4) / math.gamma(1.4)
    sample = Y**-0.4
    assert closed == pytest.approx(sample.mean(), abs=4 * sample.std() / 200)


def test_holding_one_minus_beta2_over_batch_holds_the_calibration():
    p = 2e-4
    rows = [field.calibration(adam(0.0, 1 - 1e-4 * B), p * B, B) for B in (1, 4, 16)]
    assert np.ptp(rows) < 0.001
    other = field.calibration(adam(0.0, 1 - 1e-4), p * 16, 16)
    assert other > rows[0] + 0.1


# --- the whole softmax ---
@pytest.mark.parametrize(
    "betas, drift, expected",
    [
        ((0.9, 0.99), -0.0471627, [1.07730, 1.10080, 1.11670, 1.08392, 0.93043, 0.37932]),
        ((0.9, 0.999), -0.0041114, [1.00646, 1.00815, 1.00884, 1.00575, 0.99450, 0.94803]),
    ],
)
def test_fifty_classes_of_zipf(betas, drift, expected):
    p = stored.frequencies(50)
    found = field.softmax(adam(*betas), p)
    ranks = np.array([1, 2, 5, 10, 20, 50]) - 1
    assert found.drift == pytest.approx(drift, abs=5.1e-8)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-14)
    assert (found.probabilities / p)[ranks] == pytest.approx(expected, abs=5.1e-6)
    # 40 frequencies were solved for, these two not.
    memory = iid.memory_of(adam(*betas))
    for k in (6, 48):
        solved = _Class(memory, p[k], 1).zero(found.drift)
        assert math.log(found.probabilities[k]) == pytest.approx(solved, abs=1e-9)


@pytest.mark.parametrize("name", ["amsgrad", "adopt", "sgd", "adagrad"])
def test_calibrated_methods_end_at_the_frequencies(name):
    found = field.softmax(name, [3.0, 1.0])
    assert found.probabilities == pytest.approx([0.75, 0.25], rel=1e-15) and found.drift == 0


def test_two_equal_classes_stay_equal():
    found = field.softmax(adam(0.9, 0.99), [1.0, 1.0])
    assert found.probabilities == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found.drift == pytest.approx(0, abs=1e-12)


# --- runs ---
def test_a_run_rests_where_the_field_is_0():
    p = stored.frequencies(20)
    method = adam(0.9, 0.98)
    wanted = field.softmax(method, p)
    found = runs.softmax(method, p, 1, 40_000, 1e-3, logits=np.log(wanted.probabilities), seeds=8)
    mean, error = runs.mean_and_error(found.probability[:, 4:])
    ratio, off = mean / wanted.probabilities, error / wanted.probabilities
    # Blocks of one run hang together a little: four errors, and 3 % for the constant step.
    assert np.all(np.abs(ratio - 1) < 4 * off + 0.03)
    assert found.speed.mean() == pytest.approx(wanted.drift, rel=0.05)
    assert np.any(np.abs(mean / p - 1) > 5 * error / p)  # it is not the truth


def test_a_run_on_a_line_rests_where_the_field_is_0():
    method = adam(0.0, 0.9)
    found = runs.on_a_line(
        method, [1.0] + [0.0] * 19, 200_000, 0.02, order="fixed", seeds=1, x1=0.03, blocks=10
    )
    wanted = field.rest_point(method, [1.0] + [0.0] * 19, order="fixed")
    assert found.x[0, -1] == pytest.approx(wanted, abs=1e-4)


def test_a_stored_run_begins_as_it_did():
    setting = stored.from_the_start()[9]
    kept, again = stored.load(setting), stored.run(setting, setting.steps // 20)
    np.testing.assert_allclose(again["excess"], kept["excess"][:1], rtol=1e-4)
    np.testing.assert_allclose(again["binned"], kept["binned"][:1], rtol=1e-3)


# --- the judge ---
def test_the_noise_of_frequent_classes_is_the_chance_in_the_number_of_their_draws():
    setting = stored.at_rest()[1]
    kept = stored.load(setting)
    again = judged.noise(setting, kept["predicted"], [0, 1])[:2]
    assert again == pytest.approx(kept["noise"][:2], rel=1e-9)
    r = stored.frequencies(50)[:2]
    # Fifty stretches tell a standard deviation to 10 %.
    assert again == pytest.approx(((1 - r) / r) ** 0.5, rel=0.3)


def test_predictions_and_runs_agree_within_errors_that_are_not_too_large():
    scores = []
    for setting in stored.at_rest():
        found = judged.compare(setting)
        shown = found.predicted > 0.01
        scores.extend(((found.measured - found.predicted) / found.error)[shown])
    assert len(scores) > 350 and np.mean(np.abs(scores) < 3) > 0.97
    assert 0.6 < np.mean(np.abs(scores) < 1) < 0.75


def test_errors_are_those_of_independent_seeds():
    # 48 short runs of their own; a class that is met in one of seven steps.
    setting = stored.at_rest()[0]._replace(steps=40_000, alpha=1e-2, seeds=48)
    q = stored.load(stored.at_rest()[0])["predicted"]
    found = runs.softmax(
        setting.made(), stored.frequencies(50), 1, 40_000, 1e-2, logits=np.log(q), seeds=48
    )
    late = found.probability[:, 10:].mean(axis=1)
    spread = late.std(axis=0, ddof=1) / late.mean(axis=0)
    told = judged.noise(setting, q, [0, 10])[[0, 10]] / np.sqrt(20_000)
    edges = stored.bins(50)
    single = [edges[0], edges[10]]
    assert np.diff(edges)[[0, 10]].tolist() == [1, 1]
    assert spread[single] == pytest.approx(told, rel=0.4)


# --- the race ---
def test_a_race_is_the_stored_one_and_momentum_is_that_of_gradient_descent():
    first = race.Racer("momentum", "constant", 20.0)
    g, state = np.array([0.3, -0.2]), first.made().init(np.zeros(2))
    m, root, _ = first.made().update(g, state, 1)
    assert m / root * 1e4 == pytest.approx(0.1 * g, rel=1e-4)
    adam_race, sgd = race.best("adam"), race.best("sgd")
    assert adam_race.t[-1] == race.STEPS and len(race.racers()) == 21
    assert adam_race.excess[0] < 0.5 * sgd.excess[0]
    assert all(a in race.racers() for a in adam_race.run[::50])


# --- refusals ---
@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: field.calibration("adam", 0.0), "expected must lie in"),
        (lambda: field.calibration("adam", 2.0, 1), "expected must lie in"),
        (lambda: field.calibration("adam", 0.1, 1.5), "batch must be a whole number"),
        (lambda: field.calibration("adam", 1e-6, log=True), "only field.laws.lost reaches"),
        (lambda: field.softmax("adam", [1.0]), "frequencies must be two or more"),
        (lambda: field.softmax("adam", [1.0, -1.0]), "frequencies must be two or more"),
        (lambda: field.softmax("adam", [1.0, 2.0], math.inf), "finite batch"),
        (lambda: laws.kappa("sgd"), "kappa needs a method with beta2"),
        (lambda: laws.lost(adam(0.99, 0.9), 0.01), "beta1 below the root"),
        (lambda: runs.on_a_line("adam", [0.0, 1.0], 99, 0.1), "multiple of"),
        (lambda: stored.run(stored.at_rest()[0], 7), "multiple of"),
    ],
)
def test_bad_input_is_refused_with_a_reason(call, message):
    with pytest.raises(ValueError, match=message):
        call()
