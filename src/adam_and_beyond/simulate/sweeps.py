"""A whole grid of runs: hyperparameters, starts, seeds and problems broadcast together.

A sweep is worked off in chunks of lanes. The inputs of a chunk are cut out of the broadcast arrays
when its turn comes, so memory holds the result, a chunk per core or device, and nothing else. With
a folder to keep them in, finished chunks survive an interruption and the same call goes on from
there. A chunk is worked off in slices (:mod:`.slices`), and :mod:`.devices` spreads chunks over all
devices.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections.abc import Iterator
from concurrent.futures import CancelledError
from threading import Event
from typing import Any, NamedTuple

import jax
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.progress import bar as progress_bar
from adam_and_beyond.simulate import devices, lanes
from adam_and_beyond.simulate.arguments import (
    Numbers,
    check_flag,
    check_seed,
    check_start,
    check_steps,
    numbers_of,
)
from adam_and_beyond.simulate.slices import Interrupted, listening
from adam_and_beyond.simulate.store import ChunkStore, fingerprint, opened
from adam_and_beyond.simulate.streams import IID, PERIODIC, Stream, stream_of
from adam_and_beyond.simulate.xla import LONG_VECTORS

# Lanes that are stepped together: on a processor their state fits the cache of one core.
_LANES = {"cpu": 4096}
_LANES_ELSEWHERE = 2**17
_FEWEST_LANES = 64
# Lanes of a chunk, a tick of the progress bar, a chance to stop: about ten seconds at a nanosecond
# per lane and step, and at most so many times the above.
_MOST_BATCHES = 4
_LANE_STEPS = 10**10
_MOST_RANDOM = 1024  # lanes of a chunk, if each draws its own gradients and keeps a block of them
_SLICE = 2**26  # lanes times steps of a slice of a chunk: a tenth of a second, or a few


class Grid(NamedTuple):
    """Result of a sweep: arrays of the broadcast shape of everything that was swept."""

    x: np.ndarray  # x_{T+1}, float64
    average_regret: np.ndarray  # R_T / T, float64
    axes: tuple[str, ...]  # of each axis, the arguments that vary along it, e.g. "alpha, beta2"
    coordinates: dict[str, np.ndarray]  # values of each such argument; (n,) if along one axis

    def __repr__(self) -> str:
        named = zip(self.axes, self.x.shape, strict=True)
        along = ", ".join(f"{n} along {name}" for name, n in named)
        return f"<Grid of {self.x.size:,} runs{': ' if along else ''}{along}>"


@functools.partial(
    jax.jit,
    static_argnames=("schedule", "stream", "batch", "mesh"),
    compiler_options=LONG_VECTORS,
)
def _slice(
    schedule, stream, batch, mesh, own: Numbers, shared: Numbers, position, start, stop, steps
):
    """Rounds ``start`` + 1 to ``stop`` of many runs: where they then stand.

    ``own`` and ``position`` hold what varies from lane to lane, ``shared`` the rest.
    """
    family = own.gradients is not None

    def some(shared: Numbers, start, stop, part):
        numbers, position = part
        run = lanes.together(numbers, shared)
        if family:
            run = run._replace(gradients=run.gradients.T)
        return lanes.side_by_side(schedule, family, run, position, start, stop)

    def on_one_device(own: Numbers, position, shared: Numbers, start, stop, steps):
        if stream is IID:
            return lanes.one_by_one(schedule, stream, own, shared, position, steps, stop)
        both = jax.tree.map(lambda a: a.reshape(-1, batch, *a.shape[1:]), (own, position))
        done = jax.lax.map(functools.partial(some, shared, start, stop), both)
        return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), done)

    split, whole = devices.SPLIT, devices.WHOLE
    specs = (split, split, whole, whole, whole, whole)
    return jax.shard_map(
        on_one_device, mesh=mesh, in_specs=specs, out_specs=split, check_vma=False
    )(own, position, shared, start, stop, steps)


class _Cut(NamedTuple):
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
        inputs, computed by the same code, that one is continued; a finished one is returned at
        once; a chunk whose file is damaged is computed again. Several processes of
        ``jax.distributed`` need a folder that all of them see, and the first one writes; others
        are refused while one works there.
      **hyperparameters: values by name, scalars or arrays.

    Returns:
      A ``Grid`` of x_{T+1} and R_T / T, float64, of the broadcast shape, read-only, with the names
      and values of what varies along each axis. All devices of JAX take part, and all processes
      that joined with ``jax.distributed``; each gets the same result.

    Raises:
      ValueError: for a value outside its range, shapes that do not broadcast, a folder that holds
        something else or is in use, or a folder for a method that is not in the catalogue.
      OSError: if a finished chunk can't be written.
      Interrupted: on Ctrl-C, within a second or two. It is a ``KeyboardInterrupt``, and its
        ``so_far`` is the ``Grid`` with nan where a run is missing; ``store`` keeps what is done.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 1".
    """
    method = methods.get(method, **hyperparameters)
    steps = _check(method, problem, steps, alpha, x1, seed, store)
    check_flag("progress", progress)
    stream, gradients = stream_of(problem)
    family = np.shape(gradients)[:-1] if stream is PERIODIC else ()
    numbers = numbers_of(method, alpha, x1, problem, seed, gradients)
    varying = (*numbers.method.values, numbers.alpha, numbers.x1, numbers.seed)
    shape = np.broadcast_shapes(family, *map(np.shape, varying))
    work = _Work(
        (methods.get_schedule(schedule), stream),
        _Cut(shape, numbers, bool(family)),
        devices.all_devices(),
        steps,
        *_sizes(math.prod(shape), steps, stream),
    )
    values = method.hyper._asdict()
    values = {name: values[name] for name in (*hyperparameters, *values)}
    swept = {"problem": family, "alpha": alpha, "x1": x1, "seed": seed, **values}
    title = f"{method.label}, {math.prod(shape):,} runs of {steps:,} steps"

    def grid(results: ChunkStore) -> Grid:
        x, average = (array.reshape(shape) for array in results.arrays())
        return Grid(x, average, *_labels(shape, swept))

    key = (
        ""
        if store is None
        else fingerprint(method.rule, method.name, schedule, steps, shape, numbers)
    )
    with _opened(store, key, math.prod(shape), work.chunk) as results:
        bar = progress_bar(total=len(results.missing()), desc=title, unit="chunk", shown=progress)
        try:
            with bar, listening() as stop:
                _complete(work, results, (problem.lower, problem.upper), bar, stop)
        except (KeyboardInterrupt, CancelledError):
            left = len(results.missing())
            kept = "" if store is None else "; the same call goes on from there"
            raise Interrupted(
                f"stopped with {left:,} chunks missing; `so_far` of this exception is the grid, "
                f"with nan where a run is missing{kept}",
                grid(results),
            ) from None
        devices.wait_for_all("sweep done")
        return grid(results)


def _check(method, problem, steps, alpha, x1, seed, store) -> int:
    """Refuse what a sweep can't do; the number of steps."""
    problems.check_problem(problem)
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


def _sizes(lanes: int, steps: int, stream: Stream = PERIODIC) -> tuple[int, int]:
    """Lanes stepped together, and lanes of a chunk."""
    if stream is IID:
        most = min(_MOST_RANDOM, max(1, _LANE_STEPS // steps))
        chunk = min(most, 1 << max(0, lanes - 1).bit_length())
        return chunk, max(_FEWEST_LANES, chunk)
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


@contextlib.contextmanager
def _opened(store: Any, key: str, lanes: int, chunk: int) -> Iterator[ChunkStore]:
    """The store; with several processes the first one makes the folder that all of them read."""
    with contextlib.ExitStack() as stack:
        enter = functools.partial(opened, store, key, lanes, chunk)
        if store is None or jax.process_count() == 1:
            yield stack.enter_context(enter())
            return
        if devices.is_first():
            results = stack.enter_context(enter())
        devices.wait_for_all("sweep begun")
        if not devices.is_first():
            results = stack.enter_context(enter(writes=False))
        devices.wait_for_all("sweep known")  # before the first chunk counts as finished
        yield results


class _Work(NamedTuple):
    """A sweep, checked and ready: what its chunks are computed from."""

    rules: tuple[Any, Any]  # schedule and stream
    lanes: _Cut
    mesh: Any
    steps: int
    batch: int
    chunk: int

    def off(self, size: int, stop: Event, steps: int, group: list[tuple[int, int]]) -> Any:
        """x, loss and slope of the lanes of a group of chunks, filled up to ``size`` each."""
        count = self.mesh.devices.size
        parts = [self.lanes.part(*(group[min(j, len(group) - 1)])) for j in range(count)]
        filled = [jax.tree.map(functools.partial(_fill, size), own) for own, _ in parts]
        own, shared = jax.tree.map(lambda *a: np.concatenate(a), *filled), parts[0][1]
        # A chunk begun elsewhere has another size.
        batch = math.gcd(min(self.batch, size), size)
        with jax.enable_x64(True):  # a setting of each thread
            whole = self.lanes.numbers.method.over(lambda value: np.float64(0))
            begun = lanes.begin(self.rules[1], own._replace(method=whole), shared.gradients)
            own, position = devices.spread(self.mesh, (own, begun))
            start = 0
            while True:
                if stop.is_set():
                    raise CancelledError
                end = min(steps, start + _slice_length(size))
                times = map(np.int64, (start, end, self.steps))
                position = _slice(*self.rules, batch, self.mesh, own, shared, position, *times)
                jax.block_until_ready(position)
                start = end
                if start >= steps:
                    return devices.collect(lanes.result(position))


def _slice_length(count: int) -> int:
    """Rounds of a slice: whole stretches of the loops."""
    return lanes.ROUNDS * max(1, _SLICE // count // lanes.ROUNDS)


def _complete(
    work: _Work, results: ChunkStore, ends: tuple[Any, Any], bar: Any, stop: Event
) -> None:
    """Compute the chunks that are missing, until ``stop`` is set."""
    missing = results.missing()
    count = work.mesh.devices.size
    groups = [missing[k : k + count] for k in range(0, len(missing), count)]
    off = functools.partial(work.off, results.chunk, stop)
    if len(groups) > 1 and devices.workers(work.mesh) > 1:
        off(0, groups[0])  # compiles, once for all threads
    finished = devices.in_turn(work.mesh, functools.partial(off, work.steps), groups, stop)
    with contextlib.closing(finished):
        for group, found in finished:
            for j, (start, end) in enumerate(group):
                one = slice(j * results.chunk, j * results.chunk + end - start)
                x, loss, slope = (values[one] for values in found)
                total = regrets.of_sums(loss, slope, *ends)
                results.put(start, end, x, total / work.steps)
                bar.update()
            if stop.is_set():
                raise KeyboardInterrupt


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
