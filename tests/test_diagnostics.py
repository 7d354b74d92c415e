"""Scales along a run, and the oscillation of the learning rate."""

import numpy as np
import pytest

from adam_and_beyond import diagnostics, figures, methods, problems

ONLINE = problems.figure_1_online()
BETAS = {"beta1": 0.9, "beta2": 0.99}
STEPS = 1_000_000


def test_scales_are_those_of_the_rule():
    for name in ("sgd", "adam", "amsgrad_torch", "nosadam"):
        method = methods.get_sharing(name, **BETAS)
        state, expected = method.init(np.float64(0)), []
        for t, g in enumerate(ONLINE.sample(300), start=1):
            _, root, state = method.update(g, state, t, np)
            expected.append(root)
        assert diagnostics.scales(method, ONLINE, 300) == pytest.approx(expected, rel=1e-12)


def test_scales_of_random_gradients_are_those_of_the_seed():
    problem, adam = problems.figure_1_stochastic(), methods.get("adam", **BETAS)
    first, again, other = (diagnostics.scales(adam, problem, 2000, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_oscillation_by_hand():
    # |1 - 3| / 4, then (2 + 1) / 6.
    assert diagnostics.oscillation([3.0, 1.0, 2.0]).tolist() == [0.0, 0.5, 0.5]


# PAPER 9.4: at 10^3, ..., 10^6.
NOTES = {
    "adam": [0.0187, 0.0127, 0.0107, 0.0101],
    "amsgrad": [0.0182, 0.0061, 0.0020, 0.00063],
}


@pytest.mark.parametrize("name", NOTES)
def test_oscillation_tells_adam_from_amsgrad(name):
    scales = diagnostics.scales(methods.get(name, **BETAS), ONLINE, STEPS)
    ratio = diagnostics.oscillation(0.5 / np.sqrt(np.arange(1, STEPS + 1)) / scales)
    found = [ratio[10**k - 1] for k in (3, 4, 5, 6)]
    print(name, found)
    assert found == pytest.approx(NOTES[name], abs=5.1e-5)
    # A method whose learning rate never rises has a numerator of at most its first value.
    assert (name == "amsgrad") == bool(np.all(np.diff(scales) >= 0))


@pytest.mark.parametrize("wrong", [[], [1.0, 0.0], [1.0, -1.0], [[1.0, 2.0]], [1.0, np.inf]])
def test_learning_rates_must_be_positive(wrong):
    with pytest.raises(ValueError, match="positive finite"):
        diagnostics.oscillation(wrong)


def test_the_figure_of_factors_marks_the_rare_gradient():
    curves = [
        figures.Curve("rmsprop", "RMSProp", np.arange(1, 5), np.array([1.0, 2.0, 3.0, 4.0])),
        figures.Curve("adashift", "AdaShift", np.arange(1, 5), np.array([4.0, 1.0, 2.0, 3.0])),
    ]
    _, ax = figures.factors_in_a_cycle(curves)
    points = [line.get_ydata().tolist() for line in ax.lines if len(line.get_xdata()) == 1]
    assert points == [[1.0], [4.0]]
