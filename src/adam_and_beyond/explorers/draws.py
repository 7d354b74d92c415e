"""Draws by chance that a browser makes as well, in browser/draws.js."""

from __future__ import annotations

import numpy as np


def chances(seed: int, n: int) -> np.ndarray:
    """The first n draws of a seed, evenly between 0 and 1: Mulberry32."""
    with np.errstate(over="ignore"):
        step, one = np.uint32(0x6D2B79F5), np.uint32(1)
        a = np.uint32(seed) + np.arange(1, n + 1, dtype=np.uint32) * step
        t = (a ^ (a >> np.uint32(15))) * (one | a)
        t = (t + (t ^ (t >> np.uint32(7))) * (np.uint32(61) | t)) ^ t
        return (t ^ (t >> np.uint32(14))) / 2.0**32
