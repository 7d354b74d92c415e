"""Figures of the chapters on AMSGrad's and AdamNC's bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import label_ends
from adam_and_beyond.figures.style import OPTIMIZER_STYLE, THEORY, new_figure


class Tightness(NamedTuple):
    """The regret of one run and bounds on it, against T; all of shape ``(n,)``, positive."""

    name: str  # of the method, key of OPTIMIZER_STYLE
    title: str  # written into the panel
    t: np.ndarray
    regret: np.ndarray
    bounds: Mapping[str, np.ndarray]


def bounds_above_regret(panels: Sequence[Tightness]) -> tuple[Figure, Any]:
    """Regret (the method's line) and bounds on it (thin lines) against T, both axes logarithmic.

    Args:
      panels: at least two runs, one panel each; all panels share the value axis.

    Returns:
      ``(fig, axes)``, one axes per panel.

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    fig, axes = new_figure(len(panels), width=9.2, height=3.4)
    values = [y for panel in panels for y in (panel.regret, *panel.bounds.values())]
    limits = (0.5 * min(y.min() for y in values), 2 * max(y.max() for y in values))
    for ax, panel in zip(axes, panels, strict=True):
        style = OPTIMIZER_STYLE[panel.name]
        ax.plot(panel.t, panel.regret, **style.keywords())
        labels = [(float(panel.regret[-1]), "regret", style.colour)]
        for label, y in panel.bounds.items():
            ax.plot(panel.t, y, color=THEORY.colour, linewidth=1.2)
            labels.append((float(y[-1]), label, THEORY.colour))
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(limits)
        ax.margins(x=0.01)
        ax.set_xlabel("number of rounds $T$")
        ax.set_ylabel("regret $R_T$")
        ax.annotate(panel.title, xy=(0.03, 0.93), xycoords="axes fraction")
        label_ends(ax, labels)
    return fig, axes


def limits_against_step_size(
    alpha: np.ndarray, limits: Mapping[str, np.ndarray], labels: Mapping[str, str]
) -> tuple[Figure, Axes]:
    """The limit of the average regret with a constant step size, against that step size.

    Args:
      alpha: step sizes, increasing, shape ``(n,)``.
      limits: method -> limits of R_T / T, positive, shape ``(n,)``, units of loss.
      labels: method -> its label.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "AMSGrad and its bound".
    """
    fig, ax = new_figure()
    for name, y in limits.items():
        ax.plot(alpha, y, **OPTIMIZER_STYLE[name].keywords())
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(x=0.01)
    ax.set_xlabel(r"constant step size $\alpha_t = \alpha$")
    ax.set_ylabel(r"$\lim\, R_T / T$")
    label_ends(
        ax,
        [(float(y[-1]), labels[name], OPTIMIZER_STYLE[name].colour) for name, y in limits.items()],
    )
    return fig, ax


def regret_over_bound(
    horizon: np.ndarray, ratios: Mapping[str, np.ndarray], colours: Mapping[str, str]
) -> tuple[Figure, Axes]:
    """Regret over a bound on it, against the horizon; above 1 the bound is broken.

    Args:
      horizon: numbers of rounds, increasing, shape ``(n,)``.
      ratios: label -> regret over bound for each horizon, shape ``(n,)``.
      colours: label -> colour of its line.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "AdamNC".
    """
    fig, ax = new_figure()
    for label, y in ratios.items():
        ax.plot(horizon, y, "o-", color=colours[label], markersize=4, linewidth=1.4)
    ax.axhline(1.0, color=THEORY.colour, linewidth=THEORY.width)
    ax.set_xscale("log")
    ax.margins(x=0.02)
    ax.set_ylim(0, 1.15 * max(1.0, *(float(y.max()) for y in ratios.values())))
    ax.set_xlabel("number of rounds $T$")
    ax.set_ylabel("regret over bound")
    labels = [(float(y[-1]), label, colours[label]) for label, y in ratios.items()]
    label_ends(ax, [*labels, (1.0, "broken above", THEORY.colour)])
    return fig, ax
