r"""The periodic orbit of a rule whose state is not affine: a fixed point of one period.

A period maps a state s to F(s). Newton's method solves F(s) = s; the derivative of F comes from
JAX. Where the derivative's spectral radius is below 1 the orbit attracts, and

.. math:: |s - s^*| \lesssim \|(I - F'(s))^{-1}\| \, |F(s) - s|

says how far a state is from it.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods

_ROUNDS = 60  # of Newton's method; averages driven by averages need about as many as they are deep
_PATIENCE = 4  # rounds without progress
_FOUND = 1e-9  # relative change over a period that still counts as coming back


class Period(NamedTuple):
    """One period from a state: the state after it, m, the root of V, and the derivative."""

    after: Any  # shape (n,), the state variables that fade
    m: Any  # shape (P,)
    sqrt_V: Any  # shape (P,)
    derivative: Any  # of ``after``, shape (n, n)


def rounds(method: methods.Method, gradients: Any, s: Any) -> tuple[Any, Any, Any]:
    """One period of a rule in JAX at t = infinity, its running maxima at their largest.

    Args:
      method: with numbers as hyperparameters.
      gradients: shape ``(P,)``.
      s: the fading state variables, shape ``(n,)``.

    Returns:
      ``(after, m, sqrt_V)`` as in :class:`Period`, differentiable with respect to everything.
    """
    start = method.init(jnp.zeros(()))._replace(**dict(zip(method.fading, s, strict=True)))

    def step(state, g):
        m, sqrt_V, state = method.update(g, state, jnp.inf, methods.DIFFERENTIABLE)
        state = jax.tree.map(lambda a: jnp.asarray(a, jnp.float64), state)
        return state, (m, jnp.broadcast_to(sqrt_V, jnp.shape(m)))

    if method.maxima:
        raised, _ = jax.lax.scan(step, start, gradients)
        start = start._replace(**{name: getattr(raised, name) for name in method.maxima})
    state, (m, sqrt_V) = jax.lax.scan(step, start, gradients)
    after = [getattr(state, name) for name in method.fading]
    return jnp.stack(after) if after else jnp.zeros(0), m, sqrt_V


def period(method: methods.Method, gradients: Any, s: Any) -> Period:
    """:func:`rounds`, and how the state after the period depends on the state before it.

    Args:
      method: as in :func:`rounds`.
      gradients: as there.
      s: as there.

    Returns:
      A ``Period``, differentiable with respect to everything.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """

    def forward(s):
        after, m, sqrt_V = rounds(method, gradients, s)
        return after, (after, m, sqrt_V)

    derivative, (after, m, sqrt_V) = jax.jacfwd(forward, has_aux=True)(s)
    return Period(after, m, sqrt_V, derivative)


_compiled = jax.jit(period)


def fixed_point(method: methods.Method, gradients: np.ndarray) -> tuple[Any, Any]:
    """The state that a period brings back, and the factor by which a period shrinks the rest.

    Args:
      method: with scalar hyperparameters; its rule is driven by gradients alone.
      gradients: one period, shape ``(P,)``.

    Returns:
      ``(state, rate)``; the state's running maxima are zero, and the rate is at least 1, or not a
      number, where no orbit attracts.

    Raises:
      ValueError: if the rule looks at the iterate, something is an array that must be a number, or
        no orbit was found.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    if method.needs_x:
        raise ValueError(
            f"{method.label} has no drift number: its state is not driven by gradients alone"
        )
    if gradients.ndim != 1 or any(np.ndim(value) for value in method.values):
        raise ValueError(
            f"the state of {method.label} is not affine: its orbit is found for one problem and "
            "one set of hyperparameters at a time"
        )
    with jax.enable_x64(True):
        step = functools.partial(_compiled, method.over(np.float64), gradients)
        s = np.zeros(len(method.fading))
        # Two periods by themselves: no derivative is asked for at the edge, as of a root at zero.
        for _ in range(2):
            s = np.asarray(step(s).after)
        s, derivative = _newton(step, s)
        change = np.abs(np.asarray(step(s).after) - s)
    if not np.all(change <= _FOUND * (1 + np.abs(s))):
        raise ValueError(f"no periodic orbit of the averages of {method.label} was found")
    eigenvalues = np.linalg.eigvals(derivative) if np.all(np.isfinite(derivative)) else [np.nan]
    low = method.init(np.float64(0.0))
    return low._replace(**dict(zip(method.fading, s, strict=True))), np.abs(eigenvalues).max(
        initial=0.0
    )


def _newton(step: Any, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method on F(s) = s, each round followed by one period, which smooths it."""
    smallest, best, waited = np.inf, (s, np.full((s.size, s.size), np.nan)), 0
    for _ in range(_ROUNDS):
        after, _, _, derivative = (np.asarray(part) for part in step(s))
        change = np.abs(after - s).max(initial=0.0)
        if change < smallest:
            smallest, best, waited = change, (s, derivative), 0
        else:
            waited += 1
        if waited == _PATIENCE:  # rounding is all that is left, or it does not converge
            break
        try:
            jump = s + np.linalg.solve(np.eye(s.size) - derivative, after - s)
        except np.linalg.LinAlgError:
            break
        s = np.asarray(step(jump).after)
        if not np.all(np.isfinite(s)):
            s = np.asarray(step(after).after)
    return best
