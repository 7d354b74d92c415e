r"""The three models of the paper's experiments: softmax regression, one hidden layer, CIFARNET.

What the paper does not state is chosen here, once:

* Pixels are divided by the brightest one; for CIFARNET each colour is then shifted and scaled to
  mean 0 and variance 1 over the training set. No augmentation, no weight decay.
* Softmax regression starts at zero, so that a seed decides the order of the images and nothing
  else. The hidden layer starts uniformly in :math:`\pm 1/\sqrt{\text{inputs}}`, the default of
  equinox and of PyTorch. CIFARNET starts with normal weights of variance 2 / inputs (He et al.
  2015) and biases 0; its last layer at zero, so that its first loss is log 10 too.
* CIFARNET's convolutions have stride 1 and no padding: a 6 x 6 kernel has no centre, so padding
  would be lopsided, and without it a step costs less than half. Each is followed by ReLU and
  2 x 2 pooling; the response normalisation stands between them, with the constants of
  TensorFlow's tutorial network, which the description resembles: 9 channels, 1, 0.001/9, 3/4.
* Dropout stands after each of the two fully connected hidden layers.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond.images import slim
from adam_and_beyond.images.layers import Convolution, affine, normalise_response

HIDDEN = 100  # units of the hidden layer (paper, section 5)
CHANNELS, KERNEL = 64, 6  # of both convolutions (paper, section 5)
DENSE = (384, 192)  # fully connected units (paper, section 5)
KEEP = 0.5  # probability that dropout keeps a unit (paper, section 5)
SIDE = 32  # of the images that CIFARNET sees

_DROPOUT = eqx.nn.Dropout(1 - KEEP)
# He et al. (2015); kernels lie (k, k, channels, outputs), matrices (outputs, inputs).
_HE_KERNELS = jax.nn.initializers.variance_scaling(2.0, "fan_in", "normal")
_HE_MATRIX = jax.nn.initializers.variance_scaling(2.0, "fan_in", "normal", in_axis=-1, out_axis=-2)


class Logistic(eqx.Module):
    r"""Softmax regression, logits :math:`W x + b`: the paper's convex experiment."""

    layer: eqx.nn.Linear

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of inputs ``(batch, ...)``; nothing here is random."""
        return affine(self.layer, x.reshape(x.shape[0], -1))


class Network(eqx.Module):
    """One hidden layer of 100 rectified linear units."""

    hidden: eqx.nn.Linear
    out: eqx.nn.Linear

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of inputs ``(batch, ...)``; nothing here is random."""
        return affine(self.out, jax.nn.relu(affine(self.hidden, x.reshape(x.shape[0], -1))))


class Cifarnet(eqx.Module):
    """CIFARNET: two convolutions, response normalisation between them, three dense layers."""

    first: Convolution
    second: Convolution
    dense: tuple[eqx.nn.Linear, eqx.nn.Linear, eqx.nn.Linear]

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of ``(batch, 32, 32, channels)``; a key drops units."""
        x = self.second(normalise_response(self.first(x)))
        x = x.reshape(x.shape[0], -1)
        keys = (None, None) if key is None else jax.random.split(key)
        for layer, part in zip(self.dense[:-1], keys, strict=True):
            x = _DROPOUT(jax.nn.relu(affine(layer, x)), key=part, inference=part is None)
        return affine(self.dense[-1], x)


def _flat(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _logistic(key: jax.Array, shape: tuple[int, ...], classes: int) -> Logistic:
    layer = eqx.nn.Linear(_flat(shape), classes, key=key)
    return Logistic(jax.tree.map(jnp.zeros_like, layer))


def _network(key: jax.Array, shape: tuple[int, ...], classes: int) -> Network:
    one, two = jax.random.split(key)
    return Network(
        eqx.nn.Linear(_flat(shape), HIDDEN, key=one), eqx.nn.Linear(HIDDEN, classes, key=two)
    )


def _cifarnet(key: jax.Array, shape: tuple[int, ...], classes: int) -> Cifarnet:
    channels = shape[2] if len(shape) == 3 else 1
    keys = jax.random.split(key, 5)
    convolutions = [
        Convolution(_HE_KERNELS(k, (KERNEL, KERNEL, inputs, CHANNELS)), jnp.zeros(CHANNELS))
        for k, inputs in zip(keys[:2], (channels, CHANNELS), strict=True)
    ]
    side = ((SIDE - KERNEL + 1) // 2 - KERNEL + 1) // 2
    sizes = (side**2 * CHANNELS, *DENSE, classes)
    dense = []
    for k, inputs, outputs in zip(keys[2:], sizes[:-1], sizes[1:], strict=True):
        layer = eqx.nn.Linear(inputs, outputs, key=k)
        weight = _HE_MATRIX(k, (outputs, inputs))
        start = weight if len(dense) < len(DENSE) else jnp.zeros_like(weight), jnp.zeros(outputs)
        dense.append(eqx.tree_at(lambda one: (one.weight, one.bias), layer, start))
    return Cifarnet(*convolutions, tuple(dense))


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network to be trained: how a model is made, what it sees, and what is minimised.

    A model is an equinox module all of whose leaves are float32 arrays. Called with inputs
    ``(batch, ...)`` and a key, or ``key=None`` when it is measured, it gives logits
    ``(batch, classes)``.
    """

    name: str
    make: Callable[..., eqx.Module]  # of key, shape of an image, number of classes
    side: int | None = None  # of the images, in pixels; None: any
    inputs: str = (
        "brightest"  # pixels over the brightest; or per "channel" or "image" mean 0, var. 1
    )
    distort: Callable[[jax.Array, jax.Array], jax.Array] | None = None  # key, pixels; in training
    penalty: Callable[[Any], jax.Array] | None = None  # of the model, added to the loss in training


NETWORKS: Mapping[str, Architecture] = MappingProxyType(
    {
        one.name: one
        for one in (
            Architecture("logistic", _logistic),
            Architecture("network", _network),
            Architecture("cifarnet", _cifarnet, SIDE, "channel"),
            Architecture("slim", slim.make, SIDE, "image", slim.distort, slim.penalty),
        )
    }
)


def get(network: str | Architecture) -> Architecture:
    """A network by its name, or one as it is.

    Args:
      network: a key of ``NETWORKS``, or an ``Architecture`` of your own.

    Returns:
      The ``Architecture``.

    Raises:
      ValueError: for an unknown name; the message lists the known ones.
    """
    if isinstance(network, Architecture):
        return network
    if network not in NETWORKS:
        raise ValueError(f"unknown network {network!r}; there are: {', '.join(NETWORKS)}")
    return NETWORKS[network]


def times_larger(network: str | Architecture, shape: tuple[int, ...]) -> int:
    """How many times larger images must become, in each direction, for a network to see them.

    Args:
      network: a key of ``NETWORKS``, or an ``Architecture``.
      shape: of one image, ``(height, width)`` or ``(height, width, channels)``.

    Returns:
      1 for images that fit.

    Raises:
      ValueError: for images that cannot be enlarged by a whole number to what the network sees.
    """
    network = get(network)
    side = network.side
    if side is None:
        return 1
    if shape[0] != shape[1] or side % shape[0]:
        raise ValueError(
            f"{network.name} sees images of {side} x {side} pixels, or smaller by a whole number, "
            f"got {shape[0]} x {shape[1]}"
        )
    return side // shape[0]


def build(
    network: str | Architecture, key: jax.Array, shape: tuple[int, ...], classes: int = 10
) -> eqx.Module:
    """A model of the paper's experiments, or one of your own, at its start.

    Args:
      network: ``"logistic"``, ``"network"``, ``"cifarnet"`` or ``"slim"``, or an ``Architecture``.
      key: a JAX random key; softmax regression starts at zero and makes no use of it.
      shape: of one image, ``(height, width)`` or ``(height, width, channels)``.
      classes: number of classes, the length of the logits.

    Returns:
      An equinox module, float32: ``model(inputs, key=None)`` gives logits; a key switches dropout
      on.

    Raises:
      ValueError: for an unknown name, images that the model can't see, or a module with a leaf that
        is no float32 array.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    network = get(network)
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise ValueError(f"an image is (height, width) or (height, width, channels), got {shape}")
    if times_larger(network, shape) != 1:
        raise ValueError(f"{network.name} sees images of {SIDE} x {SIDE} pixels, got {shape}")
    make = functools.partial(network.make, shape=tuple(shape), classes=classes)
    for leaf in jax.tree.leaves(eqx.filter_eval_shape(make, key)):
        if getattr(leaf, "dtype", None) != jnp.float32:
            raise ValueError(
                f"the leaves of {network.name} must be float32 arrays, got {leaf!r}: write other "
                "things, such as activations, into __call__ or mark them static"
            )
    return jax.jit(make)(key)  # in one piece: dozens of small operations compile slowly


def loss(model: eqx.Module, x: jax.Array, labels: jax.Array, key: jax.Array | None = None) -> Any:
    r"""Mean cross-entropy of a batch, in nats.

    .. math:: -\frac1n \sum_{i=1}^n \log \mathrm{softmax}(z_i)_{y_i}

    Args:
      model: a module of :func:`build`.
      x: scaled inputs, shape ``(n, ...)``, float32.
      labels: classes, shape ``(n,)``, integers.
      key: of dropout; without, no unit is dropped.

    Returns:
      A float32 scalar.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return optax.softmax_cross_entropy_with_integer_labels(model(x, key), labels).mean()


def objective(
    network: str | Architecture,
    model: eqx.Module,
    pixels: jax.Array,
    labels: jax.Array,
    scaling: Callable[[jax.Array], jax.Array],
    key: jax.Array,
) -> jax.Array:
    """What a step of training makes smaller: the loss of distorted images, and the penalty.

    Args:
      network: of the model.
      model: a module of :func:`build`.
      pixels: a batch of images as they are stored.
      labels: their classes.
      scaling: makes inputs of pixels.
      key: of the step; it decides the distortion and which units are dropped.

    Returns:
      A float32 scalar.
    """
    network = get(network)
    if network.distort is not None:
        key, of_images = jax.random.split(key)
        pixels = network.distort(of_images, pixels)
    found = loss(model, scaling(pixels), labels, key)
    return found if network.penalty is None else found + network.penalty(model)
