"""What a run is, to the last bit: the digest of what it computes, and of what it reads."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond import methods
from adam_and_beyond.images import layers, networks, pipeline
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.images.store import Identity
from adam_and_beyond.images.tasks import Setting, Task
from adam_and_beyond.images.training import transformation


def identity(task: Task, data: Dataset, group: Sequence[Setting], devices: int = 1) -> Identity:
    """The whole identity of a group of runs, under which they are stored.

    Args:
      task: what is trained.
      data: the images; the checksums of what was read count.
      group: the settings, every bit of their alphas.
      devices: over which each batch is split.

    Returns:
      An ``Identity``.

    Raises:
      ValueError: for images that the network cannot see, or a method without the beta2.
    """
    lowered = program(task, group[0], data.train_images.shape[1:], data.classes)
    return Identity(task, data.checksums, lowered, devices, tuple(map(task.named, group)))


def program(task: Task, setting: Setting, shape: tuple[int, ...], classes: int = 10) -> str:
    """A digest of the start and of one step of training, as JAX hands them to the compiler.

    The order of the images and the keys of what is drawn at random are in it too. So another rule,
    network, schedule, beta or order is another run, and another comment is not.

    Args:
      task: what is trained.
      setting: its alpha and seed do not count.
      shape: of one image of the data set.
      classes: number of classes.

    Returns:
      The sha256 in hexadecimal digits.

    Raises:
      ValueError: as :func:`identity`.
    """
    method = task.method(setting.method, setting.beta2)
    return _program(task, method, pipeline.shape_seen(task.network, shape), classes)


@functools.lru_cache(maxsize=64)
def _program(task: Task, method: methods.Method, shape: tuple[int, ...], classes: int) -> str:
    key, channels = jax.random.key(0), shape[2:] or ()
    start = jax.jit(lambda key: networks.build(task.network, key, shape, classes))

    def step(model, state, alpha, pixels, labels, scaling, key):
        objective = functools.partial(networks.objective, task.network)
        g = jax.grad(objective)(model, pixels, labels, scaling, key)
        updates, state = transformation(task, method, alpha).update(g, state, model)
        return optax.apply_updates(model, updates), state

    model = jax.eval_shape(start, key)
    state = jax.eval_shape(transformation(task, method, 1.0).init, model)
    real = jax.ShapeDtypeStruct((), jnp.float32)
    scale = jax.ShapeDtypeStruct(channels, jnp.float32)
    per_image = networks.get(task.network).inputs == "image"
    scaling = layers.PerImage() if per_image else layers.Scaling(scale, real)
    pixels = jax.ShapeDtypeStruct((task.batch, *shape), jnp.uint8)
    labels = jax.ShapeDtypeStruct((task.batch,), jnp.uint8)
    arguments = model, state, real, pixels, labels, scaling, key
    texts = start.lower(key).as_text(), jax.jit(step).lower(*arguments).as_text()
    digest = hashlib.sha256("\n".join(texts).encode())
    # What a step is given: the order of the images over two epochs, and the keys.
    digest.update(pipeline.order(1, 0, 3, 2 * task.batch, task.batch).tobytes())
    for purpose in ("start", "dropout"):
        digest.update(np.asarray(jax.random.key_data(pipeline.key(1, purpose))).tobytes())
    return digest.hexdigest()
