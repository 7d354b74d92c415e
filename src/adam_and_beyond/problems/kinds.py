r"""Online problems with linear losses f_t(x) = g_t x: periodic, at random, or given.

Where the ends of the box are arrays of shape ``(n,)``, so are gradients and iterates:
:math:`f_t(x) = \langle g_t, x \rangle` on a box in :math:`\mathbb R^n`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import numpy as np

from adam_and_beyond import checks
from adam_and_beyond.problems.draws import IIDArguments, first_rare_rounds, next_rare_rounds


def plain(value: Any) -> Any:
    """A float for an array without axes, anything else as it is."""
    return float(value) if np.ndim(value) == 0 else value


# Methods square gradients, add up to 10^12 squares, and multiply one by 1 - beta2, as little as
# 10^-16; and what is below 2^-1022 JAX takes for 0 on processors. Inside these bounds nothing
# overflows or vanishes.
SMALLEST, LARGEST = 1e-140, 1e140


def _own(values: Any, what: str) -> np.ndarray:
    """A read-only copy: a problem must not change with the caller's array."""
    array = np.array(checks.real(values, what))
    array.setflags(write=False)
    return array


class _Box:
    """What all problems share: the ends of the box, and the best fixed point in it."""

    gradients: np.ndarray
    lower: Any
    upper: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a point: () for a number, (n,) for a vector."""
        return np.shape(self.lower)

    @property
    def best_fixed_point(self) -> Any:
        """Minimiser of the average loss, an end of the interval (nan if its slope is 0)."""
        slope = self.mean_gradient
        ends = np.where(np.greater(slope, 0), self.lower, self.upper)
        return plain(np.where(np.equal(slope, 0), math.nan, ends))

    def _check_box(self) -> None:
        ends = (checks.real(end, "the ends of the interval") for end in (self.lower, self.upper))
        try:
            lower, upper = np.broadcast_arrays(*ends)
        except ValueError:
            raise ValueError(
                "a box has one lower and one upper end per coordinate, got shapes "
                f"{np.shape(self.lower)} and {np.shape(self.upper)}"
            ) from None
        if not np.all(np.isfinite(lower) & np.isfinite(upper) & (lower < upper)):
            raise ValueError(
                "the feasible interval needs finite ends lower < upper, got "
                f"[{checks.short(self.lower)}, {checks.short(self.upper)}]"
            )
        if lower.ndim > 1 or lower.size == 0:
            raise ValueError(
                f"a box has one lower and one upper end per coordinate, got shape {lower.shape}"
            )
        if lower.ndim:
            object.__setattr__(self, "lower", _own(lower, "ends"))
            object.__setattr__(self, "upper", _own(upper, "ends"))

    def _check_gradients(self, least: int) -> None:
        array, tail = _own(self.gradients, "gradients"), self.shape
        rounds = array.ndim - 1 - len(tail)  # the axis that counts rounds, or values
        if rounds < 0 or array.shape[rounds] < least or array.shape[rounds + 1 :] != tail:
            what = f" of vectors of shape {tail}, as the box has," if tail else ""
            raise ValueError(
                f"gradients must be a sequence of at least {least} number(s){what} got "
                f"{checks.short(self.gradients)}"
            )
        if not np.all(np.isfinite(array)):
            raise ValueError("gradients must be finite, got a nan or an infinity among them")
        sizes = np.abs(array[array != 0])
        if sizes.size and not (sizes.min() >= SMALLEST and sizes.max() <= LARGEST):
            raise ValueError(
                f"gradients must be 0 or of a size from {SMALLEST:g} to {LARGEST:g}, so that "
                f"their squares are numbers; got sizes from {sizes.min():g} to {sizes.max():g}"
            )
        object.__setattr__(self, "gradients", array)

    def __repr__(self) -> str:
        shape = f"gradients of shape {self.gradients.shape}"
        if self.gradients.size <= 4:
            shape = f"gradients {checks.short(self.gradients)}"
        ends = f"[{checks.short(self.lower)}, {checks.short(self.upper)}]"
        return f"<{type(self).__name__} {self.name!r}: {shape} on {ends}>"


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class PeriodicProblem(_Box):
    r"""Losses f_t(x) = g_t x whose gradients repeat: g_t = gradients[(t - 1) mod P], t = 1, 2, ...

    Args:
      gradients: one period, float, shape ``(P,)``, or ``(P, n)`` on a box; a leading shape
        ``(..., P)`` is a family of problems, for :func:`adam_and_beyond.simulate.sweep`.
        Units: loss / x.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
      upper: upper end.
      name: as printed in captions.

    Raises:
      ValueError: for an empty or non-finite period, gradients whose squares are no numbers, or an
        interval without inside.

    References:
      Reddi, Kale and Kumar (2018), sections 3 and 5. Introduced in the chapter "Regret and the
      generic method".
    """

    gradients: np.ndarray
    lower: Any = -1.0
    upper: Any = 1.0
    name: str = "periodic"

    def __post_init__(self) -> None:
        self._check_box()
        self._check_gradients(least=1)

    @property
    def period(self) -> int:
        """Number of rounds after which the losses repeat."""
        return self.gradients.shape[self._rounds]

    @property
    def mean_gradient(self) -> Any:
        """Average slope per round, units loss / x."""
        return plain(self.gradients.mean(axis=self._rounds))

    @property
    def _rounds(self) -> int:
        return -1 - len(self.shape)

    def sample(self, steps: int, seed: int = 0) -> np.ndarray:
        """The first ``steps`` gradients, shape ``(..., steps)``; ``seed`` plays no part."""
        return np.take(self.gradients, np.arange(steps) % self.period, axis=self._rounds)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class GivenProblem(_Box):
    r"""Losses f_t(x) = g_t x with recorded gradients g_1, ..., g_T.

    Args:
      gradients: g_1, ..., g_T, float, shape ``(T,)``, or ``(T, n)`` on a box. Units: loss / x.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
      upper: upper end.
      name: as printed in captions.

    Raises:
      ValueError: for an empty or non-finite sequence, gradients whose squares are no numbers, or an
        interval without inside.

    References:
      Introduced in the appendix "How to use this book".
    """

    gradients: np.ndarray
    lower: Any = -1.0
    upper: Any = 1.0
    name: str = "given gradients"

    def __post_init__(self) -> None:
        self._check_box()
        self._check_gradients(least=1)
        if self.gradients.ndim != 1 + len(self.shape):
            raise ValueError(
                f"given gradients are one sequence, got an array of shape {self.gradients.shape}; "
                "for vectors give the box one end per coordinate"
            )

    @property
    def mean_gradient(self) -> Any:
        """Average slope per round, units loss / x."""
        return plain(self.gradients.mean(axis=0))

    def sample(self, steps: int, seed: int = 0) -> np.ndarray:
        """The first ``steps`` gradients; ``seed`` plays no part."""
        return self.gradients[:steps].copy()


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class IIDProblem(_Box):
    r"""Losses f_t(x) = g_t x with independent g_t: P(g_t = gradients[k]) = probabilities[k].

    Args:
      gradients: at least two values, float, shape ``(K,)``, or ``(K, n)`` on a box. Units:
        loss / x.
      probabilities: of the values, positive, sum 1, shape ``(K,)``.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
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
    lower: Any = -1.0
    upper: Any = 1.0
    name: str = "i.i.d."

    def __post_init__(self) -> None:
        self._check_box()
        self._check_gradients(least=2)
        gradients = self.gradients
        weights = checks.real(self.probabilities, "probabilities")
        if gradients.ndim != 1 + len(self.shape) or weights.shape != gradients.shape[:1]:
            raise ValueError(
                "gradients and probabilities must be two lists of the same length, got shapes "
                f"{gradients.shape} and {weights.shape}"
            )
        if not (np.all(weights > 0) and math.isclose(weights.sum(), 1.0, abs_tol=1e-12)):
            raise ValueError(
                "probabilities must be positive and sum to 1, got "
                f"{checks.short(self.probabilities)}, sum {weights.sum():g}"
            )
        # The most probable value first: sampling waits for the others.
        order = np.argsort(-weights, kind="stable")
        object.__setattr__(self, "gradients", _own(gradients[order], "gradients"))
        object.__setattr__(self, "probabilities", _own(weights[order], "probabilities"))

    @property
    def mean_gradient(self) -> Any:
        """Expected slope per round, units loss / x."""
        return plain(self.probabilities @ self.gradients)

    def sample(self, steps: int, seed: int = 0) -> np.ndarray:
        """The first ``steps`` gradients that ``simulate.run`` draws from ``seed``."""
        gradients = np.empty((steps, *self.shape))
        gradients[:] = self.gradients[0]
        with jax.enable_x64(True):
            block = first_rare_rounds(self.arguments(), np.int64(seed))
            while True:
                inside = np.asarray(block.rounds) <= steps
                gradients[np.asarray(block.rounds)[inside] - 1] = np.asarray(block.values)[inside]
                if not inside.all():
                    return gradients
                block = next_rare_rounds(self.arguments(), block)

    def arguments(self) -> IIDArguments:
        """The numbers that drawing needs, as float64 arrays."""
        rare = self.probabilities[1:]
        return IIDArguments(
            common=self.gradients[0],
            rare=np.asarray(self.gradients[1:]),
            cumulative=np.cumsum(rare) / rare.sum(),
            log_no_rare=np.float64(np.log1p(-rare.sum())),
        )


Problem = PeriodicProblem | IIDProblem | GivenProblem


def check_problem(problem: Any) -> Problem:
    """The problem, if it is one; else a sentence that says what to hand over.

    Args:
      problem: what a caller gave.

    Returns:
      The ``Problem``.

    Raises:
      ValueError: for a function that makes problems and was not called, and for anything else.
    """
    if isinstance(problem, Problem):
        return problem
    name = getattr(problem, "__name__", "")
    if callable(problem) and getattr(problem, "__module__", "").startswith(__package__):
        raise ValueError(f"problem is a function that makes one: call it, problems.{name}(...)")
    raise ValueError(
        "problem must be one of adam_and_beyond.problems, e.g. problems.figure_1_online(), got "
        f"{checks.short(problem)}"
    )


def periodic(gradients: Any, lower: Any = -1.0, upper: Any = 1.0) -> PeriodicProblem:
    """A problem of your own whose gradients repeat.

    Args:
      gradients: one period, shape ``(P,)``, finite; ``(..., P)`` is a family of problems; of
        vectors, ``(P, n)``.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
      upper: upper end.

    Returns:
      The ``PeriodicProblem``, which raises a ``ValueError`` for anything else.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    return PeriodicProblem(gradients, lower, upper)


def iid(gradients: Any, probabilities: Any, lower: Any = -1.0, upper: Any = 1.0) -> IIDProblem:
    """A problem of your own with independent gradients.

    Args:
      gradients: at least two values, finite, shape ``(K,)``; of vectors, ``(K, n)``.
      probabilities: of the values, positive, sum 1, shape ``(K,)``.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
      upper: upper end.

    Returns:
      The ``IIDProblem``, which raises a ``ValueError`` for anything else.

    References:
      Introduced in the chapter "Theorem 3".
    """
    return IIDProblem(gradients, probabilities, lower, upper)


def given(gradients: Any, lower: Any = -1.0, upper: Any = 1.0) -> GivenProblem:
    """A problem of your own from recorded gradients, e.g. of a training run.

    Args:
      gradients: g_1, ..., g_T, finite, shape ``(T,)``; of vectors, ``(T, n)``.
      lower: lower end of the feasible interval, units of x; shape ``(n,)`` for a box.
      upper: upper end.

    Returns:
      The ``GivenProblem``, which raises a ``ValueError`` for anything else. A run on it has at most
      T steps.

    References:
      Introduced in the appendix "How to use this book".
    """
    return GivenProblem(gradients, lower, upper)
