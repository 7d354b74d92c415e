"""One run, recorded: the general loop, and the steady-cycle fast path where it is exact."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.simulate import steady
from adam_and_beyond.simulate.inputs import (
    check_seed,
    check_start,
    check_steps,
    numbers_of,
    record_times,
)
from adam_and_beyond.simulate.loop import Recorded, scan_records
from adam_and_beyond.simulate.streams import stream_of

_compiled = jax.jit(scan_records, static_argnames=("schedule", "stream"))
_EARLY = 64  # records that the run-in of the fast path has room for
PATHS = ("auto", "general", "steady cycle")


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """A recorded run: ``x[k]`` is the iterate x_{t[k]+1}; regret covers rounds 1 to t[k]."""

    t: np.ndarray  # recorded steps, int64, increasing, the last is the number of steps
    x: np.ndarray  # iterates after those steps, float64, shape (records,) or (records, n)
    average_regret: np.ndarray  # R_t / t, float64, units of loss
    method: methods.Method
    problem: problems.Problem
    alpha: float
    schedule: str
    x1: Any
    seed: int
    path: str  # which simulator ran: "general", or "steady cycle" for all but the first cycles

    @property
    def regret(self) -> np.ndarray:
        """R_t at the recorded steps, float64, units of loss."""
        return self.average_regret * self.t


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
      path: ``"auto"`` takes the steady-cycle fast path wherever it agrees with the general
        simulator to rounding; ``"general"`` never does; ``"steady cycle"`` insists on it.
      spacing: of a number of records: ``"even"``, or ``"log"`` for steps in geometric progression
        from 1 to T, rounded, each once, and so perhaps fewer than asked for.

    Returns:
      A ``Trajectory`` of float64 NumPy arrays; regret is against the best fixed point of rounds 1
      to t.

    Raises:
      ValueError: for a value outside its range; the message says what is allowed.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    method = methods.get(method)
    _check_single(method, problem, alpha, x1, seed)
    methods.ALPHA.check(alpha, "run")
    check_start(x1, problem)
    check_seed(seed)
    if path not in PATHS:
        raise ValueError(f"path must be one of {', '.join(map(repr, PATHS))}, got {path!r}")
    times = record_times(check_steps(steps, problem), record, spacing)
    with jax.enable_x64(True):
        start = np.broadcast_to(x1, problem.shape)
        numbers = numbers_of(method, alpha, start, problem, seed, stream_of(problem)[1])
        job = _Job(method, problem, schedule, numbers, times)
        fast = None if path == "general" else _steady(job)
        if fast is None and path == "steady cycle":
            raise ValueError(
                "the steady-cycle path needs periodic gradients, a method that forgets, and a run "
                "several times longer than its memory; use path='auto'"
            )
        found = _general(job, times)[0] if fast is None else fast
    total = regrets.regret(found.loss, found.slope, problem.lower, problem.upper)
    if problem.shape:
        total = total.sum(axis=-1)  # on a box the best point is the best in each coordinate
    ran = "general" if fast is None else "steady cycle"
    return Trajectory(
        times, found.x, total / times, method, problem, alpha, schedule, x1, seed, ran
    )


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


class _Job(NamedTuple):
    """One run, checked and ready."""

    method: methods.Method
    problem: problems.Problem
    schedule: str
    numbers: Any
    times: np.ndarray


def _general(job: _Job, times: np.ndarray) -> tuple[Recorded, Any]:
    recorded, state = _compiled(
        methods.get_schedule(job.schedule),
        stream_of(job.problem)[0],
        job.numbers,
        times,
    )
    return jax.tree.map(np.asarray, recorded), state


def _steady(job: _Job) -> Recorded | None:
    """The run by its steady cycle, or None where that would not be exact or not pay."""
    periodic = isinstance(job.problem, problems.PeriodicProblem) and not job.problem.shape
    if not (periodic and job.method.affine_state):
        return None
    gradients, times = job.problem.gradients, job.times
    first = steady.settling_cycles(job.method, gradients)
    start = first * len(gradients)
    if 2 * start > times[-1]:
        return None
    early = times[times <= start]
    # Few records fall into the run-in: room for them in one fixed shape, all of them in another,
    # so that other numbers do not recompile. The last is the end of the run-in.
    padded = np.full(_EARLY if len(early) < _EARLY else len(times) + 1, start)
    padded[: len(early)] = early
    recorded, state = _general(job, padded)
    orbit = steady.orbit(job.method, gradients, state, start)
    ends = steady.sign_runs(orbit.d)
    if ends is None or not orbit.settled:
        return None
    x, loss = steady.finish(
        orbit.d,
        ends,
        gradients,
        job.schedule == "constant",
        job.numbers.alpha,
        (job.numbers.lower, job.numbers.upper),
        recorded.x[-1],
        first,
        np.maximum(times, start),
    )
    x[: len(early)], loss_at = recorded.x[: len(early)], recorded.loss[-1] + loss
    loss_at[: len(early)] = recorded.loss[: len(early)]
    prefix = np.concatenate([[0.0], np.cumsum(gradients)])
    cycles, rounds = np.divmod(times, len(gradients))
    return Recorded(x, loss_at, cycles * prefix[-1] + prefix[rounds])
