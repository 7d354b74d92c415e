"""The networks are the paper's, their convolution is right, and fast inside a scan too."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from adam_and_beyond.images import layers, networks
from adam_and_beyond.images.convolution import convolve

RNG = np.random.default_rng(0)
KEY = jax.random.key(0)
CANONICAL = lax.ConvDimensionNumbers((0, 3, 1, 2), (3, 2, 0, 1), (0, 3, 1, 2))


def normal(*shape):
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


def plain(x, w):
    return lax.conv_general_dilated(
        x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def size(name, shape):
    model = eqx.filter_eval_shape(networks.build, name, KEY, shape)
    return sum(leaf.size for leaf in jax.tree.leaves(model))


# --- the convolution ---
@pytest.mark.parametrize("shape, k", [((12, 13, 13, 5), 6), ((3, 7, 9, 2), 3), ((2, 6, 6, 1), 6)])
def test_the_convolution_and_its_gradients_are_those_of_jax(shape, k):
    x, w = normal(*shape), normal(k, k, shape[3], 4)
    assert np.allclose(convolve(x, w), plain(x, w), atol=1e-4)

    def total(function):
        return jax.grad(lambda x, w: jnp.sum(jnp.sin(function(x, w))), argnums=(0, 1))

    for ours, theirs in zip(total(convolve)(x, w), total(plain)(x, w), strict=True):
        # Sums of up to 1000 products in another order, in float32.
        assert np.allclose(ours, theirs, atol=2e-4)


def convolutions(jaxpr):
    """The layouts of all convolutions in a program, loops and calls included."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "conv_general_dilated":
            yield equation.params["dimension_numbers"]
        for inner in jax.tree.leaves(
            list(equation.params.values()), is_leaf=lambda p: hasattr(p, "eqns")
        ):
            inner = getattr(inner, "jaxpr", inner)
            if hasattr(inner, "eqns"):
                yield from convolutions(inner)


def steps_in_a_scan(function, w):
    def step(w, x):
        return w - 0.01 * jax.grad(lambda w: jnp.sum(function(x, w) ** 2))(w), None

    return lambda xs: lax.scan(step, w, xs)[0]


def test_every_convolution_in_a_scan_has_the_layout_that_is_fast():
    w, xs = normal(6, 6, 3, 4), normal(2, 4, 12, 12, 3)
    layouts = {
        function: list(convolutions(jax.make_jaxpr(steps_in_a_scan(function, w))(xs).jaxpr))
        for function in (convolve, plain)
    }
    assert layouts[convolve] and all(found == CANONICAL for found in layouts[convolve])
    assert any(found != CANONICAL for found in layouts[plain])  # the trap: JAX's own gradient


def test_convolution_layers_pool_two_by_two_and_skip_an_odd_edge():
    layer = layers.Convolution(normal(3, 3, 2, 4), normal(4))
    for side in (8, 9):
        x = normal(2, side, side, 2)
        y = (np.asarray(plain(x, layer.weight)) + np.asarray(layer.bias))[:, :6, :6]
        best = y.reshape(2, 3, 2, 3, 2, 4).max(axis=(2, 4))
        assert np.allclose(layer(x), np.maximum(best, 0), atol=1e-5)


def test_response_normalisation_divides_by_nine_neighbours():
    x = np.asarray(normal(5, 12)) * 30
    expected = np.empty_like(x)
    for c in range(12):
        near = x[:, max(0, c - 4) : c + 5]
        expected[:, c] = x[:, c] / (1 + 0.001 / 9 * (near**2).sum(axis=1)) ** 0.75
    assert np.allclose(layers.normalise_response(jnp.asarray(x)), expected, rtol=1e-5)
    assert not np.allclose(expected, x, rtol=0.01)


# --- the models ---
def test_the_sizes_are_those_that_the_paper_describes():
    assert size("logistic", (28, 28)) == 784 * 10 + 10
    assert size("network", (28, 28)) == 784 * 100 + 100 + 100 * 10 + 10
    kernels = 36 * 3 * 64 + 64 + 36 * 64 * 64 + 64
    dense = 4 * 4 * 64 * 384 + 384 + 384 * 192 + 192 + 192 * 10 + 10
    assert size("cifarnet", (32, 32, 3)) == kernels + dense


def test_softmax_regression_starts_at_log_10_with_the_gradient_of_the_book():
    model = networks.build("logistic", KEY, (4, 3))
    x, labels = normal(7, 4, 3), jnp.arange(7) % 10
    assert float(networks.loss(model, x, labels)) == pytest.approx(np.log(10), rel=1e-6)
    g = jax.grad(networks.loss)(model, x, labels).layer.weight
    excess = 0.1 - np.eye(10)[np.asarray(labels)]  # probabilities minus truth
    assert np.allclose(g, excess.T @ np.asarray(x).reshape(7, 12) / 7, atol=1e-6)


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_losses_and_gradients_need_no_implicit_promotion(name):
    pixels, labels = jnp.zeros((4, 32, 32, 1), jnp.uint8), jnp.zeros(4, jnp.uint8)
    scaling = layers.Scaling(np.zeros(1, np.float32), np.float32(255))

    def gradient(key):
        model = networks.build(name, key, (32, 32, 1))
        return jax.grad(networks.loss)(model, scaling(pixels), labels, key)

    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        assert all(
            leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(jax.eval_shape(gradient, KEY))
        )


def test_a_seed_decides_the_start():
    starts = [networks.build("network", jax.random.key(k), (3, 3)) for k in (0, 0, 1)]
    leaves = [jax.tree.leaves(start) for start in starts]
    assert all(np.array_equal(a, b) for a, b in zip(leaves[0], leaves[1], strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(leaves[0], leaves[2], strict=True))


def test_cifarnet_starts_at_log_10_and_drops_half_of_the_units_only_with_a_key():
    model = networks.build("cifarnet", KEY, (32, 32, 1))
    x, labels = normal(2, 32, 32, 1), jnp.arange(2)
    assert float(networks.loss(model, x, labels)) == pytest.approx(np.log(10), rel=1e-6)
    out = eqx.tree_at(lambda m: m.dense[-1].weight, model, normal(10, 192))
    logits = eqx.filter_jit(out)
    assert np.array_equal(logits(x), logits(x))
    assert not np.allclose(logits(x, KEY), logits(x, jax.random.key(1)))
    ones = networks._DROPOUT(jnp.ones((200, 200)), key=KEY)
    assert set(np.unique(ones)) == {0.0, 2.0}
    assert float(ones.mean()) == pytest.approx(1.0, abs=0.02)  # four standard errors


def test_the_loss_is_minus_the_log_probability_even_of_huge_logits():
    def identity(x, key):
        return x

    logits = jnp.array([[0.0, np.log(3.0)], [1000.0, 0.0]])
    for row, label, expected in ((0, 0, np.log(4)), (1, 1, 1000)):
        found = networks.loss(identity, logits[row : row + 1], jnp.array([label], jnp.uint8))
        assert float(found) == pytest.approx(expected)


def test_scaling_takes_pixels_to_numbers():
    scaling = layers.Scaling(np.float32([10, 20]), np.float32(5))
    pixels = jnp.array([[[[10, 30]]]], jnp.uint8)
    assert scaling(pixels).tolist() == [[[[0.0, 2.0]]]]


@pytest.mark.parametrize(
    "name, shape, words",
    [
        ("lenet", (28, 28), "logistic, network, cifarnet"),
        ("network", (28,), "height, width"),
        ("network", (0, 28), "height, width"),
        ("cifarnet", (28, 28), "32 x 32"),
    ],
)
def test_models_that_cannot_be_built_are_refused(name, shape, words):
    with pytest.raises(ValueError, match=words):
        networks.build(name, KEY, shape)
