"""CIFARNET of TensorFlow's slim: shapes, start, preprocessing, loss, against plain arithmetic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from adam_and_beyond.images import layers, networks, slim
from adam_and_beyond.images.fourier import convolve_same

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    return networks.build("slim", KEY, (32, 32, 3))


@pytest.fixture(scope="module")
def small():
    """The same layers over images of 8 x 8; each program below is compiled once, as one."""
    return jax.jit(lambda key: slim.make(key, (8, 8, 3), 10))(KEY)


logits = jax.jit(lambda model, x, key=None: model(x, key))


# --- the convolutions ---
def with_zeros_around(x, w):
    """What TensorFlow's SAME does: of the k - 1 rows of zeros the smaller half comes first."""
    return lax.conv_general_dilated(
        x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


@pytest.mark.parametrize("n, k", [(16, 6), (8, 5), (9, 6)])  # periods 21, 12 and 14
def test_the_convolution_by_fourier_transforms_and_its_gradients_are_those_of_jax(n, k):
    x = jnp.asarray(RNG.normal(size=(3, n, n, 4)), jnp.float32)
    w = jnp.asarray(RNG.normal(size=(k, k, 4, 5)), jnp.float32)

    def total(function):
        def value(x, w):
            y = function(x, w)
            return jnp.sum(jnp.sin(y)), y

        return jax.jit(jax.value_and_grad(value, argnums=(0, 1), has_aux=True))

    (_, ours), gradients = total(convolve_same)(x, w)
    (_, theirs), expected = total(with_zeros_around)(x, w)
    assert np.allclose(ours, theirs, atol=1e-4)
    for found, wanted in zip(gradients, expected, strict=True):
        assert np.allclose(found, wanted, atol=5e-4)  # float32, sums of up to 150 products


def test_the_layers_give_the_numbers_of_a_plain_network(small):
    model = small
    x = jnp.asarray(RNG.normal(size=(2, 8, 8, 3)), jnp.float32)
    y = np.asarray(x)
    for number, layer in enumerate((model.first, model.second)):
        y = np.asarray(with_zeros_around(jnp.asarray(y), layer.weight))
        y = np.maximum(y + np.asarray(layer.bias), 0)
        for part in ("pool", "norm") if number == 0 else ("norm", "pool"):
            y = plain_norm(y) if part == "norm" else plain_pool(y)
    y = y.reshape(2, -1)
    for layer in model.dense[:2]:
        y = np.maximum(y @ np.asarray(layer.weight).T + np.asarray(layer.bias), 0)
    y = y @ np.asarray(model.dense[2].weight).T + np.asarray(model.dense[2].bias)
    assert np.allclose(logits(model, x), y, atol=1e-5) and np.abs(y).max() > 1e-3


def plain_pool(y):
    n, height, width, channels = y.shape
    return y.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def plain_norm(y):
    found = np.empty_like(y)
    for c in range(y.shape[-1]):
        near = y[..., max(0, c - 4) : c + 5]
        found[..., c] = y[..., c] / (1 + 0.001 / 9 * (near**2).sum(axis=-1)) ** 0.75
    return found


# --- the start ---
def test_the_shapes_are_those_of_slim_with_the_papers_kernels(model):
    kernels = model.first.weight.shape, model.second.weight.shape
    assert kernels == ((6, 6, 3, 64), (6, 6, 64, 64))
    dense = [layer.weight.shape for layer in model.dense]
    assert dense == [(384, 8 * 8 * 64), (192, 384), (10, 192)]
    shown = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
    assert jax.eval_shape(model, shown).shape == (2, 10)


def test_weights_start_normal_and_cut_at_two_standard_deviations(model):
    shares = {0.05: (model.first.weight, model.second.weight)}
    shares |= {0.04: [layer.weight for layer in model.dense[:2]]}
    shares |= {1 / 192: [model.dense[2].weight]}
    for deviation, weights in shares.items():
        for weight in weights:
            assert float(jnp.abs(weight).max()) <= 2 * deviation
            # The standard deviation of a normal law cut at two of its own is 0.880 of it.
            assert float(weight.std()) == pytest.approx(0.880 * deviation, rel=0.05)
            assert abs(float(weight.mean())) < 5 * deviation / weight.size**0.5
    for layer, bias in zip(model.dense, (0.1, 0.1, 0.0), strict=True):
        assert np.all(np.asarray(layer.bias) == np.float32(bias))
    assert not np.any(model.first.bias) and not np.any(model.second.bias)


# --- preprocessing ---
def plain_standardisation(images):
    x = images.astype(np.float64)
    return np.stack([(i - i.mean()) / max(i.std(), i.size**-0.5) for i in x])


def test_each_image_is_scaled_by_itself_and_one_of_one_colour_is_zero():
    images = RNG.integers(0, 256, (5, 32, 32, 3), np.uint8)
    images[2] = 77
    found = np.asarray(layers.PerImage()(jnp.asarray(images)))
    assert np.allclose(found, plain_standardisation(images), atol=1e-5)
    assert not np.any(found[2])


def test_distorted_images_are_cropped_mirrored_brightened_and_stretched_as_plain_numpy_does():
    images = RNG.integers(0, 256, (64, 32, 32, 3), np.uint8)
    found = np.asarray(jax.jit(slim.distort)(KEY, jnp.asarray(images)))
    padded = np.pad(images.astype(np.float64), ((0, 0), (4, 4), (4, 4), (0, 0)))
    corners, mirrored, added, factors = set(), 0, [], []
    for image, result in zip(padded, found, strict=True):
        matches = []
        for i in range(9):
            for j in range(9):
                for turned in (False, True):
                    x = image[i : i + 32, j : j + 32]
                    x = x[:, ::-1] if turned else x
                    mean, other = x.mean(axis=(0, 1)), result.mean(axis=(0, 1))
                    shift = (other - mean).mean()
                    factor = (result - other).std() / (x - mean).std()
                    if np.allclose((x - mean) * factor + mean + shift, result, atol=1e-2):
                        matches.append((i, j, turned, shift, factor))
        [(i, j, turned, shift, factor)] = matches  # one crop explains each image, and no other does
        corners |= {("row", i), ("column", j)}
        mirrored += turned
        added.append(shift)
        factors.append(factor)
    assert len(corners) == 18  # every offset from 0 to 8 occurs
    assert 20 < mirrored < 44  # three standard deviations
    assert -63 < min(added) < -40 and 40 < max(added) < 63
    assert 0.2 < min(factors) < 0.5 and 1.5 < max(factors) < 1.8


def test_the_added_brightness_is_lost_when_images_are_scaled_one_by_one():
    images = jnp.asarray(RNG.integers(0, 256, (3, 32, 32, 3)), jnp.float32)
    scale = layers.PerImage()
    assert np.allclose(scale(images), scale(images + 63.0), atol=1e-4)


# --- what is minimised ---
def test_the_penalty_is_l2_of_0_004_on_both_hidden_dense_layers_alone(small):
    model = small
    expected = sum(np.sum(np.asarray(m.weight, np.float64) ** 2) for m in model.dense[:2])
    assert float(slim.penalty(model)) == pytest.approx(0.004 / 2 * expected, rel=1e-5)
    g = jax.jit(jax.grad(slim.penalty))(model)
    for k in range(2):
        assert np.allclose(g.dense[k].weight, 0.004 * model.dense[k].weight, rtol=1e-5)
        assert not np.any(g.dense[k].bias)
    assert not np.any(g.first.weight) and not np.any(g.dense[2].weight)


def test_the_objective_is_the_loss_of_distorted_images_with_the_penalty(small):
    pixels = jnp.asarray(RNG.integers(0, 256, (4, 8, 8, 3), np.uint8))
    labels = jnp.arange(4, dtype=jnp.uint8)
    scale = layers.PerImage()

    def both(model, pixels, labels, key):
        drop, of_images = jax.random.split(key)
        loss = networks.loss(model, scale(slim.distort(of_images, pixels)), labels, drop)
        return networks.objective("slim", model, pixels, labels, scale, key), loss

    found, loss = jax.jit(both)(small, pixels, labels, KEY)
    assert float(found) == pytest.approx(float(loss + slim.penalty(small)), rel=1e-6)
    assert float(slim.penalty(small)) > 0.1
    plain = networks.build("network", KEY, (4, 4))
    some = jnp.ones((4, 4, 4), jnp.uint8)
    scaling = layers.Scaling(np.float32(0), np.float32(16))
    bare = networks.objective("network", plain, some, labels, scaling, KEY)
    assert float(bare) == float(networks.loss(plain, scaling(some), labels, KEY))


def test_one_dropout_stands_after_the_first_dense_layer_and_only_with_a_key(small):
    x = jnp.asarray(RNG.normal(size=(2, 8, 8, 3)), jnp.float32)
    assert np.array_equal(logits(small, x), logits(small, x))
    assert not np.allclose(logits(small, x, KEY), logits(small, x, jax.random.key(1)))
