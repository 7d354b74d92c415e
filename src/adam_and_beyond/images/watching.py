r"""Gamma and the learning rate of every coordinate, watched while a network is trained.

.. math:: \Gamma_t = \frac{\sqrt{V_t}}{\alpha_t} - \frac{\sqrt{V_{t-1}}}{\alpha_{t-1}}
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from adam_and_beyond import methods
from adam_and_beyond.images import training
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.images.observing import Observer
from adam_and_beyond.images.tasks import Setting, Task
from adam_and_beyond.progress import bar as progress_bar

# Rounding alone moves the inverse learning rate by about 1e-7 of itself.
_ROUNDING = 1e-6


class Watched(NamedTuple):
    """What was seen, averaged over each stretch of steps; shapes ``(n,)`` and ``(3, n)``."""

    steps: np.ndarray  # the last step of each stretch
    falls: np.ndarray  # share of the live coordinates with Gamma_t < 0
    rates: np.ndarray  # 5th, 50th, 95th percentile of the learning rate at the last step
    loss: np.ndarray  # mean loss of the batches


@dataclasses.dataclass(frozen=True)
class InverseRates(Observer):
    r"""Carries :math:`\sqrt{V_t} / \alpha_t` of each coordinate, and notes where it falls."""

    method: methods.Method
    schedule: str

    def start(self, model: Any) -> jax.Array:
        """Zero: a coordinate is live once it has had a gradient."""
        return jnp.zeros_like(ravel_pytree(model)[0])

    def step(
        self, carried: jax.Array, g: Any, memory: Any, t: jax.Array, alpha: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """The inverse rates after the step, and the share of the live ones that fell."""
        flat = ravel_pytree(g)[0]
        state = self.method.state_type(*(ravel_pytree(field)[0] for field in memory))
        sqrt_V = self.method.update(flat, state, t, methods.DIFFERENTIABLE).sqrt_V
        alpha_t = methods.get_schedule(self.schedule)(jnp, alpha, t)
        after = sqrt_V / alpha_t * jnp.ones_like(flat)
        live = carried > 0
        falls = jnp.sum(live & (after < carried * (1 - _ROUNDING)))
        return after, falls / jnp.maximum(live.sum(), 1)

    def report(self, carried: jax.Array, noted: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The mean share of a stretch, and three percentiles of the rates at its end."""
        rates = jnp.where(carried > 0, 1 / carried, jnp.nan)
        return noted.mean(), jnp.nanpercentile(rates, jnp.array([5.0, 50.0, 95.0]))


def watch(task: Task, data: Dataset, setting: Setting, steps: int) -> Watched:
    r"""Train one setting and watch Gamma and the learning rate of each coordinate.

    .. math:: \frac{1}{d} \#\{i : \Gamma_{t,i} < 0\}, \qquad \alpha_t / \sqrt{V_{t,i}}

    Coordinates that never had a gradient, such as the weights of pixels that are always black, do
    not count. A run whose loss is no number any more ends there.

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
    method = task.method(setting.method, setting.beta2)
    unmeasured = dataclasses.replace(task, records=())
    seen = []
    with progress_bar(total=steps, desc=f"{method.label}, watched", unit="step") as bar:

        def note(stretch: training.Stretch) -> None:
            bar.update(stretch.t - bar.n)
            falls, rates = stretch.report
            seen.append((stretch.t, falls[0], rates[0], stretch.losses[0]))

        training.train(
            unmeasured,
            data,
            [setting],
            steps,
            observer=InverseRates(method, task.schedule),
            progress=note,
        )
    steps_seen, falls, rates, loss = map(np.array, zip(*seen, strict=True))
    return Watched(steps_seen, falls, rates.T, loss)


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
