"""The pictures of what opens the chapters on the boundary."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator, NullLocator

from adam_and_beyond.figures.style import CONVERGES, FAILS, OPTIMIZER_STYLE, THEORY, new_figure

_PALE = 0.25


def unseen_sums(
    periods: np.ndarray,
    unseen: np.ndarray,
    limits: tuple[float, float],
    at: tuple[float, float],
    rounds: np.ndarray,
    x: np.ndarray,
) -> tuple[Figure, np.ndarray]:
    """The sums of a period that Adam does not see, with their price, and the walk at one point.

    Args:
      periods: P, increasing, shape ``(n,)``.
      unseen: the largest such sum for each, in units of a small gradient.
      limits: the ends of the axis of sums.
      at: the reader's point, (P, sum).
      rounds: of the walk, shape ``(k,)``.
      x: the iterate in these rounds.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Ours.
    """
    fig, axes = new_figure(width=9.0, height=3.8, mosaic="mw")
    region, walk = axes
    region.set_xscale("log")
    region.set_yscale("log")
    edge = np.clip(unseen, *limits)
    shown = {"linewidth": 0, "edgecolor": FAILS}
    region.fill_between(periods, limits[0], edge, color=FAILS, alpha=_PALE, linewidth=0)
    region.fill_between(periods, limits[0], edge, facecolor="none", hatch="///", **shown)
    region.fill_between(periods, edge, limits[1], color=CONVERGES, alpha=_PALE, linewidth=0)
    region.plot(periods, unseen, color="black", linewidth=2)
    for price in 10.0 ** np.arange(-7, 2, 2):
        region.plot(periods, price * periods / 2, **THEORY.keywords())
    region.plot(
        *at,
        "o",
        color="white",
        markeredgecolor="black",
        markeredgewidth=2,
        markersize=9,
        clip_on=False,
        zorder=5,
    )
    region.set_xlim(periods[0], periods[-1])
    region.set_ylim(*limits)
    ticks = [P for P in (3, 10, 30, 100, 300) if periods[0] <= P <= periods[-1]]
    region.xaxis.set_minor_locator(NullLocator())
    region.set_xticks(ticks, map(str, ticks))
    region.set_xlabel("period $P$")
    region.set_ylabel("sum of a period, $C - (P - 1)$")
    price = region.secondary_yaxis(
        "right", functions=(lambda s: 2 * s / periods[-1], lambda p: p * periods[-1] / 2)
    )
    price.set_ylabel("price of the thin lines")
    walk.plot(rounds, x, **OPTIMIZER_STYLE["adam"].keywords())
    walk.set_ylim(-1.1, 1.1)
    walk.margins(x=0.01)
    walk.xaxis.set_major_locator(MaxNLocator(4))
    walk.xaxis.set_major_formatter(EngFormatter(sep=""))
    walk.set_xlabel("round $t$")
    walk.set_ylabel("iterate $x_t$")
    return fig, axes


def gradients_and_drifts(
    gradients: np.ndarray, drifts: Mapping[str, float]
) -> tuple[Figure, np.ndarray]:
    """The gradients of one period as bars, and the drift numbers of methods on them.

    Args:
      gradients: shape ``(P,)``.
      drifts: method's label -> drift number; hatched where it is positive.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Ours.
    """
    fig, axes = new_figure(2, width=9.0, height=2.8)
    bars, numbers = axes
    bars.bar(np.arange(1, gradients.size + 1), gradients, width=0.8, color=THEORY.colour)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set_ylim(-1.1, 1.1)
    bars.set_xlabel("round of the period")
    bars.set_ylabel("gradient")
    for k, (label, D) in enumerate(drifts.items()):
        colour, hatch = (FAILS, "///") if D > 0 else (CONVERGES, "")
        numbers.barh(k, D, color=colour, alpha=0.8, hatch=hatch)
        numbers.annotate(
            f"{label}  {D:+.3f}",
            (max(D, 0.0), k),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    numbers.axvline(0, color="black", linewidth=0.8)
    numbers.invert_yaxis()
    numbers.set_yticks([])
    numbers.margins(x=0.5)
    numbers.set_xlabel("drift number $D$")
    numbers.set_ylabel("method")
    return fig, axes


def mean_of_steps(rounds: np.ndarray, means: np.ndarray, exact: float) -> tuple[Figure, Axes]:
    """The mean of a method's steps so far against the round, above zero away from the best point.

    Args:
      rounds: shape ``(n,)``.
      means: the mean step up to each round, in units of the step size.
      exact: where it settles.

    Returns:
      ``(fig, ax)``.

    References:
      Ours.
    """
    fig, ax = new_figure(height=3.0)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axhline(exact, linestyle="--", color=FAILS if exact > 0 else CONVERGES, linewidth=1.2)
    ax.plot(rounds, means, **OPTIMIZER_STYLE["adam"].keywords())
    ax.annotate(
        f"in the long run {exact:+.3f}",
        (rounds[-1], exact),
        xytext=(0, -4 if exact > 0 else 4),
        textcoords="offset points",
        ha="right",
        va="top" if exact > 0 else "bottom",
    )
    most = 1.3 * max(abs(exact), np.abs(means[len(means) // 20 :]).max())
    ax.set_ylim(-most, most)
    ax.margins(x=0.01)
    ax.set_xlabel("round $t$")
    ax.set_ylabel(r"mean of $-m/\sqrt{v}$ so far")
    return fig, ax
