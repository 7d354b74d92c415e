"""The figures of the chapter "Three losses defeat every Adam"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import CONVERGES, FAILS, OPTIMIZER_STYLE, THEORY, new_figure

_STYLES = ((FAILS, "-"), (CONVERGES, (0, (4, 1.5))), ("#661155", (0, (1, 1.6))))


class ByPeriod(NamedTuple):
    """A quantity for one pair of betas, at periods ``(n,)``, and the law for it; at most three."""

    label: str
    period: np.ndarray
    value: np.ndarray
    law: np.ndarray


def excess_and_price(
    excess: Sequence[ByPeriod], price: Sequence[ByPeriod]
) -> tuple[Figure, np.ndarray]:
    """What Adam does not notice, and what that costs, against the period; both logarithmic.

    Args:
      excess: the largest sum of gradients of a period at which Adam still fails, in units of a
        small gradient; its law is drawn thin behind it.
      price: the average regret there, likewise.

    Returns:
      ``(fig, axes)``, axes of shape ``(2,)``.

    References:
      Introduced in the chapter "Three losses defeat every Adam".
    """
    fig, axes = new_figure(width=6.4, height=6.2, mosaic="a;b")
    for ax, curves, name in (
        (axes[0], excess, "sum of a period's gradients, $C^* - (P - 1)$"),
        (axes[1], price, "average regret at most"),
    ):
        labels = []
        for curve, (colour, dash) in zip(curves, _STYLES, strict=False):
            ax.plot(curve.period, curve.law, color=THEORY.colour, linewidth=THEORY.width)
            ax.plot(curve.period, curve.value, color=colour, linestyle=dash)
            labels.append((float(curve.value[-1]), curve.label, colour))
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("period $P$")
        ax.set_ylabel(name)
        ax.margins(x=0)
        label_ends(ax, labels)
    return fig, axes


def signed_terms(terms: np.ndarray, gradients: np.ndarray) -> tuple[Figure, Axes]:
    """The moves of one period and the gradients that they answer, as bars beside each other.

    Args:
      terms: the moves, minus the directions of the orbit, shape ``(P,)``.
      gradients: shape ``(P,)``.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Three losses defeat every Adam".
    """
    fig, ax = new_figure(height=2.6)
    rounds = np.arange(len(terms))
    adam, sgd = OPTIMIZER_STYLE["adam"].colour, OPTIMIZER_STYLE["sgd"].colour
    bars = (
        (-0.2, -gradients / np.abs(gradients).max(), "SGD's move", sgd, ""),
        (0.2, terms / np.abs(terms).max(), "Adam's move", adam, "///"),
    )
    for shift, heights, label, colour, hatch in bars:
        ax.bar(
            rounds + shift, heights, 0.36, label=label, color="white", edgecolor=colour, hatch=hatch
        )
    ax.axhline(0, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_xticks(rounds, [f"$g = {g:g}$" for g in gradients])
    ax.set_xlabel("round of the period")
    ax.set_ylabel("move, the largest is 1")
    ax.legend(frameon=False, loc="lower right")
    return fig, ax
