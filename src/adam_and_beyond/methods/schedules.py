"""Schedules of the step size alpha_t, and of beta1_t, which the theorems want to fall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def constant(xp: Any, alpha: Any, t: Any) -> Any:
    """The constant step size alpha_t = alpha of practice."""
    return alpha


def inverse_sqrt(xp: Any, alpha: Any, t: Any) -> Any:
    """The decreasing step size alpha_t = alpha / sqrt(t) of the theory."""
    return alpha / xp.sqrt(t)


SCHEDULES: Mapping[str, Callable[..., Any]] = {"constant": constant, "inverse_sqrt": inverse_sqrt}


def get_schedule(name: str) -> Callable[..., Any]:
    """The schedule of that name.

    Args:
      name: ``"constant"`` or ``"inverse_sqrt"``.

    Returns:
      A function ``(xp, alpha, t) -> alpha_t``; t counts from 1.

    Raises:
      ValueError: for an unknown name.
    """
    if name not in SCHEDULES:
        raise ValueError(f"unknown schedule {name!r}; the schedules are: {', '.join(SCHEDULES)}")
    return SCHEDULES[name]


BETA1_SCHEDULES = ("constant", "geometric", "harmonic")


def beta1_schedule(name: str, beta1: Any, t: Any, decay: Any = 1) -> Any:
    r"""The decay beta1_t of round t (Reddi, Kale and Kumar 2018, Corollary 1 and what follows it).

    .. math:: \beta_{1t} = \beta_1, \qquad \beta_1 \lambda^{t-1}, \qquad \beta_1 / t

    Args:
      name: ``"constant"``, ``"geometric"`` or ``"harmonic"``.
      beta1: the first of them, in [0, 1).
      t: round(s), from 1; a number, an array or a symbol.
      decay: lambda of the geometric schedule, in (0, 1].

    Returns:
      beta1_t, shaped like ``t``.

    Raises:
      ValueError: for an unknown name, or a numeric decay outside (0, 1].

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    if name not in BETA1_SCHEDULES:
        raise ValueError(
            f"unknown schedule of beta1 {name!r}; there are: {', '.join(BETA1_SCHEDULES)}"
        )
    if isinstance(decay, (int, float)) and not 0 < decay <= 1:
        raise ValueError(f"decay must lie in (0, 1], got {decay}")
    if name == "geometric":
        return beta1 * decay ** (t - 1)
    return beta1 / t if name == "harmonic" else beta1 + 0 * t
