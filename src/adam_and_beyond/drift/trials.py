"""Simulation as the judge: many random problems, each run from both ends, against the drift."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.drift.periodic import number

_PERIODS = np.array([3, 4, 5, 6, 10, 12, 15, 20, 30, 60])  # all divide the last: one array of runs


class Cases(NamedTuple):
    """Random problems with one big gradient C among P - 1 gradients -1; shape ``(n,)`` each."""

    C: np.ndarray
    P: np.ndarray
    beta1: np.ndarray
    beta2: np.ndarray

    @property
    def problem(self) -> problems.PeriodicProblem:
        """All of them as one family: 60 rounds, in which each period fits a whole number of times.

        Its drift numbers are those of single periods times 60 / P.
        """
        first = np.arange(_PERIODS[-1]) % self.P[:, None] == 0
        return problems.periodic(np.where(first, self.C[:, None], -1.0))


class Judgement(NamedTuple):
    """What runs say beside what the drift number says; arrays of shape ``(n,)``."""

    cases: Cases
    D: np.ndarray  # of a single period
    from_lower: np.ndarray  # where the run ends that starts at -1
    from_upper: np.ndarray  # and the one that starts at +1

    @property
    def verdict(self) -> np.ndarray:
        """1 or -1 where both runs end next to that end of the interval; 0: undecided."""
        ends = np.stack([self.from_lower, self.from_upper])
        return np.where(ends.min(axis=0) > 0.5, 1, np.where(ends.max(axis=0) < -0.5, -1, 0))

    @property
    def undecided(self) -> int:
        """Number of cases in which the two runs have not met at one end."""
        return int(np.sum(self.verdict == 0))

    @property
    def contradictions(self) -> int:
        """Number of decided cases in which the runs contradict the sign of D."""
        return int(np.sum((self.verdict != 0) & (self.verdict != np.sign(self.D))))


def random_cases(count: int, seed: int = 0) -> Cases:
    r"""Random problems and hyperparameters around the boundary.

    P divides 60; C exceeds P - 1 by a factor of 1.01 to 3; beta1 among 0, 0.3, 0.6, 0.9, 0.95;
    1 - beta2 between 1e-4 and 0.63. The excess and 1 - beta2 are uniform in their logarithm.

    Args:
      count: number of cases, at least 1.
      seed: of the random numbers.

    Returns:
      The ``Cases``.

    Raises:
      ValueError: for fewer than one case.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    rng = np.random.default_rng(seed)
    P = rng.choice(_PERIODS, count)
    return Cases(
        C=(P - 1) * (1 + 10 ** rng.uniform(-2, math.log10(2), count)),
        P=P,
        beta1=rng.choice([0.0, 0.3, 0.6, 0.9, 0.95], count),
        beta2=1 - 10 ** rng.uniform(-4, -0.2, count),
    )


def judge(
    cases: Cases,
    steps: int,
    alpha: float = 10.0,
    method: str | methods.Method = "adam",
    **keywords: Any,
):
    r"""Run every case from both ends of the interval and hold the ends against the sign of D.

    The verdict of the runs does not know D: a case is decided if the run from -1 and the run from
    +1 end at the same end, within half a unit of it.

    Args:
      cases: from :func:`random_cases`, or your own.
      steps: length of the runs.
      alpha: of the step size alpha / sqrt(t).
      method: with beta1 and beta2, or its name.
      **keywords: further ones of :func:`adam_and_beyond.simulate.sweep`, e.g. ``store``.

    Returns:
      The ``Judgement``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    betas = {"beta1": cases.beta1, "beta2": cases.beta2}
    D = number(methods.get(method, **betas), cases.problem) * cases.P / _PERIODS[-1]
    start = np.array([[-1.0], [1.0]])
    grid = simulate.sweep(method, cases.problem, steps, alpha, x1=start, **betas, **keywords)
    return Judgement(cases, D, *np.asarray(grid.x))
