"""Figures of the chapter on Theorem 1, in the style of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    hatch_failing,
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


class Map(NamedTuple):
    """A sweep over a grid: C of shape ``(n,)``, beta2 ``(m,)``, values and drift ``(m, n)``."""

    C: np.ndarray
    beta2: np.ndarray
    values: np.ndarray
    drift: np.ndarray | None  # None for a method that has no drift number


QUANTITIES = {
    "x": ("final iterate", (-1.0, 1.0)),
    "average_regret": ("average regret over $(2C - 4)/3$", (0.0, 1.0)),
}


def failure_map(data: Map, quantity: str, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Where a method ends for each (C, beta2): vermilion and hatched at +1, blue at -1.

    The thin line is the value that the paper prints, beta2 = 1/(1 + C^2); the thick one the exact
    boundary, where the drift number changes its sign.

    Args:
      data: the sweep.
      quantity: ``"x"`` or ``"average_regret"``.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    if ax is None:
        _, ax = new_figure(width=6.2, height=4.0)
    label, (low, high) = QUANTITIES[quantity]
    colours = LinearSegmentedColormap.from_list("verdict", [CONVERGES, "#F7F7F7", FAILS])
    image = ax.pcolormesh(
        data.C, data.beta2, data.values, cmap=colours, vmin=low, vmax=high, shading="nearest"
    )
    image.set_rasterized(True)  # thousands of cells as vectors would make a heavy page
    middle = (low + high) / 2
    if data.values.max() > middle:
        hatch_failing(ax, data.C, data.beta2, data.values, [middle, np.inf], "#7A3600")
    ax.set_xscale("log")
    ax.set_yscale("log")
    printed = 1 / (1 + data.C**2)
    ax.plot(data.C, printed, color="black", linewidth=1.0)
    shown = (printed > data.beta2[0]) & (printed < data.beta2[-1])
    if shown.any():
        _name_curve(ax, data.C[shown], printed[shown], "printed: $1/(1+C^2)$", 0.45)
    if data.drift is not None and data.drift.min() < 0 < data.drift.max():
        ax.contour(data.C, data.beta2, data.drift, levels=[0.0], colors="black", linewidths=2.2)
        _name_curve(ax, *_boundary(data), "exact: $D = 0$", 0.6)
    ax.set_xlim(data.C[0], data.C[-1])
    ax.set_ylim(data.beta2[0], data.beta2[-1])
    ax.grid(False)
    ax.set_xlabel("rare gradient $C$")
    ax.set_ylabel(r"$\beta_2$")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())
    ax.set_xticks([tick for tick in (3, 5, 10, 20, 50) if data.C[0] <= tick <= data.C[-1]])
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax.figure, ax


def _name_curve(ax: Axes, x: np.ndarray, y: np.ndarray, text: str, position: float) -> None:
    k = int(position * (x.size - 1))
    ax.annotate(
        text,
        xy=(x[k], y[k]),
        xytext=(-4, -13),
        textcoords="offset points",
        ha="right",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )


def _boundary(data: Map) -> tuple[np.ndarray, np.ndarray]:
    """The largest beta2 of each column at which D > 0, in the columns where D changes its sign."""
    fails = data.drift > 0
    some = fails.any(axis=0) & ~fails.all(axis=0)
    last = fails.shape[0] - 1 - np.argmax(fails[::-1, some], axis=0)
    return data.C[some], data.beta2[last]
