"""Training: a compiled scan over steps, several settings at once, checkpoints, and no surprises.

A stretch of steps is one scan over uint8 images that lie on the device, gathered in their order
before it begins. Settings that differ in alpha only are trained together: they see the same images
in the same order, so their first layers are one wide product.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import AxisType, PartitionSpec

from adam_and_beyond import methods, optax_bridge
from adam_and_beyond.images import checkpoints, inputs, networks
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.simulate.devices import wait_for_all

MEASURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


class Setting(NamedTuple):
    """What distinguishes runs of a task."""

    method: str  # a key of ``methods.CATALOGUE``
    alpha: float
    beta2: float | None  # None for a method without it
    seed: int  # of the start, the order of the images and the dropout

    def __str__(self) -> str:
        beta2 = "" if self.beta2 is None else f", beta2 {self.beta2:g}"
        return f"{self.method}, alpha {self.alpha:g}{beta2}, seed {self.seed}"


@dataclasses.dataclass(frozen=True)
class Task:
    """What runs of an experiment have in common; hashable, the key of compiled code."""

    network: str  # a key of ``networks.NETWORKS``
    schedule: str  # a key of ``methods.SCHEDULES``
    stride: int  # steps of one compiled scan
    records: tuple[int, ...] | int  # steps at which to measure; a number: every so many
    batch: int = 128
    beta1: float = 0.9
    sample: int | None = None  # training images on which to measure; None: all

    def recorded(self, steps: int) -> tuple[int, ...]:
        """The steps at which a run of that many steps is measured."""
        if isinstance(self.records, int):
            return tuple(range(self.records, steps + 1, self.records))
        return tuple(t for t in self.records if t <= steps)


class Run(NamedTuple):
    """A trained setting: measurements at the recorded steps, each of shape ``(n,)``."""

    setting: Setting
    steps: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    stopped: int  # the step by which the loss was no number any more; 0 if that didn't happen
    seconds: float  # of the group, divided by its size


class Place(NamedTuple):
    """Where a group of runs stands; the leaves of ``model`` and ``state`` lead with the group."""

    model: Any
    state: Any
    t: int
    measured: np.ndarray  # (records so far, 4, group)
    stopped: np.ndarray  # (group,)
    seconds: float


def hyperparameters(task: Task, method: str, beta2: float | None) -> dict[str, float]:
    """The hyperparameters of a method in a task.

    Args:
      task: it has the beta1.
      method: a key of ``methods.CATALOGUE``.
      beta2: None for a method without it.

    Returns:
      Those of beta1 and beta2 that the method has.

    Raises:
      ValueError: where beta2 is missing or superfluous.
    """
    fields = methods.get(method).hyper._fields
    if ("beta2" in fields) != (beta2 is not None):
        has = "needs a" if "beta2" in fields else "has no"
        raise ValueError(f"{method} {has} beta2, got {beta2}")
    values = {"beta1": task.beta1, "beta2": beta2}
    return {name: value for name, value in values.items() if name in fields}


class _Compiled(NamedTuple):
    """The compiled parts of a group's training."""

    start: Callable[..., Any]
    advance: Callable[..., Any]
    measure: Callable[..., Any]


def _advance(transformation: Callable[..., Any], axis: str | None) -> Callable[..., Any]:
    """A function that trains one setting for a stretch of steps."""

    def advance(model, state, alpha, pixels, labels, scaling, t, key):
        tx = transformation(alpha)
        if axis:  # each device drops units of its own
            key = jax.random.fold_in(key, jax.lax.axis_index(axis))

        def step(carry, batch):
            model, state = carry
            some, right, number = batch
            drop = jax.random.fold_in(key, number)
            loss, g = jax.value_and_grad(networks.loss)(model, scaling(some), right, drop)
            if axis:
                loss, g = jax.lax.pmean((loss, g), axis)
            updates, state = tx.update(g, state)
            return (optax.apply_updates(model, updates), state), loss

        numbers = t + jnp.arange(len(labels))
        (model, state), losses = jax.lax.scan(step, (model, state), (pixels, labels, numbers))
        return model, state, losses.mean()

    return advance


def _measure(model: Any, blocks: Any, scaling: networks.Scaling) -> jax.Array:
    """Mean loss and accuracy of one model over blocks of images."""

    def block(totals, some):
        pixels, labels = some
        logits = model(scaling(pixels))
        real = labels != inputs.NO_LABEL
        losses = networks.cross_entropy(logits, jnp.where(real, labels, 0))
        right = logits.argmax(axis=1) == labels
        sums = jnp.stack([jnp.sum(jnp.where(real, a, 0.0)) for a in (losses, right, 1.0)])
        return totals + sums, None

    totals, _ = jax.lax.scan(block, jnp.zeros(3), blocks)
    return totals[:2] / totals[2]


@functools.lru_cache(maxsize=32)
def _compile(task: Task, method: str, beta2: float | None, group: int, devices: int) -> _Compiled:
    """The functions that train a group; a group of one is not vectorised."""
    hyper = hyperparameters(task, method, beta2)
    each = jax.vmap if group > 1 else _alone

    def transformation(alpha):
        return optax_bridge.as_optax(method, alpha, task.schedule, **hyper)

    one = _advance(transformation, "data" if devices > 1 else None)

    def together(models, states, alphas, images, labels, order, scaling, t, key):
        pixels, right = images[order], labels[order]  # once, before the scan
        many = each(one, in_axes=(0, 0, 0, None, None, None, None, None))
        return many(models, states, alphas, pixels, right, scaling, t, key)

    if devices > 1:
        here, split = PartitionSpec(), PartitionSpec(None, "data")
        together = jax.shard_map(
            together,
            mesh=jax.make_mesh((devices,), ("data",), axis_types=(AxisType.Auto,)),
            in_specs=(here, here, here, here, here, split, here, here, here),
            out_specs=here,
            check_vma=False,
        )

    def start(model, alphas):
        models = jax.tree.map(lambda leaf: jnp.stack([leaf] * group), model)
        return models, each(lambda one, a: transformation(a).init(one))(models, alphas)

    return _Compiled(start, jax.jit(together), jax.jit(each(_measure, in_axes=(0, None, None))))


def _alone(function: Callable[..., Any], in_axes: Any = 0) -> Callable[..., Any]:
    """Like ``jax.vmap`` for a group of one, by taking the group's axis away and putting it back."""

    def call(*arguments: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(arguments)
        one = [
            jax.tree.map(lambda leaf: leaf[0], a) if axis == 0 else a
            for a, axis in zip(arguments, axes, strict=True)
        ]
        return jax.tree.map(lambda leaf: leaf[None], function(*one))

    return call


def _check(task: Task, group: Sequence[Setting], steps: int, devices: int) -> None:
    if not group or len({s._replace(alpha=0.0) for s in group}) > 1:
        raise ValueError("settings trained together may differ in alpha only, and one is needed")
    if any(s.alpha <= 0 for s in group):
        raise ValueError("alpha must be positive")
    wrong = [t for t in (steps, *task.recorded(steps)) if t % task.stride or t <= 0]
    if wrong:
        raise ValueError(f"steps must be positive multiples of {task.stride}, got {wrong[0]}")
    if not 1 <= devices <= jax.device_count():
        raise ValueError(f"devices must be 1 to {jax.device_count()}, those JAX has, got {devices}")
    if task.batch % devices:
        raise ValueError(f"a batch of {task.batch} can't be split over {devices} devices")


def train(
    task: Task,
    data: Dataset,
    group: Sequence[Setting],
    steps: int,
    checkpoint: Path | None = None,
    every: float = 120.0,
    tell: Callable[[int, float], None] = lambda t, loss: None,
    say: Callable[[str], None] = lambda text: None,
    devices: int = 1,
) -> list[Run]:
    """Train a group of settings that differ in alpha, from where its checkpoint left it.

    Differs from a plain loop: batches are gathered and trained on in compiled stretches of
    ``task.stride`` steps. A run whose loss is no number any more stops counting; the others go on.
    On one machine and with one set of versions the result does not depend on interruptions.
    Processes that joined by ``jax.distributed.initialize`` make the same call with the number of
    all their devices; the first writes the checkpoint, into a folder that all can read.

    Args:
      task: what is trained, and when it is measured.
      data: on which images.
      group: settings with one method, beta2 and seed.
      steps: number of steps, a multiple of ``task.stride``.
      checkpoint: file to go on from, if it is there, and to write; without, nothing is written.
      every: seconds between two checkpoints; one is written at the end as well.
      tell: called as ``tell(t, loss)`` after each stretch, with the least mean loss of the group.
      say: called with a message when a run stops early.
      devices: number of devices over which each batch is split; each drops units of its own, and
        sums over the batch are rounded in another order.

    Returns:
      A ``Run`` per setting, in the order of the group.

    Raises:
      ValueError: for settings that can't be trained together, steps that are no multiple of the
        stride, devices that JAX does not have, or a checkpoint of another task.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    _check(task, group, steps, devices)
    data = inputs.enlarged(data) if task.network == "cifarnet" else data
    held = inputs.on_device(task.network, data, task.sample)
    place = _start(task, data, group, devices)
    identity = _identity(task, data, group, devices)
    if checkpoint is not None:
        place = checkpoints.read(checkpoint, place, identity)
    saved = time.monotonic()
    while place.t < steps and not place.stopped.all():
        place, losses = _stretch(task, held, group, place, steps, devices, say)
        if checkpoint is not None and time.monotonic() - saved >= every:
            checkpoints.write(checkpoint, place, identity)
            saved = time.monotonic()
        tell(place.t, float(np.nanmin(losses)) if np.isfinite(losses).any() else np.nan)
    if checkpoint is not None:
        checkpoints.write(checkpoint, place, identity)
    wait_for_all("trained")  # before another call looks for the checkpoint
    return _runs(task, group, place)


def _parts(task: Task, group: Sequence[Setting], devices: int) -> tuple[_Compiled, jax.Array]:
    compiled = _compile(task, group[0].method, group[0].beta2, len(group), devices)
    return compiled, jnp.array([s.alpha for s in group], jnp.float32)


def _start(task: Task, data: Dataset, group: Sequence[Setting], devices: int) -> Place:
    compiled, alphas = _parts(task, group, devices)
    key = inputs.key(group[0].seed, "start")
    model = networks.build(task.network, key, data.train_images.shape[1:])
    nothing = np.zeros((0, len(MEASURES), len(group)), np.float32)
    stopped = np.zeros(len(group), np.int64)
    return Place(*compiled.start(model, alphas), 0, nothing, stopped, 0.0)


def _stretch(
    task: Task,
    held: inputs.Held,
    group: Sequence[Setting],
    place: Place,
    steps: int,
    devices: int,
    say: Callable[[str], None],
) -> tuple[Place, np.ndarray]:
    """Train a group for one stretch, and measure it if its end is a step to be recorded."""
    began = time.perf_counter()
    compiled, alphas = _parts(task, group, devices)
    seed, t = group[0].seed, place.t
    rows = inputs.order(seed, t, task.stride, len(held.labels), task.batch)
    pixels = held.images, held.labels, rows, held.scaling
    drop = inputs.key(seed, "dropout")
    models, states, losses = compiled.advance(place.model, place.state, alphas, *pixels, t, drop)
    losses = np.asarray(losses)
    t += task.stride
    measured, stopped = place.measured, _stopped(place.stopped, losses, group, t, say)
    if t in task.recorded(steps):
        found = [compiled.measure(models, b, held.scaling) for b in (held.train, held.test)]
        new = np.concatenate([np.asarray(part) for part in found], axis=1).T
        measured = np.concatenate([measured, new[None]])
    seconds = place.seconds + time.perf_counter() - began
    return Place(models, states, t, measured, stopped, seconds), losses


def _identity(task: Task, data: Dataset, group: Sequence[Setting], devices: int) -> str:
    """What a checkpoint must agree with."""
    about = {**dataclasses.asdict(task), "data": dict(data.checksums), "devices": devices}
    return json.dumps({**about, "group": [list(s) for s in group]}, sort_keys=True)


def _stopped(
    before: np.ndarray,
    losses: np.ndarray,
    group: Sequence[Setting],
    t: int,
    say: Callable[[str], None],
) -> np.ndarray:
    new = ~np.isfinite(losses) & (before == 0)
    for k in np.flatnonzero(new):
        say(f"{group[k]}: the loss is no number any more by step {t}; this run stops here")
    return np.where(new, t, before)


def _runs(task: Task, group: Sequence[Setting], place: Place) -> list[Run]:
    steps = np.array(task.recorded(place.t), np.int64)[: len(place.measured)]
    runs = []
    for k, setting in enumerate(group):
        values = place.measured[:, :, k].astype(np.float64)
        if place.stopped[k]:
            values[steps >= place.stopped[k]] = np.nan
        seconds = place.seconds / len(group)
        runs.append(Run(setting, steps, *values.T, int(place.stopped[k]), seconds))
    return runs
