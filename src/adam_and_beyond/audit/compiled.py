"""The player of optax transformations and of our own methods: every lane in one compiled loop."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond import checks, optax_bridge
from adam_and_beyond.audit.lanes import Crash, Lanes, Position, following, gradient

_BUDGET = 1 << 20
_RUN_STEPS = 1 << 16


class CompiledPlayer:
    """An optax transformation, its parameters a vector of shape ``(n,)``.

    Args:
      tx: the transformation.
      label: as reports call it.
    """

    budget = _BUDGET
    run_steps = _RUN_STEPS
    together = False  # lanes are compiled side by side anyway

    def __init__(self, tx: optax.GradientTransformation, label: str) -> None:
        self.tx, self.label = tx, label

    def begin(self, lanes: Lanes) -> Position:
        """Return the position before round 1."""
        count = len(lanes.rounds)
        zeros = np.zeros(count)
        with jax.enable_x64(True), _refusing(self.label):
            state = jax.tree.map(jnp.asarray, jax.vmap(self.tx.init)(jnp.asarray(lanes.x)))
        return Position(
            np.zeros(count, np.int64),
            lanes.x,
            state,
            np.zeros(lanes.slopes.shape),
            zeros,
            np.zeros(lanes.x.shape),
        )

    def advance(self, lanes: Lanes, position: Position, steps: np.ndarray) -> Position:
        """Return the position so many rounds later, a number for each lane."""
        with jax.enable_x64(True), _refusing(self.label):
            later = _advance(self.tx, lanes, position, np.asarray(steps, np.int64))
            arrays = {name: np.asarray(getattr(later, name)) for name in later._fields[:2]}
            rest = {name: np.asarray(getattr(later, name)) for name in later._fields[3:]}
        return later._replace(**arrays, **rest)

    def leaves(self, position: Position) -> dict[str, np.ndarray]:
        """Return the arrays of the state by name, lanes first."""
        flat, _ = jax.tree_util.tree_flatten_with_path(position.state)
        return {jax.tree_util.keystr(path): _plain(leaf) for path, leaf in flat}


def _plain(leaf: Any) -> np.ndarray:
    """An array of numbers; a random key shows its own."""
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    return np.asarray(leaf)


class _refusing:
    """Whatever an optimizer raises becomes a :class:`Crash` that says so in one line."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None and isinstance(error, Exception):
            first = next((line for line in str(error).splitlines() if line.strip()), "no message")
            raise Crash(f"{type(error).__name__}: {checks.short(first)}") from error


@functools.partial(jax.jit, static_argnums=0)
def _advance(tx: Any, lanes: Lanes, position: Position, steps: Any) -> Position:
    """Play on; a lane that has had its steps waits for the others."""

    def one(lane: Lanes, t: Any, x: Any, state: Any) -> Any:
        j = t % lane.rounds
        slope, curvature = lane.slopes[j], lane.curvatures[j]
        g = gradient(jnp, lane, slope, curvature, x)
        u, new = optax_bridge.step(tx, g, state, x)
        if jnp.shape(u) != x.shape:
            raise ValueError(f"an update of shape {jnp.shape(u)} for parameters of shape {x.shape}")
        u = u.astype(x.dtype)
        moved = following(jnp, lane, (t + 1).astype(x.dtype), x, u)
        loss = jnp.sum(slope * x + curvature * x * x / 2)
        return j, moved, new, u, loss

    def body(k: Any, p: Position) -> Position:
        j, x, state, u, loss = jax.vmap(one)(lanes, p.t, p.x, p.state)
        on = k < steps

        def chosen(new: Any, old: Any) -> Any:
            return jnp.where(on.reshape(on.shape + (1,) * (new.ndim - 1)), new, old)

        each = jnp.arange(on.shape[0])
        moves = p.moves.at[each, j].set(chosen(u, p.moves[each, j]))
        return Position(
            p.t + on.astype(p.t.dtype),
            chosen(x, p.x),
            jax.tree.map(chosen, state, p.state),
            moves,
            p.loss + jnp.where(on, loss, 0.0),
            p.visited + chosen(p.x, jnp.zeros_like(p.x)),
        )

    return jax.lax.fori_loop(0, jnp.max(steps), body, jax.tree.map(jnp.asarray, position))
