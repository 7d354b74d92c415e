"""The figures of the chapter "Figure 1, reproduced"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from adam_and_beyond.figures.lines import (
    Band,
    Curve,
    bands_against_step,
    label_ends,
    lines_against_step,
)
from adam_and_beyond.figures.style import AXIS_LABELS, OPTIMIZER_STYLE, THEORY, new_figure


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
    # Two above one: three in a row would be too small to read in a column of text.
    fig, axes = new_figure(width=7.4, height=5.6, mosaic="ab;cc")
    lines_against_step(regret, "average_regret", y_limits=(0, 0.32), ax=axes[0])
    lines_against_step(iterate, "x", ax=axes[1])
    bands_against_step(random, "x", ax=axes[2])
    for ax, letter in zip(axes, "abc", strict=True):
        ax.set_title(f"({letter})", loc="left", fontsize=10)
    return fig, axes


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
    fig, ax = lines_against_step(simulated, "average_regret", y_limits=(0, 0.32))
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
