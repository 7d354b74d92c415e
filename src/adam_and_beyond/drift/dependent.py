r"""Dependent gradients: what their order does to Adam, to first order and exactly.

For a stationary sequence write :math:`c_l = \operatorname{Cov}(g_t, g_{t+l}^2)`. Then

.. math::
  \operatorname{Cov}(m, v) = \kappa \Big( c_0 + \sum_{l \ge 1} \beta_1^l c_l
    + \sum_{l \ge 1} \beta_2^l c_{-l} \Big), \qquad
  \kappa = \frac{(1-\beta_1)(1-\beta_2)}{1-\beta_1\beta_2}

The four orders here have the same gradients, equally likely, and differ in the :math:`c_l` alone.
For reshuffled epochs of n, :math:`c_l = -c_0 (1 - |l|/n)/(n - 1)`; in bursts
:math:`c_l = c_0 \rho^{|l|}`; in a fixed order they are those of the period.

The exact mean of :math:`-m/\sqrt v` is, as for independent gradients, an integral over s of
:math:`E[m e^{-sv}] / \sqrt s`. Where a finite Markov chain draws the gradients, the expectation is
worked off backwards, from the oldest gradient to the newest, for all states of the chain at once.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond.drift.iid import Memory, memory_of, stationary
from adam_and_beyond.drift.periodic import number

ORDERS = ("fixed", "reshuffled", "independent")
_STEP = 0.25  # of the trapezoid rule in u = log s: its error is below e^{-39}
_SMALL = 1e-13  # what is left out at both ends of the integral, and of the past, relatively
_OLD = 1e-7  # from where on a past is replaced by its mean, in units of 1 / (s g^2)
_NOTHING = 1e-200  # counts as 0: numbers below the smallest normal one are slow
_MOST_STATES = 400


class FirstOrder(NamedTuple):
    r"""What order does to Adam, to first order in 1 - beta2.

    ``clumping`` is :math:`\operatorname{Cov}(m, v) / (\kappa \operatorname{Cov}(g, g^2))`: 1 for
    independent draws. ``failure_number`` exceeds 1 where the covariance outweighs the mean.
    """

    drift: float  # E[-m / sqrt v], with 1 / sqrt(v) to first order about E[v]
    covariance: float  # of m and v, exactly; units loss^3 / x^3
    clumping: float
    failure_number: float


def _checked(method: str | methods.Method, gradients: Any, order: Any) -> tuple[Memory, Any]:
    memory = memory_of(methods.get(method))
    g = np.asarray(gradients, np.float64)
    if g.ndim != 1 or g.size < 2 or not np.all(np.isfinite(g)) or not np.any(g):
        raise ValueError("an order needs at least two finite gradients in a row, not all 0")
    number_in_range = isinstance(order, (int, float)) and 0 <= order < 1
    if isinstance(order, bool) or not (number_in_range or order in ORDERS):
        raise ValueError(
            f"order must be one of {', '.join(map(repr, ORDERS))}, or the probability in [0, 1) "
            f"with which a gradient comes again, got {order!r}"
        )
    return memory, g


def _sums(g: np.ndarray, order: Any, decays: tuple[float, float]) -> tuple[float, float, float]:
    r"""c_0, and the sums over l from 1 of decay_1^l c_l and of decay_2^l c_{-l}."""
    n, centred, squares = g.size, g - g.mean(), g**2 - np.mean(g**2)
    at_once = float(np.mean(centred * squares))
    if order == "independent":
        return at_once, 0.0, 0.0
    if order == "reshuffled":
        lags = np.arange(1, n)
        shares = -(1 - lags / n) / (n - 1)  # in one epoch, and then another one of its gradients
        return (at_once, *(at_once * float(shares @ b**lags) for b in decays))
    if order != "fixed":
        return (at_once, *(at_once * b * order / (1 - b * order) for b in decays))
    lags = np.arange(1, n + 1)
    ahead = np.array([np.mean(centred * np.roll(squares, -lag)) for lag in lags])
    behind = np.array([np.mean(centred * np.roll(squares, lag)) for lag in lags])
    b1, b2 = decays
    # 1 - b^n without its cancellation where b is close to 1.
    left = [-math.expm1(n * math.log(b)) if b else 1.0 for b in decays]
    return at_once, float(ahead @ b1**lags) / left[0], float(behind @ b2**lags) / left[1]


def first_order(
    method: str | methods.Method, gradients: Any, order: str | float = "independent"
) -> FirstOrder:
    r"""Adam's drift per round to first order in 1 - beta2, for gradients that come in an order.

    .. math::
      E\Big[{-\frac{m}{\sqrt v}}\Big] \approx
        -\frac{1}{\sqrt{\mu_2}} \Big( \mu_1 - \frac{\operatorname{Cov}(m, v)}{2 \mu_2} \Big)

    The covariance is exact; the rest of the expansion is smaller where :math:`\mu_1` is small.

    Args:
      method: Adam or RMSProp, bias-corrected or not; scalar hyperparameters, beta2 > 0.
      gradients: one period or epoch, each as likely as the others, shape ``(n,)``, n at least 2.
      order: ``"fixed"``, over and over as given; ``"reshuffled"``, each epoch in a new random
        order; ``"independent"``, drawn with replacement; or a number in [0, 1): with this
        probability the gradient of the round before comes again, else one is drawn (bursts).

    Returns:
      The ``FirstOrder``.

    Raises:
      ValueError: for another kind of method, another order, or gradients that are all 0.

    References:
      Ours. Introduced in the chapter "Random gradients".
    """
    memory, g = _checked(method, gradients, order)
    if memory.V0 or abs(memory.a1 - memory.a0 * memory.p) > 1e-12 * abs(memory.a0):
        raise ValueError(
            f"the first order is that of Adam and RMSProp, not of {methods.get(method).label}"
        )
    beta1, beta2 = (float(b) for b in (memory.p, memory.q))
    at_once, ahead, behind = _sums(g, order, (beta1, beta2))
    kappa = (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)
    covariance, first, second = kappa * (at_once + ahead + behind), np.mean(g), np.mean(g**2)
    return FirstOrder(
        float(-(first - covariance / (2 * second)) / math.sqrt(second)),
        covariance,
        (at_once + ahead + behind) / at_once if at_once else math.nan,
        float(covariance / (2 * first * second)) if first else math.inf * np.sign(covariance),
    )


def ordered(
    method: str | methods.Method, gradients: Any, order: str | float = "independent"
) -> float:
    r"""The stationary drift E[-m / sqrt V] per round of gradients that come in an order, exactly.

    Args:
      method: as in :func:`stationary`; for a fixed order as in :func:`number`.
      gradients: as in :func:`first_order`. Reshuffled epochs need few different values, as their
        chain remembers which are left.
      order: as in :func:`first_order`.

    Returns:
      The drift per round; in a fixed order the drift number over the period. About 10 digits.

    Raises:
      ValueError: as in :func:`first_order`; and where reshuffling needs more than 400 states.

    References:
      Ours. Introduced in the chapter "Random gradients".
    """
    memory, g = _checked(method, gradients, order)
    if order == "fixed":
        return float(number(method, problems.periodic(g))) / g.size
    if order == "independent" or order == 0:
        values, counts = np.unique(g, return_counts=True)
        return stationary(method, problems.iid(values, counts / g.size))
    if np.any(g == 0):
        raise ValueError("bursts and reshuffled epochs are worked out for gradients other than 0")
    chain = _reshuffled(g) if order == "reshuffled" else _bursts(g, float(order))
    return _of_chain(memory, chain)


class _Chain(NamedTuple):
    """A stationary Markov chain seen backwards: gradients, probabilities, and the state before."""

    gradients: np.ndarray  # shape (n,)
    stationary: np.ndarray  # shape (n,)
    before: np.ndarray  # shape (n, n): row i, the law of the state one round before state i


def _bursts(g: np.ndarray, again: float) -> _Chain:
    values, counts = np.unique(g, return_counts=True)
    p = counts / g.size
    return _Chain(values, p, again * np.eye(values.size) + (1 - again) * p)  # reversible


def _reshuffled(g: np.ndarray) -> _Chain:
    """States: what an epoch has left after a draw, and which value was drawn."""
    values, counts = np.unique(g, return_counts=True)
    full = tuple(int(c) for c in counts)
    mass: Counter = Counter({(full, -1): 1.0 / g.size})  # of a state at a round of the epoch
    arrows: dict[tuple, float] = {}
    layer = dict(mass)
    for _ in range(g.size):
        new: Counter = Counter()
        for (left, drawn), weight in layer.items():
            for k, count in enumerate(left):
                if count:
                    state = (left[:k] + (count - 1,) + left[k + 1 :], k)
                    flow = weight * count / sum(left)
                    new[state] += flow
                    arrows[(left, drawn), state] = flow
        mass.update(new)
        layer = dict(new)
        if len(mass) > _MOST_STATES:
            raise ValueError(
                f"reshuffling {g.size} gradients with {values.size} different values needs more "
                f"than {_MOST_STATES} states: take fewer values"
            )
    del mass[full, -1]
    states = {state: k for k, state in enumerate(mass)}
    last = list(layer.items())  # an epoch's last draw
    before = np.zeros((len(states),) * 2)
    for (old, state), flow in arrows.items():
        share = flow / mass[state]
        if old == (full, -1):
            for end, weight in last:
                before[states[state], states[end]] += share * weight * g.size
        else:
            before[states[state], states[old]] += share
    return _Chain(values[[k for _, k in states]], np.array([*mass.values()]), before)


def _of_chain(memory: Memory, chain: _Chain) -> float:
    g, p, before = chain
    squares, first = g**2, float(p @ g)
    a0, a1, p_m, w0, q, V0 = (float(x) for x in memory)
    low = math.log(_SMALL / squares.max())
    high = math.log(-math.log(_SMALL) / squares.min())
    u = low + _STEP * np.arange(math.ceil((high - low) / _STEP) + 1)
    s = np.exp(u)
    # Of an older past v is its mean: what it varies by counts with the square of its weight.
    rounds = math.ceil(math.log(_OLD / (s[-1] * squares.max())) / math.log(q))
    rest = np.exp(-s * q**rounds * (w0 / (1 - q)) * float(p @ squares))
    f = np.repeat(rest[:, None], g.size, axis=1)  # E[e^{-s v} | state], v of the past so far
    h = f * a1 * p_m ** (rounds - 1) / (1 - p_m) * first  # E[m e^{-s v} | state]
    for k in range(rounds - 1, -1, -1):
        weight = a1 * p_m ** (k - 1) if k else a0
        fade = np.exp(-s[:, None] * (w0 * q**k) * squares)
        older = f @ before.T
        f, h = fade * older, fade * (weight * g * older + h @ before.T)
        h[f < _NOTHING] = f[f < _NOTHING] = 0.0
    values = np.exp(u / 2 - s * V0) * (h @ p)
    # Below the first node E[m e^{-s v}] is E[m]: a geometric series.
    below = math.exp(low / 2) / math.expm1(_STEP / 2) * (a0 + a1 / (1 - p_m)) * first
    return -float(np.sum(values) + below) * _STEP / math.sqrt(math.pi)
