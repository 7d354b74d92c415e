r"""Running Algorithm 1 on linear losses: one trajectory, or a whole grid of hyperparameters.

The only place with JAX loops over time. Everything is float64, whatever the caller's setting.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets

# Lanes that are stepped together: their state fits the cache of one core.
_LANES = 4096


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """A recorded run: ``x[k]`` is the iterate x_{t[k]+1}; regret covers rounds 1 to t[k]."""

    t: np.ndarray  # recorded steps, int64, increasing, the last is the number of steps
    x: np.ndarray  # iterates after those steps, float64
    average_regret: np.ndarray  # R_t / t, float64, units of loss
    method: methods.Method
    problem: problems.Problem
    alpha: float
    schedule: str
    x1: float
    seed: int

    @property
    def regret(self) -> np.ndarray:
        """R_t at the recorded steps, float64, units of loss."""
        return self.average_regret * self.t


class Grid(NamedTuple):
    """Result of a sweep: arrays of the broadcast shape of everything that was swept."""

    x: np.ndarray  # x_{T+1}, float64
    average_regret: np.ndarray  # R_T / T, float64


class _Stream(NamedTuple):
    """A source of gradients: pure functions over a table of rounds and a position in it."""

    start: Callable[..., Any]  # (arguments, seed) -> table
    refill: Callable[..., Any]  # (arguments, table) -> the table of the rounds that follow
    covers: Callable[..., Any]  # (table) -> the last round in it
    advance: Callable[..., Any]  # (arguments, table, position, t) -> (position, g)


def _advance_periodic(period, table, position, t):
    g = table.at[position].get(mode="promise_in_bounds")
    # Counting and resetting is several times cheaper than t modulo the period.
    following = position + 1
    return jnp.where(following == table.shape[0], 0, following), g


def _advance_iid(arguments, block, position, t):
    rare = t == block.rounds.at[position].get(mode="clip")
    value = block.values.at[position].get(mode="clip")
    return position + rare, jnp.where(rare, value, arguments.common)


_PERIODIC = _Stream(
    start=lambda period, seed: jnp.asarray(period),
    refill=lambda period, table: table,
    covers=lambda table: jnp.iinfo(jnp.int64).max,
    advance=_advance_periodic,
)
_IID = _Stream(
    start=problems.first_rare_rounds,
    refill=problems.next_rare_rounds,
    covers=lambda block: block.rounds[-1],
    advance=_advance_iid,
)


def _stream(problem: problems.Problem) -> tuple[_Stream, Any]:
    if isinstance(problem, problems.PeriodicProblem):
        return _PERIODIC, problem.gradients
    return _IID, problem.arguments()


class _Run(NamedTuple):
    """The numbers of one run; all traced, so that changing them never recompiles."""

    h: Any
    alpha: Any
    x1: Any
    lower: Any
    upper: Any
    seed: Any
    gradients: Any


class _Carry(NamedTuple):
    x: jax.Array
    state: Any
    position: jax.Array  # in the stream's table
    loss: jax.Array  # since the last record
    slope: jax.Array


def _scan_records(rule, state_type, schedule, stream, run: _Run, times: jax.Array):
    """x, loss and slope sums at the given times: a scan over records of a loop over steps."""

    def step(table, i, carry: _Carry) -> _Carry:
        t = (i + 1).astype(jnp.float64)
        position, g = stream.advance(run.gradients, table, carry.position, i + 1)
        m, sqrt_V, state = rule(jnp, g, carry.state, t, run.h)
        d = methods.direction(jnp, m, sqrt_V)
        alpha_t = schedule(jnp, run.alpha, t)
        x = methods.algorithm_1(jnp, carry.x, d, alpha_t, run.lower, run.upper)
        return _Carry(x, state, position, carry.loss + g * carry.x, carry.slope + g)

    def stretch(stop, i, table, carry: _Carry):
        """As far as the table reaches, or to ``stop``; then the next table if needed."""
        end = jnp.minimum(stop, stream.covers(table))
        carry = jax.lax.fori_loop(i, end, functools.partial(step, table), carry)
        used_up = end == stream.covers(table)
        table = jax.lax.cond(
            used_up, functools.partial(stream.refill, run.gradients), lambda same: same, table
        )
        return end, table, carry._replace(position=jnp.where(used_up, 0, carry.position))

    def segment(outer, stop):
        start, table, carry, sums = outer
        zero = jnp.zeros_like(carry.loss)
        _, table, carry = jax.lax.while_loop(
            lambda c: c[0] < stop,
            lambda c: stretch(stop, *c),
            (start, table, carry._replace(loss=zero, slope=zero)),
        )
        # Sums restart at every record and are added with compensation: no drift over 10^8 steps.
        sums = _add(sums, jnp.stack([carry.loss, carry.slope]))
        return (stop, table, carry, sums), (carry.x, sums[0] + sums[1])

    x1 = jnp.asarray(run.x1, jnp.float64)
    zero = jnp.zeros_like(x1)
    state = state_type(*(zero for _ in state_type._fields))
    carry = _Carry(x1, state, jnp.int32(0), zero, zero)
    sums = (jnp.zeros((2,)), jnp.zeros((2,)))
    table = stream.start(run.gradients, run.seed)
    _, (x, totals) = jax.lax.scan(segment, (jnp.int64(0), table, carry, sums), times)
    return x, totals[:, 0], totals[:, 1]


def _add(sums: tuple[jax.Array, jax.Array], term: jax.Array) -> tuple[jax.Array, jax.Array]:
    # Neumaier's sum: the second entry collects what rounding dropped from the first.
    total, lost = sums
    following = total + term
    big, small = jnp.where(
        abs(total) >= abs(term), jnp.stack([total, term]), jnp.stack([term, total])
    )
    return following, lost + ((big - following) + small)


_STATIC = ("rule", "state_type", "schedule", "stream")
_run_compiled = jax.jit(_scan_records, static_argnames=_STATIC)


@functools.partial(jax.jit, static_argnames=_STATIC)
def _sweep_compiled(rule, state_type, schedule, stream, lanes: _Run, shared: _Run, times):
    """Final x, loss, slope of many runs; ``lanes`` holds what varies, ``shared`` the rest."""

    def one(lane: _Run):
        run = _Run(*(b if a is None else a for a, b in zip(lane, shared, strict=True)))
        return jax.tree.map(
            lambda a: a[-1], _scan_records(rule, state_type, schedule, stream, run, times)
        )

    # Lanes side by side share vector instructions, but random draws branch: those run in turn.
    batch = None if stream is _IID else _LANES
    return jax.lax.map(one, lanes, batch_size=batch)


def _is_whole(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and int(value) == value
    except (TypeError, ValueError, OverflowError):  # None, a nan, an infinity
        return False


def _record_times(steps: int, record: Any) -> np.ndarray:
    if not _is_whole(steps) or steps < 1:
        raise ValueError(f"steps must be a positive whole number, got {steps!r}")
    steps = int(steps)
    if np.ndim(record) == 0:
        if not _is_whole(record) or record < 1:
            raise ValueError(
                f"record must be a positive number of points, or increasing steps, got {record!r}"
            )
        count = min(int(record), steps)
        return (np.arange(1, count + 1) * steps) // count
    times = np.asarray(record)
    whole = times.ndim == 1 and times.size and all(map(_is_whole, times.tolist()))
    if not (whole and times[0] >= 1 and np.all(np.diff(times) > 0) and times[-1] <= steps):
        raise ValueError(
            f"record must list increasing whole steps from 1 to steps={steps}, got {record!r}"
        )
    times = times.astype(np.int64)
    return times if times[-1] == steps else np.append(times, steps)


def _numbers(method, alpha, x1, problem, seed, gradients) -> _Run:
    # Fixed dtypes: 1 and 1.0 must look alike to the compiler's cache.
    real = functools.partial(np.asarray, dtype=np.float64)
    return _Run(
        h=jax.tree.map(real, method.hyper),
        alpha=real(alpha),
        x1=real(x1),
        lower=real(problem.lower),
        upper=real(problem.upper),
        seed=np.asarray(seed, dtype=np.int64),
        gradients=jax.tree.map(real, gradients),
    )


def _check_seed(seed: Any) -> None:
    if not np.issubdtype(np.asarray(seed).dtype, np.integer):
        raise ValueError(f"seed must be a whole number, got {seed!r}")


def _check_start(x1: Any, problem: problems.Problem) -> None:
    if not np.all((np.asarray(x1) >= problem.lower) & (np.asarray(x1) <= problem.upper)):
        raise ValueError(
            f"x1 must lie in the feasible interval [{problem.lower}, {problem.upper}], got {x1!r}"
        )


def run(
    method: methods.Method,
    problem: problems.Problem,
    steps: int,
    alpha: float,
    schedule: str = "inverse_sqrt",
    x1: float = 0.0,
    record: Any = 1000,
    seed: int = 0,
) -> Trajectory:
    r"""Run a method on a problem, record iterate and average regret (paper, Algorithm 1).

    Compiled once per method, schedule, kind of problem and number of records, not per value.

    Args:
      method: from :func:`adam_and_beyond.methods.get`.
      problem: a periodic or i.i.d. problem of :mod:`adam_and_beyond.problems`.
      steps: T, the number of rounds.
      alpha: scale of the step size, positive, finite.
      schedule: ``"inverse_sqrt"`` (alpha / sqrt(t), t from 1) or ``"constant"``.
      x1: the first point played, inside the interval.
      record: how many evenly spaced steps to record (at most ``steps``), or the increasing steps
        themselves; step T is always recorded. Memory grows with this, not with ``steps``.
      seed: of the gradients of an i.i.d. problem; a whole number, no part in a periodic one.

    Returns:
      A ``Trajectory`` of float64 NumPy arrays; regret is against the best fixed point of rounds 1
      to t.

    Raises:
      ValueError: for a value outside its range; the message says what is allowed.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Regret and the generic
      method".
    """
    if isinstance(problem, problems.PeriodicProblem) and problem.gradients.ndim != 1:
        raise ValueError("run takes one problem; for a family of problems call sweep")
    for name, value in {"alpha": alpha, "x1": x1, "seed": seed, **method.hyper._asdict()}.items():
        if np.ndim(value):
            raise ValueError(f"run takes a single {name}; for arrays call sweep")
    methods.ALPHA.check(alpha, "run")
    _check_start(x1, problem)
    _check_seed(seed)
    times = _record_times(steps, record)
    stream, gradients = _stream(problem)
    with jax.enable_x64(True):
        numbers = _numbers(method, alpha, x1, problem, seed, gradients)
        x, loss, slope = _run_compiled(
            method.rule, method.state_type, methods.get_schedule(schedule), stream, numbers, times
        )
        x, loss, slope = (np.asarray(a) for a in (x, loss, slope))
    total = regrets.regret(loss, slope, problem.lower, problem.upper)
    return Trajectory(times, x, total / times, method, problem, alpha, schedule, x1, seed)


def sweep(
    name: str,
    problem: problems.Problem,
    steps: int,
    alpha: Any,
    schedule: str = "inverse_sqrt",
    x1: Any = 0.0,
    seed: Any = 0,
    **hyperparameters: Any,
) -> Grid:
    r"""Run a method over arrays of hyperparameters, starts, seeds and problems.

    Args:
      name: of the method, e.g. ``"adam"``.
      problem: a problem, or a family of periodic ones (gradients of shape ``S + (P,)``), e.g.
        ``problems.theorem_1(C)`` for an array C of shape S.
      steps: T, the number of rounds.
      alpha: scale of the step size, scalar or array.
      schedule: ``"inverse_sqrt"`` or ``"constant"``.
      x1: first point(s) played.
      seed: seed(s) of an i.i.d. problem.
      **hyperparameters: values by name, scalars or arrays.

    Returns:
      A ``Grid``: x_{T+1} and R_T / T, float64, of the broadcast shape.

    Raises:
      ValueError: for a value outside its range, or shapes that do not broadcast.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced in the chapter "Theorem 1".
    """
    method = methods.get(name, **hyperparameters)
    methods.ALPHA.check(alpha, "sweep")
    _check_start(x1, problem)
    _check_seed(seed)
    times = _record_times(steps, 1)
    stream, gradients = _stream(problem)
    family = np.shape(gradients)[:-1] if stream is _PERIODIC else ()
    numbers = _numbers(method, alpha, x1, problem, seed, gradients)
    shape = np.broadcast_shapes(
        family, *(np.shape(value) for value in (*numbers.h, numbers.alpha, numbers.x1, seed))
    )

    def lane(value: np.ndarray, tail: int = 0) -> np.ndarray:
        own = value.shape[value.ndim - tail :]
        return np.broadcast_to(value, shape + own).reshape((math.prod(shape), *own))

    varies = _Run(
        h=jax.tree.map(lane, numbers.h),
        alpha=lane(numbers.alpha),
        x1=lane(numbers.x1),
        lower=None,
        upper=None,
        seed=lane(numbers.seed),
        gradients=lane(numbers.gradients, tail=1) if family else None,
    )
    shared = numbers._replace(
        h=None, alpha=None, x1=None, seed=None, gradients=None if family else numbers.gradients
    )
    with jax.enable_x64(True):
        x, loss, slope = _sweep_compiled(
            method.rule,
            method.state_type,
            methods.get_schedule(schedule),
            stream,
            varies,
            shared,
            times,
        )
        x, loss, slope = (np.asarray(a).reshape(shape) for a in (x, loss, slope))
    total = regrets.regret(loss, slope, problem.lower, problem.upper)
    return Grid(x, total / steps)
