"""The figure of a certified diagram: boxes of parameters with a proved verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adam_and_beyond.figures.style import CONVERGES, FAILS, hatch_failing, new_figure

_PIXELS = 400  # of the raster that carries the hatching
_NAMES = {"beta1": r"$\beta_1$", "beta2": r"$\beta_2$", "C": "rare gradient $C$"}
_NAMES |= {"epsilon": r"$\epsilon$"}


def certified_diagram(
    axes: Sequence[str],
    boxes: np.ndarray,
    verdict: np.ndarray,
    points: Sequence[tuple[float, float, str]] = (),
    curves: Sequence[tuple[np.ndarray, np.ndarray, str]] = (),
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Boxes proved to fail (vermilion, hatched), proved to converge (blue), undecided (black).

    Args:
      axes: names of the two parameters, horizontal first.
      boxes: shape ``(n, 2, 2)``: for each box the two ends of its horizontal and vertical side.
      verdict: shape ``(n,)``: 1, -1, 0.
      points: (x, y, label) of single points, named on their left.
      curves: (x, y, label) of lines of theory, named at their middle.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "The map, proved".
    """
    if ax is None:
        _, ax = new_figure(width=6.0, height=4.8)
    (left, right), (low, high) = np.moveaxis(np.asarray(boxes, np.float64), 0, -1)
    corners = np.array([[left, low], [right, low], [right, high], [left, high]])
    colours = np.array([CONVERGES, "black", FAILS])[np.asarray(verdict) + 1]
    cells = PolyCollection(
        corners.transpose(2, 0, 1), facecolors=colours, edgecolors="white", linewidths=0.25
    )
    cells.set_rasterized(True)  # thousands of boxes as vectors would make a heavy page
    ax.add_collection(cells)
    undecided = np.asarray(verdict) == 0
    slivers = PolyCollection(
        corners.transpose(2, 0, 1)[undecided], facecolors="black", edgecolors="black"
    )
    slivers.set_linewidth(0.8)
    slivers.set_rasterized(True)
    ax.add_collection(slivers)
    x, y, raster = _raster(left, right, low, high, np.asarray(verdict))
    if raster.max() > 0 > raster.min():
        hatch_failing(ax, x, y, raster, [0.5, 2], "#7A3600")
    for x, y, label in curves:
        ax.plot(x, y, color="white", linewidth=3)
        ax.plot(x, y, color="black", linewidth=1.2, linestyle=(0, (5, 2)))
        _note(ax, x[len(x) // 2], y[len(y) // 2], label, "center")
    for x, y, label in points:
        ax.plot(x, y, "o", color="white", markeredgecolor="black", markersize=5)
        _note(ax, x, y, label, "right")
    keys = {"proved: fails": FAILS, "proved: converges": CONVERGES, "undecided": "black"}
    handles = [Rectangle((0, 0), 1, 1, color=colour) for colour in keys.values()]
    tight = {"handlelength": 1.0, "handletextpad": 0.4, "columnspacing": 0.9, "borderpad": 0}
    ax.legend(handles, keys, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, **tight)
    ax.set_xlim(left.min(), right.max())
    ax.set_ylim(low.min(), high.max())
    ax.grid(False)
    ax.set_xlabel(_NAMES.get(axes[0], axes[0]))
    ax.set_ylabel(_NAMES.get(axes[1], axes[1]))
    return ax.figure, ax


def failing_intervals(
    C: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    curve: tuple[np.ndarray, np.ndarray, str],
) -> tuple[Figure, Axes]:
    """For each rare gradient the values of beta2 at which a method is proved to fail, as a bar.

    Args:
      C: rare gradients, increasing, shape ``(n,)``.
      low: lower end of the failing interval, nan where nothing fails, shape ``(n,)``.
      high: upper end, shape ``(n,)``.
      curve: (x, y, label) of a law to compare the upper ends with.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "The map, proved".
    """
    fig, ax = new_figure()
    step = np.diff(C).min()
    ax.bar(C, 1, width=0.8 * step, color=CONVERGES)
    ax.bar(
        C,
        high - low,
        bottom=low,
        width=0.8 * step,
        color=FAILS,
        hatch="///",
        edgecolor="#7A3600",
        linewidth=0,
    )
    x, y, label = curve
    ax.plot(x, y, color="white", linewidth=3)
    ax.plot(x, y, color="black", linewidth=1.2, linestyle=(0, (5, 2)))
    k = len(x) // 3
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 1.5}
    ax.annotate(label, (x[k], y[k]), (8, -22), textcoords="offset points", bbox=box)
    keys = {"proved: fails": FAILS, "proved: converges": CONVERGES}
    handles = [Rectangle((0, 0), 1, 1, color=colour) for colour in keys.values()]
    ax.legend(handles, keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    ax.set_xlim(C[0] - step / 2, C[-1] + step / 2)
    ax.set_ylim(0, 1)
    ax.grid(False)
    ax.set_xlabel("rare gradient and period $C$")
    ax.set_ylabel(r"$\beta_2$")
    return fig, ax


def _note(ax: Axes, x: float, y: float, text: str, side: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 1.5}
    offset = (0, 0) if side == "center" else (-7, 0)
    ax.annotate(text, (x, y), offset, textcoords="offset points", ha=side, va="center", bbox=box)


def _raster(left, right, low, high, verdict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The verdict at the middles of pixels."""
    x, y = (
        a.min() + (np.arange(_PIXELS) + 0.5) / _PIXELS * (b.max() - a.min())
        for a, b in ((left, right), (low, high))
    )
    raster = np.zeros((_PIXELS, _PIXELS))
    sides = (np.searchsorted(x, (left, right)), np.searchsorted(y, (low, high)))
    for i0, i1, j0, j1, sign in zip(*sides[0], *sides[1], verdict, strict=True):
        raster[j0:j1, i0:i1] = sign
    return x, y, raster
