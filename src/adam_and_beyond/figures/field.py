"""The figures of the chapters "Where Adam stops" and "Large output spaces"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.drift import Measured
from adam_and_beyond.figures.lines import Curve, label_ends, step_formatter
from adam_and_beyond.figures.plane import NamedCurve
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)

_COLOURS = (FAILS, CONVERGES, "#661155", "#114400")
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))
_MARKERS = "os^D"


def where_they_stop(
    data: np.ndarray,
    rests: Sequence[NamedCurve],
    marks: Mapping[str, float],
    here: tuple[float, float] | None = None,
) -> tuple[Figure, Axes]:
    """Data on a line, and above them where a method rests as its memory grows.

    Args:
      data: the values z, shape ``(n,)``.
      rests: rest points x against the memory y, rounds; at most four curves.
      marks: label -> x of each vertical line: the mean, the median.
      here: one rest point and its memory, drawn as a ball.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Where Adam stops".
    """
    fig, ax = new_figure(height=3.6)
    low = min(curve.y.min() for curve in rests)
    ax.plot(data, np.full(len(data), 0.55 * low), "o", color="black", alpha=0.5, markersize=6)
    for text, x in marks.items():
        ax.axvline(x, color=THEORY.colour, linewidth=THEORY.width)
        ax.annotate(
            text, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3), ha="center",
            textcoords="offset points", color=THEORY.colour,
        )  # fmt: skip
    for curve, colour, dash in zip(rests, _COLOURS, _DASHES, strict=False):
        ax.plot(curve.x, curve.y, color=colour, linestyle=dash, label=curve.label, linewidth=1.8)
    if here is not None:
        ax.plot(*here, "o", color=FAILS, markeredgecolor="w", markersize=11)
    ax.set_yscale("log")
    ax.set_xlabel("$x$; dots: the data")
    ax.set_ylabel(r"memory $1/(1-\beta_2)$, rounds")
    ax.legend(loc="best")
    return fig, ax


def kept_share(
    exact: Sequence[NamedCurve],
    laws: Sequence[NamedCurve],
    points: Sequence[Measured] = (),
    labels: tuple[str, str] = ("frequency times batch, $r = pB$", "kept share $q/p$"),
    floor: float = 1e-6,
) -> tuple[Figure, Axes]:
    """What a method keeps of a class against how often the class is met, both logarithmic.

    Args:
      exact: exact curves, at most four.
      laws: thin lines beside them, in grey.
      points: measured ones, with two standard errors.
      labels: of the two axes.
      floor: where the vertical axis ends.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Large output spaces".
    """
    fig, ax = new_figure(width=6.8, height=3.8)
    for law in laws:
        ax.plot(law.x, law.y, color=THEORY.colour, linewidth=1.1, linestyle=(0, (2, 1.5)))
    for curve, colour, dash in zip(exact, _COLOURS, _DASHES, strict=False):
        ax.plot(curve.x, curve.y, color=colour, linestyle=dash, label=curve.label, linewidth=1.8)
    for measured, marker in zip(points, _MARKERS, strict=False):
        bars = {"fmt": marker, "color": "black", "markersize": 3.5, "capsize": 2, "linewidth": 0.9}
        ax.errorbar(*measured[1:3], yerr=2 * measured.error, label=measured.label, **bars)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(bottom=floor)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    ax.legend(loc="lower right")
    return fig, ax


def predicted_and_measured(groups: Sequence[Measured]) -> tuple[Figure, Axes]:
    """Measured shares q / p against predicted ones, on one line; both axes logarithmic.

    Args:
      groups: x the prediction, y the measurement; at most four.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Large output spaces".
    """
    fig, ax = new_figure(width=5.2, height=4.4)
    ends = [
        min(group.x.min() for group in groups) / 1.3,
        max(group.x.max() for group in groups) * 1.3,
    ]
    ax.plot(ends, ends, color=THEORY.colour, linewidth=THEORY.width)
    for group, colour, marker in zip(groups, _COLOURS, _MARKERS, strict=False):
        ax.errorbar(
            group.x, group.y, yerr=2 * group.error, fmt=marker, color=colour, markersize=4,
            capsize=2, linewidth=0.9, label=group.label,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("predicted $q/p$")
    ax.set_ylabel("measured $q/p$")
    ax.legend(loc="upper left")
    return fig, ax


def against_steps(
    curves: Sequence[Curve], label: str, levels: Sequence[tuple[str, float]] = ()
) -> tuple[Figure, Axes]:
    """A quantity of several methods against the step, both axes logarithmic.

    Args:
      curves: positive values.
      label: of the vertical axis.
      levels: (label, value) of each level that theory predicts.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Large output spaces".
    """
    fig, ax = new_figure(width=6.8, height=3.8)
    ends = []
    for curve in curves:
        style = OPTIMIZER_STYLE[curve.name]
        ax.plot(curve.t, curve.y, **style.keywords())
        ends.append((float(curve.y[-1]), curve.label, style.colour))
    for text, value in levels:
        ax.axhline(value, color=THEORY.colour, linewidth=THEORY.width)
        ends.append((value, text, THEORY.colour))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_formatter(step_formatter())
    ax.set_xlabel(AXIS_LABELS["t"])
    ax.set_ylabel(label)
    label_ends(ax, ends)
    return fig, ax
