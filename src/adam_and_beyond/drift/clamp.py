"""Clamp-shifts: what a projected step on a linear loss is, and what a whole cycle of them is."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods


class ClampShift(NamedTuple):
    """The map x -> clip(x + shift, lower, upper) of an interval into itself."""

    shift: Any
    lower: Any
    upper: Any

    def __call__(self, x: Any) -> Any:
        """Move x, then project it."""
        return methods.project(np, x + self.shift, self.lower, self.upper)

    def then(self, later: ClampShift) -> ClampShift:
        """This map followed by another one: shifts add up, the ends are carried along."""
        return ClampShift(self.shift + later.shift, later(self.lower), later(self.upper))


def compose(shifts: Any, lower: float, upper: float) -> ClampShift:
    """A sequence of steps, each projected onto the same interval, as one clamp-shift.

    Args:
      shifts: the steps in order, shape ``(n,)`` with n at least 1, units of x.
      lower: lower end of the interval.
      upper: upper end.

    Returns:
      The ``ClampShift`` of all of them.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    return functools.reduce(ClampShift.then, (ClampShift(a, lower, upper) for a in shifts))
