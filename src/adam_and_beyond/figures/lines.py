"""Quantities against the step: single runs as lines, many seeds as bands, labels on the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from adam_and_beyond.figures.narrow import END, spread_ends
from adam_and_beyond.figures.style import AXIS_LABELS, OPTIMIZER_STYLE, THEORY, new_figure


class Curve(NamedTuple):
    """One line of a figure: a key of ``OPTIMIZER_STYLE``, its label, and data of shape ``(n,)``."""

    name: str
    label: str
    t: np.ndarray
    y: np.ndarray


class Band(NamedTuple):
    """Many seeds of one method: the recorded steps ``(n,)`` and the values ``(seeds, n)``."""

    name: str
    label: str
    t: np.ndarray
    y: np.ndarray


def label_ends(ax: Axes, labels: Sequence[tuple[float, str, str]], gap: float = 12.0) -> None:
    """Write labels at the right ends of curves, moved apart vertically where they would overlap.

    Args:
      ax: axes whose limits are final.
      labels: ``(y, text, colour)`` per curve, y in data units.
      gap: least distance between two labels, in points.
    """
    for y, text, colour in labels:
        ax.annotate(
            text,
            xy=(1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
            gid=END,
        )
    ax.figure.draw_without_rendering()
    spread_ends(ax, gap)


def lines_against_step(
    curves: Sequence[Curve],
    quantity: str,
    log_t: bool = False,
    log_y: bool = False,
    levels: Mapping[str, float] = MappingProxyType({}),
    y_limits: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A quantity against the step, one labelled line per method, with levels that theory predicts.

    Args:
      curves: the lines; y in units of x or of loss.
      quantity: key of ``AXIS_LABELS``.
      log_t: logarithmic step axis.
      log_y: logarithmic value axis.
      levels: label -> value of each theoretical level.
      y_limits: ends of the value axis; without, they follow the data.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    if ax is None:
        _, ax = new_figure()
    for curve in curves:
        ax.plot(curve.t, curve.y, **OPTIMIZER_STYLE[curve.name].keywords())
    _finish(ax, quantity, log_t, log_y)
    labels = [(float(c.y[-1]), c.label, OPTIMIZER_STYLE[c.name].colour) for c in curves]
    for text, value in levels.items():
        ax.axhline(value, color=THEORY.colour, linewidth=THEORY.width)
        labels.append((value, text, THEORY.colour))
    if y_limits is not None:
        ax.set_ylim(y_limits)
    label_ends(ax, labels)
    return ax.figure, ax


def _finish(ax: Axes, quantity: str, log_t: bool, log_y: bool) -> None:
    if log_t:
        ax.set_xscale("log")
    if log_y:
        ax.set_yscale("log")
    if quantity == "x":
        ax.set_ylim(-1.08, 1.08)
    ax.set_xlabel(AXIS_LABELS["t"])
    ax.set_ylabel(AXIS_LABELS[quantity])
    if not log_t:
        ax.xaxis.set_major_formatter(step_formatter())
    ax.margins(x=0.01)


def step_formatter() -> FuncFormatter:
    """Tick labels of a step axis: 20k, 5M.

    Returns:
      A matplotlib formatter.

    References:
      Introduced on the page "How to use this book".
    """

    def show(value: float, _: int) -> str:
        if value >= 1e6:
            return f"{value / 1e6:g}M"
        return f"{value / 1e3:g}k" if value >= 1e4 else f"{value:g}"

    return FuncFormatter(show)


def learning_rates(curves: Sequence[Curve], rare: np.ndarray) -> tuple[Figure, Axes]:
    """The learning rate alpha_t / sqrt(v_t) over a few periods, rare gradients marked.

    Args:
      curves: the learning rate of each step, positive, units x squared / loss.
      rare: the steps at which the big gradient comes, shape ``(k,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    fig, ax = lines_against_step(curves, "learning_rate")
    ax.ticklabel_format(axis="y", style="sci", scilimits=(0, 0), useMathText=True)
    for t in rare:
        ax.axvline(t, color=THEORY.colour, linewidth=THEORY.width, alpha=0.5)
    ax.annotate(
        "big gradients",
        xy=(rare[len(rare) // 2], 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        ha="center",
        textcoords="offset points",
        color=THEORY.colour,
    )
    return fig, ax


def bands_against_step(
    bands: Sequence[Band],
    quantity: str,
    points: Curve | None = None,
    log_t: bool = False,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A quantity over many seeds: range shaded, median drawn, optionally published points on top.

    Args:
      bands: values of shape ``(seeds, n)`` per method.
      quantity: key of ``AXIS_LABELS``.
      points: published values to compare with, drawn as open circles.
      log_t: logarithmic step axis.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    if ax is None:
        _, ax = new_figure()
    labels = []
    for band in bands:
        style = OPTIMIZER_STYLE[band.name]
        low, median, high = np.min(band.y, 0), np.median(band.y, 0), np.max(band.y, 0)
        ax.fill_between(band.t, low, high, color=style.colour, alpha=0.18, linewidth=0)
        ax.plot(band.t, median, **style.keywords())
        labels.append((float(median[-1]), band.label, style.colour))
    if points is not None:
        ax.plot(points.t, points.y, "o", color="black", markerfacecolor="white", markersize=5)
        ax.annotate(
            points.label,
            xy=(points.t[len(points.t) // 2], points.y[len(points.t) // 2]),
            xytext=(8, 8),
            textcoords="offset points",
        )
    _finish(ax, quantity, log_t, log_y=False)
    label_ends(ax, labels)
    return ax.figure, ax


def iterate_and_regret(
    iterates: Sequence[Curve],
    regrets: Sequence[Curve],
    levels: Mapping[str, float],
    log_t: bool = False,
) -> tuple[Figure, np.ndarray]:
    """Iterate and average regret against the step, side by side: an explorer's picture.

    Args:
      iterates: x_t per method, units of x.
      regrets: R_t / t per method, units of loss.
      levels: label -> value of each theoretical average regret.
      log_t: logarithmic step axis.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.
    """
    fig, axes = new_figure(2, width=9.0, height=3.2)
    lines_against_step(iterates, "x", log_t=log_t, ax=axes[0])
    # The first steps may cost far more than what matters later.
    late = [c.y[len(c.y) // 4 :] for c in regrets] + [np.array([1.5 * v for v in levels.values()])]
    least, most = (float(f(np.concatenate(late), initial=0.0)) for f in (np.min, np.max))
    limits = (1.1 * least, 1.1 * most + (most == least))
    lines_against_step(
        regrets, "average_regret", log_t=log_t, levels=levels, y_limits=limits, ax=axes[1]
    )
    return fig, axes
