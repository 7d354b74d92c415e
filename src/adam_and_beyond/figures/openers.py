"""The pictures of what opens a page: one claim each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve
from adam_and_beyond.figures.style import OPTIMIZER_STYLE, new_figure

_FADED = 8  # smaller balls that a walker leaves on its way


def balls_on_a_line(walks: Sequence[Curve]) -> tuple[Figure, Axes]:
    """A line that rises to the right, and a ball for each walker, where its walk ends.

    Args:
      walks: the iterates, in [-1, 1], one curve for each walker; the first is named above the
        line, the others below.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = new_figure(height=2.8)
    ax.plot([-1, 1], [-1, 1], color="black", linewidth=2.5, solid_capstyle="round", zorder=1)
    ax.fill_between([-1, 1], [-1, 1], -2, color="#E4E4E4", linewidth=0, zorder=0)
    for k, walk in enumerate(walks):
        style = OPTIMIZER_STYLE[walk.name]
        way = walk.y[np.linspace(0, len(walk.y) - 1, _FADED, dtype=int)]
        for share, x in zip(np.linspace(0.3, 0.6, _FADED), way, strict=True):
            ax.plot(x, x, "o", color=style.colour, alpha=share, markersize=9, zorder=2)
        end = walk.y[-1]
        ax.plot(end, end, "o", color=style.colour, markersize=15, markeredgecolor="w", zorder=3)
        ax.annotate(
            walk.label,
            (end, end),
            xytext=(0, -18 if k else 14),
            textcoords="offset points",
            ha="center",
            va="top" if k else "bottom",
            color=style.colour,
            weight="bold",
        )
    ax.grid(visible=False)
    ax.set_xlim(-1.15, 1.15)
    ax.set_ylim(-1.9, 1.7)
    ax.set_xticks([-1, 0, 1], ["−1\nthe best point", "0", "+1\nthe worst point"])
    ax.set_yticks([])
    ax.set_xlabel("iterate $x_t$")
    ax.set_ylabel("mean loss")
    return fig, ax
