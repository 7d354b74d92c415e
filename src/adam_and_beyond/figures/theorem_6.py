"""Figures of the chapter on Theorem 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)


def first_cycles_with_epsilon(runs: Mapping[str, np.ndarray]) -> tuple[Figure, Any]:
    """The first cycles of period three, one panel per value of epsilon; missed ends are circled.

    Args:
      runs: label -> points played, x_1 first, shape ``(3 n + 1,)``.

    Returns:
      ``(fig, axes)``, one axes per run.

    References:
      Introduced in the chapter "Theorem 6".
    """
    fig, axes = new_figure(len(runs), width=7.2, height=2.9)
    style = OPTIMIZER_STYLE["adam"]
    for ax, (label, x) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        t = np.arange(1, x.size + 1)
        ax.plot(t, x, marker=style.marker, markersize=4, **style.keywords())
        ends, missed = np.arange(0, x.size, 3), [k for k in range(0, x.size, 3) if x[k] < 1]
        ax.plot(t[ends], x[ends], "o", color="black", markersize=6, zorder=3)
        ax.plot(t[missed], x[missed], "o", color="black", markersize=14, fillstyle="none")
        for k in missed:
            ax.annotate(
                f"{x[k]:.3f}", xy=(t[k], x[k]), xytext=(11, -12), textcoords="offset points"
            )
        ax.axhline(1.0, color=THEORY.colour, linewidth=THEORY.width)
        ax.annotate(label, xy=(0.98, 0.05), xycoords="axes fraction", ha="right")
        ax.set_ylim(-0.02, 1.1)
        ax.set_xlabel(AXIS_LABELS["t"])
        ax.set_ylabel(AXIS_LABELS["x"])
    return fig, axes


def epsilon_against_C(C: np.ndarray, threshold: np.ndarray, limit: float) -> tuple[Figure, Axes]:
    """Up to which epsilon the first cycle of Theorem 6 returns to 1, against C.

    Args:
      C: values from 2 on, shape ``(n,)``.
      threshold: the largest epsilon for each, shape ``(n,)``.
      limit: that for large C.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Theorem 6".
    """
    fig, ax = new_figure()
    ax.fill_between(C, threshold, 1.0, color=FAILS, alpha=0.18, linewidth=0, hatch="//")
    ax.fill_between(C, 0.4, threshold, color=CONVERGES, alpha=0.12, linewidth=0)
    ax.plot(C, threshold, color="black", linewidth=1.8)
    ax.axhline(limit, color=THEORY.colour, linewidth=THEORY.width)
    ax.axhline(0.5, color=CONVERGES, linewidth=1.2, linestyle="--")
    ax.set_xscale("log")
    ax.set_xlim(C[0], C[-1])
    ax.set_ylim(0.4, 1.0)
    ax.set_xlabel("$C$")
    ax.set_ylabel(r"$\epsilon$ after scaling the losses")
    ax.annotate("the first cycle misses 1", xy=(0.5, 0.72), xycoords="axes fraction", ha="center")
    ax.annotate("it returns to 1", xy=(0.5, 0.07), xycoords="axes fraction", ha="center")
    labels = [(1.0, "paper", "black"), (limit, f"{limit:.4f}", THEORY.colour)]
    label_ends(ax, [*labels, (0.5, "ours", CONVERGES)])
    return fig, ax


class Rescue(NamedTuple):
    """The drift number against epsilon, shape ``(n,)``, its zero, and ends of runs beside it."""

    label: str
    epsilon: np.ndarray
    D: np.ndarray
    threshold: float
    tried: np.ndarray
    ends: np.ndarray


def rescue_by_epsilon(panels: Sequence[Rescue]) -> tuple[Figure, Any]:
    """The drift number (line) and where runs end (points) against the size of epsilon.

    Args:
      panels: one ``Rescue`` each, e.g. epsilon beside and under the root; at least two.

    Returns:
      ``(fig, axes)``, one axes per panel, each with a second axis for the iterate.

    References:
      Introduced in the chapter "Theorem 6".
    """
    fig, axes = new_figure(len(panels), width=7.6, height=3.0)
    for ax, panel in zip(axes, panels, strict=True):
        ax.plot(panel.epsilon, panel.D, color=THEORY.colour, linewidth=1.6)
        ax.axhline(0.0, color=THEORY.colour, linewidth=THEORY.width)
        ax.axvline(panel.threshold, color=THEORY.colour, linewidth=THEORY.width, linestyle=":")
        ax.set_xscale("log")
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_yscale("symlog", linthresh=1e-3)
        ax.set_xlabel(panel.label)
        ax.set_ylabel("drift number $D$")
        ax.annotate(
            f"{panel.threshold:.1f}",
            xy=(panel.threshold, 0.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4, 6),
            textcoords="offset points",
            ha="right",
        )
        right = ax.twinx()
        right.grid(False)
        for sign, colour in ((1, FAILS), (-1, CONVERGES)):
            chosen = np.sign(panel.ends) == sign
            marker = "o" if sign > 0 else "^"
            right.plot(panel.tried[chosen], panel.ends[chosen], marker, color=colour, markersize=5)
        right.set_ylim(-1.15, 1.15)
        right.set_ylabel("where $x_t$ ends")
    return fig, axes
