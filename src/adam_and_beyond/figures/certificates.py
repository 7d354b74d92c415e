"""Figures of the chapter on certificates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adam_and_beyond.figures.style import CONVERGES, THEORY, new_figure


def covering(
    boxes: np.ndarray, parameter: np.ndarray, values: np.ndarray, label: str
) -> tuple[Figure, Axes]:
    """A proof by ball arithmetic: boxes that contain a curve and stay above zero.

    Args:
      boxes: shape ``(n, 4)``: least and greatest parameter of a box, lower and upper bound on the
        curve there.
      parameter: where the curve is drawn, shape ``(k,)``.
      values: the curve, shape ``(k,)``.
      label: of the vertical axis.

    Returns:
      ``(fig, ax)``.

    References:
      Introduced in the chapter "Certificates".
    """
    fig, ax = new_figure()
    left, right, low, high = np.asarray(boxes, np.float64).T
    patches = [
        Rectangle((a, c), b - a, d - c) for a, b, c, d in zip(left, right, low, high, strict=True)
    ]
    ax.add_collection(
        PatchCollection(patches, facecolor=CONVERGES, alpha=0.25, edgecolor=CONVERGES, linewidth=1)
    )
    ax.plot(parameter, values, color="black", linewidth=1.4)
    ax.axhline(0, **THEORY.keywords())
    ax.set_xlim(left.min(), right.max())
    ax.set_ylim(min(0, low.min()) - 0.05 * high.max(), 1.05 * high.max())
    ax.set_xlabel(r"$\beta_2$")
    ax.set_ylabel(label)
    return fig, ax
