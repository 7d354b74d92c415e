r"""Online problems with linear losses f_t(x) = g_t x on an interval.

The gradients do not depend on x, so a problem *is* its sequence of gradients and its interval.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def _check_interval(lower: float, upper: float) -> None:
    if not (math.isfinite(lower) and math.isfinite(upper) and lower < upper):
        raise ValueError(
            f"the feasible interval needs finite ends lower < upper, got [{lower}, {upper}]"
        )


def _check_gradients(gradients: Any, least: int) -> np.ndarray:
    # A copy: the problem must not change with the caller's array, nor make it read-only.
    array = np.array(gradients, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] < least:
        raise ValueError(
            f"gradients must be a sequence of at least {least} number(s), got {gradients!r}"
        )
    if not np.all(np.isfinite(array)):
        raise ValueError("gradients must be finite, got a nan or an infinity among them")
    array.setflags(write=False)
    return array


@dataclasses.dataclass(frozen=True, eq=False)
class PeriodicProblem:
    r"""Losses f_t(x) = g_t x whose gradients repeat: g_t = gradients[(t - 1) mod P], t = 1, 2, ...

    Args:
      gradients: one period, float, shape ``(P,)``; a leading shape ``(..., P)`` is a family of
        problems, for
        :func:`adam_and_beyond.simulate.sweep`. Units: loss / x.
      lower: lower end of the feasible interval, units of x.
      upper: upper end.
      name: as printed in captions.

    Raises:
      ValueError: for an empty or non-finite period, or an interval without inside.

    References:
      Reddi, Kale and Kumar (2018), sections 3 and 5. Introduced in the chapter "Regret and the
      generic method".
    """

    gradients: np.ndarray
    lower: float = -1.0
    upper: float = 1.0
    name: str = "periodic"

    def __post_init__(self) -> None:
        _check_interval(self.lower, self.upper)
        object.__setattr__(self, "gradients", _check_gradients(self.gradients, least=1))

    @property
    def period(self) -> int:
        """Number of rounds after which the losses repeat."""
        return self.gradients.shape[-1]

    @property
    def mean_gradient(self) -> Any:
        """Average slope per round, units loss / x."""
        return _scalar(self.gradients.mean(axis=-1))

    @property
    def best_fixed_point(self) -> Any:
        """Minimiser of the average loss, an end of the interval (nan if its slope is 0)."""
        return _best_end(self)

    def sample(self, steps: int, seed: int = 0) -> np.ndarray:
        """The first ``steps`` gradients, shape ``(..., steps)``; ``seed`` plays no part."""
        return np.take(self.gradients, np.arange(steps) % self.period, axis=-1)


@dataclasses.dataclass(frozen=True, eq=False)
class IIDProblem:
    r"""Losses f_t(x) = g_t x with independent g_t: P(g_t = gradients[k]) = probabilities[k].

    Args:
      gradients: at least two values, float, shape ``(K,)``. Units: loss / x.
      probabilities: of the values, positive, sum 1, shape ``(K,)``.
      lower: lower end of the feasible interval, units of x.
      upper: upper end.
      name: as printed in captions.

    Raises:
      ValueError: if values and probabilities do not match or do not form a distribution.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3 and section 5. Introduced in the chapter "Figure 1,
      reproduced".
    """

    gradients: np.ndarray
    probabilities: np.ndarray
    lower: float = -1.0
    upper: float = 1.0
    name: str = "i.i.d."

    def __post_init__(self) -> None:
        _check_interval(self.lower, self.upper)
        gradients = _check_gradients(self.gradients, least=2)
        weights = np.asarray(self.probabilities, dtype=np.float64)
        if gradients.ndim != 1 or weights.shape != gradients.shape:
            raise ValueError(
                "gradients and probabilities must be two lists of the same length, got shapes "
                f"{gradients.shape} and {weights.shape}"
            )
        if not (np.all(weights > 0) and math.isclose(weights.sum(), 1.0, abs_tol=1e-12)):
            raise ValueError(f"probabilities must be positive and sum to 1, got {weights.tolist()}")
        # The most probable value first: sampling waits for the others.
        order = np.argsort(-weights, kind="stable")
        gradients, weights = gradients[order], weights[order]
        weights.setflags(write=False)
        gradients.setflags(write=False)
        object.__setattr__(self, "gradients", gradients)
        object.__setattr__(self, "probabilities", weights)

    @property
    def mean_gradient(self) -> float:
        """Expected slope per round, units loss / x."""
        return float(self.gradients @ self.probabilities)

    @property
    def best_fixed_point(self) -> float:
        """Minimiser of the expected loss, an end of the interval (nan if its slope is 0)."""
        return _best_end(self)

    def sample(self, steps: int, seed: int = 0) -> np.ndarray:
        """The first ``steps`` gradients that ``simulate.run`` draws from ``seed``."""
        gradients = np.full(steps, self.gradients[0])
        with jax.enable_x64(True):
            block = first_rare_rounds(self.arguments(), np.int64(seed))
            while True:
                inside = np.asarray(block.rounds) <= steps
                gradients[np.asarray(block.rounds)[inside] - 1] = np.asarray(block.values)[inside]
                if not inside.all():
                    return gradients
                block = next_rare_rounds(self.arguments(), block)

    def arguments(self) -> IIDArguments:
        """The numbers that :func:`next_iid` needs, as float64 arrays."""
        rare = self.probabilities[1:]
        return IIDArguments(
            common=self.gradients[0],
            rare=np.asarray(self.gradients[1:]),
            cumulative=np.cumsum(rare) / rare.sum(),
            log_no_rare=np.float64(np.log1p(-rare.sum())),
        )


Problem = PeriodicProblem | IIDProblem


def _scalar(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value


def _best_end(problem: Problem) -> Any:
    slope = problem.mean_gradient
    ends = np.where(slope > 0, problem.lower, problem.upper)
    return _scalar(np.where(slope == 0, math.nan, ends))


class IIDArguments(NamedTuple):
    """A distribution of gradients, prepared for drawing the waiting times between rare values."""

    common: Any  # the most probable gradient, shape ()
    rare: Any  # the others, shape (K - 1,)
    cumulative: Any  # their conditional distribution function, shape (K - 1,)
    log_no_rare: Any  # log of the probability of the common gradient, shape ()


class RareRounds(NamedTuple):
    """Upcoming rounds with a rare gradient; every round between has the common one."""

    key: jax.Array  # for the next block
    rounds: jax.Array  # int64, increasing, shape (BLOCK,)
    values: jax.Array  # the gradients of those rounds, float64, shape (BLOCK,)


BLOCK = 1024  # rare rounds drawn at a time: random numbers come cheap by the vector


def first_rare_rounds(arguments: IIDArguments, seed: Any) -> RareRounds:
    """The first block of rare rounds of the sequence that belongs to a seed.

    Args:
      arguments: of the distribution, from :meth:`IIDProblem.arguments`.
      seed: a whole number.

    Returns:
      The ``RareRounds`` from round 1 on.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    zeros = jnp.zeros(BLOCK)
    before = RareRounds(jax.random.key(seed), zeros.astype(jnp.int64), zeros)
    return next_rare_rounds(arguments, before)


def next_rare_rounds(arguments: IIDArguments, block: RareRounds) -> RareRounds:
    r"""The block after ``block``: waiting times by inversion of the geometric distribution.

    .. math:: W = \lfloor \log U / \log P(\text{common}) \rfloor, \quad U \sim \mathrm{U}(0, 1]

    Args:
      arguments: of the distribution, from :meth:`IIDProblem.arguments`.
      block: the present block.

    Returns:
      The next ``RareRounds``. One coin a round would give the same law and cost 1/p times as much.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    key, wait_key, value_key = jax.random.split(block.key, 3)
    u = jax.random.uniform(wait_key, (BLOCK,), jnp.float64)
    # 1 - u lies in (0, 1], so the logarithm is finite.
    waits = jnp.floor(jnp.log1p(-u) / arguments.log_no_rare)
    # No run is that long, and a block of such waits still fits an int64: no overflow into the past.
    waits = jnp.minimum(waits, 2.0**52).astype(jnp.int64)
    rounds = block.rounds[-1] + jnp.cumsum(waits + 1)
    which = jnp.searchsorted(
        arguments.cumulative, jax.random.uniform(value_key, (BLOCK,), jnp.float64), side="right"
    )
    rare = jnp.asarray(arguments.rare)
    return RareRounds(key, rounds, rare[jnp.minimum(which, rare.size - 1)])


def periodic(gradients: Any, lower: float = -1.0, upper: float = 1.0) -> PeriodicProblem:
    """A problem of your own whose gradients repeat.

    Args:
      gradients: one period, shape ``(P,)``, finite; ``(..., P)`` is a family of problems.
      lower: lower end of the feasible interval, units of x.
      upper: upper end.

    Returns:
      The ``PeriodicProblem``, which raises a ``ValueError`` for anything else.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    return PeriodicProblem(gradients, lower, upper)


def iid(gradients: Any, probabilities: Any, lower: float = -1.0, upper: float = 1.0) -> IIDProblem:
    """A problem of your own with independent gradients.

    Args:
      gradients: at least two values, finite, shape ``(K,)``.
      probabilities: of the values, positive, sum 1, shape ``(K,)``.
      lower: lower end of the feasible interval, units of x.
      upper: upper end.

    Returns:
      The ``IIDProblem``, which raises a ``ValueError`` for anything else.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    return IIDProblem(gradients, probabilities, lower, upper)


def figure_1_online() -> PeriodicProblem:
    """The paper's synthetic problem: 1010x when t mod 101 = 1, else -10x (Figure 1).

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    References:
      Reddi, Kale and Kumar (2018), section 5, Figure 1, left and centre. Introduced in the chapter
      "Figure 1, reproduced".
    """
    return PeriodicProblem([1010.0] + [-10.0] * 100, name="1010x / -10x, every 101 rounds")


def figure_1_stochastic() -> IIDProblem:
    """Its random sister: 1010x with probability 0.01, else -10x (Figure 1, right).

    Returns:
      The ``IIDProblem``; its best fixed point is -1.

    References:
      Reddi, Kale and Kumar (2018), section 5, Figure 1, right. Introduced in the chapter
      "Figure 1, reproduced".
    """
    return IIDProblem([1010.0, -10.0], [0.01, 0.99], name="1010x / -10x, at random")


def theorem_1(C: Any) -> PeriodicProblem:
    r"""The period-3 problem of the paper's Theorem 1: Cx when t mod 3 = 1, else -x, on [-1, 1].

    Args:
      C: the rare gradient, above 2 (dimensionless); an array of shape S gives a family of shape
        ``S + (3,)``.

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    Raises:
      ValueError: if C does not exceed 2.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """
    C = np.asarray(C, dtype=np.float64)
    if not np.all(C > 2):
        raise ValueError(f"C must exceed 2 (paper, Theorem 1), got {_scalar(C)!r}")
    ones = np.ones_like(C)
    return PeriodicProblem(np.stack([C, -ones, -ones], axis=-1), name="period-3 problem")


def theorem_2(C: int) -> PeriodicProblem:
    r"""The problem of the paper's Theorem 2: Cx when t mod C = 1, else -x, on [-1, 1].

    Args:
      C: period and rare gradient, an integer of at least 2. The paper takes it even; nothing here
        needs that.

    Returns:
      The ``PeriodicProblem``; its best fixed point is -1.

    Raises:
      ValueError: if C is not an integer of at least 2.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2. Introduced in the chapter "Theorem 2".
    """
    if not math.isfinite(C) or int(C) != C or C < 2:
        raise ValueError(f"C must be an integer of at least 2 (paper, Theorem 2), got {C!r}")
    return PeriodicProblem([float(C)] + [-1.0] * (int(C) - 1), name="period-C problem")


def theorem_3(C: float, delta: float) -> IIDProblem:
    r"""The problem of the paper's Theorem 3: Cx with probability (1 + delta) / (C + 1), else -x.

    Args:
      C: the rare gradient, positive.
      delta: the expected slope, in (0, C).

    Returns:
      The ``IIDProblem``; its best fixed point is -1.

    Raises:
      ValueError: if delta lies outside (0, C).

    References:
      Reddi, Kale and Kumar (2018), Theorem 3. Introduced in the chapter "Theorem 3".
    """
    if not 0 < delta < C:
        raise ValueError(f"delta must lie in (0, C) (paper, Theorem 3), got delta={delta}, C={C}")
    p = (1.0 + delta) / (C + 1.0)
    return IIDProblem([C, -1.0], [p, 1.0 - p], name="i.i.d. problem of Theorem 3")
