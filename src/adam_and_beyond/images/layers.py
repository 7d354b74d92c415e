"""Parts of which the networks are made, and how pixels become numbers."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond.images.convolution import convolve

_NEIGHBOURS, _NORM_SCALE = 4, 0.001 / 9  # response normalisation: channels on each side, alpha


class Scaling(NamedTuple):
    """How uint8 pixels become inputs: (pixel - offset) / scale, per channel or one for all."""

    offset: np.ndarray
    scale: np.ndarray

    def __call__(self, images: jax.Array) -> jax.Array:
        """The inputs as float32, shaped like the images."""
        offset, scale = (jnp.broadcast_to(part, images.shape) for part in self)
        return (images.astype(jnp.float32) - offset) / scale


class PerImage(NamedTuple):
    r"""How pixels become inputs where each image is scaled by itself: mean 0, variance 1.

    .. math:: (p - \bar p) / \max(s, 1/\sqrt n)

    with the mean and the standard deviation s of the image's n values; the bound keeps an image of
    one colour from being divided by zero. TensorFlow's ``per_image_standardization``.
    """

    def __call__(self, images: jax.Array) -> jax.Array:
        """The inputs as float32, shaped like the images, of which the first axis counts them."""
        images = images.astype(jnp.float32)
        axes = tuple(range(1, images.ndim))
        mean, scale = images.mean(axes, keepdims=True), images.std(axes, keepdims=True)
        scale = jnp.maximum(scale, images[0].size ** -0.5)
        return (images - jnp.broadcast_to(mean, images.shape)) / jnp.broadcast_to(
            scale, images.shape
        )


def affine(layer: eqx.nn.Linear, x: jax.Array) -> jax.Array:
    """A dense layer on a batch.

    Args:
      layer: weights ``(outputs, inputs)`` and a bias per output.
      x: shape ``(batch, inputs)``, float.

    Returns:
      Shape ``(batch, outputs)``.
    """
    return x @ layer.weight.T + layer.bias[None]


def pool(y: jax.Array) -> jax.Array:
    """The largest of each 2 x 2 block.

    Args:
      y: shape ``(batch, height, width, channels)``, height and width even.

    Returns:
      Shape ``(batch, height / 2, width / 2, channels)``.
    """
    b = y.reshape(y.shape[0], y.shape[1] // 2, 2, y.shape[2] // 2, 2, y.shape[3])
    # Pairwise, because the gradient of a maximum over axes is four times as slow.
    upper = jnp.maximum(b[:, :, 0, :, 0], b[:, :, 0, :, 1])
    lower = jnp.maximum(b[:, :, 1, :, 0], b[:, :, 1, :, 1])
    return jnp.maximum(upper, lower)


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
        return jax.nn.relu(pool(y) + self.bias[None, None, None])


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
