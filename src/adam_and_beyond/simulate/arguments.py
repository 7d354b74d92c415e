"""What a caller hands over, checked and brought into the form that the loops take."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import numpy as np

from adam_and_beyond import checks, problems

SPACINGS = ("even", "log")


class Numbers(NamedTuple):
    """The numbers of one run; all traced, so that changing them never recompiles."""

    method: Any  # its hyperparameters are the leaves
    alpha: Any
    x1: Any
    lower: Any
    upper: Any
    seed: Any
    gradients: Any


def numbers_of(method, alpha, x1, problem, seed, gradients) -> Numbers:
    # Fixed dtypes: 1 and 1.0 must look alike to the compiler's cache.
    real = functools.partial(np.asarray, dtype=np.float64)
    return Numbers(
        method=method.over(real),
        alpha=real(alpha),
        x1=real(x1),
        lower=real(problem.lower),
        upper=real(problem.upper),
        seed=np.asarray(seed, dtype=np.int64),
        gradients=jax.tree.map(real, gradients),
    )


def _real(value: Any) -> np.ndarray | None:
    """An array of real numbers, or None for what is none."""
    try:
        return checks.real(value)
    except ValueError:
        return None


def _is_whole(value: Any) -> bool:
    number = _real(value)
    return number is not None and number.ndim == 0 and np.isfinite(number) and int(value) == value


def check_steps(steps: Any, problem: problems.Problem) -> int:
    if not _is_whole(steps) or steps < 1:
        raise ValueError(f"steps must be a positive whole number, got {checks.short(steps)}")
    if isinstance(problem, problems.GivenProblem) and steps > len(problem.gradients):
        raise ValueError(
            f"steps must be at most {len(problem.gradients)}, the number of given gradients, "
            f"got {checks.short(steps)}"
        )
    return int(steps)


def record_times(steps: int, record: Any, spacing: str = "even") -> np.ndarray:
    if spacing not in SPACINGS:
        raise ValueError(
            f"spacing must be one of {', '.join(SPACINGS)}, got {checks.short(spacing)}"
        )
    if np.ndim(record) == 0:
        if not _is_whole(record) or record < 1:
            raise ValueError(
                "record must be a positive number of points, or increasing steps, got "
                f"{checks.short(record)}"
            )
        count = min(int(record), steps)
        if spacing == "even":
            return (np.arange(1, count + 1) * steps) // count
        times = np.rint(np.geomspace(1, steps, count)).astype(np.int64)
        times[-1] = steps  # also where a single point was asked for
        return np.unique(times)
    times = _real(record)
    listed = times is not None and times.ndim == 1 and times.size > 0
    whole = listed and bool(np.all(np.isfinite(times) & (times == np.floor(times))))
    if not (whole and times[0] >= 1 and np.all(np.diff(times) > 0) and times[-1] <= steps):
        raise ValueError(
            f"record must list increasing whole steps from 1 to steps={steps}, got "
            f"{checks.short(record)}"
        )
    times = times.astype(np.int64)
    return times if times[-1] == steps else np.append(times, steps)


def check_seed(seed: Any) -> None:
    array = np.asarray(seed)
    if not (np.issubdtype(array.dtype, np.integer) and np.all(array <= np.iinfo(np.int64).max)):
        raise ValueError(f"seed must be a whole number of 64 bits, got {checks.short(seed)}")


def check_start(x1: Any, problem: problems.Problem) -> None:
    start = _real(x1)
    if start is None or not np.all((start >= problem.lower) & (start <= problem.upper)):
        ends = f"[{checks.short(problem.lower)}, {checks.short(problem.upper)}]"
        raise ValueError(f"x1 must lie in the feasible interval {ends}, got {checks.short(x1)}")


def check_flag(name: str, value: Any) -> None:
    if value not in (None, True, False):
        raise ValueError(f"{name} must be True, False or None, got {checks.short(value)}")
