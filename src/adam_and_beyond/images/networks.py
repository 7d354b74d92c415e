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

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond.images.convolution import convolve

HIDDEN = 100  # units of the hidden layer (paper, section 5)
CHANNELS, KERNEL = 64, 6  # of both convolutions (paper, section 5)
DENSE = (384, 192)  # fully connected units (paper, section 5)
KEEP = 0.5  # probability that dropout keeps a unit (paper, section 5)
SIDE = 32  # of the images that CIFARNET sees

_NEIGHBOURS, _NORM_SCALE = 4, 0.001 / 9  # response normalisation: channels on each side, alpha
_DROPOUT = eqx.nn.Dropout(1 - KEEP)
# He et al. (2015); kernels lie (k, k, channels, outputs), matrices (outputs, inputs).
_HE_KERNELS = jax.nn.initializers.variance_scaling(2.0, "fan_in", "normal")
_HE_MATRIX = jax.nn.initializers.variance_scaling(2.0, "fan_in", "normal", in_axis=-1, out_axis=-2)


class Scaling(NamedTuple):
    """How uint8 pixels become inputs: (pixel - offset) / scale, per channel or one for all."""

    offset: np.ndarray
    scale: np.ndarray

    def __call__(self, images: jax.Array) -> jax.Array:
        """The inputs as float32, shaped like the images."""
        offset, scale = (jnp.broadcast_to(part, images.shape) for part in self)
        return (images.astype(jnp.float32) - offset) / scale


def _affine(layer: eqx.nn.Linear, x: jax.Array) -> jax.Array:
    # Weights lie (outputs, inputs), so those of many settings form one wide product.
    return x @ layer.weight.T + layer.bias[None]


class Logistic(eqx.Module):
    r"""Softmax regression, logits :math:`W x + b`: the paper's convex experiment."""

    layer: eqx.nn.Linear

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of inputs ``(batch, ...)``; nothing here is random."""
        return _affine(self.layer, x.reshape(x.shape[0], -1))


class Network(eqx.Module):
    """One hidden layer of 100 rectified linear units."""

    hidden: eqx.nn.Linear
    out: eqx.nn.Linear

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of inputs ``(batch, ...)``; nothing here is random."""
        return _affine(self.out, jax.nn.relu(_affine(self.hidden, x.reshape(x.shape[0], -1))))


class Convolution(eqx.Module):
    """Kernels ``(k, k, channels, outputs)`` and a bias per output."""

    weight: jax.Array
    bias: jax.Array

    def __call__(self, x: jax.Array) -> jax.Array:
        """Convolve, keep the largest of each 2 x 2 block, rectify.

        An odd last row or column, which the pooling would drop, is not computed.
        """
        height, width = ((x.shape[k] - self.weight.shape[0] + 1) // 2 * 2 for k in (1, 2))
        edge = self.weight.shape[0] - 1
        y = convolve(x[:, : height + edge, : width + edge], self.weight)
        b = y.reshape(y.shape[0], height // 2, 2, width // 2, 2, y.shape[3])
        # Pairwise, because the gradient of a maximum over axes is four times as slow.
        upper = jnp.maximum(b[:, :, 0, :, 0], b[:, :, 0, :, 1])
        lower = jnp.maximum(b[:, :, 1, :, 0], b[:, :, 1, :, 1])
        return jax.nn.relu(jnp.maximum(upper, lower) + self.bias[None, None, None])


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
            x = _DROPOUT(jax.nn.relu(_affine(layer, x)), key=part, inference=part is None)
        return _affine(self.dense[-1], x)


def normalise_response(x: jax.Array) -> jax.Array:
    r"""Divide each unit by what its neighbouring channels say (Krizhevsky et al. 2012, 3.3).

    .. math:: y_c = x_c \Big(1 + \frac{0.001}{9} \sum_{|c' - c| \le 4} x_{c'}^2\Big)^{-3/4}

    The sum over neighbours is a product with a banded matrix of ones.

    Args:
      x: responses, channels last, float.

    Returns:
      Shaped like ``x``.

    References:
      Krizhevsky, Sutskever and Hinton (2012), section 3.3.
    """
    channels = np.arange(x.shape[-1])
    band = np.abs(channels[:, None] - channels) <= _NEIGHBOURS
    u = 1 + _NORM_SCALE * (x**2 @ band.astype(np.float32))
    return x * jax.lax.rsqrt(u * jnp.sqrt(u))


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


class Architecture(NamedTuple):
    """How a model is made, and which images it sees."""

    make: Callable[..., eqx.Module]
    side: int | None = None  # of the images, in pixels; None: any
    standardised: bool = False  # whether each channel gets mean 0 and variance 1


NETWORKS: Mapping[str, Architecture] = MappingProxyType(
    {
        "logistic": Architecture(_logistic),
        "network": Architecture(_network),
        "cifarnet": Architecture(_cifarnet, SIDE, standardised=True),
    }
)


def times_larger(name: str, shape: tuple[int, ...]) -> int:
    """How many times larger images must become, in each direction, for a network to see them.

    Args:
      name: a key of ``NETWORKS``.
      shape: of one image, ``(height, width)`` or ``(height, width, channels)``.

    Returns:
      1 for images that fit.

    Raises:
      ValueError: for images that cannot be enlarged by a whole number to what the network sees.
    """
    side = NETWORKS[name].side
    if side is None:
        return 1
    if shape[0] != shape[1] or side % shape[0]:
        raise ValueError(
            f"{name} sees images of {side} x {side} pixels, or smaller by a whole number, got "
            f"{shape[0]} x {shape[1]}"
        )
    return side // shape[0]


def build(name: str, key: jax.Array, shape: tuple[int, ...], classes: int = 10) -> eqx.Module:
    """A model of the paper's experiments, at its start.

    Args:
      name: ``"logistic"``, ``"network"`` or ``"cifarnet"``.
      key: a JAX random key; softmax regression starts at zero and makes no use of it.
      shape: of one image, ``(height, width)`` or ``(height, width, channels)``.
      classes: number of classes, the length of the logits.

    Returns:
      An equinox module, float32: ``model(inputs, key=None)`` gives logits; a key switches dropout
      on.

    Raises:
      ValueError: for an unknown name, or images that the model can't see.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    if name not in NETWORKS:
        raise ValueError(f"unknown network {name!r}; there are: {', '.join(NETWORKS)}")
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise ValueError(f"an image is (height, width) or (height, width, channels), got {shape}")
    if times_larger(name, shape) != 1:
        raise ValueError(f"{name} sees images of {SIDE} x {SIDE} pixels, got {shape}")
    make = functools.partial(NETWORKS[name].make, shape=tuple(shape), classes=classes)
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
