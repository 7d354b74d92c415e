"""Runs side by side: what they are given, where they stand, and the gradients that they meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

_LEAP = 2.4  # radians from one point to the next, where the iterate is led
_ROUNDS = 128  # rooms of a table of gradients, doubled as often as needed: few shapes to compile


class Crash(Exception):
    """The optimizer raised, or handed back something that is no update; the message says what."""


class Lane(NamedTuple):
    """One run: gradients that repeat, a start, a box, and what multiplies each update.

    The gradient of round t is ``slope + curvature x``; where ``bent``, the slope is multiplied by
    x + 2 below -1; where ``classes``, the probabilities of a softmax with the logits x are added.
    With ``lower == upper`` the iterate is held where it is; where ``led``, it is led about in
    [-1, 1], wherever the updates point.
    """

    slopes: np.ndarray  # shape (rounds, n)
    curvatures: Any = 0.0  # shape (rounds, n) or a number
    x: Any = 0.0
    lower: Any = 0.0
    upper: Any = 0.0
    alpha: float = 1.0
    falling: bool = False  # alpha / sqrt(t), else constant
    bent: bool = False
    classes: bool = False
    led: bool = False


class Lanes(NamedTuple):
    """Many of them: arrays whose first axis counts the lanes."""

    slopes: np.ndarray  # (L, R, n); rounds after ``rounds`` do not happen
    curvatures: np.ndarray  # (L, R, n)
    rounds: np.ndarray  # (L,)
    x: np.ndarray  # (L, n)
    lower: np.ndarray  # (L, n)
    upper: np.ndarray  # (L, n)
    alpha: np.ndarray  # (L,)
    falling: np.ndarray  # (L,)
    bent: np.ndarray  # (L,)
    classes: np.ndarray  # (L,)
    led: np.ndarray  # (L,)


class Position(NamedTuple):
    """Where the lanes stand."""

    t: np.ndarray  # (L,), rounds played
    x: np.ndarray  # (L, n)
    state: Any  # the player's own
    moves: np.ndarray  # (L, R, n), the last update in each round of the table, before ``alpha``
    loss: np.ndarray  # (L,), paid so far
    visited: np.ndarray  # (L, n), sum of the points played


class Player(Protocol):
    """An optimizer that can be played with."""

    label: str
    budget: int  # rounds after which its averages should have settled
    run_steps: int  # rounds of a run of the suite
    together: bool  # whether all lanes go through one optimizer, as coordinates of a vector

    def begin(self, lanes: Lanes) -> Position:
        """Return the position before round 1."""

    def advance(self, lanes: Lanes, position: Position, steps: np.ndarray) -> Position:
        """Return the position so many rounds later, a number for each lane."""

    def leaves(self, position: Position) -> dict[str, np.ndarray]:
        """Return the arrays of the state by name, lanes first."""


def following(xp: Any, lane: Any, t: Any, x: Any, u: Any) -> Any:
    """The next iterate of a lane: the update, times the step size, projected onto the box.

    Args:
      xp: the array namespace, ``numpy`` or ``jax.numpy``.
      lane: has ``alpha``, ``falling``, ``lower``, ``upper`` and ``led``.
      t: the round, from 1, of the kind of ``x``.
      x: the iterate.
      u: the update.

    Returns:
      The iterate of round t + 1.
    """
    alpha = lane.alpha / xp.where(lane.falling, xp.sqrt(t), 1.0)
    moved = xp.clip(x + alpha * u, lane.lower, lane.upper)
    return xp.where(lane.led, xp.cos(_LEAP * t), moved)


def stack(lanes: Sequence[Lane]) -> Lanes:
    """Several runs of one dimension as arrays.

    Args:
      lanes: the runs.

    Returns:
      The ``Lanes``, float64.
    """
    n = lanes[0].slopes.shape[1]
    size = _ROUNDS
    while size < max(len(lane.slopes) for lane in lanes):
        size *= 2

    def table(rows: Any, like: np.ndarray) -> np.ndarray:
        filled = np.zeros((size, n))
        filled[: len(like)] = rows
        return filled

    def points(name: str) -> np.ndarray:
        return np.stack(
            [np.broadcast_to(np.asarray(getattr(a, name), np.float64), (n,)) for a in lanes]
        )

    return Lanes(
        np.stack([table(a.slopes, a.slopes) for a in lanes]),
        np.stack([table(a.curvatures, a.slopes) for a in lanes]),
        np.array([len(a.slopes) for a in lanes], np.int64),
        points("x"),
        points("lower"),
        points("upper"),
        np.array([a.alpha for a in lanes], np.float64),
        np.array([a.falling for a in lanes]),
        np.array([a.bent for a in lanes]),
        np.array([a.classes for a in lanes]),
        np.array([a.led for a in lanes]),
    )


def gradient(xp: Any, lane: Any, slope: Any, curvature: Any, x: Any) -> Any:
    """The gradient that a lane meets at x; see :class:`Lane`.

    Args:
      xp: the array namespace, ``numpy`` or ``jax.numpy``.
      lane: has ``bent`` and ``classes``.
      slope: of the round.
      curvature: of the round.
      x: the iterate, shape ``(n,)``.

    Returns:
      The gradient, of the shape of ``x``.
    """
    weights = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    bent = xp.where(lane.bent & (x < -1), (x + 2) * slope, slope)
    return (
        bent
        + curvature * x
        + xp.where(lane.classes, weights / xp.sum(weights, axis=-1, keepdims=True), 0.0)
    )
