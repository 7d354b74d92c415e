"""Figures of the chapters on training with images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, MaxNLocator, NullFormatter

from adam_and_beyond.figures.lines import Band, Curve, label_ends
from adam_and_beyond.figures.style import AXIS_LABELS, OPTIMIZER_STYLE, THEORY, new_figure


def losses(
    panels: Mapping[str, Sequence[Band]],
    published: Mapping[str, Sequence[Curve]],
    y_limits: tuple[float, float] | None = None,
) -> tuple[Figure, np.ndarray]:
    """Losses or accuracies against the step, seeds as bands, the paper's points as open marks.

    Args:
      panels: a key of ``AXIS_LABELS`` -> the bands of that panel, values ``(seeds, n)``.
      published: the same key -> points read off the paper; may be empty.
      y_limits: ends of the value axes; without, they follow the data.

    Returns:
      ``(fig, axes)``, axes of shape ``(panels,)``.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    fig, axes = new_figure(len(panels), width=1 + 4.3 * len(panels), height=3.4)
    for ax, (quantity, bands) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        labels = []
        for band in bands:
            style = OPTIMIZER_STYLE[band.name]
            low, middle, high = np.min(band.y, 0), np.median(band.y, 0), np.max(band.y, 0)
            ax.fill_between(band.t, low, high, color=style.colour, alpha=0.18, linewidth=0)
            ax.plot(band.t, middle, **style.keywords())
            labels.append((float(middle[-1]), band.label, style.colour))
        for points in published.get(quantity, ()):
            style = OPTIMIZER_STYLE[points.name]
            ax.plot(
                points.t,
                points.y,
                style.marker,
                color=style.colour,
                markerfacecolor="white",
                markersize=5.5,
            )
        ax.set_xlabel(AXIS_LABELS["t"])
        ax.set_ylabel(AXIS_LABELS[quantity])
        if y_limits is not None:
            ax.set_ylim(y_limits)
        label_ends(ax, labels)
    return fig, np.atleast_1d(axes)


class Tried(NamedTuple):
    """One method over its alphas: values ``(seeds, n)``, not finite where a run has none."""

    name: str
    label: str
    alpha: np.ndarray
    y: np.ndarray


def loss_against_alpha(
    panels: Mapping[str, Sequence[Tried]], quantity: str, y_limits: tuple[float, float]
) -> tuple[Figure, np.ndarray]:
    """A whole grid: a measure against alpha, one line a method, the seeds' range shaded.

    Args:
      panels: heading -> the methods of that panel.
      quantity: key of ``AXIS_LABELS``.
      y_limits: ends of the value axis, positive; what lies above is cut off.

    Returns:
      ``(fig, axes)``, axes of shape ``(panels,)``.

    References:
      Ours. Introduced in the chapter "Softmax regression on MNIST".
    """
    fig, axes = new_figure(len(panels), width=min(1 + 3.6 * len(panels), 10), height=3.4)
    for ax, (heading, tried) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        labels = []
        for one in tried:
            style = OPTIMIZER_STYLE[one.name]
            y = np.where(np.isfinite(one.y), one.y, np.inf).clip(max=10 * y_limits[1])
            ax.fill_between(
                one.alpha, y.min(0), y.max(0), color=style.colour, alpha=0.18, linewidth=0
            )
            middle = np.median(y, 0)
            ax.plot(
                one.alpha, middle, marker=style.marker, markersize=4, **style.keywords(), zorder=3
            )
            labels.append((float(np.clip(middle[-1], *y_limits)), one.label, style.colour))
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(y_limits)
        ax.yaxis.set_major_formatter(LogFormatterSciNotation(labelOnlyBase=False))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_yticks(_ticks(y_limits), [f"{tick:g}" for tick in _ticks(y_limits)])
        ax.set_xlabel(f"{AXIS_LABELS['alpha']}{', ' + heading if heading else ''}")
        ax.set_ylabel(AXIS_LABELS[quantity])
        label_ends(ax, labels)
    return fig, np.atleast_1d(axes)


def _ticks(limits: tuple[float, float]) -> np.ndarray:
    """One, two, three and five times powers of ten; where too few are between, round numbers."""
    decades = 10.0 ** np.arange(-6, 4)
    some = np.sort(np.outer(decades, [1, 2, 3, 5]).ravel())
    for ticks in (some, MaxNLocator(6).tick_values(*limits)):
        ticks = ticks[(ticks >= limits[0]) & (ticks <= limits[1])]
        if len(ticks) > 2:
            break
    return ticks


class Difference(NamedTuple):
    """A paired comparison: the difference of each seed, its mean and the ends of its interval."""

    label: str
    seeds: np.ndarray
    mean: float
    low: float
    high: float


def paired_differences(differences: Sequence[Difference], label: str) -> tuple[Figure, Axes]:
    """Differences between two methods with the same seeds: points, mean and interval.

    Args:
      differences: one a line, from top to bottom.
      label: of the value axis: what is subtracted from what.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Softmax regression on MNIST".
    """
    fig, ax = new_figure(width=6.4, height=0.8 + 0.45 * len(differences))
    for row, one in enumerate(differences):
        ax.plot([one.low, one.high], [row, row], color="black", linewidth=1.6)
        ax.plot(one.mean, row, "D", color="black", markersize=5)
        ax.plot(one.seeds, np.full(len(one.seeds), row - 0.22), "|", color=THEORY.colour)
    ax.axvline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_yticks(range(len(differences)), [one.label for one in differences])
    ax.set_ylim(len(differences) - 0.5, -0.6)
    ax.set_xlabel(label)
    ax.set_ylabel("compared at")
    return fig, ax


def curves_and_difference(
    bands: Sequence[Band], difference: Band, quantity: str, stop: float
) -> tuple[Figure, np.ndarray]:
    """Learning curves with their seeds, and beside them the difference of two with its interval.

    Args:
      bands: the curves, values ``(seeds, n)``; lines are means, the range is shaded.
      difference: values ``(3, n)``: its mean, and the ends of its interval.
      quantity: key of ``AXIS_LABELS``.
      stop: the step that is marked.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.
    """
    fig, axes = new_figure(2, width=9.6, height=3.4)
    labels = []
    for band in bands:
        style, middle = OPTIMIZER_STYLE[band.name], np.mean(band.y, 0)
        low, high = np.min(band.y, 0), np.max(band.y, 0)
        axes[0].fill_between(band.t, low, high, color=style.colour, alpha=0.18, linewidth=0)
        axes[0].plot(band.t, middle, **style.keywords())
        labels.append((float(middle[-1]), band.label, style.colour))
    middle, low, high = difference.y
    axes[1].fill_between(difference.t, low, high, color=THEORY.colour, alpha=0.25, linewidth=0)
    axes[1].plot(difference.t, middle, color="black")
    axes[1].axhline(0.0, color=THEORY.colour, linewidth=THEORY.width)
    for ax, label in zip(axes, (AXIS_LABELS[quantity], difference.label), strict=True):
        ax.axvline(stop, color="black", linewidth=0.8, linestyle=":")
        ax.set_xlabel(AXIS_LABELS["t"])
        ax.set_ylabel(label)
    label_ends(axes[0], labels)
    return fig, axes


def falls_and_rates(falls: Sequence[Curve], rates: Sequence[Band]) -> tuple[Figure, np.ndarray]:
    """Where the inverse learning rate falls in training, and how the learning rates spread.

    Args:
      falls: share of coordinates whose inverse learning rate fell, per step, in [0, 1].
      rates: learning rates, ``y`` the 5th, 50th and 95th percentile over coordinates, ``(3, n)``.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Ours. Introduced in the chapter "Softmax regression on MNIST".
    """
    fig, axes = new_figure(2, width=9.6, height=3.3)
    for curve in falls:
        axes[0].plot(curve.t, curve.y, **OPTIMIZER_STYLE[curve.name].keywords())
    for band in rates:
        style = OPTIMIZER_STYLE[band.name]
        low, middle, high = band.y
        axes[1].fill_between(band.t, low, high, color=style.colour, alpha=0.18, linewidth=0)
        axes[1].plot(band.t, middle, **style.keywords())
    axes[0].set_ylim(-0.03, 1.03)
    axes[1].set_yscale("log")
    for ax, quantity, lines in (
        (axes[0], "falls", [(c.name, c.label, c.y[-1]) for c in falls]),
        (axes[1], "coordinate_rate", [(b.name, b.label, b.y[1][-1]) for b in rates]),
    ):
        ax.set_xlabel(AXIS_LABELS["t"])
        ax.set_ylabel(AXIS_LABELS[quantity])
        label_ends(ax, [(float(y), text, OPTIMIZER_STYLE[n].colour) for n, text, y in lines])
    return fig, axes
