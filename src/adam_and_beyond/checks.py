"""What callers hand over: numbers told from what only looks like numbers, and short error texts."""

from __future__ import annotations

import reprlib
from numbers import Real
from typing import Any

import numpy as np

_MOST = 80  # characters of a value in an error text
_KINDS = "iuf"  # whole numbers and real ones; no text, no truth values, no complex numbers


def numbers(value: Any) -> np.ndarray:
    """Real numbers as a float64 array: a number, a list, an array of NumPy's or JAX's.

    Args:
      value: what a caller gave.

    Returns:
      A float64 array of its shape, which may be ``()``.

    Raises:
      TypeError: for text, truth values, complex numbers, and what is no array of numbers.
      ValueError: for lists of unequal lengths.
    """
    array = np.asarray(value)
    if array.dtype.kind not in _KINDS and not _is_short_float(array):
        raise TypeError(f"expected real numbers, got {short(value)}")
    return array.astype(np.float64)


def real(value: Any, what: str) -> np.ndarray:
    """Real numbers as a float64 array, fractions among them, or a sentence that says what is wrong.

    Args:
      value: what a caller gave.
      what: its name, as the sentence begins.

    Returns:
      A float64 array of its shape, which may be ``()``.

    Raises:
      ValueError: for anything else.

    References:
      Introduced in the appendix "How to use this book".
    """
    try:
        array = np.asarray(value)
        if array.dtype == object and all(isinstance(v, Real) for v in array.flat):
            return array.astype(np.float64)
        return numbers(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what} must be real numbers, got {short(value)}") from None


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
        text = reprlib.repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."


def _is_short_float(array: np.ndarray) -> bool:
    """Whether it holds one of the short floats that NumPy knows by name only."""
    return array.dtype.name in ("bfloat16",)
