"""Theorem 2's conditions, read from its derivation, for the browser and for maps."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import sympy

from adam_and_beyond.theorems.theorem_2 import block
from adam_and_beyond.theorems.theorem_2 import proof as theorem_2


@functools.cache
def sides() -> dict[str, tuple[sympy.Expr, sympy.Expr]]:
    """Condition -> its left and right sides in beta1, beta2, C; it holds if the right is larger."""
    names = {theorem_2.S: (1 - theorem_2.gamma**block.C) / (1 - theorem_2.gamma)}
    for step in (
        block.momentum_ends_negative(),
        block.second_moment_late(),
        theorem_2.one_step(),
        theorem_2.late_gains(),
    ):
        names |= step.definitions
    written = (block.condition_1, block.condition_2, theorem_2.condition_3)
    return {
        # Twice: the sum S is itself written in gamma.
        name: tuple(side.subs(names).subs(names) for side in (condition.lhs, condition.rhs))
        for name, condition in zip(("i", "ii", "iii"), written, strict=True)
    }


@functools.cache
def _compiled(name: str) -> Any:
    left, right = sides()[name]
    return sympy.lambdify((block.beta1, block.beta2, block.C), left / right, "numpy")


def ratio(name: str, beta1: Any, beta2: Any, C: Any) -> np.ndarray:
    """Left over right side of a condition, which holds below 1; arrays broadcast."""
    with np.errstate(all="ignore"):  # beyond the theorem's range a power may overflow
        values = _compiled(name)(*(np.asarray(value, np.float64) for value in (beta1, beta2, C)))
    return np.clip(np.nan_to_num(values, nan=np.inf), 1e-300, 1e300)


def margin(beta1: Any, beta2: Any, C: Any) -> np.ndarray:
    """The least logarithm of a right side over a left one, positive where Theorem 2 applies."""
    with np.errstate(divide="ignore"):
        least = np.log(np.asarray(beta2) / np.square(beta1))
    for name in sides():
        least = np.minimum(least, -np.log(ratio(name, beta1, beta2, C)))
    return np.clip(least, -1e3, 1e3)
