"""Glimpses: the small pictures beside what the landing page says is new, one thing each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.style import CONVERGES, FAILS, THEORY, new_figure

_SIZE = {"width": 2.0, "height": 1.4}  # inches, so that letters are legible at 160 pixels


def _small() -> tuple[Figure, Axes]:
    """Small axes without ticks."""
    fig, ax = new_figure(**_SIZE)
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    return fig, ax


def glimpse_of_map(x: np.ndarray, y: np.ndarray, D: np.ndarray) -> tuple[Figure, Axes]:
    """Where the drift number is positive, over a plane with logarithmic axes.

    Args:
      x: coordinates across, positive, shape ``(n,)``.
      y: coordinates up, positive, shape ``(k,)``.
      D: drift numbers, shape ``(k, n)``.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = _small()
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.minorticks_off()
    ax.contourf(x, y, D, levels=[-np.inf, 0, np.inf], colors=[CONVERGES, FAILS], alpha=0.35)
    ax.contourf(x, y, D, levels=[0, np.inf], colors="none", hatches=["///"])
    ax.contour(x, y, D, levels=[0], colors="black", linewidths=1.8)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel("momentum")
    ax.set_ylabel("memory")
    return fig, ax


def glimpse_of_moves(moves: np.ndarray) -> tuple[Figure, Axes]:
    """The moves of one period as bars, and beside them their sum.

    Args:
      moves: shape ``(P,)``, units of x.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = _small()
    rounds = np.arange(moves.size)
    ax.bar(rounds, moves, width=0.7, color=THEORY.colour)
    ax.bar(moves.size + 0.4, moves.sum(), width=0.7, color=FAILS)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set_xticks([rounds.mean(), moves.size + 0.4], ["three moves", "sum"])
    return fig, ax


def glimpse_of_rest(data: np.ndarray, rests: Mapping[str, float]) -> tuple[Figure, Axes]:
    """Data on a line, and where different methods come to rest between them.

    Args:
      data: shape ``(n,)``.
      rests: name of a place -> where it is; the second one is drawn in the colour of failure.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = _small()
    ax.plot(data, np.zeros_like(data), "|", color=THEORY.colour, markersize=14)
    colours = [CONVERGES, FAILS, "black"]
    for k, (name, place) in enumerate(rests.items()):
        ax.plot([place, place], [-0.35, 0.5 + 0.45 * k], color=colours[k], linewidth=1.8)
        ax.annotate(
            name,
            (place, 0.5 + 0.45 * k),
            (4, -2),
            textcoords="offset points",
            color=colours[k],
            va="top",
        )
    ax.set_ylim(-0.5, 1.7)
    ax.spines["left"].set_visible(False)
    return fig, ax


def glimpse_of_curve(x: np.ndarray, y: np.ndarray) -> tuple[Figure, Axes]:
    """A share of the right probability against rarity, on a logarithmic axis.

    Args:
      x: positive, shape ``(n,)``.
      y: shares, shape ``(n,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = _small()
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.axhline(1, color=CONVERGES, linewidth=1.2, linestyle="--")
    ax.plot(x, y, color=FAILS, linewidth=2.2)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(0, 1.12)
    ax.set_xticks([])
    ax.set_yticks([0, 1])
    ax.set_xlabel("rare … common")
    return fig, ax


def glimpse_of_verdicts(drifts: Mapping[str, float]) -> tuple[Figure, Axes]:
    """Drift numbers as bars to the right (fails) and to the left, by the root of their size.

    Args:
      drifts: name of an optimizer -> its drift number.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced on the page "Adam and Beyond".
    """
    fig, ax = _small()
    values = np.array(list(drifts.values()))
    places = np.arange(values.size)[::-1]
    colours = np.where(values > 0, FAILS, CONVERGES)
    ax.barh(places, np.sign(values) * np.sqrt(np.abs(values)), height=0.7, color=colours)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(places, list(drifts))
    ax.tick_params(axis="y", length=0)
    return fig, ax
