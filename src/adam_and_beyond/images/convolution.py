r"""A convolution whose gradients are as fast as itself, inside ``lax.scan`` too.

.. math:: y_{bijo} = \sum_{k,l,c} x_{b,\,i+k,\,j+l,\,c}\, w_{klco}

JAX derives the gradient of a convolution as another convolution with permuted axes. XLA's CPU
compiler has a fast path for one order of the axes only, and without it a training step inside a
loop can take a hundred times as long. Here the gradient of the kernels is written in that one
order, the gradient of the images as a matrix product, and both a few images at a time, so that
what is summed stays in the cache.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

_LAYOUT = ("NHWC", "HWIO", "NHWC")  # XLA's fast path on the CPU
_SLICE = 4  # images at a time


def _in_slices(images: jax.Array) -> jax.Array:
    size = next(n for n in (_SLICE, 2, 1) if images.shape[0] % n == 0)
    return images.reshape(-1, size, *images.shape[1:])


def _plain(x: jax.Array, w: jax.Array) -> jax.Array:
    return lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=_LAYOUT)


@jax.custom_vjp
def convolve(x: jax.Array, w: jax.Array) -> jax.Array:
    """Convolve images with kernels, without padding and with stride 1.

    Differs from ``lax.conv`` in how its gradient is computed, not in what it is.

    Args:
      x: images, shape ``(batch, height, width, channels)``, float.
      w: kernels, shape ``(k, k, channels, outputs)``, float.

    Returns:
      Shape ``(batch, height - k + 1, width - k + 1, outputs)``.

    References:
      Ours. Introduced in the chapter "CIFARNET on CIFAR-10".
    """
    y = lax.map(lambda some: _plain(some, w), _in_slices(x))
    return y.reshape(x.shape[0], *y.shape[2:])


def _forward(x: jax.Array, w: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return convolve(x, w), (x, w)


def _weight_gradient(x: jax.Array, dy: jax.Array) -> jax.Array:
    """Sum over images of x convolved with dy, channels as the batch and images as the channels."""

    def part(total: jax.Array, some: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        xs, dys = some
        partial = _plain(xs.transpose(3, 1, 2, 0), dys.transpose(1, 2, 0, 3))
        return total + partial.transpose(1, 2, 0, 3), None

    height, width = (x.shape[k] - dy.shape[k] + 1 for k in (1, 2))
    zero = jnp.zeros((height, width, x.shape[3], dy.shape[3]), x.dtype)
    return lax.scan(part, zero, (_in_slices(x), _in_slices(dy)))[0]


def _input_gradient(w: jax.Array, dy: jax.Array) -> jax.Array:
    """One product with all kernels, then each shifted to where its pixel of x lies, and summed.

    The convolution of dy, padded, with the kernels turned round is the same; it multiplies zeros
    for more than half of its time where the image is hardly larger than the kernel.
    """
    height, width, channels, outputs = w.shape
    kernels = w.transpose(3, 0, 1, 2).reshape(outputs, -1)

    def part(some: jax.Array) -> jax.Array:
        n, rows, columns, _ = some.shape
        products = some.reshape(-1, outputs) @ kernels
        products = products.reshape(n, rows, columns, height, width, channels)
        dx = jnp.zeros((n, rows + height - 1, columns + width - 1, channels), w.dtype)
        for k in range(height):
            for j in range(width):
                dx = dx.at[:, k : k + rows, j : j + columns].add(products[:, :, :, k, j])
        return dx

    dx = lax.map(part, _in_slices(dy))
    return dx.reshape(dy.shape[0], *dx.shape[2:])


def _backward(kept: tuple[jax.Array, jax.Array], dy: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, w = kept
    return _input_gradient(w, dy), _weight_gradient(x, dy)


convolve.defvjp(_forward, _backward)
