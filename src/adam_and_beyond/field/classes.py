"""What a method makes of the probabilities of a softmax: one class, and all of them."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize
import scipy.stats

from adam_and_beyond import checks, methods
from adam_and_beyond.drift import iid
from adam_and_beyond.field.integral import mean_direction
from adam_and_beyond.field.rest import HONEST

_LEAST = -300.0  # of ln(qB): its square must be a number
_NEGLIGIBLE = 1e-22  # probability of a count that is left out
_NUDGE = 1e-5  # of ln Q, for slopes
_REACH = 2.0  # of ln Q in a round
_ROUNDS = 100  # of Newton's method
_MOST_SOLVED = 40  # frequencies that are solved for; between more of them is interpolated


class Softmax(NamedTuple):
    """Where a softmax ends: shape ``(n,)`` each, and a number."""

    probabilities: np.ndarray  # q, with sum 1
    drift: float  # common speed of all logits, per step and alpha


def _counts(p: float, batch: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts of a class in a batch and their probabilities; a Poisson law for infinite batches."""
    law = scipy.stats.poisson(p) if math.isinf(batch) else scipy.stats.binom(int(batch), p)
    low, high = (int(law.ppf(end)) for end in (1e-20, 1 - 1e-16))
    top = int(batch) if not math.isinf(batch) else high + 40
    counts = np.arange(max(0, low - 40), min(top, high + 40) + 1)
    chances = law.pmf(counts)
    kept = chances > _NEGLIGIBLE
    return counts[kept].astype(float), chances[kept] / chances[kept].sum()


class _Class:
    """The field of a class's logit: a function of ln q, q in units of 1 / batch."""

    def __init__(self, memory: iid.Memory, expected: float, batch: float) -> None:
        self.memory, self.expected, self.batch = memory, expected, batch
        p = expected if math.isinf(batch) else expected / batch
        self.counts, self.chances = _counts(p, batch)

    def field(self, log_Q: float) -> float:
        """E[-m / sqrt V] of gradients (Q - count) / batch: positive if the logit rises."""
        g = math.exp(log_Q) - self.counts  # by scale the batch matters beside an epsilon alone
        unit = 1.0 if math.isinf(self.batch) else self.batch
        return -mean_direction(self.memory, g / unit, self.chances)

    def slope(self, log_Q: float) -> float:
        """The derivative of the field by ln Q."""
        return (self.field(log_Q + _NUDGE) - self.field(log_Q - _NUDGE)) / (2 * _NUDGE)

    def zero(self, drift: float = 0.0, near: float | None = None) -> float:
        """The ln Q at which the field has the value ``drift``."""
        excess = functools.lru_cache(lambda log_Q: self.field(log_Q) - drift)
        most = math.log(self.batch) if not math.isinf(self.batch) else math.inf
        start = math.log(self.expected) if near is None else near
        low, high, step = start - 0.05, min(start + 0.05, most), 0.1
        while excess(low) <= 0:
            low, high, step = low - step, low, 2 * step
            if low < _LEAST:
                raise ValueError(
                    f"a class met {self.expected:.3g} times a step keeps less than e^{_LEAST:.0f}: "
                    "only field.laws.lost reaches so far"
                )
        while excess(high) > 0:
            if high >= most:
                raise ValueError("no probability below 1 has such a drift")
            low, high, step = high, min(high + step, most), 2 * step
        return float(scipy.optimize.brentq(excess, low, high, xtol=1e-13, rtol=1e-14))


def log_slope(method: methods.Method, expected: float, batch: float, log_Q: float) -> float:
    """The slope of the field of a class's logit: by ln Q, Q being its probability times batch.

    Args:
      method: one whose averages have the form of the integral.
      expected: r, as in :func:`calibration`.
      batch: B.
      log_Q: where.

    Returns:
      The slope, per step and alpha; negative.

    References:
      Ours.
    """
    return _Class(iid.memory_of(method), expected, batch).slope(log_Q)


def _check_batch(batch: Any) -> float:
    value = checks.real(batch, "batch")
    if value.ndim or not value >= 1 or (np.isfinite(value) and value != np.floor(value)):
        raise ValueError(
            f"batch must be a whole number of at least 1, or infinity, got {checks.short(batch)}"
        )
    return float(value)


def calibration(
    method: str | methods.Method, expected: Any, batch: float = 1, log: bool = False
) -> Any:
    r"""q / p of a class: the probability where its logit rests, over its frequency.

    The gradient of a logit is q - count / B with a binomial count. By scale only Q = qB matters,
    and :math:`E[-m/V^{1/2}] = 0` at gradients :math:`Q - N` is solved for :math:`\ln Q`.

    Args:
      method: one whose averages have the form of the integral, or one that rests at the mean.
      expected: r = pB, how often the class is met in a step; a number or an array, in (0, B).
      batch: B, a whole number; infinity for a Poisson count.
      log: return ln(q / p) instead, which stays a number where q / p is none.

    Returns:
      q / p, or its logarithm: a float, or an array of the shape of ``expected``.

    Raises:
      ValueError: for numbers out of these ranges, a method without such a field, or a class that
        keeps less than e^-300.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    method, batch = methods.get(method), _check_batch(batch)
    r = checks.real(expected, "expected")
    if not np.all((r > 0) & (r < batch)):
        raise ValueError(f"expected must lie in (0, {batch:g}), got {checks.short(expected)}")
    if method.name in HONEST:
        found = np.zeros_like(r)
    else:
        memory = iid.memory_of(method)
        solved = [_Class(memory, one, batch).zero() - math.log(one) for one in r.flat]
        found = np.reshape(solved, r.shape)
    found = found if log else np.exp(found)
    return float(found) if found.ndim == 0 else found


def softmax(method: str | methods.Method, frequencies: Any, batch: float = 1) -> Softmax:
    r"""Where a softmax over logits ends, and how fast all logits drift together.

    The logits are the parameters. A common drift of all of them changes no probability. So the
    softmax is at rest where the fields of all classes have one value :math:`\lambda` and the
    probabilities the sum 1.

    .. math:: E\Big[{-\frac{m_c}{V_c^{1/2}}}\Big] = \lambda \quad (c = 1, \dots, n), \qquad
        \sum_c q_c = 1

    Of more than 40 different frequencies, 40 are solved for and the logarithms between them
    interpolated (Chebyshev points in the logarithm of the frequency).

    Args:
      method: as in :func:`calibration`.
      frequencies: p, positive, up to a factor; shape ``(n,)``, n at least 2.
      batch: B, a whole number.

    Returns:
      The ``Softmax``.

    Raises:
      ValueError: for other frequencies or batches, or as :func:`calibration`.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    method, batch = methods.get(method), _check_batch(batch)
    if math.isinf(batch):
        raise ValueError("softmax needs a finite batch")
    p = checks.real(frequencies, "frequencies")
    if p.ndim != 1 or p.size < 2 or not np.all((p > 0) & np.isfinite(p)):
        raise ValueError(
            f"frequencies must be two or more positive numbers, got {checks.short(frequencies)}"
        )
    p = p / p.sum()
    if method.name in HONEST:
        return Softmax(p, 0.0)
    memory = iid.memory_of(method)
    points, spread = _between(p)
    classes = [_Class(memory, point * batch, batch) for point in points]
    log_q, drift = _together(classes, lambda log_Q: spread(log_Q - math.log(batch)))
    q = np.exp(log_q)
    return Softmax(q / q.sum(), drift)


def _together(classes: list[_Class], spread: Any) -> tuple[np.ndarray, float]:
    """The ln q of all classes at one drift, with sum 1: Newton's method, a class at a time.

    Near the present point each ln Q is linear in the drift, so the sum 1 is one equation in it.
    """
    near = classes[-1].zero()
    log_Q = np.zeros(len(classes))
    for k in range(len(classes) - 1, -1, -1):  # frequent classes first, each starts near the last
        guess = near + math.log(
            classes[k].expected / classes[min(k + 1, len(classes) - 1)].expected
        )
        near = log_Q[k] = classes[k].zero(near=guess)
    drift = 0.0
    for _ in range(_ROUNDS):
        fields = np.array([one.field(at) for one, at in zip(classes, log_Q, strict=True)])
        moved = [one.field(at + _NUDGE) for one, at in zip(classes, log_Q, strict=True)]
        slopes = (np.array(moved) - fields) / _NUDGE
        log_Q, drift, off = _linear(log_Q, fields, slopes, spread)
        if off < 1e-11:
            return spread(log_Q), drift
    raise ValueError("no common drift of the logits was found")


def _linear(log_Q: np.ndarray, fields: np.ndarray, slopes: np.ndarray, spread: Any) -> Any:
    """One round: where the sum is 1 if fields are linear, no ln Q moving by more than its reach."""

    def at(drift: float) -> np.ndarray:
        return log_Q + np.clip((drift - fields) / slopes, -_REACH, _REACH)

    def excess(drift: float) -> float:
        return float(np.exp(spread(at(drift))).sum()) - 1

    drift = scipy.optimize.brentq(excess, -1.0, 1.0, xtol=1e-15)
    found = at(drift)
    return found, drift, np.abs(found - log_Q).max()


def _between(p: np.ndarray) -> tuple[np.ndarray, Any]:
    """The frequencies to solve for, and the map from their ln q to that of every class."""
    distinct, place = np.unique(p, return_inverse=True)
    if distinct.size <= _MOST_SOLVED:
        return distinct, lambda values: values[place]
    logs = np.log(distinct)
    middle, half = (logs[-1] + logs[0]) / 2, (logs[-1] - logs[0]) / 2
    nodes = np.cos(np.pi * (np.arange(_MOST_SOLVED) + 0.5) / _MOST_SOLVED)
    degree = _MOST_SOLVED - 1

    def spread(values: np.ndarray) -> np.ndarray:
        series = np.polynomial.chebyshev.chebfit(nodes, values, degree)
        return np.polynomial.chebyshev.chebval((logs - middle) / half, series)[place]

    return np.exp(middle + half * nodes), spread
