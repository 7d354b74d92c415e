r"""CIFARNET as TensorFlow's slim collection has it, with the paper's 6 x 6 kernels.

The paper's description, in its words "CIFARNET", fits the network of that name in
``research/slim/nets/cifarnet.py`` of tensorflow/models in all that it states but the kernels, which
are 5 x 5 there. From there are what the paper leaves open:

* Convolutions keep the size of the image: 5 rows and columns of zeros are added, 2 before and 3
  after, as TensorFlow's ``SAME`` does. Pooling is 2 x 2; response normalisation stands after the
  first pooling and *before* the second.
* One dropout, after the first dense layer.
* Weights are drawn from normal distributions cut at two standard deviations: 0.05 (kernels), 0.04
  (dense), 1/192 (logits). Biases of the dense layers start at 0.1, the others at zero.
* The two dense layers' weights are pulled to zero by :math:`0.002\,\|w\|^2`, an addend of the loss.
* Images are padded by 4, cropped, mirrored, made brighter or darker, given more or less contrast,
  and scaled one by one to mean 0 and variance 1. When measuring only the last is done.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from adam_and_beyond.images.convolution import convolve
from adam_and_beyond.images.fourier import convolve_same
from adam_and_beyond.images.layers import affine, normalise_response, pool

CHANNELS, KERNEL, DENSE, KEEP = 64, 6, (384, 192), 0.5  # of the paper (section 5)
DECAY = 0.004  # the penalty is half of it times the sum of squares

_KERNELS, _MATRIX, _LOGITS = (  # the standard deviation before the cut at two of it
    jax.nn.initializers.truncated_normal(deviation) for deviation in (0.05, 0.04, 1 / 192)
)
_PADDING, _BRIGHTNESS, _CONTRAST = 4, 63.0, (0.2, 1.8)
_FEW = 16  # channels, up to which Fourier transforms cost more than they save
_DROPOUT = eqx.nn.Dropout(1 - KEEP)


class Same(eqx.Module):
    """A convolution that keeps the size of the image: kernels ``(k, k, channels, outputs)``."""

    weight: jax.Array
    bias: jax.Array

    def __call__(self, x: jax.Array) -> jax.Array:
        """Convolve ``(batch, height, width, channels)``; the smaller half of the zeros is first."""
        bias = self.bias[None, None, None]
        if self.weight.shape[2] > _FEW:
            return convolve_same(x, self.weight) + bias
        edge = self.weight.shape[0] - 1
        around = (edge // 2, edge - edge // 2)
        return convolve(jnp.pad(x, ((0, 0), around, around, (0, 0))), self.weight) + bias


class Slim(eqx.Module):
    """Two convolutions, two response normalisations, three dense layers."""

    first: Same
    second: Same
    dense: tuple[eqx.nn.Linear, eqx.nn.Linear, eqx.nn.Linear]

    def __call__(self, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        """Logits ``(batch, classes)`` of ``(batch, 32, 32, channels)``; a key drops units."""
        x = normalise_response(pool(jax.nn.relu(self.first(x))))
        x = pool(normalise_response(jax.nn.relu(self.second(x))))
        x = jax.nn.relu(affine(self.dense[0], x.reshape(x.shape[0], -1)))
        x = _DROPOUT(x, key=key, inference=key is None)
        return affine(self.dense[2], jax.nn.relu(affine(self.dense[1], x)))


def make(key: jax.Array, shape: tuple[int, ...], classes: int) -> Slim:
    """The network at its start.

    Args:
      key: a JAX random key.
      shape: of one image, ``(height, width, channels)``, height and width multiples of 4.
      classes: number of classes.

    Returns:
      A ``Slim``, float32.
    """
    height, width, channels = shape
    keys = jax.random.split(key, 5)
    convolutions = [
        Same(_KERNELS(k, (KERNEL, KERNEL, inputs, CHANNELS)), jnp.zeros(CHANNELS))
        for k, inputs in zip(keys[:2], (channels, CHANNELS), strict=True)
    ]
    sizes = (height * width // 16 * CHANNELS, *DENSE, classes)
    starts = (_MATRIX, 0.1), (_MATRIX, 0.1), (_LOGITS, 0.0)
    dense = []
    for k, inputs, outputs, (weight, bias) in zip(
        keys[2:], sizes[:-1], sizes[1:], starts, strict=True
    ):
        start = weight(k, (outputs, inputs)), jnp.full(outputs, bias)
        layer = eqx.nn.Linear(inputs, outputs, key=k)
        dense.append(eqx.tree_at(lambda one: (one.weight, one.bias), layer, start))
    return Slim(*convolutions, tuple(dense))


def penalty(model: Slim) -> jax.Array:
    r"""What is added to the loss in training.

    .. math:: \frac{0.004}{2} \big(\|W_3\|^2 + \|W_4\|^2\big)

    Args:
      model: the network; W_3 and W_4 are the weights of its two hidden dense layers.

    Returns:
      A float32 scalar.
    """
    return DECAY / 2 * sum(jnp.sum(layer.weight**2) for layer in model.dense[:2])


def distort(key: jax.Array, images: jax.Array) -> jax.Array:
    """Images as they are shown in training, each changed by chance.

    Four rows and columns of zeros on each side, a crop of the old size, a mirror image half of the
    time, one number of at most 63 added, and the distance of each value from the mean of its
    colour multiplied by 0.2 to 1.8. The added number is lost when images are scaled one by one; it
    is in the source, and so it is here.

    Args:
      key: a JAX random key.
      images: shape ``(n, height, width, channels)``, values 0 to 255.

    Returns:
      Shaped like ``images``, float32.

    References:
      ``research/slim/preprocessing/cifarnet_preprocessing.py`` of tensorflow/models.
    """
    n, height, width, channels = images.shape
    crop, mirror, brighter, stretch = jax.random.split(key, 4)
    around = (_PADDING, _PADDING)
    padded = jnp.pad(images.astype(jnp.float32), ((0, 0), around, around, (0, 0)))
    corners = jax.random.randint(crop, (n, 2), 0, 2 * _PADDING + 1)

    def cut(image: jax.Array, corner: jax.Array) -> jax.Array:
        start = corner[0], corner[1], jnp.zeros_like(corner[0])
        return jax.lax.dynamic_slice(image, start, (height, width, channels))

    x = jax.vmap(cut)(padded, corners)
    one = (n, 1, 1, 1)
    turned = jnp.broadcast_to(jax.random.bernoulli(mirror, 0.5, one), x.shape)
    x = jnp.where(turned, x[:, :, ::-1], x)
    added = jax.random.uniform(brighter, one, minval=-_BRIGHTNESS, maxval=_BRIGHTNESS)
    x = x + jnp.broadcast_to(added, x.shape)
    factor = jax.random.uniform(stretch, one, minval=_CONTRAST[0], maxval=_CONTRAST[1])
    mean = jnp.broadcast_to(x.mean((1, 2), keepdims=True), x.shape)
    return (x - mean) * jnp.broadcast_to(factor, x.shape) + mean
