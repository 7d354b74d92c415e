r"""The failure number of every coordinate, watched while a network is trained.

A method divides m by the root of V. To first order that adds the covariance of the two to the mean
direction, in units of the noise of the gradient

.. math::
  b = \frac{\operatorname{Cov}(m, V^{-1/2})}{\sigma(g)\, E[V^{-1/2}]}
  \approx -\frac{\kappa\, c}{2}\, \frac{\operatorname{Cov}(g, g^2)}{E[g^2]\, \sigma(g)}

which needs three moments of the gradient; c is 1 for independent batches, and less where an epoch
draws without replacement.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from adam_and_beyond import drift, methods
from adam_and_beyond.images import training
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.images.observing import Observer
from adam_and_beyond.images.tasks import Setting, Task

_LIVE = 0.5  # share of the steps at which a coordinate has a gradient, to count


class Biases(NamedTuple):
    """The bias b of every live coordinate in units of the noise of its gradient, shape ``(n,)``."""

    place: np.ndarray  # of the coordinate in the flattened model
    measured: np.ndarray  # by the covariance of m and V^{-1/2}
    predicted: np.ndarray  # by three moments of the gradient


@dataclasses.dataclass(frozen=True)
class Moments(Observer):
    """Sums over the present stretch: g, its powers, m, the inverse root of V and their product."""

    method: methods.Method
    stretch: int

    def start(self, model: Any) -> jax.Array:
        """Nothing yet: seven sums for each coordinate."""
        return jnp.zeros((7, ravel_pytree(model)[0].size))

    def step(
        self, carried: jax.Array, g: Any, memory: Any, t: jax.Array, alpha: jax.Array
    ) -> tuple[jax.Array, Any]:
        """The sums with this step; a stretch begins anew."""
        flat = ravel_pytree(g)[0]
        state = self.method.state_type(*(ravel_pytree(field)[0] for field in memory))
        m, root, _ = self.method.update(flat, state, t, methods.DIFFERENTIABLE)
        w = jnp.where(root > 0, 1 / jnp.where(root > 0, root, 1), 0) * jnp.ones_like(flat)
        new = jnp.stack([flat, flat**2, flat**3, m, w, m * w, (flat != 0).astype(flat.dtype)])
        return jnp.where((t - 1) % self.stretch == 0, 0, carried) + new, ()

    def report(self, carried: jax.Array, noted: Any) -> jax.Array:
        """The means over the stretch."""
        return carried / self.stretch


def biases(task: Task, data: Dataset, setting: Setting, steps: int, first: int) -> Biases:
    """Train one setting, and compare the bias of each coordinate with what three moments predict.

    Args:
      task: what is trained; its stride is the stretch over which means are taken.
      data: the images.
      setting: method, alpha, beta2 and seed.
      steps: a multiple of the stride.
      first: stretches that end by then are left out.

    Returns:
      The ``Biases``, averaged over the stretches.

    Raises:
      ValueError: if the steps are no such multiple, or the method does not have the beta2.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    method = task.method(setting.method, setting.beta2)
    seen = []

    def note(stretch: training.Stretch) -> None:
        if stretch.t > first:
            seen.append(np.asarray(stretch.report[0], np.float64))

    quiet = dataclasses.replace(task, records=())
    observer = Moments(method, task.stride)
    training.train(quiet, data, [setting], steps, observer=observer, progress=note)
    factor = _factor(method, len(data.train_labels) // task.batch)
    pairs = [_pair(means, factor) for means in seen]
    live = np.min([means[6] for means in seen], axis=0) > _LIVE
    measured, predicted = (np.mean(part, axis=0)[live] for part in zip(*pairs, strict=True))
    return Biases(np.flatnonzero(live), measured, predicted)


def _pair(means: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    g, square, cube, m, w, product, _ = means
    with np.errstate(all="ignore"):  # coordinates without a gradient are left out later
        noise = np.sqrt(square - g**2)
        measured = (product - m * w) / (noise * w)
        predicted = -factor / 2 * (cube - g * square) / (square * noise)
    return measured, predicted


def _factor(method: methods.Method, batches: int) -> float:
    """kappa c: what covariance the two averages have, for epochs of so many batches; or 0."""
    decays = {"beta1": 0.0} | method.hyper._asdict()
    if method.maxima or "beta2" not in decays:
        return 0.0  # V settles
    some = np.linspace(-1, 2, batches) ** 3  # c depends on how many there are
    beta1, beta2 = decays["beta1"], decays["beta2"]
    adam = methods.get("adam", beta1=beta1, beta2=beta2)
    kappa = (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)
    return kappa * drift.first_order(adam, some, "reshuffled").clumping
