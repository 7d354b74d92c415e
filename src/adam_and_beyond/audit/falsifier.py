r"""A counterexample on demand: the gradients of a period on which an optimizer fails worst.

Where the optimizer runs in JAX the search climbs along the derivative of D through the periodic
orbit,

.. math:: \frac{dD}{dg} = \partial_g D + \partial_s D \, (I - F_s)^{-1} F_g,

F being one period of the whole state s. Where that derivative is 0, as for signs, or there is none,
the search evolves a population. What either finds is then watched as any other problem.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import scipy.optimize

from adam_and_beyond import methods, optax_bridge, problems
from adam_and_beyond.audit.compiled import CompiledPlayer
from adam_and_beyond.audit.drifts import number_of
from adam_and_beyond.audit.lanes import Crash, Lane, Player, stack
from adam_and_beyond.audit.orbits import observe
from adam_and_beyond.audit.players import Optimizer, player
from adam_and_beyond.drift.enclosures import Enclosure
from adam_and_beyond.drift.worst import Slope, climb, starts

_SETTLING = 64  # periods before Newton's method begins
_ROUNDS = 6  # of Newton's method
_DIGITS = 6  # of the gradients that are handed back
_POPULATION, _GENERATIONS = 4, 12  # of the evolution, per gradient; generations
_FAILED = -1e9  # stands for a D that is not there, in a search for the largest


@dataclasses.dataclass(frozen=True, eq=False)
class Counterexample:
    """What a search for the worst problem found."""

    problem: problems.PeriodicProblem
    D: float  # observed; positive: the optimizer goes to the worst point
    mean: float  # of the gradients, positive: the best point is the lower end
    label: str
    way: str  # "gradient through the orbit" or "evolution"
    certified: str  # a ball that holds D, proved; empty where the rule cannot be read
    proved: bool  # whether all of that ball is positive
    learning_rate: float

    @property
    def defeated(self) -> bool:
        """Whether the optimizer goes to the worst point."""
        return self.D > 0

    @property
    def replay(self) -> str:
        """A program that plays the counterexample; ``make`` is where your optimizer comes."""
        gradients = ", ".join(f"{g:.{_DIGITS}g}" for g in self.problem.gradients)
        return (
            "import jax, jax.numpy as jnp\n"
            "jax.config.update('jax_enable_x64', True)\n"
            f"gradients = [{gradients}]  # losses g x on [-1, 1], the best point is -1\n"
            f"optimizer = make({self.learning_rate:g})  # {self.label}\n"
            "x = jnp.zeros(1)\n"
            "state = optimizer.init(x)\n"
            "for t in range(200_000):\n"
            "    g = jnp.full(1, gradients[t % len(gradients)])\n"
            "    update, state = optimizer.update(g, state, x)\n"
            "    x = jnp.clip(x + update / (t + 1) ** 0.5, -1, 1)\n"
            f"print(x)  # D = {self.D:+.6g} per {len(self.problem.gradients)} rounds\n"
        )

    def __repr__(self) -> str:
        what = "defeated" if self.defeated else "not defeated"
        return (
            f"<Counterexample for {self.label}: {what}, D = {self.D:+.4g} at mean {self.mean:g} "
            f"and period {self.problem.period}, by {self.way}>"
        )


def falsify(
    optimizer: Optimizer,
    period: int,
    mean: float,
    searches: int = 3,
    seed: int = 0,
    learning_rate: float = 1.0,
) -> Counterexample:
    r"""Search for the gradients of a given period and mean on which an optimizer fails worst.

    .. math:: \max_g D(g) \quad\text{subject to}\quad |g_i| \le 1, \; \frac1P \sum g_i = \bar g

    The mean is positive, so the best point is the lower end, and D > 0 is failure. What is found is
    rounded, so that it can be written down, and its D observed from a fresh start. For a method of
    the catalogue that can be read, ball arithmetic certifies it.

    Args:
      optimizer: as :func:`drift` takes it; its updates must not look at x.
      period: P, at least 2.
      mean: the mean gradient, in (0, 1), in units of the largest one allowed.
      searches: number of starts of the climb, at least 1.
      seed: of the random ones.
      learning_rate: as :func:`drift` takes it.

    Returns:
      The ``Counterexample``; its ``replay`` is a program. The largest D found is a lower bound of
      the largest there is, and a negative one proves nothing.

    Raises:
      ValueError: for a period below 2, a mean outside (0, 1), fewer than one search, or an
        optimizer whose updates look at x or never settle.

    References:
      Ours; see :func:`adam_and_beyond.drift.worst` for methods. Introduced in the chapter "Audit
      your optimizer".
    """
    if period < 2 or not 0 < mean < 1 or searches < 1:
        raise ValueError(
            "falsify needs a period of at least 2, a mean in (0, 1) and at least 1 search, got "
            f"period={period}, mean={mean}, searches={searches}"
        )
    methods.ALPHA.check(learning_rate, "audit.falsify")
    given, rng = player(optimizer, learning_rate), np.random.default_rng(seed)
    try:
        begun = starts(period, mean, searches, rng)
        _check(given, begun[0])
        found, way = [], "gradient through the orbit"
        if isinstance(given, CompiledPlayer):
            slope = _Slopes(given, period)
            moving = [g for g in begun if np.any(np.nan_to_num(slope(g).by_gradient))]
            found = [climb(slope, g, mean) for g in moving]
        if not found:
            found, way = [_evolved(given, period, mean, seed)], "evolution"
        found = [_rounded(g, mean) for g in [*found, *begun]]
        D = _numbers(given, found)
    except Crash as error:
        raise ValueError(f"{given.label} raised on a vector of numbers: {error}") from error
    best = int(np.argmax(D))
    gradients = np.roll(found[best], -int(np.argmax(found[best])))
    problem = problems.PeriodicProblem(gradients, name=f"worst found for {given.label}")
    return Counterexample(
        problem,
        float(D[best]) / learning_rate,
        float(gradients.mean()),
        given.label,
        way,
        *_certified(optimizer, problem),
        learning_rate,
    )


def _check(given: Player, gradients: np.ndarray) -> None:
    (orbit,) = observe(given, [gradients[:, None]])
    if not orbit.settled:
        raise ValueError(f"{given.label} has no drift number to make large: {orbit.reason}")


def _rounded(g: np.ndarray, mean: float) -> np.ndarray:
    """A few digits, the mean kept at or a little above where it was, all within [-1, 1]."""
    g = np.round(g, _DIGITS)
    free = int(np.argmin(np.abs(g)))  # has room on both sides
    g[free] = np.round(g[free] + g.size * mean - g.sum() + 10.0**-_DIGITS, _DIGITS)
    return g


def _numbers(given: Player, found: list[np.ndarray]) -> np.ndarray:
    """The observed D of several periods; very small where there is none."""
    orbits = observe(given, [g[:, None] for g in found], two_starts=False)
    return np.array([number_of(o)[0] if o.settled else _FAILED for o in orbits])


def _certified(optimizer: Any, problem: problems.PeriodicProblem) -> tuple[str, bool]:
    """A ball that holds D, where the rule can be read, and whether it is positive."""
    method = getattr(optimizer, "method", optimizer)
    try:
        ball, _ = Enclosure(methods.get(method), problem, {})({})
    except ValueError:
        return "", False
    return str(ball), bool(ball > 0)


class _Slopes:
    """The drift number of a transformation and its derivative, through its periodic orbit."""

    def __init__(self, given: CompiledPlayer, period: int) -> None:
        self.given, self.period = given, period
        self.slope = jax.jit(self._slope)

    def __call__(self, g: np.ndarray) -> Slope:
        """D at the gradients, and its derivative by each of them."""
        lanes = stack([Lane(g[:, None])])
        position = self.given.begin(lanes)
        position = self.given.advance(lanes, position, np.array([_SETTLING * self.period]))
        state = jax.tree.map(lambda leaf: leaf[0], position.state)
        with jax.enable_x64(True):
            D, derivative = self.slope(jnp.asarray(g), state)
        return Slope(float(D), np.asarray(derivative))

    def _slope(self, g: Any, state: Any) -> Any:
        leaves, tree = jax.tree.flatten(state)
        real = [jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in leaves]
        start, back = jax.flatten_util.ravel_pytree(
            [leaf for leaf, is_real in zip(leaves, real, strict=True) if is_real]
        )

        def played(s: Any, g: Any) -> tuple[Any, Any]:
            """One period from the real numbers s of the state: those after it, and the way."""
            values = iter(back(s))
            whole = [
                next(values) if is_real else leaf
                for is_real, leaf in zip(real, leaves, strict=True)
            ]

            def one(carry: Any, slope: Any) -> Any:
                x, state = carry
                u, state = optax_bridge.step(self.given.tx, jnp.full(1, slope), state, x)
                return (x, state), u[0]

            begun = (jnp.zeros(1), tree.unflatten(whole))
            (_, after), u = jax.lax.scan(one, begun, g)
            kept = [a for a, is_real in zip(jax.tree.leaves(after), real, strict=True) if is_real]
            return jax.flatten_util.ravel_pytree(kept)[0], jnp.sum(u)

        def newton(s: Any, g: Any) -> Any:
            slope = jax.jacfwd(lambda s: played(s, g)[0])(jax.lax.stop_gradient(s))
            away = jnp.eye(s.size) - jax.lax.stop_gradient(slope)
            return s + jnp.linalg.solve(away, played(s, g)[0] - s)

        def D(g: Any) -> Any:
            if not start.size:
                return played(start, g)[1]
            fixed = jax.lax.stop_gradient(g)
            s = jax.lax.fori_loop(0, _ROUNDS, lambda _, s: newton(s, fixed), start)
            s = jax.lax.stop_gradient(s)
            return played(newton(s, g), g)[1]

        return jax.value_and_grad(D)(g)


def _evolved(given: Player, period: int, mean: float, seed: int) -> np.ndarray:
    """A search without derivatives: differential evolution, each generation side by side."""

    def cost(population: np.ndarray) -> np.ndarray:
        return -_numbers(given, [_shifted(g, mean) for g in population.T])

    end = scipy.optimize.differential_evolution(
        cost,
        [(-1, 1)] * period,
        popsize=_POPULATION,
        maxiter=_GENERATIONS,
        vectorized=True,
        updating="deferred",
        polish=False,
        rng=seed,
    )
    return _shifted(end.x, mean)


def _shifted(g: np.ndarray, mean: float) -> np.ndarray:
    """Gradients within [-1, 1], moved together until their mean is right."""

    def excess(shift: float) -> float:
        return float(np.clip(g + shift, -1, 1).mean() - mean)

    return np.clip(g + scipy.optimize.brentq(excess, -2, 2), -1, 1)
