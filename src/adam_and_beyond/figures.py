r"""The book's figures: one style, one palette, one function per figure (data in, figure out).

Nothing here simulates, shows or reads a global. A colour, a dash and a marker belong to a method
for the whole book, explorers included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

# One table of axis labels, so that no plot calls a step an epoch or an iterate a loss.
AXIS_LABELS = MappingProxyType(
    {
        "t": "step $t$",
        "x": "iterate $x_t$",
        "average_regret": "average regret $R_t / t$",
        "learning_rate": r"learning rate $\alpha_t / \sqrt{v_t}$",
        "alpha": r"step-size scale $\alpha$",
    }
)


class LineStyle(NamedTuple):
    """How a method is drawn: colour, dash pattern in points (empty: solid) and marker."""

    colour: str
    dash: tuple[float, ...]
    marker: str
    width: float = 1.8

    def keywords(self) -> dict[str, Any]:
        """As keyword arguments of ``Axes.plot``, without the marker."""
        line = (0, self.dash) if self.dash else "-"
        return {"color": self.colour, "linestyle": line, "linewidth": self.width}


OPTIMIZER_STYLE: Mapping[str, LineStyle] = MappingProxyType(
    {
        "sgd": LineStyle("#000000", (1, 1.6), "s"),
        "adagrad": LineStyle("#114400", (5, 1.5, 1, 1.5, 1, 1.5), "D"),
        "rmsprop": LineStyle("#BB7766", (4, 4), "x"),
        "adam": LineStyle("#D55E00", (), "o"),
        "adam_corrected": LineStyle("#8800EE", (5, 1.5, 1, 1.5), "P"),
        "amsgrad": LineStyle("#0072B2", (4, 1.5), "^"),
        "adamnc": LineStyle("#661155", (9, 2), "v"),
    }
)
THEORY = LineStyle("#595959", (), "", 0.9)  # bounds, limits and other things that are not runs
FAILS, CONVERGES = "#D55E00", "#0072B2"  # verdict maps: vermilion and blue, plus hatching

_STYLE = {
    "figure.figsize": (6.4, 3.4),
    "figure.facecolor": "white",  # opaque, so that a dark page keeps figures readable
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "savefig.dpi": 200,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "adam-and-beyond",  # the same data give the same file
    "svg.fonttype": "path",
}


def use_book_style() -> None:
    """Set the book's figure style; a notebook then shows figures as SVG, and as PDF in print.

    References:
      Introduced on the page "How to use this book"; the first cell of every chapter calls it.
    """
    matplotlib.rcParams.update(_STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", "pdf")


def new_figure(columns: int = 1, width: float = 6.4, height: float = 3.4) -> tuple[Figure, Any]:
    """An empty figure in the book's style: one row of axes."""
    import matplotlib.pyplot as plt

    with matplotlib.rc_context(_STYLE):
        return plt.subplots(1, columns, figsize=(width, height))


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

    References:
      Introduced on the page "How to use this book".
    """
    ax.figure.draw_without_rendering()
    points = 72.0 / ax.figure.dpi
    heights = [
        ax.transData.transform((0, y))[1] * points
        if y > 0 or ax.get_yscale() == "linear"
        else -np.inf
        for y, _, _ in labels
    ]
    order = np.argsort(heights)
    placed = np.array(heights, dtype=float)[order]
    for _ in range(100):  # relax: push close pairs apart symmetrically
        close = np.diff(placed) < gap - 1e-6
        if not close.any():
            break
        for k in np.flatnonzero(close):
            push = (gap - (placed[k + 1] - placed[k])) / 2
            placed[k] -= push
            placed[k + 1] += push
    for rank, k in enumerate(order):
        y, text, colour = labels[k]
        ax.annotate(
            text,
            xy=(1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, placed[rank] - heights[k]),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def lines_against_step(
    curves: Sequence[Curve],
    quantity: str,
    log_t: bool = False,
    log_y: bool = False,
    levels: Mapping[str, float] = MappingProxyType({}),
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A quantity against the step, one labelled line per method, with levels that theory predicts.

    Args:
      curves: the lines; y in units of x or of loss.
      quantity: key of ``AXIS_LABELS``.
      log_t: logarithmic step axis.
      log_y: logarithmic value axis.
      levels: label -> value of each theoretical level.
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
        ax.xaxis.set_major_formatter(_step_formatter())
    ax.margins(x=0.01)


def _step_formatter() -> FuncFormatter:
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
    fig, ax = lines_against_step(curves, "learning_rate", log_y=True)
    for t in rare:
        ax.axvline(t, color=THEORY.colour, linewidth=THEORY.width, alpha=0.5)
    ax.annotate(
        "big gradient",
        xy=(rare[0], 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -10),
        textcoords="offset points",
        color=THEORY.colour,
    )
    return fig, ax


def figure_1(
    regret: Sequence[Curve], iterate: Sequence[Curve], random: Sequence[Band]
) -> tuple[Figure, np.ndarray]:
    """The paper's Figure 1: average regret, iterate, and iterate under random gradients.

    Args:
      regret: R_t / t per method on the online problem.
      iterate: x_t per method on the online problem.
      random: x_t per method and seed on the stochastic problem; drawn as range over seeds and
        median.

    Returns:
      ``(fig, axes)``, axes of shape ``(3,)``.

    References:
      Reddi, Kale and Kumar (2018), Figure 1. Introduced in the chapter "Figure 1, reproduced".
    """
    fig, axes = new_figure(3, width=10.4, height=3.2)
    lines_against_step(regret, "average_regret", ax=axes[0])
    axes[0].set_ylim(0, 0.32)
    lines_against_step(iterate, "x", ax=axes[1])
    bands_against_step(random, "x", ax=axes[2])
    # The same two methods in all panels: labels once would do, but each panel must stand alone.
    for ax, letter in zip(axes, "abc", strict=True):
        ax.set_title(f"({letter})", loc="left", fontsize=10)
    return fig, axes


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


def published_and_simulated(
    simulated: Sequence[Curve], published: Sequence[Curve]
) -> tuple[Figure, Axes]:
    """Simulated average regret (lines) and the points read off the paper's Figure 1 (markers).

    Args:
      simulated: R_t / t per method, dense.
      published: R_t / t per method at the steps that were read off.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), Figure 1, left. Introduced in the chapter "Figure 1,
      reproduced".
    """
    fig, ax = lines_against_step(simulated, "average_regret")
    for curve in published:
        style = OPTIMIZER_STYLE[curve.name]
        ax.plot(
            curve.t,
            curve.y,
            style.marker,
            color=style.colour,
            markerfacecolor="white",
            markersize=6,
        )
    ax.set_ylim(0, 0.32)
    return fig, ax


def step_size_inference(
    alphas: np.ndarray, misfit: Mapping[str, np.ndarray], labels: Mapping[str, str], reading: float
) -> tuple[Figure, Axes]:
    """How far each step size puts the simulated curve from the published one.

    Args:
      alphas: the scales that were tried, shape ``(n,)``, units of x.
      misfit: method -> largest distance from the read-off points, shape ``(n,)``, units of loss.
      labels: method -> label.
      reading: the reading error of the published points, units of loss.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Figure 1, reproduced".
    """
    fig, ax = new_figure()
    for name, values in misfit.items():
        ax.plot(
            alphas,
            values,
            marker=OPTIMIZER_STYLE[name].marker,
            markersize=4,
            **OPTIMIZER_STYLE[name].keywords(),
        )
    ax.axhline(reading, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(AXIS_LABELS["alpha"])
    ax.set_ylabel("largest distance from\nthe published $R_t/t$")
    ends = [(float(v[-1]), labels[n], OPTIMIZER_STYLE[n].colour) for n, v in misfit.items()]
    label_ends(ax, [*ends, (reading, "reading error", THEORY.colour)])
    return fig, ax
