"""Figures of the chapter on the inverse learning rate, in the style of the book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve, label_ends, lines_against_step
from adam_and_beyond.figures.style import (
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)

_THEORY_LINE = {"color": THEORY.colour, "linewidth": THEORY.width}
_BOUND = {"color": THEORY.colour, "linewidth": 1.4, "linestyle": (0, (4, 2))}


def inverse_rates_up_and_down(curves: Sequence[Curve], rare: np.ndarray) -> tuple[Figure, Axes]:
    """The inverse learning rate over a few periods, the rounds of the rare gradient marked.

    Args:
      curves: the inverse learning rate of each round, units loss / x squared.
      rare: the rounds with the big gradient, shape ``(k,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), equation (2). Introduced in the chapter "Where the proof
      breaks".
    """
    fig, ax = lines_against_step(curves, "inverse_rate")
    ax.set_ylim(0, None)
    for t in rare:
        ax.axvline(t, **_THEORY_LINE, alpha=0.5)
    ax.annotate(
        "big gradients",
        xy=(rare[len(rare) // 2], 0.0),
        xytext=(4, 6),
        textcoords="offset points",
        color=THEORY.colour,
    )
    return fig, ax


def net_and_positive_changes(
    T: np.ndarray, net: np.ndarray, positive: np.ndarray
) -> tuple[Figure, Axes]:
    """What the changes of the inverse rate add up to, and what their positive parts add up to.

    Args:
      T: rounds, increasing, shape ``(n,)``.
      net: the inverse rate w_T, which is the sum of all changes, shape ``(n,)``.
      positive: the sum of the positive changes up to T, shape ``(n,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Where the proof breaks".
    """
    fig, ax = new_figure()
    adam = OPTIMIZER_STYLE["adam"]
    ax.plot(T, net, **_BOUND)
    ax.plot(T, positive, **adam.keywords())
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("number of rounds $T$")
    ax.set_ylabel("sum of changes up to $T$")
    ax.margins(x=0.01)
    label_ends(
        ax,
        [
            (float(net[-1]), "all changes: $w_T$", THEORY.colour),
            (float(positive[-1]), "positive ones", adam.colour),
        ],
    )
    return fig, ax


class Promise(NamedTuple):
    """A run beside the bound of a proof: rounds, regret and bound, each of shape ``(n,)``."""

    name: str  # key of OPTIMIZER_STYLE
    label: str
    T: np.ndarray
    regret: np.ndarray
    bound: np.ndarray


def promise_and_regret(promises: Sequence[Promise]) -> tuple[Figure, Any]:
    """The regret of runs beside what a proof promises, one panel for each method.

    Args:
      promises: two or more runs.

    Returns:
      ``(fig, axes)``, axes of shape ``(n,)``.

    References:
      Ours. Introduced in the chapter "Where the proof breaks".
    """
    fig, axes = new_figure(len(promises), width=4.3 * len(promises), height=3.2)
    top = max(max(p.regret.max(), p.bound.max()) for p in promises)
    for ax, p in zip(axes, promises, strict=True):
        style = OPTIMIZER_STYLE[p.name]
        ax.plot(p.T, p.bound, **_BOUND)
        ax.plot(p.T, p.regret, **style.keywords())
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(min(q.regret[0] for q in promises) / 2, 3 * top)
        ax.set_xlabel("number of rounds $T$")
        ax.set_ylabel("regret $R_T$")
        middle = len(p.T) // 3
        for y, text, colour, below in (
            (p.bound[middle], "promised", THEORY.colour, False),
            (p.regret[middle], p.label, style.colour, True),
        ):
            ax.annotate(
                text,
                xy=(p.T[middle], y),
                xytext=(6, -6) if below else (-6, 6),
                textcoords="offset points",
                color=colour,
                ha="left" if below else "right",
                va="top" if below else "bottom",
            )
        beyond = p.regret > p.bound
        if beyond.any():
            first = int(np.argmax(beyond))
            ax.axvline(p.T[first], **_THEORY_LINE)
            ax.annotate(
                "broken from\nhere on",
                xy=(p.T[first], ax.get_ylim()[0]),
                xytext=(-5, 8),
                textcoords="offset points",
                ha="right",
            )
    return fig, axes


def shares_of_falling(
    labels: Sequence[str], decreasing: np.ndarray, constant: np.ndarray
) -> tuple[Figure, Axes]:
    """In how many rounds the inverse learning rate of each method falls, for two step sizes.

    Args:
      labels: names of the methods, n of them, in the order from top to bottom.
      decreasing: share of rounds with Gamma < 0 for alpha / sqrt(t), in [0, 1], shape ``(n,)``.
      constant: the same for a constant step size.

    Returns:
      ``(fig, ax)``.

    References:
      Ours. Introduced in the chapter "Where the proof breaks".
    """
    fig, ax = new_figure(height=0.24 * len(labels) + 1.0)
    rows = np.arange(len(labels))[::-1]
    for y, a, b in zip(rows, decreasing, constant, strict=True):
        ax.plot([a, b], [y, y], **_THEORY_LINE)
    circles = {"color": FAILS, "markersize": 8, "markerfacecolor": "white"}
    ax.plot(constant, rows, "o", **circles, label=r"constant $\alpha$")
    ax.plot(decreasing, rows, "D", color=CONVERGES, markersize=5, label=r"$\alpha/\sqrt{t}$")
    ax.set_yticks(rows, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlim(-0.03, 1.03)
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    ax.set_xlabel(r"share of rounds with $\Gamma_t < 0$")
    ax.set_ylabel("method")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, handletextpad=0, borderpad=0)
    return fig, ax
