r"""Does the state come back? The orbit of any optimizer on repeating gradients, observed.

After N periods the state is compared with the state one period later, for N = 4, 8, 16, ... If the
difference shrinks by the factor r from period to period, what is left is a geometric series,

.. math:: |s_N - s^*| \le \frac{r}{1-r} \, |s_{N+1} - s_N|,

for each leaf of the state and for the updates. Updates that repeat are not enough: the signs of an
average repeat long before the average does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from adam_and_beyond.audit.lanes import Lane, Lanes, Player, Position, stack

TOLERANCE = 1e-10  # of what may be left, relative to the size of a leaf
_ROUNDING = 16.0  # units in the last place that count as coming back
_FIRST = 4  # periods before the first comparison
_ABSORBS = 1e30  # of numbers that large a float keeps no change of any size that gradients have
_SEEN = 1e-7  # relative difference of updates that counts as one
_SUPER = (2, 3, 4, 5, 6, 8)  # periods after which an optimizer with a counter of its own may return


class Orbit(NamedTuple):
    """What was observed of one optimizer on one period of gradients."""

    moves: np.ndarray  # updates of the last period, shape (P, n)
    left: float  # how far each may be from the orbit's
    periods: int  # played
    returns_after: int  # periods
    settled: bool
    looks_at_x: bool
    reason: str  # why it has not settled; empty if it has


class _Shot(NamedTuple):
    """State and updates before and after one period, by leaf; lanes first."""

    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]


class _Leaf(NamedTuple):
    """What is known of one leaf of one lane: the last change, its rate, what is left."""

    change: float
    rate: float
    left: float
    size: float


def observe(player: Player, periods: Sequence[np.ndarray], two_starts: bool = True) -> list[Orbit]:
    """The orbits of an optimizer on several periods of gradients, played side by side.

    Args:
      player: the optimizer.
      periods: gradients, shape ``(P, n)`` each.
      two_starts: whether a second run looks for a dependence on x.

    Returns:
      An ``Orbit`` each.

    Raises:
      Crash: if the optimizer raises.
    """
    found = _observe(player, periods, two_starts)
    for k, orbit in enumerate(found):
        if orbit.settled or orbit.looks_at_x or not orbit.returns_after > 1:
            continue
        for many in _SUPER:
            (again,) = _observe(player, [np.tile(periods[k], (many, 1))], two_starts)
            if again.settled:
                moves = again.moves.reshape(many, *periods[k].shape).mean(axis=0)
                found[k] = again._replace(moves=moves, returns_after=many)
                break
        else:
            found[k] = orbit._replace(returns_after=0)
    return found


def _observe(player: Player, periods: Sequence[np.ndarray], two_starts: bool) -> list[Orbit]:
    if player.together:
        return _together(player, periods)
    lanes = [Lane(g) for g in periods]
    if two_starts:  # the same gradients, another start, and a point that is led about
        lanes += [Lane(g, x=1.0, led=True) for g in periods]
    lanes = stack(lanes)
    position = player.begin(lanes)
    watch = [_Watch(len(g)) for g in periods]
    count, N = len(periods) * two_starts, _FIRST
    while True:
        on = np.tile([w.open for w in watch], 1 + two_starts)
        position = player.advance(lanes, position, _until(lanes, position, N, on))
        before = _leaves(player, position)
        position = player.advance(lanes, position, _until(lanes, position, N + 1, on))
        shot = _Shot(before, _leaves(player, position))
        for k, w in enumerate(watch):
            if w.open:
                w.see(shot, k, count + k, N)
        if not any(w.open for w in watch):
            break
        N = 2 * N
        for w in watch:
            if w.open and (N + 1) * w.period > player.budget:
                w.give_up()
    return [
        w.orbit(position.moves[k, : len(g)])
        for k, (w, g) in enumerate(zip(watch, periods, strict=True))
    ]


def _together(player: Player, periods: Sequence[np.ndarray]) -> list[Orbit]:
    """As :func:`_observe` where all lanes share one optimizer, and so a clock; from one start."""
    lanes = stack([Lane(g) for g in periods])
    position, watch = player.begin(lanes), [_Watch(len(g)) for g in periods]
    N, before = [_FIRST] * len(watch), {}
    while any(w.open for w in watch):
        ends = [w.period * (N[k] + (k in before)) for k, w in enumerate(watch)]
        soon = min(end for end, w in zip(ends, watch, strict=True) if w.open)
        if soon > player.budget:
            break
        steps = np.full(len(watch), soon - position.t[0])
        position = player.advance(lanes, position, steps)
        seen = _leaves(player, position)
        for k, w in enumerate(watch):
            if not w.open or ends[k] != soon:
                continue
            if k in before:
                w.see(_Shot(before.pop(k), seen), k, k, N[k])
                w.keep(position.moves[k, : w.period].copy())
                N[k] *= 2
            else:
                before[k] = seen
    return [w.orbit(w.moves) for w in watch]


def _until(lanes: Lanes, position: Position, periods: int, on: np.ndarray) -> np.ndarray:
    return np.where(on, np.maximum(periods * lanes.rounds - position.t, 0), 0)


def _leaves(player: Player, position: Position) -> dict[str, np.ndarray]:
    return {**player.leaves(position), "its updates": np.array(position.moves)}


def _largest(leaf: np.ndarray) -> float:
    """The largest finite number in size, of floats; 0 for what is no float."""
    leaf = np.asarray(leaf)
    if not np.issubdtype(leaf.dtype, np.floating):
        return 0.0
    size = np.abs(leaf.astype(np.float64))
    return size[np.isfinite(size)].max(initial=0.0)


class _Watch:
    """Follows one period of gradients until its orbit is known or given up."""

    def __init__(self, period: int) -> None:
        self.period, self.open, self.settled, self.looks_at_x = period, True, False, False
        self.reason, self.periods, self.returns_after = "", 0, 1
        self.moves = np.zeros((period, 1))
        self.known: dict[str, _Leaf] = {}
        self.steps: dict[str, np.ndarray] = {}

    def see(self, shot: _Shot, lane: int, moving: int, N: int) -> None:
        """Compare the state at N periods with the one after."""
        moves = shot.after["its updates"]
        largest = np.abs(moves[lane]).max(initial=0.0)
        if not np.all(np.isfinite(moves[[lane, moving]])):
            self.close(f"an update is not a finite number within {(N + 1) * self.period} rounds")
        elif np.abs(moves[lane] - moves[moving]).max(initial=0.0) > _SEEN * largest:
            self.looks_at_x = True
            self.close("its updates depend on the iterate")
        elif grown := [n for n, leaf in shot.after.items() if _largest(leaf[lane]) > _ABSORBS]:
            self.close(f"its state has grown until it absorbs each change: {grown[0]}")
        else:
            waiting = [n for n in shot.after if not self._back(n, shot, lane, N)]
            self.reason = self._why(waiting)
            self.settled = not waiting
            self.open = bool(waiting)
        self.periods = N + 1

    def keep(self, moves: np.ndarray) -> None:
        """The updates of the period that was seen last."""
        self.moves = moves

    def close(self, reason: str) -> None:
        """Stop watching: there is no orbit."""
        self.open, self.reason = False, reason

    def give_up(self) -> None:
        """Stop watching: it takes too long."""
        self.open = False

    def orbit(self, moves: np.ndarray) -> Orbit:
        """What was seen."""
        last = self.known.get("its updates")
        left = last.left if last else np.inf
        return Orbit(
            moves,
            left,
            self.periods,
            self.returns_after,
            self.settled,
            self.looks_at_x,
            "" if self.settled else self.reason,
        )

    def _back(self, name: str, shot: _Shot, lane: int, N: int) -> bool:
        """Whether a leaf has come back, or is a clock."""
        before, after = (np.atleast_1d(part[name][lane]) for part in shot)
        if np.array_equal(before, after, equal_nan=True):
            size = np.abs(after.astype(np.float64)).max(initial=0.0)
            self.known[name] = _Leaf(0.0, np.nan, 0.0, size)
            return True
        if not np.issubdtype(after.dtype, np.floating):
            return self._clock(name, before, after)
        difference = after.astype(np.float64) - before.astype(np.float64)
        if np.all(difference == self.period) and np.all(after == np.round(after)):
            return True  # a step counter that is kept as a float
        with np.errstate(invalid="ignore"):
            change = np.nan_to_num(np.abs(difference), nan=0.0, posinf=np.inf).max(initial=0.0)
        self._note(name, change, _largest(after), after, N)
        leaf = self.known[name]
        allowed = max(TOLERANCE, 8 * _ROUNDING * np.finfo(after.dtype).eps)
        return leaf.left <= allowed * leaf.size

    def _clock(self, name: str, before: np.ndarray, after: np.ndarray) -> bool:
        """Whether whole numbers grow by the same amount in every period."""
        step = after.astype(object) - before.astype(object)
        known, self.steps[name] = self.steps.get(name), step
        same = known is not None and np.array_equal(known, step)
        if not same and known is not None and np.abs(step).max(initial=0) < 64:
            self.returns_after = 2  # a counter that wraps: worth looking for a longer period
        return bool(same and np.all(step == step.flat[0]) and abs(step.flat[0]) <= self.period)

    def _note(self, name: str, change: float, size: float, after: np.ndarray, N: int) -> None:
        """The change over a period, how fast changes shrink, and hence what is left."""
        old = self.known.get(name)
        size = max(size, old.size if old else 0.0)
        kind = after.dtype if np.issubdtype(after.dtype, np.floating) else np.dtype(np.float64)
        floor = _ROUNDING * np.finfo(kind).eps * size
        if old is None:
            self.known[name] = _Leaf(change, np.nan, np.inf, size)
            return
        if change > floor and abs(change - old.change) <= _SEEN * change and size == old.size:
            self.returns_after = 2  # the same change again, and no growth: look for a longer period
        if change <= floor:
            # Rounding is all that is left to see; the last rate says what may hide below it.
            rate = old.rate if old.rate == old.rate else 0.0
            left = change / (1 - rate) if rate < 1 else np.inf
        else:
            rate = (change / old.change) ** (2 / N) if old.change > 0 else np.inf
            left = change * rate / (1 - rate) if rate < 1 else np.inf
        self.known[name] = _Leaf(change, rate, left, size)

    def _why(self, waiting: list[str]) -> str:
        states = [name for name in waiting if name != "its updates"]
        if states:
            return f"its state does not come back: {states[0]}"
        return "its updates do not repeat, though its state does" if waiting else ""
