"""Where the genuine MNIST and CIFAR-10 lie, for the tests that look at them where they are."""

import os
from pathlib import Path

from adam_and_beyond.images import datasets

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"  # beside the repository


def folder(environment):
    """The folder that the variable names; else the one beside the repository."""
    named = environment.get(datasets.VARIABLE)
    return datasets.folder_of_data(named) if named else _BESIDE


FOLDER = folder(os.environ)
