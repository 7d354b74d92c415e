"""A network, data and methods of one's own go through the same grids, stores and figures."""

import dataclasses

import equinox as eqx
import jax
import matplotlib.pyplot as plt
import numpy as np
import optax
import pytest

from adam_and_beyond import figures, optax_bridge
from adam_and_beyond.images import datasets, experiments, networks, report, runs, training, watching
from adam_and_beyond.images.tasks import Setting, Task

LOOSE = "optax mixes whole and real numbers"
RNG = np.random.default_rng(0)


class Mine(eqx.Module):
    layer: eqx.nn.Linear

    def __call__(self, x, key=None):
        return jax.vmap(self.layer)(jax.numpy.tanh(x.reshape(len(x), -1)))


def make(key, shape, classes):
    return Mine(eqx.nn.Linear(shape[0] * shape[1], classes, key=key))


def squares(model):
    return 0.05 * jax.numpy.sum(model.layer.weight**2)


def blobs(count):
    labels = np.arange(count) % 3
    images = RNG.normal(size=(count, 4, 5)).astype(np.float32)
    images[np.arange(count), labels, 0] += 3
    return images, labels


DATA = datasets.of_arrays("blobs", *blobs(200), *blobs(60))
ADAMW = optax_bridge.from_optax(optax.adamw(1.0, weight_decay=0.1), "AdamW")
OWN = experiments.Experiment(
    "own",
    DATA,
    Task(networks.Architecture("mine", make), "constant", 10, 10, batch=32),
    20,
    {"adam_corrected": (0.01, 0.1), ADAMW: (0.01, 0.1)},
    seeds=(0, 1),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def grid(folder):
    return runs.reproduce(OWN, experiments.groups(OWN), folder=folder)


def test_a_grid_of_ones_own_is_trained_found_again_and_stored(grid, folder, tmp_path):
    assert DATA.classes == 3 and len(grid.settings) == 2 * 2 * 3  # both beta2, and AdamW's own
    told = []
    again = runs.reproduce(
        OWN, experiments.groups(OWN), folder=folder, progress=lambda g, t, loss: told.append(t)
    )
    assert set(told) == {20} and np.array_equal(
        again.measured["train_loss"], grid.measured["train_loss"]
    )
    runs.assemble(OWN, folder, tmp_path)
    stored = runs.stored(OWN, tmp_path)
    assert stored.settings == grid.settings
    assert np.all(grid.measured["test_accuracy"][:, -1] > 0.5)


def test_its_figures_and_tables_are_drawn_as_ours_are(grid):
    best = [grid.chosen(name, 20) for name in grid.methods()]
    fig, axes = figures.losses({"train_loss": report.bands(grid, "train_loss", best)}, {})
    assert {text.get_text().split(",")[0] for text in axes[0].texts} == {
        "AdamW",
        "Adam, corrected",
    } or len(axes[0].texts) == 2
    plt.close(fig)
    assert "| AdamW |" in report.table({"AdamW": report.end(grid, "AdamW", 20)})


def test_adamw_trains_as_optax_alone_does(grid):
    setting = grid.settings[grid.rows(method="AdamW", alpha=0.01, seed=0)[0]]
    x, labels = DATA.train_images / DATA.brightest, DATA.train_labels
    model = networks.build(OWN.task.network, training.pipeline.key(0, "start"), (4, 5), 3)
    tx = optax.adamw(0.01, weight_decay=0.1)
    state = tx.init(model)
    gradient = jax.jit(jax.grad(networks.loss))
    for rows in training.pipeline.order(0, 0, 20, 200, 32):
        g = gradient(model, x[rows], labels[rows])
        updates, state = tx.update(g, state, model)
        model = optax.apply_updates(model, updates)
    found = grid.curves("train_loss", setting.method, 0.01, None)[0, -1]
    assert found == pytest.approx(float(networks.loss(model, x, labels)), rel=1e-4)


def test_a_coupled_penalty_is_minimised_with_the_loss_and_not_measured():
    network = networks.Architecture("mine", make, penalty=squares)
    task = dataclasses.replace(OWN.task, network=network)
    setting = Setting("sgd", 0.1, None, 0)
    pulled, free = (training.train(t, DATA, [setting], 20)[0] for t in (task, OWN.task))
    assert pulled.objective[-1] > pulled.train_loss[-1] > free.train_loss[-1]


def test_an_observer_watches_it():
    seen = watching.watch(OWN.task, DATA, Setting("adam", 0.01, 0.9, 0), 20)
    assert seen.steps.tolist() == [10, 20] and np.isfinite(seen.rates).all()


@pytest.mark.parametrize(
    "change, words",
    [
        ({0: np.zeros((3, 4))}, "shape .n, height, width"),
        ({0: np.zeros((3, 4, 5))}, "uint8 or float32"),
        ({1: np.zeros(3)}, "integers of shape"),
        ({1: np.array([0, 1, 255])}, "0 to 254"),
        ({2: np.zeros((1, 4, 6), np.uint8)}, "like the training images"),
    ],
)
def test_arrays_that_are_no_data_set_are_refused(change, words):
    images = np.zeros((3, 4, 5), np.uint8)
    given = {0: images, 1: np.arange(3), 2: images[:1], 3: np.zeros(1, int)} | change
    with pytest.raises(ValueError, match=words):
        datasets.of_arrays("bad", *given.values())


def test_a_module_with_a_leaf_that_is_no_array_is_refused():
    def with_activation(key, shape, classes):
        return eqx.nn.MLP(4, classes, 8, 1, key=key)

    with pytest.raises(ValueError, match="must be float32 arrays.*write other things"):
        networks.build(networks.Architecture("mlp", with_activation), jax.random.key(0), (2, 2))
