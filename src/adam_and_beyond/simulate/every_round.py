"""Everything that one run did: what a bound on regret is a function of."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from adam_and_beyond import methods, problems
from adam_and_beyond import regret as regrets
from adam_and_beyond.progress import bar as progress_bar
from adam_and_beyond.simulate.arguments import check_start
from adam_and_beyond.simulate.slices import Interrupted, listening, work_off

# Rounds of a slice; a longer history is filled up to whole slices, so that one shape is compiled.
_SLICE = 2**20


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class History:
    """All rounds of a run, float64: ``x`` has shape ``(T + 1,)``, the rest ``(T,)``."""

    gradients: Float64[np.ndarray, " T"]  # g_1, ..., g_T
    x: Float64[np.ndarray, " T+1"]  # x_1, ..., x_{T+1}
    m: Float64[np.ndarray, " T"]  # phi_t
    sqrt_V: Float64[np.ndarray, " T"]  # psi_t^{1/2}
    alpha_t: Float64[np.ndarray, " T"]  # the step sizes
    hyper: dict[str, Float64[np.ndarray, " T"]]  # each hyperparameter over time
    lower: float
    upper: float

    @property
    def t(self) -> Float64[np.ndarray, " T"]:
        """The rounds 1, ..., T, float64."""
        return np.arange(1.0, self.gradients.size + 1)

    @property
    def regret(self) -> np.ndarray:
        """R_1, ..., R_T, units of loss."""
        return regrets.of_sequence(self.gradients, self.x[:-1], self.lower, self.upper)

    def __repr__(self) -> str:
        return f"<History of {self.gradients.size:,} rounds on [{self.lower:g}, {self.upper:g}]>"


class _Position(NamedTuple):
    """Where a history stands between two slices."""

    played: int
    x: Any
    state: Any


@jax.jit(static_argnames=("schedule",))
def _rounds(schedule, method, numbers, position: _Position, gradients, over_time):
    """The next rounds: where they end, and x_{t+1}, phi_t, psi_t^{1/2} and alpha_t of each."""

    def step(carry, now):
        x, state = carry
        t, g, values = now
        m, sqrt_V, state = method.over(**values).update(g, state, t, jnp, x)
        d = methods.direction(jnp, m, sqrt_V)
        alpha_t = schedule(jnp, numbers["alpha"], t)
        following = methods.projected_step(jnp, x, d, alpha_t, numbers["lower"], numbers["upper"])
        root = jnp.asarray(sqrt_V, jnp.float64)
        return (following, state), (following, m, root, jnp.asarray(alpha_t, jnp.float64))

    t = position.played.astype(jnp.float64) + jnp.arange(1.0, gradients.size + 1)
    (x, state), found = jax.lax.scan(step, (position.x, position.state), (t, gradients, over_time))
    return _Position(position.played + gradients.size, x, state), found


def history(
    method: str | methods.Method,
    gradients: Any,
    alpha: float,
    schedule: str = "inverse_sqrt",
    x1: float = 0.0,
    lower: float = -1.0,
    upper: float = 1.0,
    **over_time: Any,
) -> History:
    r"""Run a method on given gradients and keep every round (paper, Algorithm 1).

    Hyperparameters may change from round to round: Algorithm 2 with its :math:`\beta_{1t}` is
    AMSGrad with ``beta1`` an array, Algorithm 3 with any :math:`\beta_{2t}` is Adam with ``beta2``
    an array.

    Args:
      method: its name, or a method.
      gradients: g_1, ..., g_T, finite, shape ``(T,)``; of a problem, ``problem.sample(T)``.
      alpha: scale of the step size, positive.
      schedule: ``"inverse_sqrt"`` or ``"constant"``, of the step size.
      x1: the first point played.
      lower: lower end of the feasible interval.
      upper: upper end.
      **over_time: hyperparameters by name, one value per round, shape ``(T,)``; the others keep
        the method's value.

    Returns:
      The ``History``. Its size is five numbers a round; :func:`run` needs none of that memory.

    Raises:
      ValueError: for a value outside its range, or sequences of different lengths.
      Interrupted: on Ctrl-C, within a second. It is a ``KeyboardInterrupt``, and its ``so_far`` is
        the ``History`` until then.

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    method = methods.get(method)
    problem = problems.given(gradients, lower, upper)
    g = problem.gradients
    if g.ndim != 1:
        raise ValueError(f"history takes a sequence of numbers, got gradients of shape {g.shape}")
    methods.ALPHA.check(alpha, "history")
    for name, value in {"alpha": alpha, "x1": x1}.items():
        if np.ndim(value):
            raise ValueError(f"history takes a single {name}, got shape {np.shape(value)}")
    check_start(x1, problem)
    method = method.replace(**over_time)
    changing = {k: v for k, v in method.hyper._asdict().items() if np.ndim(v) or k in over_time}
    for name, value in changing.items():
        if np.shape(value) != g.shape:
            raise ValueError(
                f"{name} over time must have one value per round, shape {g.shape}, got "
                f"{np.shape(value)}"
            )
    hyper = {k: np.broadcast_to(v, g.shape) for k, v in method.hyper._asdict().items()}
    values = {name: np.asarray(value, np.float64) for name, value in changing.items()}
    method = method.over(np.float64, **dict.fromkeys(values, np.float64(0)))  # not looked at
    numbers = {"alpha": alpha, "lower": lower, "upper": upper}
    numbers = {name: np.float64(value) for name, value in numbers.items()}
    call = methods.get_schedule(schedule), method, numbers
    rows, stopped = _play(call, np.float64(x1), g, values, f"{method.label}, {g.size:,} rounds")
    x, m, sqrt_V, alpha_t = rows
    played = len(m)
    found = History(
        g[:played],
        np.concatenate([[float(x1)], x]),
        m,
        sqrt_V,
        alpha_t,
        {name: value[:played] for name, value in hyper.items()},
        float(lower),
        float(upper),
    )
    if stopped:
        raise Interrupted(
            f"stopped after {played:,} of {g.size:,} rounds; `so_far` of this exception is the "
            "history until then",
            found,
        )
    return found


def _play(call, x1, g: np.ndarray, values: dict[str, np.ndarray], title: str):
    """Arrays of x_{t+1}, phi_t, psi_t^{1/2} and alpha_t, and whether Ctrl-C was pressed."""
    size = min(_SLICE, len(g))
    rows = np.empty((4, len(g)))

    def advance(position: _Position, until) -> _Position:
        start = int(position.played)
        stop = min(start + size, len(g))
        parts = (
            np.pad(part[start:stop], (0, size - stop + start)) for part in (g, *values.values())
        )
        g_part, *over_time = parts
        following, found = _rounds(
            *call, position, g_part, dict(zip(values, over_time, strict=True))
        )
        for row, part in zip(rows, found, strict=True):
            row[start:stop] = part[: stop - start]
        return following._replace(played=np.int64(stop))

    bar = progress_bar(total=len(g), desc=title, unit="round")
    with jax.enable_x64(True), bar, listening() as stop:
        begun = _Position(np.int64(0), x1, call[1].init(x1))
        position = work_off(advance, begun, len(g), bar, stop)
    return rows[:, : int(position.played)], stop.is_set()
