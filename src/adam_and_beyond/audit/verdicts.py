"""From evidence to a verdict and a sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from adam_and_beyond.audit.orbits import Orbit
from adam_and_beyond.audit.suite import Challenge

CONVERGED, FAILED, UNDECIDED, CRASHED = VERDICTS = (
    "converged",
    "failed",
    "undecided",
    "crashed",
)
_HALF = 0.5  # of the way from the middle of the interval to its end
_REGRET = 0.05, 0.2  # of units of the loss: below it vanishes, above it stays
_BIAS = 0.02, 0.1  # in standard deviations of the data
_SHARE = 0.9, 0.5  # of the frequency of the rarest class


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the audit says of one problem."""

    name: str  # of the problem
    title: str
    verdict: str  # one of ``VERDICTS``
    sentence: str
    evidence: dict[str, Any]  # numbers by name


def said(challenge: Challenge, verdict: str, sentence: str, **evidence: Any) -> Verdict:
    """A verdict on a problem.

    Args:
      challenge: the problem.
      verdict: one of ``VERDICTS``.
      sentence: why.
      **evidence: numbers by name.

    Returns:
      The ``Verdict``.
    """
    return Verdict(challenge.name, challenge.title, verdict, sentence, evidence)


def of_line(
    challenge: Challenge,
    orbit: Orbit | None,
    D: float,
    error: float,
    ends: np.ndarray,
    regret: Any,
    alphas: Sequence[float],
) -> Verdict:
    """The verdict on a line: by the sign of D where there is one, else by the runs.

    Args:
      challenge: the problem.
      orbit: what was observed, or None.
      D: the drift number; nan without.
      error: how far it may be off.
      ends: last iterates, shape ``(alphas, starts)``.
      regret: average regret of each run, of the same shape.
      alphas: the step sizes.

    Returns:
      The ``Verdict``.
    """
    evidence = {"D": None if np.isnan(D) else D, "ends": ends, "average_regret": regret}
    alphas = evidence["alphas"] = tuple(alphas)
    if orbit is not None:
        evidence["periods"] = orbit.periods
    if np.isfinite(D) and abs(D) > error:
        good = np.sign(D) == np.sign(challenge.best)
        there = f"D = {D:+.4g}, so with vanishing steps x goes to "
        where = "the best point" if good else "the worst point"
        end = challenge.best if good else challenge.worst
        words = f"{there}{where}, {end:+g}"
        return said(challenge, CONVERGED if good else FAILED, words, **evidence)
    reason = f"no D ({orbit.reason}); " if orbit is not None and orbit.reason else ""
    if np.isfinite(D):
        reason = "D is 0 to within what can be seen; "
    verdict, words = _by_ends(challenge, ends, alphas)
    return said(challenge, verdict, reason + words, **evidence)


def _by_ends(challenge: Challenge, ends: np.ndarray, alphas: Sequence[float]) -> tuple[str, str]:
    """The verdict of the runs: where both starts end on the same side, for a step size."""
    if not np.all(np.isfinite(ends)):
        return CRASHED, "an iterate is not a finite number"
    towards = ends * np.sign(challenge.best)
    arrived, lost = np.all(towards > _HALF, axis=1), np.all(towards < -_HALF, axis=1)
    shown = "; ".join(
        f"step size {a:g}: {low:+.2f}, {high:+.2f}"
        for a, (low, high) in zip(alphas, ends, strict=True)
    )
    if arrived.any() and not lost.any():
        return CONVERGED, f"runs from both ends arrive at the best point ({shown})"
    if lost.any() and not arrived.any():
        return FAILED, f"runs from both ends arrive at the worst point ({shown})"
    return UNDECIDED, f"the runs do not decide ({shown})"


def of_blocks(challenge: Challenge, regret: np.ndarray) -> Verdict:
    """The verdict where the sign of the slope changes by blocks: the regret alone counts.

    Args:
      challenge: the problem.
      regret: largest average regret at the ends of the later blocks, for each step size.

    Returns:
      The ``Verdict``.
    """
    least = float(np.min(regret))
    if not np.isfinite(least):
        return said(challenge, CRASHED, "a loss is not a finite number", average_regret=regret)
    verdict = CONVERGED if least < _REGRET[0] else FAILED if least > _REGRET[1] else UNDECIDED
    words = f"the average regret at the ends of blocks is at most {least:+.3f}"
    return said(challenge, verdict, words, average_regret=regret)


def of_zhang(challenge: Challenge, x: np.ndarray) -> Verdict:
    """The verdict on Zhang et al.'s function: is x at the minimiser, or on its way to infinity?

    Args:
      challenge: the problem.
      x: last iterates, one for each step size.

    Returns:
      The ``Verdict``.
    """
    shown = ", ".join(f"{end:+.3g}" for end in x)
    if not np.all(np.isfinite(x)):
        verdict, words = CRASHED, "an iterate is not a finite number"
    elif np.any(np.abs(x - challenge.best) < _HALF):
        verdict, words = CONVERGED, f"x ends near the minimiser {challenge.best:g} ({shown})"
    elif np.all(x > 1):
        verdict, words = FAILED, f"x leaves to the right ({shown})"
    else:
        verdict, words = UNDECIDED, f"x is at {shown}, the minimiser at {challenge.best:g}"
    return said(challenge, verdict, words, ends=x)


def of_skewed(challenge: Challenge, x: np.ndarray) -> Verdict:
    """The verdict on a quadratic with skewed data: how far from the mean x rests.

    Args:
      challenge: the problem.
      x: average iterates of the second half of the run, one for each step size.

    Returns:
      The ``Verdict``.
    """
    deviation = np.sqrt(challenge.best * (1 - challenge.best))
    bias = float((x - challenge.best)[np.argmin(np.abs(x - challenge.best))] / deviation)
    if not np.isfinite(bias):
        return said(challenge, CRASHED, "an iterate is not a finite number", rest=x)
    off = abs(bias)
    verdict = CONVERGED if off < _BIAS[0] else FAILED if off > _BIAS[1] else UNDECIDED
    words = f"rests {bias:+.4f} standard deviations from the mean"
    return said(challenge, verdict, words, rest=x, bias=bias)


def of_classes(challenge: Challenge, share: np.ndarray) -> Verdict:
    """The verdict on rare classes: what becomes of the rarest.

    Args:
      challenge: the problem.
      share: probability over frequency of the rarest class, one for each step size.

    Returns:
      The ``Verdict``.
    """
    best = float(share[np.argmin(np.abs(np.log(np.maximum(share, 1e-300))))])
    if not np.isfinite(best):
        return said(challenge, CRASHED, "a probability is not a number", calibration=share)
    verdict = FAILED if best < _SHARE[1] else UNDECIDED
    verdict = CONVERGED if _SHARE[0] < best < 1 / _SHARE[0] else verdict
    words = f"the rarest class gets {best:.3f} of its frequency {challenge.probabilities[-1]:.4f}"
    return said(challenge, verdict, words, calibration=share, expected=challenge.probabilities[-1])
