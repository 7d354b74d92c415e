"""Figures of the chapter on Theorem 2, in the style of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from adam_and_beyond.figures.lines import Curve, label_ends
from adam_and_beyond.figures.style import (
    AXIS_LABELS,
    CONVERGES,
    FAILS,
    OPTIMIZER_STYLE,
    THEORY,
    new_figure,
)

_ADAM = OPTIMIZER_STYLE["adam"].keywords()
_THEORY_LINE = {"color": THEORY.colour, "linewidth": THEORY.width}
_BOUND = {"color": THEORY.colour, "linewidth": 1.4, "linestyle": (0, (4, 2))}
_DASHES = ((), (6, 2), (2, 1.5))


def _name(ax: Axes, text: str, xy: tuple[float, float], offset=(0, 5), **more: Any) -> None:
    more = {"color": THEORY.colour} | more
    ax.annotate(text, xy=xy, xytext=offset, textcoords="offset points", **more)


def walk_to_the_worst_point(
    t: np.ndarray, x: np.ndarray, ratios: Sequence[Curve]
) -> tuple[Figure, Any]:
    """Left: the iterate of one run, from the best point to the worst. Right: average regrets.

    Args:
      t: steps, shape ``(n,)``.
      x: the iterate after them, shape ``(n,)``.
      ratios: average regret over its limit 2/C, one curve per run.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2. Introduced in the chapter "Theorem 2".
    """
    fig, (left, right) = new_figure(2, width=8.6, height=3.1)
    left.plot(t, x, **(_ADAM | {"linewidth": 1.1}))
    left.set_ylim(-1.12, 1.22)
    _name(left, "worst point", (t[-1], 1.0), ha="right")
    _name(left, "best point, the start", (t[0], -1.0), (12, -2))
    left.set_xlabel(AXIS_LABELS["t"])
    left.set_ylabel(AXIS_LABELS["x"])
    for curve, dash in zip(ratios, _DASHES, strict=False):
        style = {"color": OPTIMIZER_STYLE[curve.name].colour, "linewidth": 1.4}
        right.plot(curve.t, curve.y, linestyle=(0, dash) if dash else "-", **style)
        crossing = float(curve.t[np.argmax(curve.y > 0.5)])
        _name(right, curve.label, (crossing, 0.5), (-4, 0), color=style["color"], ha="right")
    right.axhline(1.0, **_THEORY_LINE)
    right.set_xscale("log")
    right.set_ylim(-0.3, 1.3)
    right.margins(x=0.01)
    right.set_xlabel(AXIS_LABELS["t"])
    right.set_ylabel("average regret, in units of $2/C$")
    _name(right, "$2/C$", (ratios[0].t[0], 1.0))
    return fig, (left, right)


class Block(NamedTuple):
    """One block of C rounds: a quantity after each, and the bounds that the proof gives."""

    value: np.ndarray  # shape (C,)
    lower: np.ndarray | None
    upper: np.ndarray | None


def averages_in_a_block(m: Block, v: Block) -> tuple[Figure, Any]:
    """The averages m (left) and v (right, logarithmic) along a block, with their bounds.

    Args:
      m: the average gradient and its upper bound.
      v: the average square, its lower and its upper bound.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 2. Introduced in the chapter "Theorem 2".
    """
    fig, axes = new_figure(2, width=8.6, height=3.1)
    for ax, block, name in zip(axes, (m, v), ("$m_{n+j}$", "$v_{n+j}$"), strict=True):
        j = np.arange(1, block.value.size + 1)
        ax.plot(j, block.value, **_ADAM)
        for bound in (block.lower, block.upper):
            if bound is not None:
                ax.plot(j, bound, **_BOUND)
        ax.set_xlabel("round $j$ of the block")
        ax.set_ylabel(name)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    left, right = axes
    left.axhline(0.0, **_THEORY_LINE)
    C = m.value.size
    _name(left, "steps down\nwhile $m > 0$", (0.12 * C, 0.5 * m.value.max()), (6, 0))
    _name(left, "steps up from here on", (0.55 * C, 0.0), (0, 6), ha="center")
    right.set_yscale("log")
    right.axhline(2.0, **_THEORY_LINE)
    right.axvline(C / 2, **_THEORY_LINE)
    right.set_ylim(0.3, 2 * v.upper.max())
    _name(right, "$v \\leq 2$ in\nthis half", (0.75 * C, 2.0), (0, 6), ha="center")
    return fig, axes


def down_then_up(
    allowed: tuple[np.ndarray, np.ndarray], reversed_order: tuple[np.ndarray, np.ndarray]
) -> tuple[Figure, Any]:
    """The projection lemma (left), and what happens in the other order (right).

    Args:
      allowed: the projected points and the points without projection, shape ``(n + 1,)`` each, for
        steps that go down first.
      reversed_order: the same for the same steps in the other order.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 2. Introduced in the chapter "Theorem 2".
    """
    fig, axes = new_figure(2, width=8.6, height=3.2)
    pairs = (allowed, reversed_order)
    low = min(free.min() for _, free in pairs)
    high = max(free.max() for _, free in pairs)
    for ax, (projected, free), colour in zip(axes, pairs, (CONVERGES, FAILS), strict=True):
        step = np.arange(free.size)
        ax.axhspan(-1, 1, color="#F1F1F1", zorder=0)
        ax.plot(step, free, "o", markersize=3, **_BOUND)
        ax.plot(step, projected, "o-", color=colour, linewidth=1.8, markersize=4)
        end, bound = projected[-1], min(1.0, free[-1])
        word = "above" if end >= bound else "below"
        ax.plot([step[-1]], [bound], "D", color="black", markersize=6)
        _name(
            ax,
            f"ends {word} the bound",
            (step[-1], end),
            (-8, 10 if end >= bound else -16),
            color=colour,
            ha="right",
        )
        ax.set_ylim(low - 0.3, high + 0.3)
        ax.set_xlabel("number of steps taken")
        ax.set_ylabel("point $y$")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return fig, axes


def walk_of_a_block(walk: np.ndarray, bound: np.ndarray) -> tuple[Figure, Axes]:
    """How far a block has led after j rounds, and how far the proof says at least.

    Args:
      walk: sums of the steps of a block, in units of the step size at its start, shape ``(C,)``.
      bound: sums of the lower bounds on the steps, shape ``(C,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), proof of Theorem 2. Introduced in the chapter "Theorem 2".
    """
    fig, ax = new_figure(height=3.2)
    j = np.arange(1, walk.size + 1)
    ax.plot(j, walk, **_ADAM)
    ax.plot(j, bound, **_BOUND)
    ax.axhline(0.0, **_THEORY_LINE)
    ax.axvline(walk.size / 2, **_THEORY_LINE)
    _name(ax, "from here on the\nproof counts gains", (walk.size / 2, walk.max()), (6, -20))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("round $j$ of the block")
    ax.set_ylabel(r"sum of the steps, in units of $\alpha_{n+1}$")
    ax.margins(x=0.01)
    label_ends(
        ax,
        [
            (float(walk[-1]), "Adam", OPTIMIZER_STYLE["adam"].colour),
            (float(bound[-1]), "proved", THEORY.colour),
        ],
    )
    return fig, ax


def rarity_needed(
    memory: np.ndarray, curves: Mapping[str, np.ndarray], exact: np.ndarray
) -> tuple[Figure, Axes]:
    r"""How rare the big gradient must be, for each condition and in truth, against the memory.

    Args:
      memory: 1 / (1 - beta2), increasing, shape ``(n,)``.
      curves: label -> smallest C of a condition, shape ``(n,)`` each.
      exact: smallest C at which Adam fails, shape ``(n,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2; the exact curve is ours. Introduced in the chapter
      "Theorem 2".
    """
    fig, ax = new_figure(height=3.8)
    labels = []
    for (text, values), dash in zip(
        curves.items(), ((4, 2), (7, 2, 1.5, 2), (1, 1.4)), strict=False
    ):
        ax.plot(memory, values, color=THEORY.colour, linewidth=1.6, linestyle=(0, dash))
        labels.append((float(values[-1]), text, THEORY.colour))
    ax.plot(memory, exact, **(_ADAM | {"linewidth": 2.4}))
    labels.append((float(exact[-1]), "Adam fails from here", OPTIMIZER_STYLE["adam"].colour))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(x=0.01)
    ax.set_xlabel(r"memory $1/(1-\beta_2)$, in rounds")
    ax.set_ylabel("rarity $C$")
    label_ends(ax, labels)
    return fig, ax
