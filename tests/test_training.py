"""Training is what it says: the same runs alone or together, broken off or not, by any road."""

import equinox as eqx
import jax
import numpy as np
import optax
import processes
import pytest

from adam_and_beyond import methods, optax_bridge
from adam_and_beyond.images import (
    datasets,
    networks,
    observing,
    pipeline,
    store,
    training,
    watching,
)
from adam_and_beyond.images.identity import identity
from adam_and_beyond.images.tasks import Setting, Task

LOGISTIC = Task("logistic", "inverse_sqrt", stride=1, records=(1, 2, 5), batch=64)
NETWORK = Task("network", "constant", stride=5, records=10, batch=64)


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def checkpoint(data, group, folder, task=NETWORK):
    return store.Store(folder).checkpoint(identity(task, data, group), {})


# --- against plain arithmetic ---
def by_hand(name, data, alpha, beta2, seed, steps):
    """Softmax regression in float64 numpy, and the method from the paper's formulas."""
    x = data.train_images.reshape(len(data.train_labels), -1) / 16
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    truth = np.eye(10)[data.train_labels]
    w = np.zeros((x.shape[1], 10))
    m, v, v_hat, losses = 0.0 * w, 0.0 * w, 0.0 * w, []
    rows = pipeline.order(seed, 0, steps, len(x), 64)

    def probabilities(some):
        z = np.exp(some @ w)
        return z / z.sum(axis=1, keepdims=True)

    for t in range(1, steps + 1):
        some = rows[t - 1]
        g = x[some].T @ (probabilities(x[some]) - truth[some]) / 64
        m = 0.9 * m + 0.1 * g if name != "sgd" else g
        v = (1 - 1 / t) * v + g**2 / t if name == "adamnc" else beta2 * v + (1 - beta2) * g**2
        v_hat = np.maximum(v_hat, v) if name == "amsgrad" else v
        scale = np.ones_like(v) if name == "sgd" else np.sqrt(v_hat)
        w = w - alpha / np.sqrt(t) * np.divide(m, scale, out=0 * m, where=scale > 0)
        losses.append(-np.log(probabilities(x)[truth > 0]).mean())
    return np.array(losses)


@pytest.mark.parametrize(
    "name, alpha, beta2",
    [("sgd", 0.5, None), ("adam", 0.02, 0.9), ("amsgrad", 0.02, 0.9), ("adamnc", 0.02, None)],
)
def test_a_run_agrees_with_plain_arithmetic(digits, name, alpha, beta2):
    run = training.train(LOGISTIC, digits, [Setting(name, alpha, beta2, 3)], 5)[0]
    expected = by_hand(name, digits, alpha, beta2 or 0.9, 3, 5)
    # float32 beside float64; the smallest gradients decide the direction of their coordinate.
    assert np.allclose(run.train_loss, expected[[0, 1, 4]], rtol=1e-4)
    assert run.steps.tolist() == [1, 2, 5] and run.stopped == 0


def test_losses_and_accuracies_are_means_over_all_images(digits):
    task = Task("logistic", "constant", 1, 1, batch=64)
    run = training.train(task, digits, [Setting("sgd", 1e-12, None, 0)], 1)[0]
    assert run.train_loss == pytest.approx(np.log(10)) and run.test_loss == pytest.approx(
        np.log(10)
    )
    # At zero all classes tie, and the first one is taken.
    longer = training.train(task, digits, [Setting("sgd", 0.5, None, 0)], 60)[0]
    assert longer.test_accuracy[-1] > 0.85 > longer.test_accuracy[0]
    few = Task("logistic", "constant", 1, 1, batch=64, sample=100)
    part = digits._replace(
        train_images=digits.train_images[:100], train_labels=digits.train_labels[:100]
    )
    start = [Setting("sgd", 1e-3, None, 0)]
    held = pipeline.on_device("logistic", digits, 100)
    assert int((held.train[1] != pipeline.NO_LABEL).sum()) == 100
    assert training.train(few, digits, start, 1)[0].train_loss != run.train_loss
    assert len(part.train_labels) == 100


def test_training_needs_no_implicit_promotion(digits):
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        setting, task = Setting("adam", 0.02, 0.9, 3), Task("logistic", "constant", 2, 2, batch=64)
        run = training.train(task, digits, [setting], 2)[0]
        seen = watching.watch(task, digits, setting, 2)
    assert np.isfinite(run.measured).all() and np.isfinite(seen.loss).all()


# --- together or alone ---
GROUP = [Setting("amsgrad", alpha, 0.99, 1) for alpha in (1e-3, 1e-2, 1e-1)]


@pytest.fixture(scope="module")
def unbroken(digits):
    return training.train(NETWORK, digits, GROUP, 20)


@pytest.mark.parametrize("group", [GROUP[1:2], GROUP[::-1], GROUP[1:]])
def test_no_bit_of_a_run_depends_on_what_it_is_trained_beside(digits, unbroken, group):
    found = {run.setting: run for run in training.train(NETWORK, digits, group, 20)}
    assert np.array_equal(found[GROUP[1]].measured, unbroken[1].measured)
    assert not np.allclose(found[GROUP[1]].measured, unbroken[0].measured, rtol=2e-2)


def test_a_replicate_begins_one_float_further_and_ends_elsewhere(digits, unbroken):
    one = GROUP[2]
    alphas = [one._replace(replicate=r).alpha_trained() for r in (0, 1, 2)]
    assert alphas[0] == np.float32(one.alpha) and np.all(np.diff(alphas) > 0)
    assert np.ptp(alphas) < 3e-7 * alphas[0]
    again = training.train(NETWORK, digits, [one._replace(replicate=1)], 20)[0]
    assert again.setting.replicate == 1 and "replicate 1" in str(again.setting)
    assert not np.array_equal(again.measured, unbroken[2].measured)
    assert np.allclose(again.train_loss, unbroken[2].train_loss, rtol=0.05)


def test_the_objective_is_the_mean_loss_of_the_last_stretch(digits):
    told = []
    run = training.train(NETWORK, digits, GROUP[:1], 20, progress=told.append)[0]
    assert run.steps.tolist() == [10, 20]
    assert run.objective.tolist() == [told[1].losses[0], told[3].losses[0]]


# --- methods of every kind ---
def test_a_method_does_what_its_name_does_and_is_called_by_it(digits, unbroken):
    one = GROUP[1]
    for method, beta2 in (
        (methods.get("amsgrad", beta2=0.99), None),
        (methods.get("amsgrad"), 0.99),
    ):
        found = training.train(NETWORK, digits, [one._replace(method=method, beta2=beta2)], 20)[0]
        assert found.setting == one and np.array_equal(found.measured, unbroken[1].measured)
    other = NETWORK.named(one._replace(method=methods.get("amsgrad", beta1=0.5), beta2=None))
    assert other.method == "AMSGrad (beta1=0.5, beta2=0.999)" and other.beta2 == 0.999


def test_an_optax_transformation_is_trained_as_optax_says(digits):
    momentum = optax_bridge.from_optax(optax.sgd(1.0, momentum=0.9), "momentum")
    run = training.train(LOGISTIC, digits, [Setting(momentum, 0.1, None, 0)], 5)[0]
    assert run.setting.method == "momentum"
    x, labels = digits.train_images / np.float32(16), digits.train_labels
    model = networks.build("logistic", pipeline.key(0, "start"), (8, 8))

    def rate(t):
        return -0.1 / jax.numpy.sqrt(t.astype(np.float32) + 1)

    tx = optax.chain(optax.trace(0.9), optax.scale_by_schedule(rate))
    state = tx.init(model)
    for rows in pipeline.order(0, 0, 5, len(x), 64):
        g = jax.grad(networks.loss)(model, x[rows], labels[rows])
        updates, state = tx.update(g, state)
        model = optax.apply_updates(model, updates)
    assert run.train_loss[-1] == pytest.approx(float(networks.loss(model, x, labels)), rel=1e-5)


def test_a_run_whose_loss_is_no_number_stops_and_the_others_go_on(digits):
    task = Task("network", "constant", 5, 5, batch=64)
    group = [Setting("sgd", alpha, None, 0) for alpha in (0.1, 1e38)]
    said = []
    fine, broken = training.train(task, digits, group, 20, warn=said.append)
    assert len(said) == 1 and "alpha 1e+38" in said[0] and "stops" in said[0]
    assert broken.stopped > 0 and np.isnan(broken.train_loss[-1])
    alone = training.train(task, digits, group[:1], 20)[0]
    assert fine.stopped == 0 and np.allclose(fine.train_loss, alone.train_loss, rtol=1e-3)
    told = []
    training.train(task, digits, group[1:], 1000, progress=lambda stretch: told.append(stretch.t))
    assert told[-1] < 1000  # nothing is left to train


# --- the order of the images ---
def test_each_epoch_shows_each_image_at_most_once_in_an_order_of_its_own():
    rows = pipeline.order(0, 0, 6, 100, 32)  # three batches an epoch, four images left out
    first, second = rows[:3].ravel(), rows[3:].ravel()
    assert len(set(first)) == len(set(second)) == 96
    assert set(first) != set(second)
    assert np.array_equal(pipeline.order(0, 4, 2, 100, 32), rows[4:])
    assert not np.array_equal(pipeline.order(1, 0, 6, 100, 32), rows)


# --- checkpoints ---
@pytest.mark.parametrize("every", [0.0, 1e9])  # at 1e9 it is the interruption that is written
def test_a_run_that_was_broken_off_ends_as_an_unbroken_one_bit_for_bit(
    digits, unbroken, tmp_path, every
):
    file = checkpoint(digits, GROUP, tmp_path)

    def breaks_off(stretch):
        if stretch.t == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(NETWORK, digits, GROUP, 20, file, every=every, progress=breaks_off)
    told = []
    resumed = training.train(
        NETWORK, digits, GROUP, 20, file, progress=lambda stretch: told.append(stretch.t)
    )
    assert told == [20]
    for one, other in zip(unbroken, resumed, strict=True):
        assert np.array_equal(one.measured, other.measured)


def test_a_crash_while_writing_leaves_the_old_checkpoint(digits, tmp_path, monkeypatch):
    file = checkpoint(digits, GROUP, tmp_path)
    training.train(NETWORK, digits, GROUP, 10, file)
    before = file.path.read_bytes()

    def crash(opened, tree):
        opened.write(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(store.eqx, "tree_serialise_leaves", crash)
    with pytest.raises(ValueError, match="step 20 of .* can't be kept .*the disk is full"):
        training.train(NETWORK, digits, GROUP, 20, file)
    assert file.path.read_bytes() == before and list(tmp_path.iterdir()) == [file.path]


def test_a_damaged_or_foreign_checkpoint_is_refused(digits, tmp_path):
    file = checkpoint(digits, GROUP, tmp_path)
    training.train(NETWORK, digits, GROUP, 10, file)
    other = checkpoint(digits, GROUP[:2], tmp_path)._replace(path=file.path)
    with pytest.raises(ValueError, match="another run"):
        training.train(NETWORK, digits, GROUP[:2], 20, other)
    whole = file.path.read_bytes()
    for damaged in (whole[:-50], whole[:300], b"", b"[]\n"):
        file.path.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            training.train(NETWORK, digits, GROUP, 20, file)


# --- observers ---
class Steps(observing.Observer):
    """Notes the number of each step and the norm of the model's gradient."""

    def start(self, model):
        return jax.numpy.zeros(())

    def step(self, carried, g, memory, t, alpha):
        assert jax.tree.structure(memory.m) == jax.tree.structure(g)
        return carried + 1, (t, alpha)

    def report(self, carried, noted):
        return carried, noted


def test_an_observer_sees_every_step_of_every_run_and_changes_no_bit(digits, unbroken):
    seen = []
    runs = training.train(NETWORK, digits, GROUP, 20, progress=seen.append, observer=Steps())
    for one, other in zip(unbroken, runs, strict=True):
        assert np.array_equal(one.measured, other.measured)
    assert [stretch.report[0].tolist() for stretch in seen] == [[5 * k] * 3 for k in (1, 2, 3, 4)]
    t, alpha = seen[1].report[1]
    assert t.tolist() == [[6, 7, 8, 9, 10]] * 3
    assert np.allclose(alpha[:, 0], [1e-3, 1e-2, 1e-1])


def test_an_observed_run_keeps_no_checkpoint(digits, tmp_path):
    with pytest.raises(ValueError, match="one of the two"):
        file = checkpoint(digits, GROUP, tmp_path)
        training.train(NETWORK, digits, GROUP, 10, file, observer=Steps())


# --- what is measured ---
class Dropping(eqx.Module):
    """Softmax regression on pixels of which a key drops half."""

    weight: jax.Array

    def __call__(self, x, key=None):
        x = x.reshape(len(x), -1)
        return eqx.nn.Dropout(0.5)(x, key=key, inference=key is None) @ self.weight.T


def test_no_unit_is_dropped_while_measuring(digits, monkeypatch):
    model = Dropping(0.3 * jax.random.normal(jax.random.key(1), (10, 64)))
    monkeypatch.setattr(networks, "build", lambda *arguments: model)
    told = []
    run = training.train(
        LOGISTIC, digits, [Setting("sgd", 1e-12, None, 0)], 1, progress=told.append
    )[0]
    x, labels = digits.train_images / np.float32(16), digits.train_labels
    whole = float(networks.loss(model, x, labels))
    dropped = float(networks.loss(model, x, labels, jax.random.key(0)))
    assert run.train_loss[0] == pytest.approx(whole, rel=1e-4)  # float32, other blocks
    assert abs(dropped / whole - 1) > 0.1  # the claim can fail
    rows = pipeline.order(0, 0, 1, len(x), 64)[0]
    batch = float(networks.loss(model, x[rows], labels[rows]))
    assert abs(told[0].least_loss / batch - 1) > 0.01  # and in training units are dropped


# --- several devices ---
TWO_DEVICES = """
import sys
import jax
if len(sys.argv) > 2:
    jax.distributed.initialize(sys.argv[2], num_processes=2, process_id=int(sys.argv[3]))
from pathlib import Path
from adam_and_beyond.images import datasets, store, training
from adam_and_beyond.images.identity import identity
from adam_and_beyond.images.tasks import Setting, Task
task, data = Task("network", "constant", 5, 10, batch=64), datasets.load("digits")
group = [Setting("amsgrad", alpha, 0.99, 1) for alpha in (1e-3, 1e-2, 1e-1)]
checkpoint = store.Store(Path(sys.argv[1])).checkpoint(identity(task, data, group, 2), {})
for steps in (10, 20):  # the second goes on from the first
    runs = training.train(task, data, group, steps, checkpoint, devices=2)
for run in runs:
    print(*run.train_loss)
"""


@pytest.fixture(scope="module")
def two_devices(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    return processes.finish(processes.start(TWO_DEVICES, str(folder), devices=2))


def test_two_devices_share_a_batch_and_agree_with_one(unbroken, two_devices):
    found = np.array([line.split() for line in two_devices], float)
    assert np.allclose(found, [run.train_loss for run in unbroken], rtol=2e-3)


@pytest.mark.slow
def test_two_processes_train_as_two_devices_do_and_one_of_them_writes(two_devices, tmp_path):
    both = processes.start_two(TWO_DEVICES, str(tmp_path))
    assert [processes.finish(process) for process in both] == [two_devices] * 2
    assert len(list(tmp_path.iterdir())) == 1


# --- what is refused ---
@pytest.mark.parametrize(
    "group, steps, words",
    [
        ([], 10, "one is needed"),
        ([GROUP[0], GROUP[1]._replace(seed=2)], 10, "alpha only"),
        ([GROUP[0]._replace(alpha=0.0)], 10, "positive"),
        ([GROUP[0]._replace(alpha=np.nan)], 10, "positive and finite"),
        ([GROUP[0]._replace(alpha=np.inf)], 10, "positive and finite"),
        ([GROUP[0]._replace(beta2=None)], 10, "needs a beta2"),
        ([Setting("sgd", 0.1, 0.9, 0)], 10, "has no beta2"),
        (GROUP, 12, "multiples of 5"),
        (GROUP, 0, "multiples of 5"),
    ],
)
def test_settings_that_cannot_be_trained_are_refused(digits, group, steps, words):
    with pytest.raises(ValueError, match=words):
        training.train(NETWORK, digits, group, steps)


def test_a_batch_larger_than_the_data_and_an_odd_split_are_refused(digits, monkeypatch):
    with pytest.raises(ValueError, match="a batch of 128"):
        pipeline.order(0, 0, 1, 100, 128)
    monkeypatch.setattr(jax, "device_count", lambda: 3)
    with pytest.raises(ValueError, match="a batch of 64 can't be split over 3 devices"):
        training.train(NETWORK, digits, GROUP, 10, devices=3)
    for wrong in (0, 4):
        with pytest.raises(ValueError, match=f"1 to 3, those JAX has, got {wrong}"):
            training.train(NETWORK, digits, GROUP, 10, devices=wrong)


# --- images for CIFARNET ---
def test_digits_are_enlarged_for_cifarnet_and_colours_are_standardised(digits):
    large = pipeline.enlarged("cifarnet", digits)
    assert large.train_images.shape == (1541, 32, 32, 1)
    assert np.array_equal(large.train_images[:, 1::4, 2::4, 0], digits.train_images)
    scaling = pipeline.scaling_of("cifarnet", large)
    x = np.asarray(scaling(large.train_images))
    assert abs(x.mean()) < 1e-4 and abs(x.std() - 1) < 1e-4
    wrong = digits._replace(train_images=np.zeros((5, 28, 28), np.uint8))
    with pytest.raises(ValueError, match="28 x 28"):
        pipeline.enlarged("cifarnet", wrong)
