"""One run, recorded: the general loop, and two faster paths where they agree with it."""

from __future__ import annotations

import dataclasses
from threading import Event
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float64, Int64

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.progress import bar as progress_bar
from adam_and_beyond.simulate import composition, parallel, steady
from adam_and_beyond.simulate.arguments import (
    Numbers,
    check_flag,
    check_seed,
    check_start,
    check_steps,
    numbers_of,
    record_times,
)
from adam_and_beyond.simulate.loop import Recorded, advance, begin
from adam_and_beyond.simulate.slices import Interrupted, listening, work_off
from adam_and_beyond.simulate.streams import Stream, block_length, coordinate, stream_of
from adam_and_beyond.simulate.xla import LONG_VECTORS

_compiled = jax.jit(advance, static_argnames=("schedule", "stream"))
_compiled_parallel = jax.jit(
    parallel.advance,
    static_argnames=("schedule", "stream", "layout", "stages"),
    compiler_options=LONG_VECTORS,
)
_EARLY = 64  # records that the run-in of the fast path has room for
_TABLES, _CHUNKS = 64, 64  # in the first slice
# Shorter runs, and those that record much, take milliseconds step by step, and compile faster.
_LONG, _SPARSE = 1_000_000, 100
PATHS = ("auto", "general", "steady cycle", "parallel in time")
_REFUSALS = {
    "steady cycle": "the steady-cycle path needs periodic gradients, a method that forgets, and a "
    "run several times longer than its memory; use path='auto'",
    "parallel in time": "the path parallel in time needs a method whose rounds compose: each field "
    "of its state affine in itself or a running maximum; use path='auto'",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """A recorded run: ``x[k]`` is the iterate x_{t[k]+1}; regret covers rounds 1 to t[k]."""

    t: Int64[np.ndarray, " records"]  # recorded steps, increasing, the last is the number of steps
    x: Float64[np.ndarray, " records *n"]  # iterates after those steps; n on a box
    average_regret: Float64[np.ndarray, " records"]  # R_t / t, units of loss
    method: methods.Method
    problem: problems.Problem
    alpha: float
    schedule: str
    x1: Any
    seed: int
    path: str  # which simulator ran: one of those that ``run`` names

    @property
    def regret(self) -> Float64[np.ndarray, " records"]:
        """R_t at the recorded steps, float64, units of loss."""
        return self.average_regret * self.t

    def __repr__(self) -> str:
        return (
            f"<Trajectory of {self.method.label} on {self.problem.name}: {len(self.t)} records to "
            f"t = {self.t[-1] if len(self.t) else 0:,}>"
        )


def run(
    method: str | methods.Method,
    problem: problems.Problem,
    steps: int,
    alpha: float,
    schedule: str = "inverse_sqrt",
    x1: Any = 0.0,
    record: Any = 1000,
    seed: int = 0,
    path: str = "auto",
    spacing: str = "even",
    progress: bool | None = None,
) -> Trajectory:
    r"""Run a method on a problem, record iterate and average regret (paper, Algorithm 1).

    Compiled once per method, schedule, kind of problem and number of records, not per value.

    Args:
      method: its name, e.g. ``"adam"``; or a method, of :func:`adam_and_beyond.methods.get` or
        your own.
      problem: a periodic, i.i.d. or given problem of :mod:`adam_and_beyond.problems`, on an
        interval or on a box in n dimensions.
      steps: T, the number of rounds.
      alpha: scale of the step size, positive, finite.
      schedule: ``"inverse_sqrt"`` (alpha / sqrt(t), t from 1) or ``"constant"``.
      x1: the first point played, inside the interval; on a box a number, or shape ``(n,)``.
      record: how many steps to record (at most ``steps``), or the increasing steps themselves; step
        T is always recorded. Memory grows with this, not with ``steps``.
      seed: of the gradients of an i.i.d. problem; a whole number, no part in a periodic one.
      path: ``"general"`` plays round after round; ``"steady cycle"`` goes by cycles once averages
        repeat; ``"parallel in time"`` cuts the run into blocks that are played side by side.
        ``"auto"`` takes the fastest of those that agree with the first to rounding.
      spacing: of a number of records: ``"even"``, or ``"log"`` for steps in geometric progression
        from 1 to T, rounded, each once, and so perhaps fewer than asked for.
      progress: whether to show a progress bar; by default one appears after two seconds where
        standard error is a terminal.

    Returns:
      A ``Trajectory`` of float64 NumPy arrays; regret is against the best fixed point of rounds 1
      to t.

    Raises:
      ValueError: for a value outside its range; the message says what is allowed.
      Interrupted: on Ctrl-C, within a second. It is a ``KeyboardInterrupt``, and its ``so_far`` is
        the ``Trajectory`` of the records until then.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    method = methods.get(method)
    problems.check_problem(problem)
    _check_single(method, problem, alpha, x1, seed)
    methods.ALPHA.check(alpha, "run")
    check_start(x1, problem)
    check_seed(seed)
    check_flag("progress", progress)
    if path not in PATHS:
        raise ValueError(f"path must be one of {', '.join(map(repr, PATHS))}, got {path!r}")
    times = record_times(check_steps(steps, problem), record, spacing)
    title = f"{method.label}, {times[-1]:,} steps"
    bar = progress_bar(total=int(times[-1]), desc=title, unit="step", shown=progress)
    with jax.enable_x64(True), bar, listening() as stop:
        prepared = _prepare(method, problem, schedule, alpha, x1, seed)._replace(bar=bar, stop=stop)
        ran, found = _found(prepared, times, path)
    t = times[: len(found.recorded.x)]
    total = regrets.of_sums(found.recorded.loss, found.recorded.slope, problem.lower, problem.upper)
    if problem.shape:
        total = total.sum(axis=-1)  # on a box the best point is the best in each coordinate
    trajectory = Trajectory(
        t, found.recorded.x, total / t, method, problem, alpha, schedule, x1, seed, ran
    )
    if stop.is_set():
        raise Interrupted(
            f"stopped after {found.played:,} of {times[-1]:,} rounds; `so_far` of this exception "
            f"is the trajectory with {len(t)} of {len(times)} records",
            trajectory,
        )
    return trajectory


def _found(run: _Prepared, times: np.ndarray, path: str) -> tuple[str, _Found]:
    """The path that was taken, and what it found."""
    fast = {"steady cycle": _steady, "parallel in time": _parallel}
    if path == "auto":
        pays = times[-1] >= max(_LONG, _SPARSE * len(times))
        choices = list(fast) if pays else ["steady cycle"]
    else:
        choices = [] if path == "general" else [path]
    for name in choices:
        found = fast[name](run, times)
        if found is not None:
            return name, found
    if path in _REFUSALS:
        raise ValueError(_REFUSALS[path])
    return "general", _general(run, times)


def _check_single(method, problem, alpha, x1, seed) -> None:
    if isinstance(problem, problems.PeriodicProblem) and (
        problem.gradients.ndim != 1 + len(problem.shape)
    ):
        raise ValueError("run takes one problem; for a family of problems call sweep")
    for name, value in {"alpha": alpha, "seed": seed, **method.hyper._asdict()}.items():
        if np.ndim(value):
            raise ValueError(f"run takes a single {name}; for arrays call sweep")
    if np.ndim(x1) and np.shape(x1) != problem.shape:
        raise ValueError(
            f"run takes a single x1, a number or of the box's shape {problem.shape}, got shape "
            f"{np.shape(x1)}; for arrays call sweep"
        )


class _Prepared(NamedTuple):
    """One run, checked and ready."""

    method: methods.Method
    problem: problems.Problem
    schedule: str
    stream: Stream
    numbers: Numbers  # with the arguments of the stream as gradients
    bar: Any = None  # is told of rounds that are done
    stop: Event | None = None  # set when the run is to stop


class _Found(NamedTuple):
    """What was found in one run, or until it was interrupted."""

    recorded: Recorded  # at as many of the steps as were reached
    played: int
    state: Any = None  # of the method at the end


def _prepare(method, problem, schedule, alpha, x1, seed) -> _Prepared:
    stream, arguments = stream_of(problem)
    start = np.broadcast_to(np.asarray(x1, np.float64), problem.shape)
    numbers = numbers_of(method, alpha, start, problem, seed, arguments)
    return _Prepared(method, problem, schedule, stream, numbers)


def _ready(run: _Prepared) -> Numbers:
    """The numbers as the loop over rounds takes them, with gradients brought to the device once."""
    size = block_length(run.problem.shape)
    gradients = jax.device_put(run.stream.prepare(run.numbers.gradients, size))
    return run.numbers._replace(gradients=gradients)


def _general(run: _Prepared, times: np.ndarray) -> _Found:
    """The run by the general simulator, recorded at ``times``, which may end in repetitions."""
    schedule, size = methods.get_schedule(run.schedule), block_length(run.problem.shape)
    begun = begin(run.stream, run.numbers, len(times))
    numbers = _ready(run)

    def on(position, until):
        return _compiled(schedule, run.stream, numbers, times, position, until)

    position = work_off(on, begun, int(times[-1]), run.bar, run.stop, first=_TABLES * size)
    reached = int(position.records)
    recorded = jax.tree.map(lambda rows: np.array(rows)[:reached], position.recorded)
    return _Found(recorded, int(position.played), position.state)


def _parallel(run: _Prepared, times: np.ndarray) -> _Found | None:
    """The run in blocks side by side, or None where its rounds do not compose.

    Coordinates of a box know nothing of each other: each has a run of its own.
    """
    stages, layout = composition.stages(run.method), parallel.layout_of(run.problem)
    if stages is None:
        return None
    schedule = methods.get_schedule(run.schedule)
    runs = [
        n._replace(gradients=jax.device_put(parallel.prepare(run.stream, layout, n.gradients)))
        for n in _coordinates(run)
    ]

    def on(positions, until):
        call = (schedule, run.stream, layout, stages)
        each = [
            _compiled_parallel(*call, n, times, position, until)
            for n, position in zip(runs, positions[1:], strict=True)
        ]
        return each[0].played, *each

    begun = [begin(run.stream, n, len(times)) for n in _coordinates(run)]
    _, *positions = work_off(
        on, (np.int64(0), *begun), int(times[-1]), run.bar, run.stop, first=_CHUNKS * layout.chunk
    )
    reached = int(positions[0].records)
    recorded = jax.tree.map(
        lambda *rows: np.stack([np.array(r)[:reached] for r in rows], axis=-1),
        *(position.recorded for position in positions),
    )
    if not run.problem.shape:
        recorded = jax.tree.map(lambda rows: rows[:, 0], recorded)
    return _Found(recorded, int(positions[0].played))


def _coordinates(run: _Prepared) -> list[Numbers]:
    """The numbers of each coordinate's run."""
    box = run.numbers
    if not run.problem.shape:
        return [box]
    return [
        box._replace(
            x1=box.x1[k],
            lower=box.lower[k],
            upper=box.upper[k],
            gradients=coordinate(box.gradients, k),
        )
        for k in range(len(box.x1))
    ]


def _steady(run: _Prepared, times: np.ndarray) -> _Found | None:
    """The run by its steady cycle, or None where that would not be exact or not pay."""
    periodic = isinstance(run.problem, problems.PeriodicProblem) and not run.problem.shape
    if not (periodic and run.method.affine_state):
        return None
    gradients = run.problem.gradients
    first = steady.settling_cycles(run.method, gradients)
    start = first * len(gradients)
    if 2 * start > times[-1]:
        return None
    early = times[times <= start]
    # Few records fall into the run-in: room for them in one fixed shape, all of them in another,
    # so that other numbers do not recompile. The last is the end of the run-in.
    padded = np.full(_EARLY if len(early) < _EARLY else len(times) + 1, start)
    padded[: len(early)] = early
    begun = _general(run, padded)
    if run.stop.is_set():
        return begun._replace(recorded=_first(begun.recorded, len(early)))
    cycle = steady.settled_cycle(run.method, gradients, begun.state, start)
    ends = steady.sign_runs(cycle.d)
    if ends is None or not cycle.settled:
        run.bar.reset()
        return None
    cycles = steady.Cycles(
        cycle.d,
        ends,
        gradients,
        run.schedule == "constant",
        run.numbers.alpha,
        (run.numbers.lower, run.numbers.upper),
    )
    # All records, so that other numbers of early ones do not recompile.
    late = np.maximum(times, start)
    rest = steady.finish(cycles, begun.recorded.x[-1], first, late, run.bar, run.stop)
    return _joined(begun.recorded, len(early), rest, run, times)


def _first(recorded: Recorded, count: int) -> Recorded:
    return jax.tree.map(lambda rows: rows[:count], recorded)


def _joined(begun: Recorded, early: int, rest: steady.Rest, run: _Prepared, times) -> _Found:
    """The records of the run-in, as many as are ``early``, and those of the settled cycle."""
    if len(rest.x) < early:
        return _Found(_first(begun, early), rest.cycles * run.problem.period)
    x, loss_at = rest.x, begun.loss[-1] + rest.loss
    x[:early], loss_at[:early] = begun.x[:early], begun.loss[:early]
    gradients = run.problem.gradients
    prefix = np.concatenate([[0.0], np.cumsum(gradients)])
    cycles, rounds = np.divmod(times[: len(x)], len(gradients))
    slope = cycles * prefix[-1] + prefix[rounds]
    return _Found(Recorded(x, loss_at, slope), rest.cycles * len(gradients))
