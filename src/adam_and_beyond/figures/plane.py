"""The map of a plane of two parameters: where a method fails, by the sign of its drift number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from adam_and_beyond.figures.style import CONVERGES, FAILS, hatch_failing, new_figure

_FAILS_LIGHT, _CONVERGES_LIGHT = "#F6D3B8", "#C9E1F0"  # fills behind lines and text
_FADED, _DARK = "#D9A27C", "#7A3600"  # hatching on light fills and on full colours


class Axis(NamedTuple):
    """An axis of a plane: its label, its scale, and the ticks to name if not the usual ones."""

    label: str
    scale: str = "log"  # or "linear"; or "fading", by the logarithm of the distance from 1
    ticks: tuple[float, ...] | None = None

    def place(self, values: np.ndarray) -> np.ndarray:
        """Where values stand along the axis, before matplotlib's own scale."""
        values = np.asarray(values, np.float64)
        return -np.log10(1 - values) if self.scale == "fading" else values


# Decay rates, the ticks where one more nine begins.
BETA1, BETA2 = (Axis(rf"$\beta_{k}$", "fading", tuple(1 - 10.0 ** -np.arange(9))) for k in (1, 2))


class Shown(NamedTuple):
    """What runs showed over a plane, to fill it with: ``(m, n)``, its label, the ends of colour."""

    values: np.ndarray
    label: str
    low: float
    high: float


class Plane(NamedTuple):
    """The drift number over a plane: nodes x of shape ``(n,)``, y ``(m,)``, values ``(m, n)``."""

    x: np.ndarray
    y: np.ndarray
    D: np.ndarray | None  # None for a method that has no drift number
    across: Axis
    up: Axis
    # D times the mean gradient, positive where x goes to the worse end; None where that is D.
    failing: np.ndarray | None = None
    margin: np.ndarray | None = None  # of a sufficient condition, positive where it holds
    shown: Shown | None = None


class NamedCurve(NamedTuple):
    """A line of theory to draw over a map or beside others: its label and data ``(n,)``."""

    label: str
    x: np.ndarray
    y: np.ndarray


def plane_map(
    data: Plane,
    curves: Sequence[NamedCurve] = (),
    points: Sequence[tuple[float, float, str]] = (),
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Where a method fails (vermilion, hatched) and where it converges (blue), by the drift's sign.

    The thick line is the exact boundary, where the drift number is 0. A plane with runs is filled
    with what they showed, in full colours. The edge of a sufficient condition is dashed, and what
    it covers is pale.

    Args:
      data: the plane.
      curves: lines of theory to draw over it.
      points: (x, y, label) of single points to name; without a label, the point of the reader.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    if ax is None:
        _, ax = new_figure(width=6.2, height=4.2)
    x, y = data.across.place(data.x), data.up.place(data.y)
    for axis, scale in ((ax.set_xscale, data.across.scale), (ax.set_yscale, data.up.scale)):
        axis("log" if scale == "log" else "linear")
    failing = data.D if data.failing is None else data.failing
    if data.shown is not None:
        _fill_with_runs(ax, x, y, data.shown)
    elif failing is not None:
        levels = [-np.inf, 0, np.inf]
        ax.contourf(x, y, failing, levels, colors=[_CONVERGES_LIGHT, _FAILS_LIGHT])
        if failing.max() > 0:
            hatch_failing(ax, x, y, failing, levels[1:], _FADED)
    if failing is not None and failing.min() < 0 < failing.max():
        ax.contour(x, y, failing, levels=[0.0], colors="black", linewidths=2.0)
    if data.margin is not None and data.margin.min() < 0 < data.margin.max():
        ax.contourf(x, y, data.margin, levels=[0, np.inf], colors="white", alpha=0.6)
        edge = ax.contour(x, y, data.margin, levels=[0], colors="black", linestyles="dashed")
        edge.set_linewidth(1.2)
    for curve in curves:
        _draw_curve(ax, data, curve)
    for px, py, text in points:
        px, py = data.across.place(px), data.up.place(py)
        if text:
            ax.plot([px], [py], "o", color="black", markersize=5)
            note(ax, text, px, py, (7, 3))
        else:
            ring = {"color": "white", "markeredgecolor": "black", "markeredgewidth": 2}
            ax.plot([px], [py], "o", markersize=9, **ring)
    _name_axes(ax, data)
    return ax.figure, ax


def _fill_with_runs(ax: Axes, x: np.ndarray, y: np.ndarray, shown: Shown) -> None:
    colours = LinearSegmentedColormap.from_list("verdict", [CONVERGES, "#F7F7F7", FAILS])
    ends = {"vmin": shown.low, "vmax": shown.high}
    image = ax.pcolormesh(x, y, shown.values, cmap=colours, shading="nearest", **ends)
    image.set_rasterized(True)  # thousands of cells as vectors would make a heavy page
    middle = (shown.low + shown.high) / 2
    if shown.values.max() > middle:
        hatch_failing(ax, x, y, shown.values, [middle, np.inf], _DARK)
    ax.figure.colorbar(image, ax=ax, label=shown.label)


def _draw_curve(ax: Axes, data: Plane, curve: NamedCurve) -> None:
    x, y = data.across.place(curve.x), data.up.place(curve.y)
    ax.plot(x, y, color="black", linewidth=1.1, linestyle=(0, (5, 2)))
    inside = (curve.y >= min(data.y)) & (curve.y <= max(data.y))
    k = np.flatnonzero(inside & (curve.x >= min(data.x)) & (curve.x <= max(data.x)))
    if k.size:
        at = k[int(0.35 * (k.size - 1))]
        note(ax, curve.label, x[at], y[at], (6, -9))


def note(ax: Axes, text: str, x: float, y: float, offset: tuple[int, int]) -> None:
    """A short text beside a point, on a pale ground."""
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.2}
    ax.annotate(text, xy=(x, y), xytext=offset, textcoords="offset points", bbox=box)


def _name_axes(ax: Axes, data: Plane) -> None:
    sides = ((data.across, data.x, ax.xaxis), (data.up, data.y, ax.yaxis))
    for spec, values, axis in sides:
        if spec.ticks is not None:
            ticks = np.array([t for t in spec.ticks if values[0] <= t <= values[-1] + 1e-12])
            axis.set_ticks(spec.place(ticks), [f"{tick:g}" for tick in ticks])
            axis.set_minor_locator(NullLocator())
    ax.set_xlim(*data.across.place(data.x)[[0, -1]])
    ax.set_ylim(*data.up.place(data.y)[[0, -1]])
    ax.set_xlabel(data.across.label)
    ax.set_ylabel(data.up.label)
    ax.grid(False)
