r"""What the paper's Figure 1 shows, read off a copy of the published figure by eye.

The only numbers here that no code of ours can produce. Reading errors: about 0.0015 in R_t / t,
0.02 in x_t.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

REGRET_READING_ERROR = 0.0015  # units of loss
ITERATE_READING_ERROR = 0.02  # units of x


class ReadOff(NamedTuple):
    """Points of one published curve: steps and values, each of shape ``(n,)``."""

    t: np.ndarray
    y: np.ndarray


def _read_off(millions: list[float], values: list[float]) -> ReadOff:
    return ReadOff(np.round(np.array(millions) * 1e6).astype(np.int64), np.array(values))


_STEPS = [0.3, 0.5, 1, 2, 3, 4, 5, 6, 6.9]

# Figure 1, left: average regret on the online problem.
FIGURE_1_REGRET = {
    "adam": _read_off(_STEPS, [0.262, 0.248, 0.234, 0.224, 0.2195, 0.217, 0.2146, 0.2134, 0.2128]),
    "amsgrad": _read_off(_STEPS, [0.068, 0.052, 0.037, 0.026, 0.021, 0.018, 0.0165, 0.015, 0.014]),
}

# Figure 1, right: AMSGrad's iterate under random gradients, one seed. Adam's stays at 1 throughout.
FIGURE_1_RANDOM_AMSGRAD = _read_off(
    [0.1, 0.3, 1, 2, 3, 4, 6, 7, 9.9],
    [0.64, 0.48, -0.10, -0.32, -0.35, -0.42, -0.50, -0.73, -0.84],
)
