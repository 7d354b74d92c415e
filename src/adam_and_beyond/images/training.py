"""Training: a compiled scan over steps, several settings at once, checkpoints, and no surprises.

A stretch of steps is one scan over uint8 images that lie on the device, gathered in their order
before it begins. Settings that differ in alpha only are kept together, in one checkpoint. Each is
trained by the same compiled program whatever stands beside it, so that no bit of a run depends on
its group.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import AxisType, PartitionSpec

from adam_and_beyond import methods, optax_bridge
from adam_and_beyond.images import layers, networks, pipeline, store
from adam_and_beyond.images.datasets import Dataset
from adam_and_beyond.images.observing import NOBODY, Observer
from adam_and_beyond.images.tasks import MEASURES, Setting, Task, TrainingRun, runs_of
from adam_and_beyond.simulate.devices import wait_for_all


class TrainingState(NamedTuple):
    """Where a group stands; the first three have an entry a setting."""

    model: tuple[Any, ...]
    optimizer: tuple[Any, ...]  # states of the optax transformation
    observed: tuple[Any, ...]  # what the observer carries
    t: int
    measured: np.ndarray  # (records so far, measures, group)
    stopped: np.ndarray  # (group,)
    seconds: float


class Stretch(NamedTuple):
    """What is known after each stretch of steps."""

    t: int  # steps done
    losses: np.ndarray  # mean losses of the batches, one a run
    report: Any  # of the observer; leaves lead with the group

    @property
    def least_loss(self) -> float:
        """The least of the losses that are numbers; NaN if none is."""
        finite = self.losses[np.isfinite(self.losses)]
        return float(finite.min()) if finite.size else np.nan


class _Compiled(NamedTuple):
    """The compiled parts of training; each works on one setting."""

    start: Callable[..., Any]
    advance: Callable[..., Any]
    measure: Callable[..., Any]


def transformation(
    task: Task, method: methods.Method, alpha: Any
) -> optax.GradientTransformationExtraArgs:
    """What a task trains with, as an optax transformation.

    Args:
      task: it has the schedule.
      method: from :meth:`.Task.method`.
      alpha: scale of the step size, a number or a traced one; it multiplies the update of a
        transformation that is optax's own.

    Returns:
      An ``optax.GradientTransformationExtraArgs`` whose state is an ``optax_bridge.BridgeState``.
    """
    if not method.needs_x:
        return optax_bridge.as_optax(method, alpha, task.schedule)
    tx = optax.with_extra_args_support(method.rule.tx)

    def init(params: Any) -> optax_bridge.BridgeState:
        return optax_bridge.BridgeState(jnp.zeros((), jnp.int32), tx.init(params))

    def update(
        g: Any, state: optax_bridge.BridgeState, params: Any = None, **extra: Any
    ) -> tuple[Any, optax_bridge.BridgeState]:
        u, memory = tx.update(g, state.memory, params, **extra)
        t = state.count.astype(jnp.float32) + 1
        scale = methods.get_schedule(task.schedule)(jnp, alpha, t)
        count = optax.safe_increment(state.count)
        return jax.tree.map(lambda u: scale * u, u), optax_bridge.BridgeState(count, memory)

    return optax.GradientTransformationExtraArgs(init, update)


def _advance(
    task: Task, tx: Callable[[Any], Any], axis: str | None, observer: Observer
) -> Callable[..., Any]:
    """A function that trains one setting for a stretch of steps."""
    objective = functools.partial(networks.objective, task.network)

    def advance(model, state, observed, alpha, images, labels, order, scaling, t, key):
        transform = tx(alpha)
        pixels, labels = images[order], labels[order]  # once, before the scan
        if axis:  # each device drops units of its own
            key = jax.random.fold_in(key, jax.lax.axis_index(axis))

        def step(carry, batch):
            model, state, observed = carry
            some, right, number = batch
            drop = jax.random.fold_in(key, number)
            loss, g = jax.value_and_grad(objective)(model, some, right, scaling, drop)
            if axis:
                loss, g = jax.lax.pmean((loss, g), axis)
            t_now = number.astype(jnp.float32) + 1
            observed, noted = observer.step(observed, g, state.memory, t_now, alpha)
            updates, state = transform.update(g, state, model)
            return (optax.apply_updates(model, updates), state, observed), (loss, noted)

        batches = pixels, labels, t + jnp.arange(len(labels))
        carry, (losses, noted) = jax.lax.scan(step, (model, state, observed), batches)
        return *carry, losses.mean(), observer.report(carry[2], noted)

    return advance


def _measure(model: Any, blocks: Any, scaling: layers.Scaling | layers.PerImage) -> jax.Array:
    """Mean loss and accuracy of one model over blocks of images; no unit is dropped."""

    def block(totals, some):
        pixels, labels = some
        logits = model(scaling(pixels))
        real = labels != pipeline.NO_LABEL
        classes = jnp.where(real, labels, 0).astype(jnp.int32)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, classes)
        right = (logits.argmax(axis=1) == classes).astype(losses.dtype)
        parts = losses, right, jnp.ones_like(losses)
        sums = jnp.stack([jnp.sum(jnp.where(real, part, 0.0)) for part in parts])
        return totals + sums, None

    totals, _ = jax.lax.scan(block, jnp.zeros(3), blocks)
    return totals[:2] / totals[2]


@functools.lru_cache(maxsize=32)
def _compile(task: Task, method: methods.Method, devices: int, observer: Observer) -> _Compiled:
    """The functions that train and measure one setting."""
    tx = functools.partial(transformation, task, method)
    advance = _advance(task, tx, "data" if devices > 1 else None, observer)
    if devices > 1:
        here, split = PartitionSpec(), PartitionSpec(None, "data")
        advance = jax.shard_map(
            advance,
            mesh=jax.make_mesh((devices,), ("data",), axis_types=(AxisType.Auto,)),
            in_specs=(here, here, here, here, here, here, split, here, here, here),
            out_specs=here,
            check_vma=False,
        )

    def start(model, alpha):
        return tx(alpha).init(model), observer.start(model)

    return _Compiled(jax.jit(start), jax.jit(advance), jax.jit(_measure))


def check(task: Task, group: Sequence[Setting], steps: int, devices: int = 1) -> None:
    """Refuse, before anything is loaded or compiled, what cannot be trained.

    Args:
      task: what is trained.
      group: settings to be trained together.
      steps: of each run.
      devices: over which each batch is split.

    Returns:
      Nothing.

    Raises:
      ValueError: for settings that differ in more than alpha, an alpha that is not positive and
        finite, a beta2 that the method does not have, steps that are no multiple of the stride, or
        devices that JAX does not have or that do not divide the batch.
    """
    if not group or len({s._replace(alpha=0.0) for s in group}) > 1:
        raise ValueError("settings trained together may differ in alpha only, and one is needed")
    if not all(0 < s.alpha < np.inf for s in group):
        raise ValueError("alpha must be positive and finite")
    task.method(group[0].method, group[0].beta2)
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
    checkpoint: store.Checkpoint | None = None,
    every: float = 120.0,
    progress: Callable[[Stretch], None] = lambda stretch: None,
    warn: Callable[[str], None] = lambda text: None,
    devices: int = 1,
    observer: Observer = NOBODY,
) -> list[TrainingRun]:
    """Train settings that differ in alpha, from where their checkpoint left them.

    Differs from a plain loop: batches are gathered and trained on in compiled stretches of
    ``task.stride`` steps. A run whose loss is no number any more stops counting; the others go on.
    On one machine and with one set of versions the result does not depend on interruptions.
    Processes that joined by ``jax.distributed.initialize`` make the same call with the number of
    all their devices; the first writes the checkpoint, into a folder that all can read.

    Args:
      task: what is trained, and when it is measured.
      data: on which images.
      group: settings with one method, beta2 and seed; what they compute does not depend on which
        others are in it.
      steps: number of steps, a multiple of ``task.stride``.
      checkpoint: file to go on from, if it is there, and to write; without, nothing is written.
      every: seconds between two checkpoints; one is written at the end as well, and when the
        user interrupts.
      progress: called after each stretch.
      warn: called with a message when a run stops early.
      devices: number of devices over which each batch is split; each drops units of its own, and
        sums over the batch are rounded in another order.
      observer: looks on inside the loop; its reports are in what ``progress`` gets. A run that is
        observed has no checkpoint, which would forget the reports.

    Returns:
      A ``TrainingRun`` per setting, in the order of the group. A run that stopped has NaN at the
      steps after that.

    Raises:
      ValueError: as :func:`check`; or for a damaged checkpoint, or one beside an observer.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    check(task, group, steps, devices)
    if checkpoint is not None and observer is not NOBODY:
        raise ValueError("a run that is observed keeps no checkpoint: give one of the two")
    data = pipeline.enlarged(task.network, data)
    images = pipeline.on_device(task.network, data, task.sample)
    method = task.method(group[0].method, group[0].beta2)
    parts = _compile(task, method, devices, observer)
    state = _start(parts, task, data, group)
    if checkpoint is not None:
        state = checkpoint.read(state)
    saved = time.monotonic()
    try:
        while state.t < steps and not state.stopped.all():
            state, stretch = _stretch(parts, task, images, group, state, steps, warn)
            if checkpoint is not None and time.monotonic() - saved >= every:
                checkpoint.write(state)
                saved = time.monotonic()
            progress(stretch)
    except KeyboardInterrupt:  # what is done is kept
        if checkpoint is not None:
            checkpoint.write(state)
        raise
    if checkpoint is not None:
        checkpoint.write(state)
    wait_for_all("trained")  # before another call looks for the checkpoint
    return runs_of(task, group, steps, *state[-3:])


def _start(parts: _Compiled, task: Task, data: Dataset, group: Sequence[Setting]) -> TrainingState:
    key, shape = pipeline.key(group[0].seed, "start"), data.train_images.shape[1:]
    model = networks.build(task.network, key, shape, data.classes)
    begun = [parts.start(model, s.alpha_trained()) for s in group]
    nothing = np.zeros((0, len(MEASURES), len(group)), np.float32)
    stopped = np.zeros(len(group), np.int64)
    optimizers, observed = zip(*begun, strict=True)
    return TrainingState((model,) * len(group), optimizers, observed, 0, nothing, stopped, 0.0)


def _stretch(
    parts: _Compiled,
    task: Task,
    images: pipeline.DeviceData,
    group: Sequence[Setting],
    state: TrainingState,
    steps: int,
    warn: Callable[[str], None],
) -> tuple[TrainingState, Stretch]:
    """Train a group for one stretch, and measure it if its end is a step to be recorded."""
    began = time.perf_counter()
    seed, t = group[0].seed, state.t
    rows = pipeline.order(seed, t, task.stride, len(images.labels), task.batch)
    batches = images.images, images.labels, rows, images.scaling
    drop = pipeline.key(seed, "dropout")
    trained = [
        parts.advance(*one, setting.alpha_trained(), *batches, t, drop)
        for setting, *one in zip(group, *state[:3], strict=True)
    ]
    models, optimizers, observed, losses, reports = zip(*trained, strict=True)
    losses = np.array(losses, np.float32)
    t += task.stride
    stopped = _stopped(state.stopped, losses, group, t, warn)
    measured = state.measured
    if t in task.recorded(steps):
        blocks = images.train, images.test
        found = [[parts.measure(m, b, images.scaling) for b in blocks] for m in models]
        new = np.array(found, np.float32).reshape(len(group), -1).T
        measured = np.concatenate([measured, np.concatenate([new, losses[None]])[None]])
    seconds = state.seconds + time.perf_counter() - began
    report = jax.tree.map(lambda *leaves: np.stack(leaves), *reports)
    state = TrainingState(models, optimizers, observed, t, measured, stopped, seconds)
    return state, Stretch(t, losses, report)


def _stopped(
    before: np.ndarray,
    losses: np.ndarray,
    group: Sequence[Setting],
    t: int,
    warn: Callable[[str], None],
) -> np.ndarray:
    new = ~np.isfinite(losses) & (before == 0)
    for k in np.flatnonzero(new):
        warn(f"{group[k]}: the loss is no number any more by step {t}; this run stops here")
    return np.where(new, t, before)
