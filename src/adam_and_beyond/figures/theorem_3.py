"""Figures of the chapter on Theorem 3, in the style of the book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import CONVERGES, FAILS, OPTIMIZER_STYLE, THEORY, new_figure

_ADAM = OPTIMIZER_STYLE["adam"]
_THEORY_LINE = {"color": THEORY.colour, "linewidth": THEORY.width}


def tangent_below(y: np.ndarray, a: float, pair: tuple[float, float]) -> tuple[Figure, Axes]:
    r"""Jensen's inequality: the curve :math:`1/\sqrt y`, its tangent at a, and a two-point mean.

    Args:
      y: positive, increasing, shape ``(n,)``.
      a: where the tangent touches.
      pair: two values of y whose mean is a.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 3. Introduced in the chapter "Theorem 3".
    """
    fig, ax = new_figure(height=3.0)
    tangent = 1 / np.sqrt(a) - (y - a) / (2 * a**1.5)
    ax.plot(y, 1 / np.sqrt(y), **_ADAM.keywords())
    ax.plot(y, tangent, color=THEORY.colour, linewidth=1.4, linestyle=(0, (4, 2)))
    heights = [1 / np.sqrt(value) for value in pair]
    ax.plot(pair, heights, "o-", color=CONVERGES, linewidth=1.0, markersize=5)
    mean = sum(heights) / 2
    ax.plot([a, a], [1 / np.sqrt(a), mean], "D", color="black", markersize=5)
    ax.annotate("mean of the roots' inverses", (a, mean), (8, 4), textcoords="offset points")
    ax.annotate(
        "inverse root of the mean", (a, 1 / np.sqrt(a)), (-60, -36), textcoords="offset points"
    )
    ax.set_ylim(0, 1.15 * max(heights))
    ax.margins(x=0.01)
    ax.set_xlabel("$y$")
    ax.set_ylabel(r"$1/\sqrt{y}$")
    label_ends(
        ax,
        [
            (1 / np.sqrt(y[-1]), r"$1/\sqrt{y}$", _ADAM.colour),
            (float(tangent[-1]), "tangent", THEORY.colour),
        ],
    )
    return fig, ax


def orders_in_C(
    C: np.ndarray, curves: Mapping[str, np.ndarray], measured: Mapping[str, np.ndarray], at: Any
) -> tuple[Figure, Axes]:
    """The parts of the expected step against C, both logarithmic: bounds, and measured values.

    Args:
      C: rare gradients, increasing, shape ``(n,)``.
      curves: label -> bound, positive, shape ``(n,)``; the first is the gain, the others are
        compared with it.
      measured: label -> measured values at the rare gradients ``at``.
      at: shape ``(k,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 3. Introduced in the chapter "Theorem 3".
    """
    fig, ax = new_figure(height=3.8)
    colours, dashes = (CONVERGES, FAILS, THEORY.colour), ((1, 0), (6, 2), (2, 1.5))
    labels = []
    for (text, values), colour, dash in zip(curves.items(), colours, dashes, strict=False):
        ax.plot(C, values, color=colour, linewidth=1.6, linestyle=(0, dash))
        labels.append((float(values[-1]), text, colour))
    for (text, values), colour, marker in zip(measured.items(), colours, "^v", strict=False):
        ax.plot(at, values, marker, color=colour, markersize=5)
        ax.annotate(text, (at[-1], values[-1]), (7, -3), textcoords="offset points", color=colour)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(x=0.01)
    ax.set_xlabel("rare gradient $C$")
    ax.set_ylabel(r"part of the step, in units of $\alpha_t$")
    label_ends(ax, labels)
    return fig, ax


class Ensemble(NamedTuple):
    """Final iterates of many seeds: C of shape ``(n,)``, x of shape ``(n, seeds)``."""

    C: np.ndarray
    x: np.ndarray


def ends_against_drift(
    C: np.ndarray, drift: np.ndarray, ensemble: Ensemble, critical: float
) -> tuple[Figure, Axes]:
    """The stationary drift against C, and on the right axis where projected runs end.

    Args:
      C: rare gradients, increasing, shape ``(n,)``.
      drift: the exact stationary drift, shape ``(n,)``.
      ensemble: final iterates of runs.
      critical: where the drift changes its sign.

    Returns:
      ``(fig, ax)``; the right axis is ``fig.axes[1]``.

    References:
      Ours. Introduced in the chapter "Theorem 3".
    """
    fig, ax = new_figure(height=3.6)
    ax.plot(C, drift, **_ADAM.keywords())
    ax.axhline(0.0, **_THEORY_LINE)
    ax.axvline(critical, **_THEORY_LINE)
    limit = 1.15 * np.abs(drift).max()
    ax.set_ylim(-limit, limit)
    ax.annotate(
        f"critical: {critical:.2f}",
        (critical, -0.8 * limit),
        (6, 0),
        textcoords="offset points",
        color=THEORY.colour,
    )
    ax.set_xscale("log")
    ax.set_xlabel("rare gradient $C$")
    ax.set_ylabel("stationary drift (line)", color=_ADAM.colour)
    right = ax.twinx()
    right.grid(False)
    right.spines["right"].set_visible(True)
    for rarity, ends in zip(ensemble.C, ensemble.x, strict=True):
        right.plot([rarity, rarity], [ends.min(), ends.max()], color="black", linewidth=1.2)
        right.plot([rarity], [np.median(ends)], "D", color="black", markersize=4.5)
    right.set_ylim(-1.15, 1.15)
    right.set_ylabel("final iterate (points: median, bars: range)")
    return fig, ax


def above_its_companion(t: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[Figure, Axes]:
    """A projected run, and its companion that makes the same steps but has no lower end.

    Args:
      t: steps, shape ``(n,)``.
      x: the projected run after them, shape ``(n,)``.
      y: the companion, never above it, shape ``(n,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Theorem 3".
    """
    fig, ax = new_figure(height=3.2)
    ax.axhspan(-1, 1, color="#F1F1F1", zorder=0)
    ax.plot(t, y, color=THEORY.colour, linewidth=1.3, linestyle=(0, (4, 2)))
    ax.plot(t, x, **(_ADAM.keywords() | {"linewidth": 1.3}))
    low = int(np.argmin(y))
    ax.annotate(
        "without the lower end",
        (t[low], y[low]),
        (8, 0),
        textcoords="offset points",
        color=THEORY.colour,
        va="center",
    )
    ax.annotate(
        "Adam, projected",
        (t[-1], -0.85),
        (0, 0),
        textcoords="offset points",
        color=_ADAM.colour,
        ha="right",
    )
    ax.set_xlabel("step $t$")
    ax.set_ylabel("iterate $x_t$, and $y_t$ below it")
    ax.margins(x=0.01)
    return fig, ax
