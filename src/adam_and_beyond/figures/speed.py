"""The figures of the appendix "How fast, and why"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import AXIS_LABELS, CONVERGES, FAILS, THEORY, new_figure

_STYLES = ((CONVERGES, "-", "o"), (FAILS, (0, (4, 1.5)), "s"), ("#000000", (0, (1, 1.6)), "^"))


class Cost(NamedTuple):
    """What one program takes at several sizes: seconds, shape ``(n,)``, at sizes ``(n,)``."""

    label: str
    size: np.ndarray
    seconds: np.ndarray


def cost_against_size(panels: Sequence[tuple[str, Sequence[Cost]]]) -> tuple[Figure, np.ndarray]:
    """Time against the size of the work, both logarithmic, with lines of slope 1 behind.

    Args:
      panels: the name of the horizontal axis, and the programs to draw: three at most.

    Returns:
      ``(fig, axes)``, axes of shape ``(len(panels),)``.

    References:
      Introduced in the appendix "How fast, and why".
    """
    # Above one another: labels stand to the right of the lines.
    fig, axes = new_figure(
        width=6.4, height=2.9 * len(panels), mosaic=";".join("abcdef"[: len(panels)])
    )
    for ax, (name, costs) in zip(axes, panels, strict=True):
        _panel(ax, name, costs)
    return fig, axes


def _panel(ax: Axes, name: str, costs: Sequence[Cost]) -> None:
    labels = []
    for cost, (colour, dash, marker) in zip(costs, _STYLES, strict=False):
        ax.plot(
            cost.size, cost.seconds, color=colour, linestyle=dash, marker=marker, markersize=4.5
        )
        labels.append((float(cost.seconds[-1]), cost.label, colour))
    ax.set_xscale("log")
    ax.set_yscale("log")
    limits = ax.get_xlim(), ax.get_ylim()
    # Twice the work, twice the time: a line per power of ten.
    x = np.array(limits[0])
    low, high = np.log10(limits[1][0] / x[1]), np.log10(limits[1][1] / x[0])
    for power in range(int(np.floor(low)), int(np.ceil(high)) + 1):
        ax.plot(x, x * 10.0**power, color=THEORY.colour, linewidth=0.6, alpha=0.35, zorder=1)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])
    ax.grid(False)
    ax.set_xlabel(name)
    ax.set_ylabel("seconds")
    label_ends(ax, labels)


def blocks_of_time(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[Figure, Axes]:
    """A run cut into blocks: where each takes the whole interval, and the run through all of them.

    Args:
      x: the iterates x_1, ..., x_{T+1}, shape ``(blocks * rounds + 1,)``.
      low: where each block takes the lower end, round by round, shape ``(blocks, rounds + 1)``.
      high: where it takes the upper end.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the appendix "How fast, and why".
    """
    fig, ax = new_figure(width=6.4, height=3.2)
    blocks, rounds = low.shape[0], low.shape[1] - 1
    for k in range(blocks):
        t = k * rounds + 1 + np.arange(rounds + 1)
        ax.fill_between(t, low[k], high[k], color=CONVERGES, alpha=0.25, linewidth=0)
        ax.plot(t, low[k], color=CONVERGES, linewidth=0.8)
        ax.plot(t, high[k], color=CONVERGES, linewidth=0.8)
        ax.axvline(t[0], color=THEORY.colour, linewidth=0.6, zorder=1)
    ax.plot(1 + np.arange(len(x)), x, color=FAILS, linewidth=1.6)
    starts = np.arange(blocks) * rounds
    ax.plot(1 + starts, x[starts], "o", color=FAILS, markersize=5.5, clip_on=False, zorder=4)
    ax.grid(False)
    ax.set_xlim(1, len(x))
    ax.set_xlabel(AXIS_LABELS["t"])
    ax.set_ylabel(AXIS_LABELS["x"])
    return fig, ax
