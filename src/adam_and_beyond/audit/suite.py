"""The problems of the audit, each with the point where a good optimizer should end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adam_and_beyond import problems

KINDS = ("line", "random line", "blocks", "curve", "classes")
CLASSES = 20  # of the softmax
_SLOPE, _SIZE = 0.1, 30.0  # of Theorem 3's problem
_BATCHES = 20  # of Zhang et al.'s function, and of the skewed quadratic


class Challenge(NamedTuple):
    """One problem of the suite."""

    name: str
    title: str  # of its row, a few words
    kind: str  # one of ``KINDS``
    gradients: np.ndarray  # slopes of one period, shape (P,); the values, for random lines
    best: float  # where x should end
    worst: float  # where it should not
    source: str
    lower: float = -1.0
    upper: float = 1.0
    probabilities: np.ndarray | None = None

    @property
    def slack(self) -> float:
        """Mean gradient, in units of the mean size of a gradient."""
        weights = self.probabilities
        mean = np.average(self.gradients, weights=weights)
        return float(abs(mean) / np.average(np.abs(self.gradients), weights=weights))


def _line(name: str, title: str, gradients: list[float], source: str) -> Challenge:
    best = -np.sign(np.sum(gradients))
    return Challenge(name, title, "line", np.array(gradients), best, -best, source)


def _random(name: str, title: str, problem: problems.IIDProblem, source: str) -> Challenge:
    values = problem.gradients, -1.0, 1.0, source, -1.0, 1.0, problem.probabilities
    return Challenge(name, title, "random line", *values)


def _theorem_2(C: int) -> Challenge:
    gradients = [float(C)] + [-1.0] * (C - 1)
    return _line(f"theorem-2-{C}", f"Theorem 2, once in {C}", gradients, "Theorem 2")


CHALLENGES: tuple[Challenge, ...] = (
    _line("theorem-1", "Theorem 1, C = 3", [3.0, -1.0, -1.0], "Theorem 1"),
    _line("three-losses", "three losses", [2.00003, -1.0, -1.0], "ours"),
    _theorem_2(10),
    _theorem_2(30),
    _theorem_2(74),
    _line("figure-1", "Figure 1, in order", [101.0] + [-1.0] * 100, "Figure 1"),
    _line("turned", "turned round", [-80.0] + [1.0] * 100, "ours"),
    _random("figure-1-random", "Figure 1, at random", problems.figure_1_stochastic(), "Figure 1"),
    _random("theorem-3", "Theorem 3", problems.theorem_3(_SIZE, _SLOPE), "Theorem 3"),
    Challenge(
        "signs", "signs by blocks", "blocks", np.array([1.0, -1.0]), -1.0, 1.0,
        "a family of Tran and Phong's limit",
    ),
    Challenge(
        "zhang", "Zhang et al.", "curve", np.array([float(_BATCHES)] + [-1.0] * (_BATCHES - 1)),
        -2.0, np.inf, "Zhang et al. (2022)", -1e6, 1e6,
    ),
    Challenge(
        "skewed", "skewed quadratic", "curve", np.array([-1.0] + [0.0] * (_BATCHES - 1)),
        1 / _BATCHES, 0.0, "ours", -10.0, 10.0,
    ),
    Challenge(
        "zipf", "rare classes", "classes", np.zeros(CLASSES), 1.0, 0.0,
        "after Kunstner et al. (2024)", -50.0, 50.0,
        (1 / np.arange(1, CLASSES + 1)) / np.sum(1 / np.arange(1, CLASSES + 1)),
    ),
)  # fmt: skip
SUITE = {challenge.name: challenge for challenge in CHALLENGES}
ALIASES = {"theorem-2": ("theorem-2-10", "theorem-2-30", "theorem-2-74")}


def chosen(names: object) -> tuple[Challenge, ...]:
    """The problems that a caller names, all of them without.

    Args:
      names: names of the suite, or None.

    Returns:
      The ``Challenge``s, in the order of the suite.

    Raises:
      ValueError: for a name that the suite does not have.
    """
    if names is None:
        return CHALLENGES
    names = [names] if isinstance(names, str) else list(names)
    wanted = {name for given in names for name in ALIASES.get(given, (given,))}
    unknown = sorted(wanted - SUITE.keys())
    if unknown:
        raise ValueError(
            f"the suite has no problem {unknown[0]!r}; it has: {', '.join([*SUITE, *ALIASES])}"
        )
    return tuple(challenge for challenge in CHALLENGES if challenge.name in wanted)
