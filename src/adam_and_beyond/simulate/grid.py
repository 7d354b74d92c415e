"""A whole grid of runs: hyperparameters, starts, seeds and problems broadcast together.

A sweep is worked off in chunks of lanes. The inputs of a chunk are cut out of the broadcast arrays
when its turn comes, so memory holds the result, one chunk, and nothing else. With a folder to keep
them in, finished chunks survive an interruption and the same call goes on from there.
:mod:`.devices` spreads chunks over all devices.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.progress import bar as progress_bar
from adam_and_beyond.simulate import devices
from adam_and_beyond.simulate.inputs import (
    Numbers,
    check_seed,
    check_start,
    check_steps,
    numbers_of,
)
from adam_and_beyond.simulate.lanes import one_by_one, side_by_side, together
from adam_and_beyond.simulate.store import ChunkStore, fingerprint
from adam_and_beyond.simulate.streams import IID, PERIODIC, stream_of

# Lanes that are stepped together: on a processor their state fits the cache of one core.
_LANES = {"cpu": 4096}
_LANES_ELSEWHERE = 2**17
_FEWEST_LANES = 64
# Lanes of a chunk, a tick of the progress bar, a chance to stop: about ten seconds at a nanosecond
# per lane and step, and at most so many times the above.
_MOST_BATCHES = 4
_LANE_STEPS = 10**10


class Grid(NamedTuple):
    """Result of a sweep: arrays of the broadcast shape of everything that was swept."""

    x: np.ndarray  # x_{T+1}, float64
    average_regret: np.ndarray  # R_T / T, float64
    axes: tuple[str, ...]  # of each axis, the arguments that vary along it, e.g. "alpha, beta2"
    coordinates: dict[str, np.ndarray]  # values of each such argument; (n,) if along one axis


@functools.partial(
    jax.jit,
    static_argnames=("schedule", "stream", "batch", "mesh"),
    compiler_options={"xla_cpu_prefer_vector_width": 512},
)
def _chunk(schedule, stream, batch, mesh, lanes: Numbers, shared: Numbers, steps):
    """Final x, loss, slope of many runs; ``lanes`` holds what varies, ``shared`` the rest."""
    family = lanes.gradients is not None

    def some(shared: Numbers, steps, part: Numbers):
        run = together(part, shared)
        if family:
            run = run._replace(gradients=run.gradients.T)
        return side_by_side(schedule, family, run, steps)

    def on_one_device(lanes: Numbers, shared: Numbers, steps):
        if stream is IID:
            return one_by_one(schedule, stream, lanes, shared, steps)
        parts = jax.tree.map(lambda a: a.reshape(-1, batch, *a.shape[1:]), lanes)
        done = jax.lax.map(functools.partial(some, shared, steps), parts)
        return jax.tree.map(jnp.ravel, done)

    specs = (devices.SPLIT, devices.WHOLE, devices.WHOLE)
    return jax.shard_map(
        on_one_device, mesh=mesh, in_specs=specs, out_specs=devices.SPLIT, check_vma=False
    )(lanes, shared, steps)


class _Lanes(NamedTuple):
    """The lanes of a sweep, cut out chunk by chunk."""

    shape: tuple[int, ...]
    numbers: Numbers
    family: bool  # whether the problem varies

    def part(self, start: int, stop: int) -> tuple[Numbers, Numbers]:
        """What varies in lanes ``start`` to ``stop``, and what all lanes share."""
        shape = self.shape or (1,)
        index = np.unravel_index(np.arange(start, stop), shape)

        def cut(value: np.ndarray, tail: int = 0) -> np.ndarray:
            return np.broadcast_to(value, shape + value.shape[value.ndim - tail :])[index]

        n = self.numbers
        # A lane has its own start, and of the rest what varies: the others are read once.
        varies = Numbers(
            method=n.method.over(lambda value: cut(value) if value.ndim else None),
            alpha=cut(n.alpha) if n.alpha.ndim else None,
            x1=cut(n.x1),
            lower=None,
            upper=None,
            seed=cut(n.seed),
            gradients=cut(n.gradients, tail=1) if self.family else None,
        )
        kept = None if self.family else n.gradients
        return varies, n._replace(x1=None, seed=None, gradients=kept)


def sweep(
    method: str | methods.Method,
    problem: problems.Problem,
    steps: int,
    alpha: Any,
    schedule: str = "inverse_sqrt",
    x1: Any = 0.0,
    seed: Any = 0,
    progress: bool | None = None,
    store: str | os.PathLike[str] | None = None,
    **hyperparameters: Any,
) -> Grid:
    r"""Run a method over arrays of hyperparameters, starts, seeds and problems.

    A lane computes what ``run(..., path="general")`` computes.

    Args:
      method: its name, e.g. ``"adam"``; or a method, e.g. one of
        :func:`adam_and_beyond.optax_bridge.from_optax`.
      problem: a problem, or a family of periodic ones (gradients of shape ``S + (P,)``), e.g.
        ``problems.theorem_1(C)`` for an array C of shape S.
      steps: T, the number of rounds.
      alpha: scale of the step size, scalar or array.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.
      x1: first point(s) played.
      seed: seed(s) of an i.i.d. problem.
      progress: whether to show a progress bar; by default one appears after two seconds where
        standard error is a terminal.
      store: folder that keeps finished chunks. If it holds an unfinished sweep with the same
        inputs, that one is continued; a finished one is returned at once. The result is then
        mapped from the folder's files, not held in memory. Several processes need a folder that all
        of them see; the first one writes.
      **hyperparameters: values by name, scalars or arrays.

    Returns:
      A ``Grid`` of x_{T+1} and R_T / T, float64, of the broadcast shape, with the names and values
      of what varies along each axis. All devices of JAX take part, and all processes that joined
      with ``jax.distributed``; each gets the same result.

    Raises:
      ValueError: for a value outside its range, shapes that do not broadcast, a folder that holds
        a sweep with other inputs, or a folder for a method that is not in the catalogue.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 1".
    """
    method = methods.get(method, **hyperparameters)
    steps = _check(method, problem, steps, alpha, x1, seed, store)
    stream, gradients = stream_of(problem)
    family = np.shape(gradients)[:-1] if stream is PERIODIC else ()
    numbers = numbers_of(method, alpha, x1, problem, seed, gradients)
    shape = np.broadcast_shapes(
        family,
        *(np.shape(value) for value in (*numbers.method.values, numbers.alpha, numbers.x1, seed)),
    )
    lanes = _Lanes(shape, numbers, bool(family))
    rules = (methods.get_schedule(schedule), stream)
    batch, chunk = _sizes(math.prod(shape), steps)
    key = fingerprint(method.name, schedule, steps, shape, numbers)
    results = _open(store, key, math.prod(shape), chunk)
    bar = progress_bar(
        total=len(results.missing()),
        desc=f"{method.label}, {math.prod(shape):,} runs of {steps:,} steps",
        unit="chunk",
        shown=progress,
    )
    finished = _finished(rules, lanes, results, batch, steps)
    with bar, contextlib.closing(finished):
        for start, stop, (x, loss, slope) in finished:
            total = regrets.regret(loss, slope, problem.lower, problem.upper)
            if store is None or devices.is_first():
                results.put(start, stop, x, total / steps)
            bar.update()
    devices.wait_for_all("sweep done")
    x, average = (array.reshape(shape) for array in results.arrays())
    values = {k: value for k, value in method.hyper._asdict().items() if np.ndim(value)}
    swept = {"problem": family, "alpha": alpha, "x1": x1, "seed": seed, **values}
    return Grid(x, average, *_labels(shape, swept))


def _check(method, problem, steps, alpha, x1, seed, store) -> int:
    """Refuse what a sweep can't do; the number of steps."""
    methods.ALPHA.check(alpha, "sweep")
    check_start(x1, problem)
    check_seed(seed)
    if problem.shape:
        raise ValueError("sweep takes problems on an interval; for one on a box call run")
    known = methods.CATALOGUE.get(method.name)
    if store is not None and (known is None or known.rule is not method.rule):
        raise ValueError(
            f"store keeps sweeps of the catalogue's methods; {method.label!r} is not one of them, "
            "and a later call could not tell whether it means the same"
        )
    return check_steps(steps, problem)


def _sizes(lanes: int, steps: int) -> tuple[int, int]:
    """Lanes stepped together, and lanes of a chunk."""
    batch = _LANES.get(jax.default_backend(), _LANES_ELSEWHERE)
    if lanes <= batch:
        # Rounded up so that few sizes are compiled, and not below a few vectors: the odd lanes of a
        # shorter one would round otherwise.
        return batch, max(_FEWEST_LANES, 1 << max(0, lanes - 1).bit_length())
    most = batch * min(_MOST_BATCHES, max(1, _LANE_STEPS // (steps * batch)))
    # Chunks and their batches of one size, so that little is filled up.
    chunk = math.ceil(lanes / math.ceil(lanes / most))
    batches = math.ceil(chunk / batch)
    batch = _FEWEST_LANES * math.ceil(chunk / batches / _FEWEST_LANES)
    return batch, batch * batches


def _open(store: Any, key: str, lanes: int, chunk: int) -> ChunkStore:
    """The store; with several processes the first one makes the folder that all of them read."""
    if store is None or jax.process_count() == 1:
        return ChunkStore.open(store, key, lanes, chunk)
    if devices.is_first():
        results = ChunkStore.open(store, key, lanes, chunk)
    devices.wait_for_all("sweep begun")
    if not devices.is_first():
        results = ChunkStore.open(store, key, lanes, chunk)
    devices.wait_for_all("sweep known")  # before the first chunk counts as finished
    return results


def _finished(rules, lanes: _Lanes, results: ChunkStore, batch: int, steps: int) -> Iterator[Any]:
    """Chunks that are missing, as they are done: start, stop, and x, loss, slope of the lanes."""
    mesh, missing = devices.all_devices(), results.missing()
    count, size = mesh.devices.size, results.chunk
    batch = math.gcd(min(batch, size), size)  # a chunk begun elsewhere has another size
    groups = [missing[k : k + count] for k in range(0, len(missing), count)]

    def work_off(group: list[tuple[int, int]], steps: int = steps) -> Any:
        parts = [lanes.part(*(group[j] if j < len(group) else group[-1])) for j in range(count)]
        filled = [jax.tree.map(functools.partial(_fill, size), varies) for varies, _ in parts]
        with jax.enable_x64(True):  # a setting of each thread
            spread = devices.spread(mesh, jax.tree.map(lambda *a: np.concatenate(a), *filled))
            call = (*rules, batch, mesh, spread, parts[0][1], np.int64(steps))
            return devices.collect(_chunk(*call))

    if len(groups) > 1 and devices.workers(mesh) > 1:
        work_off(groups[0], 0)  # compiles, once for all threads
    for group, found in devices.in_turn(mesh, work_off, groups):
        for j, (start, stop) in enumerate(group):
            yield start, stop, [values[j * size :][: stop - start] for values in found]


def _fill(size: int, values: np.ndarray) -> np.ndarray:
    # The last chunk is filled up with its own last lane: one shape, one compilation.
    missing = [(0, size - len(values))] + [(0, 0)] * (values.ndim - 1)
    return np.pad(values, missing, mode="edge")


def _labels(shape: tuple[int, ...], swept: dict[str, Any]) -> tuple[tuple[str, ...], dict]:
    """Of each axis the names of the arguments that vary along it; the values of those."""
    names: list[list[str]] = [[] for _ in shape]
    coordinates = {}
    for name, value in swept.items():
        own = value if name == "problem" else np.shape(value)
        first = len(shape) - len(own)
        axes = [first + k for k, n in enumerate(own) if n == shape[first + k]]
        for axis in axes:
            names[axis].append(name)
        if axes and name != "problem":
            array = np.asarray(value)
            coordinates[name] = array.ravel() if array.size == max(array.shape) else array
    return tuple(", ".join(named) for named in names), coordinates
