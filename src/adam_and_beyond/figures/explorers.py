"""The explorers' pictures: maps of verdicts, and curves over the memory or the rarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve, lines_against_step
from adam_and_beyond.figures.style import CONVERGES, FAILS, new_figure

_SYMBOLS = {"beta1": r"$\beta_1$", "beta2": r"$\beta_2$", "C": "rare gradient $C$"}


class PhaseMap(NamedTuple):
    """The drift over a plane: nodes x of shape ``(n,)`` and y ``(m,)``, values ``(m, n)``."""

    x: np.ndarray  # beta1 or C
    y: np.ndarray  # beta2
    D: np.ndarray
    failing: np.ndarray  # D times the mean gradient: positive where x goes to the worse end
    slack: np.ndarray | None  # of a sufficient condition, positive where it holds; None without
    x_name: str  # "beta1" or "C"


def _along(name: str, values: np.ndarray) -> np.ndarray:
    """Places along an axis: a decay rate by the logarithm of its distance from 1."""
    return np.log10(values) if name == "C" else -np.log10(1 - np.asarray(values))


def phase_map(
    data: PhaseMap, at: tuple[float, float] | None = None, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """The sign of the drift over a plane: vermilion and hatched where a method fails, else blue.

    The thick line is the exact boundary; a dashed one is the edge of a sufficient condition.

    Args:
      data: the map.
      at: a point to mark, in the units of the axes.
      ax: axes to draw into; a new figure without.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    if ax is None:
        _, ax = new_figure(width=4.6, height=4.0)
    names = (data.x_name, "beta2")
    x, y = _along(data.x_name, data.x), _along("beta2", data.y)
    outside = 1 + np.abs(data.failing).max()
    ax.contourf(
        x, y, data.failing, levels=[-outside, 0, outside], colors=[CONVERGES, FAILS], alpha=0.25
    )
    hatch = ax.contourf(x, y, data.failing, levels=[0, outside], colors="none", hatches=["///"])
    hatch.set_edgecolor(FAILS)
    hatch.set_linewidth(0)
    if data.failing.min() < 0 < data.failing.max():
        ax.contour(x, y, data.failing, levels=[0], colors="black", linewidths=2)
    if data.slack is not None and data.slack.min() < 0 < data.slack.max():
        ax.contourf(x, y, data.slack, levels=[0, np.inf], colors="white", alpha=0.6)
        edge = ax.contour(x, y, data.slack, levels=[0], colors="black", linestyles="dashed")
        edge.set_linewidth(1.2)
    if at is not None:
        spot = [_along(name, value) for name, value in zip(names, at, strict=True)]
        ax.plot(*spot, "o", markersize=9, color="white", markeredgecolor="black", markeredgewidth=2)
    for name, values, axis in zip(names, (data.x, data.y), (ax.xaxis, ax.yaxis), strict=True):
        ticks = _ticks(name, values)
        axis.set_ticks(_along(name, ticks), [f"{tick:g}" for tick in ticks])
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.set_xlabel(_SYMBOLS[data.x_name])
    ax.set_ylabel(_SYMBOLS["beta2"])
    ax.grid(False)
    return ax.figure, ax


def _ticks(name: str, values: np.ndarray) -> np.ndarray:
    if name == "C":
        ticks = np.outer(10.0 ** np.arange(5), [1, 3]).ravel()
    else:
        ticks = 1 - 10.0 ** -np.arange(9)
    return ticks[(ticks >= values[0]) & (ticks <= values[-1] + 1e-12)]


def phase_map_and_run(
    data: PhaseMap,
    at: tuple[float, float],
    iterates: Sequence[Curve],
    regrets: Sequence[Curve],
    levels: Mapping[str, float],
) -> tuple[Figure, np.ndarray]:
    """A phase map and, beside it, the run at a point of it: iterate above average regret.

    Args:
      data: the map.
      at: the point, in the units of the map's axes.
      iterates: x_t per method, units of x.
      regrets: R_t / t per method, units of loss.
      levels: label -> value of each theoretical average regret.

    Returns:
      ``(fig, axes)``, axes of shape ``(3,)``.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    fig, axes = new_figure(width=9.0, height=4.2, mosaic="mx;mr")
    phase_map(data, at, axes[0])
    lines_against_step(iterates, "x", ax=axes[1])
    late = [c.y[len(c.y) // 20 :] for c in regrets] + [np.array([1.5 * v for v in levels.values()])]
    least, most = (float(f(np.concatenate(late), initial=0.0)) for f in (np.min, np.max))
    limits = (1.1 * least, 1.1 * most + (most == least))
    lines_against_step(regrets, "average_regret", levels=levels, y_limits=limits, ax=axes[2])
    return fig, axes
