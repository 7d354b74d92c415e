"""What opens the chapter on three losses: how unbalanced a period may be before Adam sees it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.drift import clamp
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2

_ALPHA, _LEAST, _MOST = 0.02, 1e-6, 1e3  # as in browser/unseen.js
_PERIODS = (3, 4, 5, 6, 8, 10, 14, 20, 30, 50, 80, 120, 200, 300)  # of the picture


class Steady(NamedTuple):
    """A walk on the periodic orbit with a constant step: x at the ends of periods."""

    rounds: np.ndarray
    x: np.ndarray
    arrival: float  # the round in which it reaches its end


class ThreeLossesExplorer(Opener):
    r"""How large the sum of a period's gradients may be before Adam goes down the slope.

    The gradients are C > 0 once in P rounds, else -1, on [-1, 1]. Adam goes to the worst point
    while :math:`C < C^*(P)`, and pays 2 (C - P + 1) / P a round there.

    Args:
      P: the period, a whole number in [3, 300].
      excess: C - (P - 1), the sum of the gradients of a period, in (0, 1000].
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours. Introduced in the chapter "Three losses defeat every Adam".
    """

    _esm = compose("three_losses.js", ("adam",))
    _python = """
        from adam_and_beyond import drift, methods, problems

        P, excess = {P}, {excess}
        adam = methods.get("adam", beta1={beta1}, beta2={beta2})
        losses = problems.periodic([P - 1 + excess] + [-1.0] * (P - 1))
        D = drift.number(adam, losses)
        print("Adam goes to the", "worst" if D > 0 else "best", "point")
        print("it goes to the worst while C <", drift.failing_interval(adam, P).high)
        print("the price of that is", 2 * excess / P)
    """
    _heights = (936, 568)

    P = Number(3, Interval(3, 300, high_closed=True))
    excess = Number(3e-5, Interval(0.0, 1000.0, low_closed=False, high_closed=True))
    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.999, BETA2.interval)

    def adam(self) -> methods.Method:
        """Adam with the present decays."""
        return methods.get("adam", beta1=self.beta1, beta2=self.beta2)

    def problem(self) -> problems.PeriodicProblem:
        """The losses at the point."""
        return problems.periodic([self.P - 1 + self.excess] + [-1.0] * (self.P - 1))

    def drift(self) -> float:
        """The drift number at the point: positive if Adam goes to the worst point."""
        return drift.number(self.adam(), self.problem())

    def unseen(self, period: int | None = None) -> float:
        """The largest sum of a period's gradients that Adam does not see, :math:`C^* - (P - 1)`."""
        return drift.failing_interval(self.adam(), period or self.P).excess

    def price(self) -> float:
        """The average regret at the worst point."""
        return 2 * self.excess / self.P

    def walk(self) -> Steady:
        """Where x is at the ends of periods, from 0 on, with the constant step 0.02."""
        orbit = drift.orbit(self.adam(), self.problem())
        clip = clamp.compose(-_ALPHA * orbit.m / orbit.sqrt_V, -1.0, 1.0)
        lower, upper = clip(-1.0), clip(1.0)
        end = upper if clip.shift > 0 else lower
        arrival = min(math.ceil(abs(end / clip.shift)), 10**12)
        periods = np.floor(np.arange(101) / 80 * arrival + 0.5)
        x = np.clip(periods * clip.shift, lower, upper)
        return Steady(periods * self.P, x, arrival * self.P)

    def figure(self) -> Figure:
        """The failing region over the period, and :meth:`walk` beside it."""
        unseen = np.array([min(self.unseen(period), 1e12) for period in _PERIODS])
        walk = self.walk()
        return figures.unseen_sums(
            np.array(_PERIODS), unseen, (_LEAST, _MOST), (self.P, self.excess), walk.rounds, walk.x
        )[0]

    def caption(self) -> str:
        """The present values, where Adam goes and what that costs."""
        goal = "worst" if self.drift() > 0 else "best"
        return (
            f"{self!r}\nAdam goes to the {goal} point, to the worst while C < "
            f"{self.P - 1 + self.unseen():.8g}; the price of that is {self.price():.3g} a round"
        )
