"""The bias of each weight of a network: by its averages, and by three moments of its gradient."""

import numpy as np
import pytest

from adam_and_beyond.images import datasets, moments
from adam_and_beyond.images.tasks import Setting, Task

LOOSE = "training is float32, theory float64"
FIXED = 1e-12  # alpha: the weights stay


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_three_moments_predict_the_bias_of_each_weight(digits):
    task = Task("logistic", "constant", 500, (), batch=32)
    found = moments.biases(task, digits, Setting("adam", FIXED, 0.98, 0), 2000, 500)
    assert found.place.size > 500
    assert np.corrcoef(found.measured, found.predicted)[0, 1] > 0.98
    slope = found.measured @ found.predicted / (found.predicted @ found.predicted)
    assert slope == pytest.approx(1, abs=0.1)


def test_amsgrad_has_no_such_bias_and_none_is_predicted(digits):
    task = Task("logistic", "constant", 500, (), batch=32)
    found = moments.biases(task, digits, Setting("amsgrad", FIXED, 0.98, 0), 1500, 1000)
    assert np.abs(found.measured).max() < 3e-3 and not found.predicted.any()


def test_steps_that_are_no_multiple_of_the_stretch_are_refused(digits):
    task = Task("logistic", "constant", 1000, (), batch=32)
    with pytest.raises(ValueError, match="multiple"):
        moments.biases(task, digits, Setting("adam", FIXED, 0.98, 0), 1500, 0)
