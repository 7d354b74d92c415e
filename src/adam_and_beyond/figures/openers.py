"""The pictures of what opens a page: one claim each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve, label_ends
from adam_and_beyond.figures.style import FAILS, OPTIMIZER_STYLE, THEORY, new_figure

_FADED = 8  # smaller balls that a walker leaves on its way


def balls_on_a_line(walks: Sequence[Curve]) -> tuple[Figure, Axes]:
    """A line that rises to the right, and a ball for each walker, where its walk ends.

    Args:
      walks: the iterates, in [-1, 1], one curve for each walker; the first is named above the
        line, the others below.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=2.8)
    ax.plot([-1, 1], [-1, 1], color="black", linewidth=2.5, solid_capstyle="round", zorder=1)
    ax.fill_between([-1, 1], [-1, 1], -2, color="#E4E4E4", linewidth=0, zorder=0)
    for k, walk in enumerate(walks):
        style = OPTIMIZER_STYLE[walk.name]
        way = walk.y[np.linspace(0, len(walk.y) - 1, _FADED, dtype=int)]
        for share, x in zip(np.linspace(0.3, 0.6, _FADED), way, strict=True):
            ax.plot(x, x, "o", color=style.colour, alpha=share, markersize=9, zorder=2)
        end = walk.y[-1]
        ax.plot(end, end, "o", color=style.colour, markersize=15, markeredgecolor="w", zorder=3)
        ax.annotate(
            walk.label,
            (end, end),
            xytext=(0, -18 if k else 14),
            textcoords="offset points",
            ha="center",
            va="top" if k else "bottom",
            color=style.colour,
            weight="bold",
        )
    ax.grid(visible=False)
    ax.set_xlim(-1.15, 1.15)
    ax.set_ylim(-1.9, 1.7)
    ax.set_xticks([-1, 0, 1], ["−1\nthe best point", "0", "+1\nthe worst point"])
    ax.set_yticks([])
    ax.set_xlabel("iterate $x_t$")
    ax.set_ylabel("mean loss")
    return fig, ax


def changes_as_bars(panels: Mapping[str, np.ndarray]) -> tuple[Figure, np.ndarray]:
    """Changes from round to round as bars, those below zero in the colour of failure.

    Heights go by the root of the change, so that small ones are seen beside large ones.

    Args:
      panels: method's label -> changes of its inverse learning rate, shape ``(n,)``; two or more.

    Returns:
      ``(fig, axes)``, one for each panel.

    References:
      Ours.
    """
    fig, axes = new_figure(len(panels), width=9.0, height=3.0)
    for ax, (label, changes) in zip(axes, panels.items(), strict=True):
        colours = np.where(changes < 0, FAILS, THEORY.colour)
        heights = np.sign(changes) * np.sqrt(np.abs(changes))
        ax.bar(np.arange(1, changes.size + 1), heights, width=0.8, color=colours)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_title(label)
        ax.set_xlabel("round")
        ax.yaxis.set_major_formatter(lambda root, _: f"{np.sign(root) * root**2:g}")
        ax.set_ylabel(r"change of $\sqrt{V_t}\,/\,\alpha_t$")
    lows, highs = zip(*(ax.get_ylim() for ax in axes), strict=True)
    for ax in axes:
        ax.set_ylim(min(lows), max(highs))
    return fig, axes


def averages_of_squares(curves: Sequence[Curve]) -> tuple[Figure, Axes]:
    """The average of squared gradients and its maximum so far, against the round.

    Args:
      curves: the lines, loss / x squared.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=3.0)
    for curve in curves:
        ax.plot(curve.t, curve.y, **OPTIMIZER_STYLE[curve.name].keywords())
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    ax.set_xlabel("round $t$")
    ax.set_ylabel("average of squared gradients")
    label_ends(ax, [(c.y[-1], c.label, OPTIMIZER_STYLE[c.name].colour) for c in curves])
    return fig, ax


def factors_against_round(curves: Sequence[Curve]) -> tuple[Figure, Axes]:
    """Learning-rate factors against the round, both axes logarithmic.

    Args:
      curves: V^{-1/2} of each method, positive, x / loss.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=3.0)
    for curve in curves:
        ax.plot(curve.t, curve.y, **OPTIMIZER_STYLE[curve.name].keywords())
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(x=0.01)
    ax.set_xlabel("round $t$")
    ax.set_ylabel(r"factor $V_t^{-1/2}$")
    label_ends(ax, [(c.y[-1], c.label, OPTIMIZER_STYLE[c.name].colour) for c in curves])
    return fig, ax


def one_clip(x: np.ndarray, after: np.ndarray, stairs: np.ndarray) -> tuple[Figure, Axes]:
    """Where a period takes each point, and the stairs that a point climbs on it.

    Args:
      x: points before the period, increasing, shape ``(n,)``.
      after: the same points after it.
      stairs: where one point is after 0, 1, 2 ... periods, shape ``(k,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(width=5.0, height=4.6)
    ax.plot(x[[0, -1]], x[[0, -1]], **THEORY.keywords())
    ax.plot(x, after, color="black", linewidth=2.5, solid_capstyle="round")
    corners = np.repeat(stairs, 2)
    style = OPTIMIZER_STYLE["adam"]
    ax.plot(corners[:-1], [x[0], *corners[2:]], color=style.colour, linewidth=1.2)
    ax.plot(stairs[-1], stairs[-1], "o", color=style.colour, markersize=9, zorder=3)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(x[0], x[-1])
    ax.set_xlabel("$x$ before the period")
    ax.set_ylabel("$x$ after it")
    return fig, ax


def paid_against_round(curves: Sequence[Curve]) -> tuple[Figure, Axes]:
    """What players have paid beyond the best fixed point, against the round.

    Args:
      curves: the regrets, loss.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=3.2)
    for curve in curves:
        ax.plot(curve.t, curve.y, **OPTIMIZER_STYLE[curve.name].keywords())
    ax.margins(x=0.01)
    ax.set_xlabel("round $t$")
    ax.set_ylabel("regret $R_t$")
    label_ends(ax, [(c.y[-1], c.label, OPTIMIZER_STYLE[c.name].colour) for c in curves])
    return fig, ax


def shares_as_bars(panels: Mapping[str, np.ndarray]) -> tuple[Figure, np.ndarray]:
    """The shares of past rounds in an average, as bars whose heights go by the root.

    Args:
      panels: method's label -> shares of the rounds, shape ``(n,)``, which add up to 1 at most; two
        or more.

    Returns:
      ``(fig, axes)``, one for each panel.

    References:
      Ours.
    """
    fig, axes = new_figure(len(panels), width=9.0, height=2.6)
    for ax, (label, shares) in zip(axes, panels.items(), strict=True):
        ax.bar(np.arange(1, shares.size + 1), np.sqrt(shares), width=0.8, color=THEORY.colour)
        ax.set_title(label)
        ax.set_xlabel("past round")
        ax.set_ylim(0, 1)
        ax.yaxis.set_major_formatter(lambda root, _: f"{root**2:.2g}")
        ax.set_ylabel("share")
    return fig, axes
