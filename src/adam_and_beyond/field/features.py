r"""Softmaxes with features: a linear and a two-layer model on Zipf data whose truth is known.

The truth is :math:`p(c | u) \propto p_c\, e^{(W u)_c}` for normal features u. What is watched is
how much of a class a model keeps on average: the mean of q(c | u) over the mean of p(c | u).
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.progress import bar as progress_bar

MODELS = ("linear", "two-layer")
_FEATURES, _HIDDEN, _SPREAD = 6, 24, 0.3


class Kept(NamedTuple):
    """Means over the second half of a run, shape ``(n,)`` each."""

    truth: np.ndarray  # mean of p(c | u) over what was met
    model: np.ndarray  # mean of q(c | u)


def _logits(params: Any, u: jax.Array) -> jax.Array:
    if "hidden" in params:
        u = jnp.tanh(u @ params["hidden"] + params["shift"])
    return u @ params["weights"] + params["bias"]


def _start(model: str, n: int, key: jax.Array) -> dict[str, jax.Array]:
    width = _FEATURES if model == "linear" else _HIDDEN
    params = {"weights": jnp.zeros((width, n)), "bias": jnp.zeros(n)}
    if model != "linear":
        params["hidden"] = jax.random.normal(key, (_FEATURES, _HIDDEN)) / _FEATURES**0.5
        params["shift"] = jnp.zeros(_HIDDEN)
    return params


@functools.partial(jax.jit, static_argnames=("batch", "length"))
def _block(batch, length, method, alpha, base, W, carry, key, first):
    def loss(params, u, c):
        logs = jax.nn.log_softmax(_logits(params, u))
        picked = jnp.take_along_axis(logs, c[:, None], axis=1)
        return -jnp.mean(picked), jnp.exp(logs).mean(axis=0)

    def step(carry, k):
        params, states, t, truth, kept = carry
        one, two = jax.random.split(jax.random.fold_in(key, first + k))
        u = jax.random.normal(one, (batch, _FEATURES))
        logits = base + u @ W
        c = jax.random.categorical(two, logits)
        g, q = jax.grad(loss, has_aux=True)(params, u, c)
        moved, after = {}, {}
        for name, x in params.items():
            m, sqrt_V, after[name] = method.update(g[name], states[name], t, jnp, x)
            moved[name] = x - alpha / jnp.sqrt(t) * methods.direction(jnp, m, sqrt_V)
        p = jax.nn.softmax(logits).mean(axis=0)
        return (moved, after, t + 1, truth + p, kept + q), None

    return jax.lax.scan(step, carry, jnp.arange(length))[0]


def train(
    method: str | methods.Method,
    frequencies: Any,
    model: str,
    batch: int,
    steps: int,
    alpha: float,
    seed: int = 0,
) -> Kept:
    r"""Train a model on draws of features and classes; steps :math:`\alpha / \sqrt t`, float32.

    Args:
      method: its name, or a method.
      frequencies: p up to a factor, shape ``(n,)``.
      model: ``"linear"`` or ``"two-layer"``.
      batch: draws in a step.
      steps: a multiple of 10.
      alpha: scale of the step size.
      seed: of truth, start and draws.

    Returns:
      The ``Kept`` of the second half.

    Raises:
      ValueError: for another model, or other steps.

    References:
      Ours.
    """
    method = methods.get(method).over(jnp.float32)
    if model not in MODELS or steps <= 0 or steps % 10:
        raise ValueError(
            f"train takes the models {', '.join(MODELS)} and a multiple of 10 steps, got "
            f"model={model!r} and steps={steps}"
        )
    base = jnp.log(jnp.asarray(np.asarray(frequencies), jnp.float32))
    truth_key, start_key, key = jax.random.split(jax.random.key(seed), 3)
    n = base.shape[0]
    W = _SPREAD * jax.random.normal(truth_key, (_FEATURES, n))
    params = _start(model, n, start_key)
    states = {name: method.init(x) for name, x in params.items()}
    nothing, length = jnp.zeros(n), steps // 10
    carry = (params, states, jnp.float32(1), nothing, nothing)
    for block in progress_bar(range(10), desc=f"{method.label}, {model}"):
        if block == 5:
            carry = (*carry[:3], nothing, nothing)
        carry = _block(
            batch, length, method, jnp.float32(alpha), base, W, carry, key, block * length
        )
    truth, kept = (np.asarray(part, np.float64) / (5 * length) for part in carry[3:])
    return Kept(truth, kept)
