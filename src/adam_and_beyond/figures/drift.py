"""Figures of the chapters on the exact boundary and on random gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import label_ends, step_formatter
from adam_and_beyond.figures.plane import NamedCurve, note
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)


class Measured(NamedTuple):
    """Points with error bars, two standard errors each way: label, x, y and error, ``(n,)``."""

    label: str
    x: np.ndarray
    y: np.ndarray
    error: np.ndarray


class Walk(NamedTuple):
    """How x went in a run: its label, steps and iterates ``(n,)``, and the sign of its drift."""

    label: str
    t: np.ndarray
    x: np.ndarray
    drift: float


def two_sides(panels: Sequence[tuple[str, Sequence[Walk]]]) -> tuple[Figure, Any]:
    """Runs on both sides of the boundary, one panel per problem; colour by the drift's sign.

    Args:
      panels: (title, runs) of each panel.

    Returns:
      ``(fig, axes)``, axes of shape ``(len(panels),)``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    fig, axes = new_figure(len(panels), width=9.0, height=3.0)
    for ax, (title, runs) in zip(np.atleast_1d(axes), panels, strict=True):
        labels = []
        for run in runs:
            colour, dash = (FAILS, "-") if run.drift > 0 else (CONVERGES, (0, (4, 1.5)))
            ax.plot(run.t, run.x, color=colour, linestyle=dash, linewidth=1.6)
            labels.append((float(run.x[-1]), run.label, colour))
        ax.set_title(title, fontsize=10)
        ax.set_ylim(-1.08, 1.08)
        ax.xaxis.set_major_formatter(step_formatter())
        ax.set_xlabel(AXIS_LABELS["t"])
        ax.set_ylabel(AXIS_LABELS["x"])
        ax.margins(x=0.01)
        label_ends(ax, labels)
    return fig, axes


def drift_against(
    x: np.ndarray, drift: np.ndarray, x_label: str, roots: Sequence[float], ends: Any = None
) -> tuple[Figure, Axes]:
    """The drift number against a hyperparameter, its zeros marked, optionally ends of runs.

    Args:
      x: values of the hyperparameter, shape ``(n,)``.
      drift: the drift number, shape ``(n,)``.
      x_label: label of the axis.
      roots: the values where it changes its sign.
      ends: ``(values, final x)`` of runs, drawn on a right axis.

    Returns:
      ``(fig, ax)``; the right axis, if there is one, is ``fig.axes[1]``.

    References:
      Ours. Introduced in the chapter "How rare is too rare".
    """
    fig, ax = new_figure()
    style = OPTIMIZER_STYLE["adam"]
    ax.plot(x, drift, **style.keywords())
    ax.axhline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    limit = 1.15 * np.abs(drift).max()
    ax.set_ylim(-limit, limit)
    for root in roots:
        ax.axvline(root, color=THEORY.colour, linewidth=THEORY.width)
        note(ax, f"{root:.4f}", root, -0.75 * limit, (5, 0))
    ax.set_xlabel(x_label)
    ax.set_ylabel("drift number $D$ (line)", color=style.colour)
    if ends is not None:
        right = ax.twinx()
        right.grid(False)
        right.spines["right"].set_visible(True)
        right.plot(*ends, "D", color="black", markersize=4.5)
        right.set_ylim(-1.15, 1.15)
        right.set_ylabel("final iterate (points)")
    return fig, ax


def rarity_and_law(
    memory: np.ndarray, curves: Sequence[NamedCurve], exact: Sequence[NamedCurve]
) -> tuple[Figure, Axes]:
    """How rare an event must be for a method to fail, against the memory 1/(1 - beta2).

    Args:
      memory: ends of the horizontal axis, shape ``(2,)``, rounds.
      curves: laws and sufficient conditions, drawn as dashed lines.
      exact: exact values, drawn as points.

    Returns:
      ``(fig, ax)``, both axes logarithmic.

    References:
      Ours. Introduced in the chapter "How rare is too rare".
    """
    fig, ax = new_figure(width=6.8, height=3.8)
    labels, markers = [], ("o", "s", "^")
    for curve in curves:
        ax.plot(curve.x, curve.y, color=THEORY.colour, linewidth=1.2, linestyle=(0, (5, 2)))
        labels.append((float(curve.y[-1]), curve.label, THEORY.colour))
    for curve, marker in zip(exact, markers, strict=False):
        ax.plot(curve.x, curve.y, marker, color=FAILS, markersize=4.5)
        labels.append((float(curve.y[-1]), curve.label, FAILS))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*memory)
    ax.set_xlabel(r"memory $1/(1-\beta_2)$, rounds")
    ax.set_ylabel("smallest rarity $C$ that fails")
    label_ends(ax, labels)
    return fig, ax


def exact_and_measured(
    curves: Sequence[NamedCurve],
    points: Sequence[Measured],
    labels: tuple[str, str],
    levels: Sequence[tuple[str, float]] = (),
    linear_below: float | None = None,
) -> tuple[Figure, Axes]:
    """Exact curves and points measured beside them, over a logarithmic axis.

    Args:
      curves: lines of theory.
      points: measurements with their error bars.
      labels: of the two axes.
      levels: (label, value) of horizontal lines.
      linear_below: makes the vertical axis logarithmic on both sides of that size.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Random gradients".
    """
    fig, ax = new_figure(width=6.8, height=3.6)
    if linear_below is not None:
        ax.set_yscale("symlog", linthresh=linear_below)
    colours, ends = (FAILS, CONVERGES), []
    for curve, colour, dash in zip(curves, colours, ("-", (0, (5, 2))), strict=False):
        ax.plot(curve.x, curve.y, color=colour, linestyle=dash, linewidth=1.6)
        ends.append((float(curve.y[-1]), curve.label, colour))
    for measured, marker in zip(points, "osD", strict=False):
        bars = {"fmt": marker, "color": "black", "markersize": 4, "capsize": 3, "linewidth": 1}
        ax.errorbar(*measured[1:3], yerr=2 * measured.error, label=measured.label, **bars)
    for text, value in levels:
        ax.axhline(value, color=THEORY.colour, linewidth=THEORY.width)
        ends.append((value, text, THEORY.colour))
    ax.set_xscale("log")
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    if points:
        ax.legend(loc="best")
    label_ends(ax, ends)
    return fig, ax


def judged(carried: np.ndarray, from_lower: np.ndarray, from_upper: np.ndarray) -> tuple[Any, Any]:
    """Where pairs of runs end, against how far the drift alone would have carried them.

    Args:
      carried: that distance with its sign, units of x, shape ``(n,)``.
      from_lower: ends of the runs from -1, shape ``(n,)``.
      from_upper: ends of the runs from +1.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    fig, ax = new_figure(width=6.8, height=3.4)
    for ends, marker, text in ((from_lower, "^", "started at -1"), (from_upper, "v", "at +1")):
        colours = np.where(carried > 0, FAILS, CONVERGES)
        dots = ax.scatter(carried, ends, s=12, marker=marker, c=colours, linewidths=0, alpha=0.7)
        dots.set_rasterized(True)  # thousands of markers as vectors would make a heavy page
        ax.plot([], [], marker, color=THEORY.colour, label=text)
    ax.axvline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlabel("what the drift alone adds over the run, units of $x$")
    ax.set_ylabel("final iterate")
    ax.legend(loc="center right")
    return fig, ax


def worst_problems(panels: Sequence[tuple[str, np.ndarray, float]]) -> tuple[Figure, Any]:
    """The gradients of one period that a method handles worst, one panel per method.

    Args:
      panels: (label of the method, gradients of shape ``(P,)``, drift number) each; an even number.

    Returns:
      ``(fig, axes)``, axes of shape ``(len(panels),)``.

    References:
      Ours. Introduced in the chapter "The worst problem, and what is safe".
    """
    columns = (len(panels) + 1) // 2
    names = "abcdefghijkl"
    mosaic = f"{names[:columns]};{names[columns : 2 * columns]}"
    fig, axes = new_figure(width=9.0, height=5.2, mosaic=mosaic)
    for ax, (label, gradients, D) in zip(axes, panels, strict=True):
        colour, verdict = (FAILS, "fails") if D > 0 else (CONVERGES, "safe")
        rounds = np.arange(1, gradients.size + 1)
        ax.bar(rounds, gradients, color=colour, width=0.7, hatch="///" if D > 0 else "", alpha=0.8)
        ax.axhline(0.0, color="black", linewidth=0.8)
        ax.set_title(f"{label}\n$D = {D:+.2f}$, {verdict}", fontsize=10)
        ax.set_ylim(-1.1, 1.1)
        ax.set_xlabel("round of the period")
        ax.set_ylabel("gradient")
    return fig, axes
