"""What callers hand over: numbers told from what only looks like numbers, and short error texts."""

from __future__ import annotations

import numbers
import reprlib
from typing import Any

import numpy as np

_MOST = 80  # characters of a value in an error text
_KINDS = "iuf"  # whole numbers and real ones; no text, no truth values, no complex numbers
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _MOST
_SHORT = ("bfloat16",)  # floats that NumPy knows by name only


def real(value: Any, what: str = "values") -> np.ndarray:
    """Real numbers as a float64 array, or a sentence that says what is wrong.

    Args:
      value: what a caller gave: a number, a fraction, a list, an array of NumPy's or JAX's.
      what: its name, as the sentence begins.

    Returns:
      A float64 array of its shape, which may be ``()``.

    Raises:
      ValueError: for text, truth values, complex numbers, lists of unequal lengths, and what is no
        array of numbers.
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind in _KINDS or array.dtype.name in _SHORT or _is_exact(array):
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{what} must be real numbers, got {short(value)}")


def short(value: Any) -> str:
    """A value as an error text shows it: in full if it is small, else its beginning.

    Args:
      value: anything.

    Returns:
      Its ``repr``, shortened, on one line.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        text = f"an array of shape {value.shape}"
        if value.size <= 6:
            text = np.array2string(value, separator=", ")
    else:
        text = _REPR.repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."


def _is_exact(array: np.ndarray) -> bool:
    """Whether it holds fractions, or whole numbers too long for NumPy."""
    return array.dtype == object and all(
        isinstance(entry, numbers.Real) and not isinstance(entry, bool) for entry in array.flat
    )
