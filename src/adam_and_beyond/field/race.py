r"""Speed against bias on large output spaces: three methods, each at its best of many step sizes.

10,000 classes of Zipf's law, batches of 512, from the uniform softmax: a setting in which the
literature sees Adam ahead of gradient descent (Kunstner et al. 2024).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.field import runs, stored

_HUGE = 1e4  # an epsilon beside which the root of v is nothing: gradient descent with momentum
_RECORDS = 400
CLASSES, BATCH, STEPS = 10_000, 512, 40_000


class Racer(NamedTuple):
    """One run: a method and the scale of its step."""

    method: str  # "sgd", "momentum" or "adam"
    schedule: str
    alpha: float

    @property
    def key(self) -> str:
        """The run as a name: of an array in the store."""
        return "-".join(["race", *map(str, self)])

    def made(self) -> methods.Method:
        """The method: momentum 0.9; for Adam (0.9, 0.99)."""
        if self.method == "momentum":
            return methods.get("adam_epsilon", beta1=0.9, beta2=0.5, epsilon=_HUGE)
        if self.method == "adam":
            return methods.get("adam", beta1=0.9, beta2=0.99)
        return methods.get(self.method)

    def compute(self) -> dict[str, np.ndarray]:
        """Run it: ``t``, and ``excess``, KL(p || q) there in nats."""
        unit = _HUGE if self.method == "momentum" else 1.0
        found = runs.softmax(
            self.made(), stored.frequencies(CLASSES), BATCH, STEPS, self.alpha * unit,
            self.schedule, seeds=1, blocks=_RECORDS,
        )  # fmt: skip
        return {"t": found.t, "excess": found.excess[0].astype(np.float32)}


ALPHAS = {
    "sgd": {"constant": (10.0, 20.0, 40.0), "inverse_sqrt": (150.0, 300.0, 600.0, 1200.0)},
    "momentum": {"constant": (20.0, 40.0, 80.0), "inverse_sqrt": (300.0, 600.0, 1200.0)},
    "adam": {"constant": (0.0025, 0.005, 0.01, 0.04), "inverse_sqrt": (0.025, 0.05, 0.1, 0.2)},
}


def racers() -> tuple[Racer, ...]:
    """All runs.

    Returns:
      The runs: each method with constant and with falling steps, the scales a factor 2 to 4 apart.

    References:
      Ours.
    """
    return tuple(
        Racer(name, schedule, alpha)
        for name, schedules in ALPHAS.items()
        for schedule, alphas in schedules.items()
        for alpha in alphas
    )


class Best(NamedTuple):
    """The least excess loss of a method at each step, over its step sizes."""

    t: np.ndarray  # steps, shape (records,)
    excess: np.ndarray  # nats
    run: list[Racer]  # the run that is best there


def best(method: str) -> Best:
    """What a method reaches with the step size that is best for each budget.

    Args:
      method: a key of ``ALPHAS``.

    Returns:
      The ``Best``.

    Raises:
      ValueError: if the runs are not stored.

    References:
      Introduced in the chapter "Large output spaces".
    """
    some = [racer for racer in racers() if racer.method == method]
    found = [stored.load(racer) for racer in some]
    excess = np.array([one["excess"] for one in found], np.float64)
    excess[~np.isfinite(excess)] = np.inf
    first = excess.argmin(axis=0)
    return Best(found[0]["t"], excess.min(axis=0), [some[k] for k in first])
