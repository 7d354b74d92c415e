"""Figures of the chapter on Theorem 1, in the style of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)

_THEORY_LINE = {"color": THEORY.colour, "linewidth": THEORY.width}


def cycles_of_theorem_1(
    x: np.ndarray, cycle_regret: np.ndarray, least: float
) -> tuple[Figure, Any]:
    """Left: the iterate, one step down and two up per cycle. Right: what cycles cost.

    Args:
      x: points played in the first cycles, x_1 first, shape ``(3 * n + 1,)``.
      cycle_regret: regret of each cycle, from the first, shape ``(m,)``, units of loss.
      least: the bound 2C - 4.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """
    fig, (left, right) = new_figure(2, width=7.2, height=2.9)
    style = OPTIMIZER_STYLE["adam"]
    t = np.arange(1, x.size + 1)
    left.plot(t, x, marker=style.marker, markersize=4, **style.keywords())
    left.plot(t[::3], x[::3], "o", color="black", markersize=6, zorder=3)
    left.annotate(
        "$x_{3t+1} = 1$, every time",
        xy=(t[3], 1.0),
        xytext=(0, 8),
        textcoords="offset points",
        ha="left",
    )
    left.set_ylim(-0.05, 1.16)
    left.set_xlabel(AXIS_LABELS["t"])
    left.set_ylabel(AXIS_LABELS["x"])
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    cycle = np.arange(cycle_regret.size)
    right.plot(cycle + 1, cycle_regret, **style.keywords())
    right.axhline(least, **_THEORY_LINE)
    right.set_xscale("log")
    right.set_ylim(0, 1.08 * cycle_regret.max())
    right.set_xlabel("cycle of three steps")
    right.set_ylabel("regret of the cycle")
    right.annotate(
        f"$2C - 4 = {least:g}$",
        xy=(1, least),
        xytext=(0, -13),
        textcoords="offset points",
        color=THEORY.colour,
    )
    right.annotate(
        "Adam",
        xy=(2, cycle_regret[1]),
        xytext=(6, 4),
        textcoords="offset points",
        color=style.colour,
    )
    return fig, (left, right)


def down_against_up(
    cycle: np.ndarray, down: np.ndarray, up: np.ndarray, printed: np.ndarray
) -> tuple[Figure, Axes]:
    r"""Steps of each cycle in units of the longest possible big step, with the printed lower bound.

    Args:
      cycle: number t of the cycle, from 0, shape ``(n,)``.
      down: the big step over T_max, shape ``(n,)``.
      up: sum of the two small steps over T_max, shape ``(n,)``.
      printed: the printed lower bound on ``up``, shape ``(n,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 1. Introduced in the chapter "Theorem 1".
    """
    fig, ax = new_figure()
    ax.plot(cycle, up, "^-", color=CONVERGES, markersize=5, linewidth=1.2)
    ax.plot(cycle, printed, "s", color=THEORY.colour, markersize=5)
    ax.plot(cycle, down, "v-", color=FAILS, markersize=5, linewidth=1.2)
    ax.axhline(1.0, **_THEORY_LINE)
    below = printed < 1
    ax.plot(cycle[below], printed[below], "o", markersize=14, fillstyle="none", color="black")
    for t, y in zip(cycle[below], printed[below], strict=True):
        ax.annotate(
            f"{y:.4f}: too short",
            xy=(t, y),
            xytext=(12, -14),
            textcoords="offset points",
        )
    ax.set_xlabel("cycle $t$")
    ax.set_ylabel(r"length, in units of $T_1^{\max}$")
    ax.set_ylim(0.75, 1.06 * up.max())
    ax.margins(x=0.04)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ends = (
        (up[-1], "both steps up", CONVERGES),
        (printed[-1], "printed bound on them", THEORY.colour),
        (down[-1], "step down", FAILS),
    )
    label_ends(ax, [(float(y), text, colour) for y, text, colour in ends])
    return fig, ax


def first_cycle(
    beta2: np.ndarray, recovered: np.ndarray, marks: Mapping[str, tuple[float, float]]
) -> tuple[Figure, Axes]:
    """What the small steps of the first cycle recover, in units of its big step, against beta2.

    Args:
      beta2: values in [0, 1/5], shape ``(n,)``.
      recovered: the function of the repair, dimensionless, shape ``(n,)``.
      marks: label -> (beta2, value) of single points to name.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    fig, ax = new_figure(height=2.9)
    ax.plot(beta2, recovered, color=OPTIMIZER_STYLE["adam"].colour, linewidth=1.8)
    ax.axhline(1.0, **_THEORY_LINE)
    for text, (x, y) in marks.items():
        ax.plot([x], [y], "ko", markersize=5)
        ax.annotate(text, xy=(x, y), xytext=(5, 5), textcoords="offset points")
    ax.annotate(
        "what is needed",
        xy=(0.5 * beta2[-1], 1.0),
        xytext=(0, 5),
        textcoords="offset points",
        color=THEORY.colour,
        ha="center",
    )
    ax.set_xlabel(r"$\beta_2 = 1/(1 + C^2)$")
    ax.set_ylabel("recovered by the small steps,\nin units of the big one")
    ax.set_ylim(0.98, 1.1)
    ax.margins(x=0.03)
    return fig, ax


class Ends(NamedTuple):
    """Where runs ended: their beta2 and final iterates, each of shape ``(n,)``."""

    beta2: np.ndarray
    x: np.ndarray


def threshold(
    beta2: np.ndarray, drift: np.ndarray, ends: Ends, marks: Sequence[tuple[str, float]]
) -> tuple[Figure, Axes]:
    """The drift number against beta2, and on the right axis where runs really end.

    Args:
      beta2: dense values, shape ``(n,)``.
      drift: the drift number D at them.
      ends: final iterates of runs.
      marks: (label, beta2) of the values to name, e.g. the printed one and the exact threshold.

    Returns:
      ``(fig, ax)``; the right axis is ``fig.axes[1]``.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    fig, ax = new_figure()
    ax.plot(beta2, drift, **OPTIMIZER_STYLE["adam"].keywords())
    ax.axhline(0.0, **_THEORY_LINE)
    limit = 1.15 * np.abs(drift).max()
    ax.set_ylim(-limit, limit)
    for text, value in marks:
        ax.axvline(value, **_THEORY_LINE)
        ax.annotate(
            text,
            xy=(value, -0.6 * limit),
            xytext=(5, 0),
            textcoords="offset points",
            color=THEORY.colour,
        )
    ax.set_xlabel(r"$\beta_2$")
    ax.set_ylabel("drift number $D$ (line)", color=OPTIMIZER_STYLE["adam"].colour)
    right = ax.twinx()
    right.grid(False)
    right.spines["right"].set_visible(True)
    right.plot(ends.beta2, ends.x, "D", color="black", markersize=4.5)
    # Its zero on the zero of the left axis, so that signs can be compared at a glance.
    right.set_ylim(-1.15, 1.15)
    right.set_ylabel("final iterate (points)")
    return fig, ax


# What the lab may show over the plane of C and beta2: label, ends of the colours.
QUANTITIES = {
    "x": ("final iterate", (-1.0, 1.0)),
    "average_regret": ("average regret over $(2C - 4)/3$", (0.0, 1.0)),
}
