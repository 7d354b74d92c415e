"""The book's style and palette: a colour, a dash and a marker belong to a method everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adam_and_beyond.figures.narrow import as_svg

# One table of axis labels, so that no plot calls a step an epoch or an iterate a loss.
AXIS_LABELS = MappingProxyType(
    {
        "t": "step $t$",
        "x": "iterate $x_t$",
        "average_regret": "average regret $R_t / t$",
        "learning_rate": r"learning rate $\alpha_t / \sqrt{v_t}$",
        "inverse_rate": r"inverse learning rate $\sqrt{V_t} / \alpha_t$",
        "scale": r"scale $\sqrt{V_t}$",
        "oscillation": "oscillation $O_t$",
        "alpha": r"step-size scale $\alpha$",
        "train_loss": "train loss (nats)",
        "test_loss": "test loss (nats)",
        "train_accuracy": "train accuracy",
        "test_accuracy": "test accuracy",
        "falls": r"share of coordinates with $\Gamma_t < 0$",
        "coordinate_rate": r"learning rate $\alpha_t / \sqrt{V_t}$",
    }
)


class LineStyle(NamedTuple):
    """How a method is drawn: colour, dash pattern in points (empty: solid) and marker."""

    colour: str
    dash: tuple[float, ...]
    marker: str
    width: float = 1.8

    def keywords(self) -> dict[str, Any]:
        """As keyword arguments of ``Axes.plot``, without the marker."""
        line = (0, self.dash) if self.dash else "-"
        return {"color": self.colour, "linestyle": line, "linewidth": self.width}


_OTHERS = "#8800EE"


class _Styles(dict):
    """Styles by method; a method of the reader's own is drawn as the others are."""

    def __missing__(self, name: str) -> LineStyle:
        return LineStyle(_OTHERS, (4, 2), "o")


OPTIMIZER_STYLE: Mapping[str, LineStyle] = MappingProxyType(
    _Styles(
        {
            "sgd": LineStyle("#000000", (1, 1.6), "s"),
            "adagrad": LineStyle("#114400", (5, 1.5, 1, 1.5, 1, 1.5), "D"),
            "rmsprop": LineStyle("#BB7766", (4, 4), "x"),
            "adam": LineStyle("#D55E00", (), "o"),
            "adam_corrected": LineStyle(_OTHERS, (5, 1.5, 1, 1.5), "P"),
            "amsgrad": LineStyle("#0072B2", (4, 1.5), "^"),
            "adamnc": LineStyle("#661155", (9, 2), "v"),
            # The others share a colour: no more stay apart in every kind of vision.
            "adam_epsilon": LineStyle(_OTHERS, (3, 1.5), "p"),
            "adam_epsilon_inside": LineStyle(_OTHERS, (3, 3), "H"),
            "amsgrad_torch": LineStyle(_OTHERS, (2.5, 1.5, 1, 1.5), "<"),
            "amsgrad_optax": LineStyle(_OTHERS, (10, 1.5, 1, 1.5), ">"),
            "amsgrad_keras": LineStyle(_OTHERS, (4, 1.5, 1, 1.5), "$k$"),
            "amsgrad_optax_uncorrected": LineStyle(_OTHERS, (14, 2, 1, 2), "$u$"),
            "nadam": LineStyle(_OTHERS, (5, 1.5, 2.5, 1.5), "*"),
            "adadelta": LineStyle(_OTHERS, (8, 1.5, 1, 1.5, 1, 1.5, 1, 1.5), "h"),
            "adamx": LineStyle(_OTHERS, (5, 1.5, 5, 1.5, 1, 1.5), "X"),
            "adabelief": LineStyle(_OTHERS, (6, 1, 2, 1), "4"),
            "adashift": LineStyle(_OTHERS, (1, 1), "d"),
            "adopt": LineStyle(_OTHERS, (7, 1.5, 1, 1.5, 1, 1.5), "8"),
            "adopt_clipped": LineStyle(_OTHERS, (7, 1.5, 2.5, 1.5, 2.5, 1.5), "|"),
            "yogi": LineStyle(_OTHERS, (7, 3), "+"),
            "padam": LineStyle(_OTHERS, (2.5, 3), "1"),
            "nosadam": LineStyle(_OTHERS, (12, 2, 3, 2), "2"),
            "adabound": LineStyle(_OTHERS, (1, 3), "3"),
        }
    )
)


THEORY = LineStyle("#595959", (), "", 0.9)  # bounds, limits and other things that are not runs


FAILS, CONVERGES = "#D55E00", "#0072B2"  # verdict maps: vermilion and blue, plus hatching


_STYLE = {
    "figure.figsize": (6.4, 3.4),
    "figure.facecolor": "white",  # opaque, so that a dark page keeps figures readable
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "savefig.dpi": 200,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "adam-and-beyond",  # the same data give the same file
    "svg.fonttype": "path",
}


def use_book_style() -> None:
    """Set the book's figure style; a notebook then shows figures as SVG, and as PDF in print.

    The SVG carries the form for a phone, which only the site takes out.

    References:
      Introduced in the chapter "Regret and the generic method"; the first cell of every chapter
      calls it.
    """
    matplotlib.rcParams.update(_STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", "pdf")
        formatters = get_ipython().display_formatter.formatters
        formatters["image/svg+xml"].for_type(Figure, as_svg)


def hatch_failing(ax: Axes, x: Any, y: Any, values: Any, levels: Any, colour: str = FAILS) -> None:
    """Hatch the part of a map where a method fails, so that it is told without colour.

    Args:
      ax: axes to draw into.
      x: grid of the horizontal axis, as for ``contourf``.
      y: grid of the vertical axis.
      values: what is drawn, shape ``(len(y), len(x))``.
      levels: the lower and upper end of the values that mean failure.
      colour: of the hatching.

    References:
      Introduced in the chapter "Theorem 1".
    """
    hatch = ax.contourf(x, y, values, levels=levels, colors="none", hatches=["///"])
    hatch.set_edgecolor(colour)
    hatch.set_linewidth(0)


def new_figure(
    columns: int = 1, width: float = 6.4, height: float = 3.4, mosaic: str = ""
) -> tuple[Figure, Any]:
    """An empty figure in the book's style: one row of axes, or a mosaic.

    Args:
      columns: number of axes, without a mosaic.
      width: of the figure, inches.
      height: of the figure, inches.
      mosaic: layout of several axes in matplotlib's notation, e.g. ``"ab;cc"``.

    Returns:
      ``(fig, ax)``, or ``(fig, axes)`` with a one-dimensional array of axes if there are several.
    """
    import matplotlib.pyplot as plt

    with matplotlib.rc_context(_STYLE):
        if not mosaic:
            return plt.subplots(1, columns, figsize=(width, height))
        fig, axes = plt.subplot_mosaic(mosaic, figsize=(width, height))
        return fig, np.array(list(axes.values()))
