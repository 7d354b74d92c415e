"""Certified diagrams: what a box claims is true at its every point, and slips would be seen."""

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.drift import diagrams, enclosures

P10 = problems.theorem_2(10)
FAILS, CONVERGES = 1, -1
mpmath.mp.dps = 50


def drift_in_50_digits(gradients, beta1, beta2, outside=0, inside=0, maximum=False):
    """An oracle of its own: the closed form of the orbit's weights, in mpmath."""
    beta1, beta2, outside, inside = map(mpmath.mpf, (beta1, beta2, outside, inside))
    g, period = [mpmath.mpf(x) for x in gradients], len(gradients)

    def average(values, beta):
        powers = [beta**k if k else mpmath.mpf(1) for k in range(period)]
        return [
            sum(powers[k] * values[(i - k) % period] for k in range(period)) / sum(powers)
            for i in range(period)
        ]

    v = average([x * x for x in g], beta2)
    if maximum:
        v = [max(v)] * period
    m = average(g, beta1)
    return -sum(a / (mpmath.sqrt(b + inside) + outside) for a, b in zip(m, v, strict=True))


@pytest.fixture(scope="module")
def square():
    """The whole square of decays for C = P = 10."""
    return drift.certified(methods.get("adam"), P10, {"beta1": (0, 1), "beta2": (0, 1)})


# --- what the boxes claim ---


def test_random_points_of_certified_boxes_agree_with_fifty_digits(square):
    rng = np.random.default_rng(0)
    chosen = rng.choice(np.flatnonzero(square.verdict), 150, replace=False)
    low, high = np.moveaxis(square.boxes[chosen], -1, 0)
    points = low + rng.uniform(0, 1, low.shape) * (high - low)
    for (beta1, beta2), verdict in zip(points, square.verdict[chosen], strict=True):
        assert mpmath.sign(drift_in_50_digits(P10.gradients, beta1, beta2)) == verdict


def test_boxes_beside_the_boundary_are_right_at_their_corners(square):
    small = np.prod(square.boxes[..., 1] - square.boxes[..., 0], axis=-1)
    chosen = np.argsort(np.where(square.verdict == 0, 1, small))[:40]
    for box, verdict in zip(square.boxes[chosen], square.verdict[chosen], strict=True):
        for beta1 in box[0]:
            for beta2 in box[1]:
                assert mpmath.sign(drift_in_50_digits(P10.gradients, beta1, beta2)) == verdict


def test_boxes_tile_the_rectangle(square):
    areas = np.prod(square.boxes[..., 1] - square.boxes[..., 0], axis=-1)
    assert areas.sum() == pytest.approx(1, abs=1e-12)
    for sign, share in ((1, square.failing), (-1, square.converging), (0, square.undecided)):
        assert areas[square.verdict == sign].sum() == pytest.approx(share, abs=1e-12)
    rng = np.random.default_rng(1)
    inside = [
        np.sum(np.all((square.boxes[..., 0] < x) & (x < square.boxes[..., 1]), axis=-1))
        for x in rng.uniform(0, 1, (200, 2))
    ]
    assert set(inside) == {1}


def test_less_than_a_tenth_of_a_per_cent_is_undecided_after_some_ten_thousand_boxes(square):
    assert 0 < square.undecided < 1e-3
    assert square.looked_at >= len(square.verdict) and square.axes == ("beta1", "beta2")
    assert square.looked_at < 20_000  # the work is counted, not timed


# --- known boundaries, from both sides ---


def on_beta2(C, beta1, **more):
    adam = methods.get("adam", beta1=beta1)
    return drift.certified(adam, problems.theorem_2(C), {"beta2": (0, 1)}, undecided=1e-9, **more)


def test_critical_beta2_without_momentum_is_bracketed():
    found = on_beta2(10, 0.0)
    assert found.at(0.955443070) == FAILS and found.at(0.955443075) == CONVERGES
    root = drift.critical(methods.get("adam", beta1=0.0), P10, "beta2", (0.9, 0.99))
    (low, high) = (found.boxes[found.verdict == 0, 0][:, k] for k in (0, 1))
    assert low.min() <= root <= high.max() and high.max() - low.min() < 3e-9


def test_failure_of_adam_can_begin_and_end_with_beta2():
    found = on_beta2(10, 0.9)
    assert found.at(0.06488) == CONVERGES and found.at(0.06489) == FAILS
    assert found.at(0.77465) == FAILS and found.at(0.77466) == CONVERGES
    order = np.argsort(found.boxes[:, 0, 0])
    signs = found.verdict[order]
    changes = signs[signs != 0]
    assert np.count_nonzero(np.diff(changes)) == 2  # two boundaries and no third


def test_with_a_long_first_average_adam_converges_for_every_beta2():
    found = on_beta2(10, 0.95)
    assert found.undecided == 0 and found.converging == 1
    assert np.all(found.verdict == CONVERGES)


@pytest.mark.parametrize("C, verdict", [(29, CONVERGES), (30, FAILS)])
def test_thirty_is_the_smallest_rare_gradient_that_fails_at_the_papers_decays(C, verdict):
    axes = {"beta1": (0.8999, 0.9001), "beta2": (0.98999, 0.99001)}
    found = drift.certified(methods.get("adam"), problems.theorem_2(C), axes)
    assert found.undecided == 0 and found.at(0.9, 0.99) == verdict


def test_synthetic_problem_of_the_paper_fails_on_a_box_around_both_of_its_decays():
    axes = {"beta1": (0.85, 0.91), "beta2": (0.985, 0.9991)}
    found = drift.certified(methods.get("adam"), problems.figure_1_online(), axes)
    assert found.at(0.9, 0.99) == FAILS and found.at(0.9, 0.999) == FAILS
    assert found.undecided == 0


def test_period_three_family_is_certified_over_real_C():
    adam = methods.get("adam", beta1=0.0)
    axes = {"C": (2.5, 4), "beta2": (0.4, 0.6)}
    found = drift.certified(adam, problems.theorem_1, axes, undecided=2e-3)
    assert found.at(3, 0.470) == FAILS and found.at(3, 0.475) == CONVERGES
    rng = np.random.default_rng(2)
    for box, verdict in zip(found.boxes, found.verdict, strict=True):
        if verdict and rng.uniform() < 0.1:
            C, beta2 = box[:, 0] + rng.uniform(0, 1, 2) * (box[:, 1] - box[:, 0])
            assert mpmath.sign(drift_in_50_digits([C, -1, -1], 0, beta2)) == verdict


# --- other methods ---


def test_amsgrad_converges_on_the_whole_square_in_one_box():
    for name in ("amsgrad", "amsgrad_torch", "padam"):
        axes = {"beta1": (0, 1), "beta2": (0, 1)}
        found = drift.certified(methods.get(name), P10, axes)
        assert found.converging == 1 and found.undecided == 0 and len(found.verdict) == 1


@pytest.mark.parametrize("name", ["adam_epsilon", "adam_epsilon_inside"])
def test_epsilon_is_an_axis_on_either_side_of_the_root(name):
    method = methods.get(name, beta1=0.5)
    axes = {"epsilon": (0, 40), "beta2": (0.3, 0.9)}
    found = drift.certified(method, P10, axes, undecided=5e-3)
    assert found.failing > 0.05 and found.converging > 0.05
    rng = np.random.default_rng(3)
    for k in rng.choice(np.flatnonzero(found.verdict), 40, replace=False):
        box = found.boxes[k]
        epsilon, beta2 = box[:, 0] + rng.uniform(0, 1, 2) * (box[:, 1] - box[:, 0])
        where = {"inside" if name.endswith("inside") else "outside": epsilon}
        exact = drift_in_50_digits(P10.gradients, 0.5, beta2, **where)
        assert mpmath.sign(exact) == found.verdict[k]


def test_bias_correction_changes_no_verdict_and_rmsprop_is_adam_without_momentum():
    axes = {"beta2": (0.9, 0.99)}
    plain = drift.certified(methods.get("adam", beta1=0.0), P10, axes)
    for other in (methods.get("adam_corrected", beta1=0.0), methods.get("rmsprop")):
        found = drift.certified(other, P10, axes)
        assert np.array_equal(found.boxes, plain.boxes)
        assert np.array_equal(found.verdict, plain.verdict)


def test_every_method_of_the_catalogue_is_refused_or_agrees_with_its_own_rule():
    accepted = []
    for name, method in methods.CATALOGUE.items():
        try:
            reading = enclosures.read(method)
        except ValueError:
            continue
        accepted.append(name)
        point = {
            spec.name: v for spec, v in zip(method.hyperparameters, method.values, strict=True)
        }
        ends = {"beta2": (0.5, 0.7)}
        for beta2 in (0.5, 0.6, 0.7):
            enclosure = enclosures.Enclosure(method, P10, ends)
            D, _ = enclosure({"beta2": (beta2, beta2)})
            exact = drift.number(methods.get(name, **point | {"beta2": beta2}), P10)
            assert float(D) == pytest.approx(exact, rel=1e-12), name
        assert reading.decay_v.name == "beta2"
    wanted = {"rmsprop", "adam", "adam_corrected", "amsgrad", "amsgrad_torch"}
    assert wanted | {"adam_epsilon", "adam_epsilon_inside", "padam"} <= set(accepted)


def test_gradients_without_a_pattern_are_certified_too():
    gradients = np.random.default_rng(4).normal(size=6) + [5, 0, 0, 0, 0, -2]
    problem = problems.periodic(gradients)
    axes = {"beta1": (0, 0.98), "beta2": (0.02, 0.98)}
    found = drift.certified(methods.get("adam"), problem, axes, undecided=1e-2)
    rng = np.random.default_rng(5)
    for k in rng.choice(np.flatnonzero(found.verdict), 40):
        box = found.boxes[k]
        beta1, beta2 = box[:, 0] + rng.uniform(0, 1, 2) * (box[:, 1] - box[:, 0])
        exact = drift_in_50_digits(gradients, beta1, beta2)
        assert mpmath.sign(exact) == found.verdict[k]
        by_rule = drift.number(methods.get("adam", beta1=beta1, beta2=beta2), problem)
        assert by_rule == pytest.approx(float(exact), abs=1e-11)


# --- the balls ---


def test_balls_contain_drift_and_slopes_at_random_points_of_random_boxes():
    ends = {"beta1": (0.0, 1.0), "beta2": (0.0, 1.0)}
    enclosure = enclosures.Enclosure(methods.get("adam"), P10, ends)
    rng = np.random.default_rng(6)
    for _ in range(20):
        corner, width = rng.uniform(0.05, 0.8, 2), rng.uniform(0.001, 0.15)
        box = {name: (x, x + width) for name, x in zip(ends, corner, strict=True)}
        D, partial = enclosure(box)
        point = corner + width * rng.uniform(0, 1, 2)

        def f(beta1, beta2):
            return drift_in_50_digits(P10.gradients, beta1, beta2)

        exact = [f(*point), *(mpmath.diff(f, tuple(point), n) for n in ((1, 0), (0, 1)))]
        for ball, value in zip((D, partial["beta1"], partial["beta2"]), exact, strict=True):
            assert float(ball.lower()) - 1e-12 <= value <= float(ball.upper()) + 1e-12


def test_weights_add_up_to_one_and_their_slopes_to_zero():
    for ends in ((0.3, 0.3), (0.3, 0.31), (1.0, 1.0), (0.0, 0.0)):
        p, slopes = enclosures.weights(ends, 7)
        assert sum(p, flint.arb(0)).contains(1) and sum(slopes, flint.arb(0)).contains(0)
    p, _ = enclosures.weights((1.0, 1.0), 7)
    assert all(x.contains(flint.arb(1) / 7) for x in p)


def wrong_verdicts(found):
    """How many of some random points of decided boxes have the other sign."""
    rng = np.random.default_rng(7)
    points = rng.uniform(0, 1, (300, 2))
    wrong = 0
    for beta1, beta2 in points:
        verdict = found.at(beta1, beta2)
        exact = drift_in_50_digits(P10.gradients, beta1, beta2)
        wrong += bool(verdict) and mpmath.sign(exact) != verdict
    return wrong


def test_balls_that_are_too_small_would_be_noticed(monkeypatch, square):
    assert wrong_verdicts(square) == 0
    axes = {"beta1": (0, 1), "beta2": (0, 1)}
    honest = enclosures.Enclosure.__call__

    def shrunken(self, box):
        """Slopes, and D itself, taken at the middle of a box and called bounds on it."""
        middle = {name: ((low + high) / 2,) * 2 for name, (low, high) in box.items()}
        D, partial = honest(self, middle)
        return D, {name: slope / 10 for name, slope in partial.items()}

    monkeypatch.setattr(enclosures.Enclosure, "__call__", shrunken)
    found = drift.certified(methods.get("adam"), P10, axes, undecided=4e-3)
    assert wrong_verdicts(found) > 0


def test_a_box_across_the_boundary_is_never_decided():
    ends = {"beta1": (0.0, 1.0), "beta2": (0.0, 1.0)}
    enclosure = enclosures.Enclosure(methods.get("adam"), P10, ends)
    for width in (0.1, 1e-3, 1e-6, 1e-9):
        box = {
            "beta1": (0.0, width),
            "beta2": (0.955443072105499 - width, 0.955443072105499 + width),
        }
        sign, axis = diagrams.sign_on(enclosure, box, ends)
        assert sign == 0 and axis in ends


# --- input ---


def test_a_small_budget_leaves_an_honest_rest():
    found = drift.certified(
        methods.get("adam"), P10, {"beta1": (0, 1), "beta2": (0, 1)}, largest=200
    )
    assert found.looked_at == 200 and found.undecided > 1e-3
    assert found.failing + found.converging + found.undecided == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    "name", ["sgd", "nadam", "amsgrad_optax", "adagrad", "adamnc", "adabelief"]
)
def test_methods_of_another_form_are_refused(name):
    with pytest.raises(ValueError, match="certified drift needs an average of gradients"):
        drift.certified(methods.get(name), P10, {"beta2": (0.5, 0.9)})


@pytest.mark.parametrize(
    "axes, problem, match",
    [
        ({}, P10, "one or two axes"),
        ({"beta1": (0, 1), "beta2": (0, 1), "C": (3, 4)}, problems.theorem_1, "one or two axes"),
        ({"beta1": (0.5, 0.5)}, P10, "low < high"),
        ({"beta1": (0, 1.5)}, P10, r"within \[0, 1\]"),
        ({"C": (3, 4)}, P10, "no hyperparameter"),
        ({"beta1": (0, 1)}, problems.theorem_1, "needs its parameter"),
        ({"beta1": (0, 1)}, problems.figure_1_stochastic(), "one periodic problem"),
        ({"C": (3, 4)}, lambda C: problems.periodic([C**2, -1.0]), "linear in C"),
        ({"C": (3, 5)}, lambda C: problems.theorem_2(round(C)), "same period"),
    ],
)
def test_axes_and_problems_without_meaning_are_refused(axes, problem, match):
    with pytest.raises(ValueError, match=match):
        drift.certified(methods.get("adam"), problem, axes)


def test_arrays_of_hyperparameters_are_refused():
    with pytest.raises(ValueError, match="needs numbers"):
        drift.certified(methods.get("adam", beta1=np.array([0.1, 0.2])), P10, {"beta2": (0, 1)})


def test_a_share_of_zero_and_a_point_outside_are_refused(square):
    with pytest.raises(ValueError, match="positive share"):
        drift.certified(methods.get("adam"), P10, {"beta1": (0, 1)}, undecided=0)
    with pytest.raises(ValueError, match="outside the rectangle"):
        square.at(0.5, 1.5)


# --- exact numbers ---
def test_a_fraction_is_meant_exactly_and_a_float_is_the_nearest_double():
    tenths, nearest = Fraction(9, 10), 0.9
    with flint.ctx.workprec(200):
        for number in (tenths, nearest):
            exact = flint.fmpq(*Fraction(number).as_integer_ratio())
            assert enclosures.ball(number).contains(flint.arb(exact))
        assert not enclosures.ball(nearest).contains(flint.arb(flint.fmpq(9, 10)))
        ends = {"beta2": (0.5, 0.5)}
        D = {
            number: enclosures.Enclosure(methods.get("adam", beta1=number), P10, ends)(ends)[0]
            for number in (tenths, nearest)
        }
        exact = drift_in_50_digits(P10.gradients, mpmath.mpf(9) / 10, 0.5)
        assert abs(flint.arb(mpmath.nstr(exact, 45)) - D[tenths]) < 1e-40
        assert not D[tenths].overlaps(D[nearest])


def test_a_map_for_nine_tenths_is_that_of_its_neighbours():
    found = drift.certified(
        methods.get("adam", beta1=Fraction(9, 10)), P10, {"beta2": (0.5, 0.99)}, undecided=1e-6
    )
    assert (found.at(0.6), found.at(0.98)) == (FAILS, CONVERGES)


def test_the_ends_of_a_range_of_fractions_are_inside():
    low, high = diagrams._range("beta2", (Fraction(1, 3), Fraction(9, 10)))
    assert Fraction(low) <= Fraction(1, 3) and Fraction(high) >= Fraction(9, 10)
    assert math.nextafter(low, 1) > Fraction(1, 3) and math.nextafter(high, 0) < Fraction(9, 10)
    assert diagrams._range("beta2", (0.25, 1)) == (0.25, 1.0)
