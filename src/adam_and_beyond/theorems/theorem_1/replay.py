r"""The induction of Theorem 1 watched in a long run, claim by claim, with fifty digits.

A proof says why; a replay says that the claims were understood. It also runs where a hypothesis is
violated, and tells which claim goes first.
"""

from __future__ import annotations

import types
from typing import Any, NamedTuple

import mpmath
import sympy

from adam_and_beyond.methods import direction, get, get_schedule, projected_step
from adam_and_beyond.proofs.exact import exact


class Cycles(NamedTuple):
    """What a replay saw: lists with one entry per cycle of three steps; numbers are mpmath's."""

    starts_at_one: list[bool]  # x_{3t+1} = 1
    big_step_inside: list[bool]  # 0 < xhat_{3t+2} < 1, before projection
    stays_positive: list[bool]  # x_{3t+3} > 0
    pushed_past_one: list[bool]  # xhat_{3t+4} > 1: strictly, so rounding cannot have decided
    overshoot: list[Any]  # xhat_{3t+4} - 1
    regret: list[Any]  # of each cycle, against x = -1

    @property
    def average_regret(self) -> Any:
        """R_T / T at the end of the last cycle."""
        return mpmath.fsum(self.regret) / (3 * len(self.regret))

    def all_claims(self) -> bool:
        """Whether every claim of the induction held in every cycle."""
        claims = (
            self.starts_at_one,
            self.big_step_inside,
            self.stays_positive,
            self.pushed_past_one,
        )
        return all(all(claim) for claim in claims)


def exact_cycles(
    C: Any,
    alpha: Any,
    cycles: int,
    beta2: Any = None,
    schedule: str = "inverse_sqrt",
    digits: int = 50,
) -> Cycles:
    r"""Run Adam on Theorem 1's problem with many digits and test the induction in every cycle.

    The rule and the step are the ones of :mod:`adam_and_beyond.methods`, on mpmath numbers. Not
    restricted to the hypotheses of the theorem: C may be 2 or less, alpha and beta2 too large.

    Args:
      C: the big gradient, an exact number (integer, ``Fraction`` or SymPy number), positive.
      alpha: scale of the step size, an exact number; the theorem wants 0 < alpha < sqrt(1 - beta2).
      cycles: number of cycles of three steps, at least 1.
      beta2: an exact number in (0, 1); by default 1/(1 + C^2).
      schedule: ``"inverse_sqrt"`` or ``"constant"``.
      digits: working precision in decimal digits.

    Returns:
      ``Cycles``.

    Raises:
      TypeError: for a float, which is not an exact number.
      ValueError: for fewer than one cycle.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """
    if cycles < 1:
        raise ValueError(f"cycles must be at least 1, got {cycles}")
    C = exact(C)
    beta2 = 1 / (1 + C**2) if beta2 is None else exact(beta2)
    with mpmath.workdps(digits):
        numbers = [mpmath.mpf(str(sympy.N(exact(e), digits + 5))) for e in (C, alpha, beta2)]
        return _replay(*numbers, cycles, get_schedule(schedule))


_MPMATH = types.SimpleNamespace(
    sqrt=mpmath.sqrt, minimum=min, maximum=max, where=lambda condition, a, b: a if condition else b
)


def _replay(C: Any, alpha: Any, beta2: Any, cycles: int, schedule: Any) -> Cycles:
    method = get("adam").over(beta1=mpmath.mpf(0), beta2=beta2)
    state = method.init(mpmath.mpf(0))
    x, seen = mpmath.mpf(1), Cycles([], [], [], [], [], [])
    for cycle in range(cycles):
        played, landed = [], []  # points before each step; where it lands before projection
        for k, g in enumerate((C, mpmath.mpf(-1), mpmath.mpf(-1)), start=1):
            step = 3 * cycle + k
            m, sqrt_V, state = method.update(g, state, step, _MPMATH)
            alpha_t, d = schedule(_MPMATH, alpha, step), direction(_MPMATH, m, sqrt_V)
            played.append(x)
            landed.append(projected_step(_MPMATH, x, d, alpha_t, -mpmath.inf, mpmath.inf))
            x = projected_step(_MPMATH, x, d, alpha_t, -1, 1)
        seen.starts_at_one.append(played[0] == 1)
        seen.big_step_inside.append(0 < landed[0] < 1)
        seen.stays_positive.append(played[2] > 0)
        seen.pushed_past_one.append(landed[2] > 1)
        seen.overshoot.append(landed[2] - 1)
        seen.regret.append(C * (played[0] + 1) - (played[1] + 1) - (played[2] + 1))
    return seen
