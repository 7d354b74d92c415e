"""A small experiment, and runs of it, for the tests of what is stored of runs."""

import dataclasses

import numpy as np

from adam_and_beyond.images import experiments, runs
from adam_and_beyond.images.tasks import MEASURES, Setting, Task

TINY = dataclasses.replace(
    experiments.experiment("figure-2-logistic", "digits"),
    task=Task("logistic", "inverse_sqrt", 5, 10),
    steps=20,
    alphas={"adam": (0.01, 0.1, 1.0), "sgd": (0.1, 1.0)},
    seeds=(0, 1),
)
ONE = Setting("adam", 0.1, 0.99, 0)


def with_task(**values):
    """The small experiment on another task."""
    return dataclasses.replace(TINY, task=dataclasses.replace(TINY.task, **values))


def same(one, other):
    """Two tables are equal, bit for bit."""
    assert one.settings == other.settings
    for name in MEASURES:
        assert np.array_equal(one.measured[name], other.measured[name], equal_nan=True)


def trained(folder, experiment=TINY, setting=ONE, steps=20, **options):
    """The run of a setting, and how many stretches were trained for it."""
    told = []
    table = runs.reproduce(
        experiment,
        [[setting]],
        steps,
        folder=folder,
        progress=lambda group, t, loss: told.append(t),
        **options,
    )
    assert table.settings == (setting,)
    return table, len(told) - 1
