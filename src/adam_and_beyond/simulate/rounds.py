"""Everything that one run did: what a bound on regret is a function of."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond import regret as regrets


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """All rounds of a run, float64: ``x`` has shape ``(T + 1,)``, the rest ``(T,)``."""

    gradients: np.ndarray  # g_1, ..., g_T
    x: np.ndarray  # x_1, ..., x_{T+1}
    m: np.ndarray  # phi_t
    sqrt_V: np.ndarray  # psi_t^{1/2}
    alpha_t: np.ndarray  # the step sizes
    hyper: dict[str, np.ndarray]  # each hyperparameter over time
    lower: float
    upper: float

    @property
    def t(self) -> np.ndarray:
        """The rounds 1, ..., T, float64."""
        return np.arange(1.0, self.gradients.size + 1)

    @property
    def regret(self) -> np.ndarray:
        """R_1, ..., R_T, units of loss."""
        return regrets.of_sequence(self.gradients, self.x[:-1], self.lower, self.upper)


def _scan(schedule, gradients, method, numbers):
    def step(carry, now):
        x, state = carry
        t, g, method = now
        m, sqrt_V, state = method.update(g, state, t, jnp, x)
        d = methods.direction(jnp, m, sqrt_V)
        alpha_t = schedule(jnp, numbers["alpha"], t)
        following = methods.projected_step(jnp, x, d, alpha_t, numbers["lower"], numbers["upper"])
        root = jnp.asarray(sqrt_V, jnp.float64)
        return (following, state), (following, m, root, jnp.asarray(alpha_t, jnp.float64))

    t = jnp.arange(1.0, gradients.size + 1)
    first = (numbers["x1"], method.init(numbers["x1"]))
    return jax.lax.scan(step, first, (t, gradients, method))[1]


_compiled = jax.jit(_scan, static_argnames=("schedule",))


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

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    method = methods.get(method)
    g = np.asarray(gradients, np.float64)
    if g.ndim != 1 or g.size == 0 or not np.all(np.isfinite(g)):
        raise ValueError(f"gradients must be a sequence of finite numbers, got shape {g.shape}")
    methods.ALPHA.check(alpha, "history")
    if not lower <= x1 <= upper:
        raise ValueError(f"x1 must lie in the feasible interval [{lower}, {upper}], got {x1!r}")
    wrong = [name for name, values in over_time.items() if np.shape(values) != g.shape]
    if wrong:
        raise ValueError(
            f"{wrong[0]} over time must have one value per round, shape {g.shape}, got "
            f"{np.shape(over_time[wrong[0]])}"
        )
    hyper = method.replace(**over_time).hyper._asdict()
    hyper = {k: np.broadcast_to(np.asarray(v, np.float64), g.shape) for k, v in hyper.items()}
    numbers = {"alpha": alpha, "x1": x1, "lower": lower, "upper": upper}
    with jax.enable_x64(True):
        found = _compiled(
            methods.get_schedule(schedule),
            g,
            method.over(**hyper),
            {name: np.float64(value) for name, value in numbers.items()},
        )
        x, m, sqrt_V, alpha_t = map(np.asarray, found)
    return History(
        g, np.concatenate([[x1], x]), m, sqrt_V, alpha_t, hyper, float(lower), float(upper)
    )
