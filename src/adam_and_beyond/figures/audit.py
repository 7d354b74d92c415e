"""Figures of the chapter on the audit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.style import CONVERGES, FAILS, THEORY, new_figure


def drifts_of_libraries(drifts: Mapping[str, Mapping[str, float]]) -> tuple[Figure, Axes]:
    """The drift numbers of many optimizers, a row of points for each library.

    Args:
      drifts: by library, name to drift number; per period and unit of learning rate.

    Returns:
      ``(fig, ax)``; the axis is logarithmic on both sides of zero.

    References:
      Ours. Introduced in the chapter "Audit your optimizer".
    """
    fig, ax = new_figure(height=1.0 + 1.0 * len(drifts))
    rng = np.random.default_rng(0)  # points that share a place are shaken apart
    for row, found in enumerate(drifts.values()):
        D = np.array(list(found.values()))
        height = row + rng.uniform(-0.25, 0.25, D.size)
        for fails, colour, marker in ((True, FAILS, "^"), (False, CONVERGES, "o")):
            here = (D > 0) == fails
            ax.plot(D[here], height[here], marker, color=colour, alpha=0.8, markersize=5)
    ax.axvline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_xscale("symlog", linthresh=0.01)
    ax.set_xticks([-100, -1, 0, 1, 100], ["−100", "−1", "0", "1", "100"])
    ax.set_yticks(range(len(drifts)), list(drifts))
    ax.set_ylim(-0.6, len(drifts) - 0.4)
    ax.set_xlabel("drift number $D$; positive: towards the worst point")
    ax.set_ylabel("library")
    return fig, ax


def drifts_by_rarity(C: np.ndarray, D: np.ndarray, at: int) -> tuple[Figure, Axes]:
    """The drift numbers of one optimizer on Theorem 2's family, against C.

    Args:
      C: rarities, in increasing order.
      D: the number at each, nan where there is none.
      at: the rarity that is marked.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=3.2)
    ax.axhline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    ax.axvline(at, color="0.6", linewidth=0.9, linestyle=(0, (4, 3)))
    for fails, colour, marker in ((True, FAILS, "^"), (False, CONVERGES, "o")):
        here = np.isfinite(D) & ((D > 0) == fails)
        ax.plot(C[here], D[here], marker, color=colour, markersize=3.5)
    marked = np.equal(C, at)
    ax.plot(C[marked], D[marked], "o", color="black", markersize=6)
    ax.set_xlabel("$C$: one gradient $C$, then $C-1$ gradients $-1$")
    ax.set_ylabel("drift number $D$, per period")
    return fig, ax
