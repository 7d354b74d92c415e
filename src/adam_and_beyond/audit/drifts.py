r"""The drift number of any optimizer, by watching it: ``audit.drift``.

On linear losses the gradients do not depend on x. If the updates do not either, and the whole state
comes back after a period, then

.. math:: D = \frac1\alpha \sum_{i=1}^{P} u_i

over one period of the updates u is the drift number of :func:`adam_and_beyond.drift.number`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from adam_and_beyond import checks, methods, problems
from adam_and_beyond import drift as drifts
from adam_and_beyond.audit.lanes import Crash, Lane, Player, stack
from adam_and_beyond.audit.orbits import Orbit, observe
from adam_and_beyond.audit.players import Optimizer, player
from adam_and_beyond.problems.kinds import plain

PATHS = ("orbit of the rule", "observed period", "projected run")
_COUPLED = 1e-7  # relative difference of updates that counts as one
_FEW = 4  # periods of the comparison with an extra coordinate
_LOUD = 10.0  # times the gradients: those of the extra coordinate


@dataclasses.dataclass(frozen=True, eq=False)
class Drift:
    """What the audit saw of an optimizer on one periodic problem."""

    D: Any  # per period and unit of learning rate, by coordinate; nan where it does not apply
    error: float  # how far D may be off by what is left of the start; nan as D
    settled: bool  # whether the whole state came back
    looks_at_x: bool  # whether the updates depend on the iterate
    couples: bool  # whether another coordinate changes the updates of this one
    periods: int  # that were played
    path: str  # one of ``PATHS``
    reason: str = ""  # why there is no D, a sentence; empty if there is one
    ends: Any = None  # of a projected run from the lower and from the upper end, where D is nan
    label: str = ""

    def __repr__(self) -> str:
        told = f"D = {self.D}" if self.settled else f"no D ({self.reason}); ends at {self.ends}"
        flags = [w for w, on in (("looks at x", self.looks_at_x), ("couples", self.couples)) if on]
        return f"<Drift of {self.label}: {', '.join([told, *flags, f'{self.periods} periods'])}>"


def drift(
    optimizer: Optimizer, problem: problems.PeriodicProblem, learning_rate: float = 1.0
) -> Drift:
    r"""The drift number of any optimizer on a periodic problem, found by watching it.

    .. math:: D = \frac1\alpha \sum_{i=1}^{P} u_i

    The gradients are fed until the whole state has come back, leaf by leaf, up to a bound on what
    is left of the start; step counters may go on counting. A second run from another start, with a
    moving iterate, tells whether updates look at x; a third, with one more coordinate, whether
    coordinates couple. Where updates look at x or the state does not come back there is no D: a
    projected run from either end is made instead, and ``reason`` says why.

    Args:
      optimizer: an ``optax.GradientTransformation``, a name of the catalogue, a ``Method``, a rule
        of your own, what :func:`from_torch` made, or a function of a learning rate that returns
        one, such as ``optax.adam``.
      problem: one periodic problem, on an interval or a box.
      learning_rate: with which the optimizer was made, or, for a method or a function, will be.

    Returns:
      A ``Drift``. A method of the catalogue whose updates settle too slowly to be watched gets its
      D from its rule (``path`` says so).

    Raises:
      ValueError: for what is no optimizer or no periodic problem, or if the optimizer raises; the
        message has its own words.

    References:
      Ours; with constant gradients the update of a cycle is that of Baek, Song and Yun (2025).
      Introduced in the chapter "Audit your optimizer".
    """
    gradients = _gradients(problem)
    methods.ALPHA.check(learning_rate, "audit.drift")
    given = player(optimizer, learning_rate)
    try:
        (orbit,) = observe(given, [gradients])
        coupled = couples(given, gradients)
        if not orbit.settled and (D := _by_its_rule(optimizer, problem)) is not None:
            seen = Drift(D, 0.0, True, False, coupled, orbit.periods, PATHS[0], label=given.label)
        elif orbit.settled:
            seen = _observed(orbit, problem, coupled, learning_rate, given.label)
        else:
            ends = projected(given, gradients, problem)
            nan = plain(np.full(problem.shape, np.nan))
            seen = Drift(
                nan, np.nan, False, orbit.looks_at_x, coupled, orbit.periods, PATHS[2],
                orbit.reason, ends, given.label,
            )  # fmt: skip
    except Crash as error:
        raise ValueError(f"{given.label} raised on a vector of numbers: {error}") from error
    return seen


def _gradients(problem: Any) -> np.ndarray:
    """The gradients of one periodic problem, shape ``(P, n)``."""
    if not isinstance(problems.check_problem(problem), problems.PeriodicProblem):
        raise ValueError("the audit's drift needs a periodic problem")
    gradients = problem.gradients
    if gradients.ndim != 1 + len(problem.shape):
        raise ValueError("the audit's drift needs one periodic problem, not a family of them")
    return gradients if problem.shape else gradients[:, None]


def _observed(
    orbit: Orbit, problem: problems.PeriodicProblem, coupled: bool, rate: float, label: str
) -> Drift:
    D = number_of(orbit, rate)
    error = len(orbit.moves) * orbit.left / rate
    return Drift(
        D if problem.shape else float(D[0]), error, True, orbit.looks_at_x, coupled,
        orbit.periods, PATHS[1], label=label,
    )  # fmt: skip


def number_of(orbit: Orbit, learning_rate: float = 1.0) -> np.ndarray:
    """The drift number of a settled orbit.

    Args:
      orbit: from :func:`adam_and_beyond.audit.orbits.observe`.
      learning_rate: with which the optimizer was made.

    Returns:
      D by coordinate, shape ``(n,)``.
    """
    return orbit.moves.sum(axis=0) / learning_rate


def _by_its_rule(optimizer: Any, problem: problems.PeriodicProblem) -> Any:
    """D of a method of ours whose updates settle too slowly to be watched; None without."""
    method = getattr(optimizer, "method", optimizer)
    if not isinstance(method, (str, methods.Method)):
        return None
    try:
        return drifts.number(method, problem)
    except ValueError:
        return None


def couples(given: Player, gradients: np.ndarray) -> bool:
    """Whether an extra coordinate changes the updates of the others.

    Args:
      given: the optimizer.
      gradients: shape ``(P, n)``.

    Returns:
      Whether they differ within a few periods, the extra gradients being ten times as large.

    Raises:
      Crash: if the optimizer raises.
    """
    extra = np.roll(gradients[:, :1], 1, axis=0) * _LOUD
    seen = []
    for table in (gradients, np.hstack([gradients, extra])):
        # Held away from zero, where the norm of the parameters would be no scale. Two of them: the
        # shape that is compiled already.
        lanes = stack([Lane(table, x=0.5, lower=0.5, upper=0.5)] * 2)
        steps = np.array([_FEW * len(table), 0])
        position = given.advance(lanes, given.begin(lanes), steps)
        seen.append(position.moves[0, : len(table), : gradients.shape[1]])
    alone, together = seen
    largest = np.abs(alone).max(initial=0.0)
    return bool(np.abs(alone - together).max(initial=0.0) > _COUPLED * largest)


def projected(given: Player, gradients: np.ndarray, problem: problems.PeriodicProblem) -> Any:
    """Where projected runs end that start at the lower and at the upper end.

    Args:
      given: the optimizer.
      gradients: shape ``(P, n)``.
      problem: whose box it is.

    Returns:
      The last iterates, shape ``(2,)`` or ``(2, n)``; the updates are divided by sqrt(t).

    Raises:
      Crash: if the optimizer raises.
    """
    box = {"lower": problem.lower, "upper": problem.upper, "falling": True}
    lanes = stack([Lane(gradients, x=x, **box) for x in (problem.lower, problem.upper)])
    position = given.advance(lanes, given.begin(lanes), np.full(2, given.run_steps))
    ends = np.asarray(position.x)
    return ends if problem.shape else ends[:, 0]


def is_number(value: Any) -> bool:
    """Whether a drift number is there.

    Args:
      value: the ``D`` of a :class:`Drift`.

    Returns:
      Whether it is finite.
    """
    return bool(np.all(np.isfinite(checks.real(value, "D"))))
