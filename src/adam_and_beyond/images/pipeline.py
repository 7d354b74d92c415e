"""Images on their way into a network: on the device, scaled, and in which order."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond.images import layers, networks
from adam_and_beyond.images.datasets import Dataset

NO_LABEL = 255  # fills the last block
_BLOCK = 200  # images at a time in an evaluation


class DeviceData(NamedTuple):
    """A data set on the device: images to train on, and blocks to measure on."""

    images: jax.Array
    labels: jax.Array
    train: tuple[jax.Array, jax.Array]
    test: tuple[jax.Array, jax.Array]
    scaling: layers.Scaling | layers.PerImage


def scaling_of(
    network: str | networks.Architecture, data: Dataset
) -> layers.Scaling | layers.PerImage:
    """How a network's inputs are made from pixels.

    Args:
      network: a key of ``networks.NETWORKS``, or an ``Architecture``.
      data: the data set, as :func:`enlarged` gives it; CIFARNET's colours are scaled by its
        training images.

    Returns:
      A ``layers.Scaling``, or ``layers.PerImage``.
    """
    inputs = networks.get(network).inputs
    if inputs == "image":
        return layers.PerImage()
    if inputs == "brightest":
        return layers.Scaling(np.float32(0), np.float32(data.brightest))
    pixels = data.train_images.reshape(-1, data.train_images.shape[-1])
    return layers.Scaling(
        pixels.mean(axis=0, dtype=np.float64).astype(np.float32),
        np.float32(pixels.std(axis=0, dtype=np.float64)),
    )


def shape_seen(network: str | networks.Architecture, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an image as a network sees it.

    Args:
      network: a key of ``networks.NETWORKS``, or an ``Architecture``.
      shape: of an image of the data set.

    Returns:
      ``shape``, or that of the enlarged image, with its channels.

    Raises:
      ValueError: as :func:`enlarged`.
    """
    times = networks.times_larger(network, shape)
    if times == 1:
        return shape
    return times * shape[0], times * shape[1], *(shape[2:] or (1,))


def enlarged(network: str | networks.Architecture, data: Dataset) -> Dataset:
    """Images of the size that a network sees: for CIFARNET digits become four times as large.

    Args:
      network: a key of ``networks.NETWORKS``, or an ``Architecture``.
      data: a data set.

    Returns:
      The data set; for a network of images of one size, of shape ``(n, side, side, channels)``.

    Raises:
      ValueError: for images that cannot be enlarged by a whole number to what the network sees.
    """
    shape = data.train_images.shape[1:]
    times = networks.times_larger(network, shape)
    if times == 1:
        return data

    def larger(images: np.ndarray) -> np.ndarray:
        images = images.repeat(times, axis=1).repeat(times, axis=2)
        return images.reshape(len(images), *shape_seen(network, shape))

    return data._replace(
        train_images=larger(data.train_images), test_images=larger(data.test_images)
    )


def _blocks(images: np.ndarray, labels: np.ndarray) -> tuple[jax.Array, jax.Array]:
    missing = -len(labels) % _BLOCK
    images = np.concatenate([images, np.zeros((missing, *images.shape[1:]), images.dtype)])
    labels = np.concatenate([labels, np.full(missing, NO_LABEL, np.uint8)])
    blocks = jnp.asarray(images.reshape(-1, _BLOCK, *images.shape[1:]))
    return blocks, jnp.asarray(labels.reshape(-1, _BLOCK))


def on_device(
    network: str | networks.Architecture, data: Dataset, sample: int | None
) -> DeviceData:
    """A data set on the device.

    Args:
      network: a key of ``networks.NETWORKS``, or an ``Architecture``; it decides the scaling.
      data: the data set, as :func:`enlarged` gives it.
      sample: number of training images on which to measure; None for all.

    Returns:
      A ``DeviceData``.
    """
    few = slice(sample)
    return DeviceData(
        jnp.asarray(data.train_images),
        jnp.asarray(data.train_labels),
        _blocks(data.train_images[few], data.train_labels[few]),
        _blocks(data.test_images, data.test_labels),
        scaling_of(network, data),
    )


@functools.lru_cache(maxsize=2)
def _permutation(seed: int, epoch: int, size: int) -> np.ndarray:
    of_epoch = jax.random.fold_in(key(seed, "order"), epoch)
    return np.asarray(jax.random.permutation(of_epoch, size))


def key(seed: int, purpose: str) -> jax.Array:
    """The random key of one purpose.

    Args:
      seed: of the run.
      purpose: ``"start"``, ``"order"`` or ``"dropout"``.

    Returns:
      A JAX key; different for each pair.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    number = ("start", "order", "dropout").index(purpose)
    return jax.random.fold_in(jax.random.key(seed), number)


def order(seed: int, first: int, count: int, size: int, batch: int) -> np.ndarray:
    """Which images the batches of some steps hold.

    In each epoch every image is seen at most once; what is left over after the last whole batch is
    skipped, and another epoch skips others.

    Args:
      seed: of the run.
      first: number of the first of these steps, counted from 0.
      count: how many steps.
      size: number of training images.
      batch: images per step.

    Returns:
      Numbers of images, int32, shape ``(count, batch)``.

    Raises:
      ValueError: if there are fewer images than a batch has.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    per_epoch = size // batch
    if not per_epoch:
        raise ValueError(f"a batch of {batch} images needs as many, there are {size}")
    rows = []
    for t in range(first, first + count):
        epoch, k = divmod(t, per_epoch)
        rows.append(_permutation(seed, epoch, size)[k * batch : (k + 1) * batch])
    return np.stack(rows)
