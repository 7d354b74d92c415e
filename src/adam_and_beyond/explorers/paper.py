"""Theorem 2's conditions as symbols, for the browser."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy

from adam_and_beyond import methods

_beta1, _beta2 = sympy.symbols("beta1 beta2", nonnegative=True)
_C = sympy.Symbol("C", positive=True)
_gamma = _beta1 / sympy.sqrt(_beta2)
_total = (1 - _gamma**_C) / (1 - _gamma)

# Condition -> its left and right sides; it holds where the right one is larger.
SIDES: Mapping[str, tuple[sympy.Expr, sympy.Expr]] = MappingProxyType(
    {
        "i": ((1 - _beta1) * _beta1 ** (_C - 1) * _C, 1 - _beta1 ** (_C - 1)),
        "ii": (_beta2 ** ((_C - 2) / 2) * _C**2, sympy.Integer(1)),
        "iii": (
            3 * (1 - _beta1) / (2 * sympy.sqrt(1 - _beta2)) * _total
            + _beta1 ** (_C / 2 - 1) / (1 - _beta1),
            _C / 3,
        ),
    }
)


def theorem_2_script() -> str:
    """``THEOREM_2`` for the browser: condition -> its sides and slack, of beta1, beta2, C."""
    entries = []
    for name, (left, right) in SIDES.items():
        functions = {"left": left, "right": right, "slack": right - left}
        body = ", ".join(
            f"{key}: (beta1, beta2, C) => {methods.javascript_expression(value)}"
            for key, value in functions.items()
        )
        entries.append(f"  {json.dumps(name)}: {{ {body} }},\n")
    return "const THEOREM_2 = {\n" + "".join(entries) + "};\n"


@functools.cache
def _compiled(name: str) -> Any:
    left, right = SIDES[name]
    return sympy.lambdify((_beta1, _beta2, _C), left / right, "numpy")


def ratio(name: str, beta1: Any, beta2: Any, C: Any) -> np.ndarray:
    """Left over right side of a condition, which holds below 1; arrays broadcast."""
    with np.errstate(all="ignore"):  # beyond the theorem's range a power may overflow
        values = _compiled(name)(*(np.asarray(value, np.float64) for value in (beta1, beta2, C)))
    return np.clip(np.nan_to_num(values, nan=np.inf), 1e-300, 1e300)


def margin(beta1: Any, beta2: Any, C: Any) -> np.ndarray:
    """The least logarithm of a right side over a left one, positive where Theorem 2 applies."""
    with np.errstate(divide="ignore"):
        least = np.log(np.asarray(beta2) / np.square(beta1))
    for name in SIDES:
        least = np.minimum(least, -np.log(ratio(name, beta1, beta2, C)))
    return np.clip(least, -1e3, 1e3)
