"""Labs: controls over computations that are too big for a browser, for readers with a kernel."""

from adam_and_beyond.labs.images import TrainingLab
from adam_and_beyond.labs.theorem_1 import Theorem1Lab
from adam_and_beyond.labs.zipf import ZipfLab

__all__ = ["Theorem1Lab", "TrainingLab", "ZipfLab"]
