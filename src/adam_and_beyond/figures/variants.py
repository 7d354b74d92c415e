"""Figures of the chapter on the variants of AMSGrad and on what came after."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.lines import Curve, label_ends
from adam_and_beyond.figures.style import OPTIMIZER_STYLE, new_figure


def factors_in_a_cycle(curves: Sequence[Curve]) -> tuple[Figure, Axes]:
    r"""What each gradient of a cycle is multiplied by, the rare one (first) marked by a point.

    Args:
      curves: ``t`` the round within the cycle, from 1; ``y`` the factor :math:`V^{-1/2}` that the
        gradient of that round meets, positive, units x / loss per unit of alpha.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Which AMSGrad did you run, and what came after".
    """
    fig, ax = new_figure()
    for curve in curves:
        style = OPTIMIZER_STYLE[curve.name]
        ax.plot(curve.t[1:], curve.y[1:], **style.keywords())
        ax.plot(curve.t[:1], curve.y[:1], style.marker, color=style.colour, markersize=8)
        ax.annotate(
            f"the rare gradient, {curve.label}",
            xy=(curve.t[0], curve.y[0]),
            xytext=(14, -3),
            textcoords="offset points",
            color=style.colour,
            va="center",
        )
    ax.set_xlabel("round of the cycle")
    ax.set_ylabel(r"factor $V^{-1/2}$")
    ax.margins(x=0.02)
    label_ends(ax, [(float(c.y[-1]), c.label, OPTIMIZER_STYLE[c.name].colour) for c in curves])
    return fig, ax
