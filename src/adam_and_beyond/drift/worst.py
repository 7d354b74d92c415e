r"""The worst periodic problem of a method: the drift number differentiated through the orbit.

The orbit's state s solves F(s, g) = s, where F is one period of the rule. One round of Newton's
method at the solution changes nothing, but lets JAX see how s depends on the gradients:

.. math:: \frac{ds}{dg} = (I - F_s)^{-1} F_g
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jaxtyping import Float64

from adam_and_beyond import methods, problems
from adam_and_beyond.drift import contraction
from adam_and_beyond.drift.periodic import gradients_of, number

_FLAT = 1e-9  # relative change of D at which the search stops


class Slope(NamedTuple):
    """The drift number and its derivative with respect to each gradient of the period."""

    D: float
    by_gradient: Float64[np.ndarray, " P"]  # shape (P,), units x / loss


class Worst(NamedTuple):
    """The periodic problem that a search found to be a method's worst, and its drift number."""

    problem: problems.PeriodicProblem
    D: float
    searches: np.ndarray  # D at the end of each search, largest first


@jax.jit
def _slope(method, gradients, s):
    """D at the orbit's state s, and its derivative by the gradients."""

    def D(gradients):
        state = s
        if s.size:  # SGD remembers nothing
            here = contraction.period(method, gradients, s)
            inverse = jnp.linalg.inv(jnp.eye(s.size) - jax.lax.stop_gradient(here.derivative))
            state = s + inverse @ (here.after - s)
        _, m, sqrt_V = contraction.rounds(method, gradients, state)
        return -jnp.sum(methods.direction(jnp, m, sqrt_V))

    return jax.value_and_grad(D)(gradients)


def slope(method: str | methods.Method, problem: problems.PeriodicProblem) -> Slope:
    r"""The drift number and its derivative by the gradients of the period, through the orbit.

    Args:
      method: one with a periodic orbit, scalar hyperparameters. Running maxima are taken on the
        orbit alone.
      problem: one periodic problem; where a root of V is 0 there is no derivative.

    Returns:
      The ``Slope``, float64.

    Raises:
      ValueError: if there is no periodic orbit, see :func:`adam_and_beyond.drift.orbit`.

    References:
      Ours. Introduced in the chapter "The worst problem, and what is safe".
    """
    method, gradients = methods.get(method), gradients_of(problem)
    s = np.zeros(0)
    if method.state_type._fields:
        state, rate = contraction.fixed_point(method, gradients)
        if not rate < 1:
            raise ValueError(f"{method.label} never forgets: there is no drift to differentiate")
        s = np.array([getattr(state, name) for name in method.fading])
    with jax.enable_x64(True):
        D, derivative = _slope(method.over(np.float64), gradients, s)
    return Slope(float(D), np.asarray(derivative))


def worst(
    method: str | methods.Method, period: int, mean: float, searches: int = 6, seed: int = 0
) -> Worst:
    r"""Search for the gradients of a given period and mean on which a method fails worst.

    .. math:: \max_g D(g) \quad\text{subject to}\quad |g_i| \le 1, \;
      \frac1P \sum g_i = \bar g

    For a positive mean the best point is the lower end, so D > 0 is failure. The searches climb
    (sequential quadratic programming with the exact derivative), the first from the paper's shape,
    one gradient 1 among equal ones, the others from random starts. The largest value found is a
    lower bound of the maximum.

    Args:
      method: one with a periodic orbit, scalar hyperparameters.
      period: P, at least 2.
      mean: the mean gradient, in (0, 1), units of the largest gradient.
      searches: number of starts, at least 1.
      seed: of the random ones.

    Returns:
      The ``Worst``; its period starts at the largest gradient.

    Raises:
      ValueError: for a period below 2, a mean outside (0, 1), or fewer than one search.

    References:
      Ours. Introduced in the chapter "The worst problem, and what is safe".
    """
    if period < 2 or not 0 < mean < 1 or searches < 1:
        raise ValueError(
            "worst needs a period of at least 2, a mean in (0, 1) and at least 1 search, got "
            f"period={period}, mean={mean}, searches={searches}"
        )
    method, rng = methods.get(method), np.random.default_rng(seed)

    def slope_at(g: np.ndarray) -> Slope:
        return slope(method, problems.periodic(g))

    found = [climb(slope_at, start, mean) for start in starts(period, mean, searches, rng)]
    found.sort(key=lambda g: -number(method, problems.periodic(g)))
    best = np.roll(found[0], -int(np.argmax(found[0])))
    values = np.array([number(method, problems.periodic(g)) for g in found])
    problem = problems.PeriodicProblem(best, name=f"worst found for {method.label}")
    return Worst(problem, float(number(method, problem)), values)


def starts(period: int, mean: float, searches: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Where searches begin: the paper's shape, one gradient 1 among equal ones, then random ones.

    Args:
      period: P.
      mean: of each.
      searches: how many.
      rng: of the random ones.

    Returns:
      Gradients of shape ``(P,)``.
    """
    found = []
    for k in range(searches):
        start = rng.uniform(-1, 1, period) if k else np.full(period, (period * mean - 1) / period)
        start[0] = 1.0
        found.append(start - (start.mean() - mean))
    return found


def climb(slope_at: Callable[[np.ndarray], Slope], start: np.ndarray, mean: float) -> np.ndarray:
    """One search for a large drift number, by sequential quadratic programming.

    Args:
      slope_at: the drift number of gradients, and its derivative.
      start: gradients, shape ``(P,)``.
      mean: that they keep.

    Returns:
      The gradients at its end, each in [-1, 1].
    """

    def descent(g: np.ndarray) -> tuple[float, np.ndarray]:
        found = slope_at(g)
        return -found.D, -np.nan_to_num(found.by_gradient)

    end = scipy.optimize.minimize(
        descent,
        np.clip(start, -1, 1),
        jac=True,
        method="SLSQP",
        bounds=[(-1, 1)] * start.size,
        constraints={
            "type": "eq",
            "fun": lambda g: g.mean() - mean,
            "jac": lambda g: np.full(g.size, 1 / g.size),
        },
        options={"maxiter": 300, "ftol": _FLAT},
    )
    g = np.clip(end.x, -1, 1)
    return g + (mean - g.mean())
