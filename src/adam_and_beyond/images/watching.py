r"""Gamma and the learning rate of every coordinate, watched while a network is trained.

.. math:: \Gamma_t = \frac{\sqrt{V_t}}{\alpha_t} - \frac{\sqrt{V_{t-1}}}{\alpha_{t-1}}
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from adam_and_beyond import methods
from adam_and_beyond.images import inputs, networks
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.images.training import Setting, Task, hyperparameters
from adam_and_beyond.progress import bar as progress_bar

# Rounding alone moves the inverse learning rate by about 1e-7 of itself.
_ROUNDING = 1e-6


class Watched(NamedTuple):
    """What was seen, averaged over each stretch of steps; shapes ``(n,)`` and ``(3, n)``."""

    steps: np.ndarray  # the last step of each stretch
    falls: np.ndarray  # share of the live coordinates with Gamma_t < 0
    rates: np.ndarray  # 5th, 50th, 95th percentile of the learning rate at the last step
    loss: np.ndarray  # mean loss of the batches


@functools.lru_cache(maxsize=16)
def _stretch(
    task: Task, method: str, beta2: float | None, shape: tuple[int, ...]
) -> Callable[..., Any]:
    """Train for a stretch of steps, with all coordinates in one vector."""
    method = methods.get(method, **hyperparameters(task, method, beta2))
    schedule = methods.get_schedule(task.schedule)
    model = networks.build(task.network, jax.random.key(0), shape)
    _, unravel = ravel_pytree(model)

    def run(x, state, inverse, alpha, pixels, labels, scaling, t, key):
        def step(carry, batch):
            x, state, before = carry
            some, right, number = batch
            drop = jax.random.fold_in(key, number)

            def objective(x):
                return networks.loss(unravel(x), scaling(some), right, drop)

            loss, g = jax.value_and_grad(objective)(x)
            alpha_t = schedule(jnp, alpha, number + 1.0)
            m, sqrt_V, state = method.update(g, state, number + 1.0, jnp)
            x = x - alpha_t * methods.direction(jnp, m, sqrt_V)
            after = sqrt_V / alpha_t * jnp.ones_like(x)
            live = before > 0
            falls = jnp.sum(live & (after < before * (1 - _ROUNDING))) / jnp.maximum(live.sum(), 1)
            return (x, state, after), (falls, loss)

        numbers = t + jnp.arange(len(labels))
        (x, state, inverse), (falls, loss) = jax.lax.scan(
            step, (x, state, inverse), (pixels, labels, numbers)
        )
        some = jnp.where(inverse > 0, 1 / inverse, jnp.nan)
        rates = jnp.nanpercentile(some, jnp.array([5.0, 50.0, 95.0]))
        return x, state, inverse, falls.mean(), rates, loss.mean()

    return jax.jit(run)


def watch(task: Task, data: Dataset, setting: Setting, steps: int) -> Watched:
    r"""Train one setting and watch Gamma and the learning rate of each coordinate.

    .. math:: \frac{1}{d} \#\{i : \Gamma_{t,i} < 0\}, \qquad \alpha_t / \sqrt{V_{t,i}}

    Coordinates that never had a gradient, such as the weights of pixels that are always black, do
    not count.

    Args:
      task: what is trained; looked at after every ``task.stride`` steps.
      data: the images.
      setting: method, alpha, beta2 and seed; the same start and images as in training.
      steps: a positive multiple of the stride.

    Returns:
      A ``Watched``.

    Raises:
      ValueError: if the steps are no such multiple, or the method does not have the beta2.

    References:
      Reddi, Kale and Kumar (2018), equation (2). Introduced in the chapter "Softmax regression on
      MNIST".
    """
    if steps <= 0 or steps % task.stride:
        raise ValueError(f"steps must be a positive multiple of {task.stride}, got {steps}")
    data = inputs.enlarged(data) if task.network == "cifarnet" else data
    shape = data.train_images.shape[1:]
    run = _stretch(task, setting.method, setting.beta2, shape)
    scaling = inputs.scaling_of(task.network, data)
    model = networks.build(task.network, inputs.key(setting.seed, "start"), shape)
    x, _ = ravel_pytree(model)
    state, inverse = methods.get(setting.method).init(x), jnp.zeros_like(x)
    key, alpha = inputs.key(setting.seed, "dropout"), jnp.float32(setting.alpha)
    seen = []
    title = f"{methods.get(setting.method).label}, {steps:,} steps watched"
    stretches = range(0, steps, task.stride)
    for t in progress_bar(stretches, desc=title, unit="stretch"):
        rows = inputs.order(setting.seed, t, task.stride, len(data.train_labels), task.batch)
        batches = data.train_images[rows], data.train_labels[rows]
        x, state, inverse, *found = run(x, state, inverse, alpha, *batches, scaling, t, key)
        seen.append([np.asarray(value) for value in found])
    falls, rates, loss = map(np.array, zip(*seen, strict=True))
    return Watched(np.arange(task.stride, steps + 1, task.stride), falls, rates.T, loss)


def arrays(seen: Mapping[str, Watched]) -> dict[str, np.ndarray]:
    """What was watched, as arrays to be stored.

    Args:
      seen: method -> what was watched.

    Returns:
      Arrays by ``"method field"``.
    """
    return {
        f"{name} {field}": value for name, w in seen.items() for field, value in w._asdict().items()
    }


def of_arrays(stored: Mapping[str, np.ndarray]) -> dict[str, Watched]:
    """The inverse of :func:`arrays`.

    Args:
      stored: arrays by ``"method field"``.

    Returns:
      Method -> what was watched.
    """
    names = dict.fromkeys(key.split()[0] for key in stored)
    return {
        name: Watched(*(stored[f"{name} {field}"] for field in Watched._fields)) for name in names
    }
