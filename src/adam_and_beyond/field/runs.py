r"""Runs that judge the field: data on a line, and softmaxes over up to many thousand classes.

Gradients depend on the iterate here, so the loop carries it. Seeds are lanes; a run is worked off
block by block, one compiled program for all blocks, and of each block means alone are kept.
The line is float64; a softmax is trained in float32, its draws are float64.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import checks, methods
from adam_and_beyond.progress import bar as progress_bar

ORDERS = ("independent", "fixed", "reshuffled")


class Line(NamedTuple):
    """Runs on data on a line: means over each block of steps."""

    t: np.ndarray  # the last step of each block, shape (blocks,)
    x: np.ndarray  # mean of the iterate over each block, shape (seeds, blocks)
    x_end: np.ndarray  # the last iterate, shape (seeds,)


class Classes(NamedTuple):
    """Runs of a softmax: means over each block of steps."""

    t: np.ndarray  # the last step of each block, shape (blocks,)
    probability: np.ndarray  # mean of q over each block, shape (seeds, blocks, n)
    excess: np.ndarray  # KL(p || q) at its end, nats, shape (seeds, blocks)
    speed: np.ndarray  # of the mean logit over each block, per step and alpha, (seeds, blocks)


def _step(method, alpha, schedule, carry, g, decay=0.0):
    x, state, t = carry
    m, sqrt_V, state = method.update(g, state, t, jnp, x)
    alpha_t = methods.get_schedule(schedule)(jnp, alpha, t)
    d = methods.direction(jnp, m, sqrt_V) + decay * x
    return (x - alpha_t * d, state, t + 1), alpha_t


@functools.partial(jax.jit, static_argnames=("schedule", "order", "epochs"))
def _line_block(schedule, order, epochs, method, alpha, z, cdf, carry, keys, first):
    n = z.shape[0]

    def places(key):
        if order == "independent":
            return jnp.searchsorted(cdf, jax.random.uniform(key, (n,)))
        return jnp.arange(n) if order == "fixed" else jax.random.permutation(key, n)

    def one(carry, key):
        def step(carry, datum):
            now, total = carry
            now, _ = _step(method, alpha, schedule, now, now[0] - datum)
            return (now, total + now[0]), None

        def epoch(carry, k):
            data = z[places(jax.random.fold_in(key, first + k))]
            return jax.lax.scan(step, carry, data)

        (carry, total), _ = jax.lax.scan(epoch, (carry, 0.0), jnp.arange(epochs))
        return carry, total / (epochs * n)

    return jax.vmap(one)(carry, keys)


def on_a_line(
    method: str | methods.Method,
    data: Any,
    steps: int,
    alpha: float,
    weights: Any = None,
    order: str = "independent",
    schedule: str = "inverse_sqrt",
    x1: float = 0.0,
    seeds: int = 8,
    blocks: int = 50,
    seed: int = 0,
) -> Line:
    r"""Run a method on the mean of (x - z)^2 / 2, one datum a step, many seeds side by side.

    Args:
      method: its name, or a method.
      data: the values z, shape ``(n,)``.
      steps: a multiple of ``blocks`` times n.
      alpha: scale of the step size.
      weights: probabilities of the data up to a factor, for independent draws.
      order: ``"independent"``, ``"fixed"`` or ``"reshuffled"``: anew in each epoch.
      schedule: of the step size, a key of ``methods.SCHEDULES``.
      x1: the start.
      seeds: number of runs.
      blocks: number of stretches whose means are kept.
      seed: of the first run; the others follow.

    Returns:
      The ``Line``.

    Raises:
      ValueError: for another order, or steps that the blocks do not divide.

    References:
      Ours. Introduced in the chapter "Where Adam stops".
    """
    method = methods.get(method)
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {checks.short(order)}")
    z = checks.real(data, "data")
    epochs = _length(steps, blocks * z.size)
    with jax.enable_x64(True):
        z = jnp.asarray(z)
        w = np.ones(z.shape) if weights is None else checks.real(weights, "weights")
        cdf = jnp.asarray(np.cumsum(w) / np.sum(w))
        start = jnp.full(seeds, float(x1))
        carry = (start, jax.vmap(method.init)(start), jnp.ones(seeds))
        keys = jax.vmap(jax.random.key)(jnp.arange(seed, seed + seeds))
        run = functools.partial(_line_block, schedule, order, epochs, method.over(jnp.float64))
        means = []
        for block in progress_bar(range(blocks), desc=method.label):
            carry, mean = run(jnp.float64(alpha), z, cdf, carry, keys, jnp.int64(block * epochs))
            means.append(np.asarray(mean))
    t = epochs * z.size * np.arange(1, blocks + 1)
    return Line(t, np.stack(means, axis=1), np.asarray(carry[0]))


@functools.partial(jax.jit, static_argnames=("schedule", "batch", "length"))
def _classes_block(schedule, batch, length, method, alpha, decay, p, cdf, carry, keys, first):
    def one(carry, key):
        start, _, _ = carry

        def step(carry, k):
            (x, state, t), total, walked = carry
            draws = jax.random.uniform(jax.random.fold_in(key, first + k), (batch,))
            places = jnp.searchsorted(cdf, draws)
            q = jax.nn.softmax(x)
            g = q.at[places].add(jnp.float32(-1.0 / batch))
            now, alpha_t = _step(method, alpha, schedule, (x, state, t), g, decay)
            return (now, total + q, walked + alpha_t), None

        begin = (carry, jnp.zeros_like(start), jnp.float32(0))
        (carry, total, walked), _ = jax.lax.scan(step, begin, jnp.arange(length))
        excess = jnp.sum(p * (jnp.log(p) - jax.nn.log_softmax(carry[0])))
        return carry, total / length, excess, jnp.mean(carry[0] - start) / walked

    return jax.vmap(one)(carry, keys)


def softmax(
    method: str | methods.Method,
    frequencies: Any,
    batch: int,
    steps: int,
    alpha: float,
    schedule: str = "constant",
    logits: Any = None,
    seeds: int = 4,
    blocks: int = 20,
    seed: int = 0,
    decay: float = 0.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Classes:
    r"""Train a softmax whose parameters are the logits on independent draws of its classes.

    Args:
      method: its name, or a method.
      frequencies: p up to a factor, shape ``(n,)``.
      batch: draws in a step.
      steps: a multiple of ``blocks``.
      alpha: scale of the step size.
      schedule: of the step size, a key of ``methods.SCHEDULES``.
      logits: the start, shape ``(n,)``; without, the uniform softmax.
      seeds: number of runs, side by side.
      blocks: number of stretches whose means are kept.
      seed: of the first run; the others follow.
      decay: of the logits, decoupled: each step takes away alpha_t times decay of them.
      progress: called as ``progress(done, total)`` after each block.

    Returns:
      The ``Classes``.

    Raises:
      ValueError: for steps that the blocks do not divide.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    method = methods.get(method)
    length = _length(steps, blocks)
    with jax.enable_x64(True):
        p = checks.real(frequencies, "frequencies")
        cdf = jnp.asarray(np.cumsum(p) / p.sum())  # float64: else a rare class would be cut
        p = jnp.asarray(p / p.sum(), jnp.float32)
        begin = np.zeros(p.shape) if logits is None else checks.real(logits, "logits")
        start = jnp.asarray(np.tile(begin, (seeds, 1)), jnp.float32)
        carry = (start, jax.vmap(method.init)(start), jnp.ones(seeds, jnp.float32))
        keys = jax.vmap(jax.random.key)(jnp.arange(seed, seed + seeds))
        run = functools.partial(_classes_block, schedule, int(batch), length)
        found = []
        for block in progress_bar(range(blocks), desc=method.label):
            carry, *rest = run(
                method.over(jnp.float32), jnp.float32(alpha), jnp.float32(decay), p, cdf,
                carry, keys, jnp.int64(block * length),
            )  # fmt: skip
            found.append([np.asarray(part) for part in rest])
            progress(block + 1, blocks)
    q, excess, speed = (np.stack(parts, axis=1) for parts in zip(*found, strict=True))
    return Classes(length * np.arange(1, blocks + 1), q, excess, speed)


def _length(steps: int, parts: int) -> int:
    if steps < parts or steps % parts:
        raise ValueError(f"steps must be a multiple of {parts}, got {steps}")
    return steps // parts


def mean_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean over all axes but the last, and its standard error, the values being independent.

    Args:
      values: block means, shape ``(..., n)``.

    Returns:
      Two arrays of shape ``(n,)``.

    References:
      Introduced in the chapter "Large output spaces".
    """
    flat = values.reshape(-1, values.shape[-1])
    return flat.mean(axis=0), flat.std(axis=0, ddof=1) / math.sqrt(len(flat))
