"""A figure as a phone shows it: panels below each other, as wide as the column of a page there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter

WIDTH = 4.0  # inches: a column of 350 CSS pixels then shows 9 points as 10.6 pixels
LOWEST, SHRINK = 2.3, 0.9  # inches for a panel that stood beside others; and what it may lose
APART = 4  # pixels of the figure between two tick labels, at least
NARROW = "narrow"  # id of the metadata that hold the narrow form
END = "end of a curve"  # gid of the labels that `spread_ends` moves


def spread_ends(ax: Axes, gap: float = 12.0) -> None:
    """Move the labels at the ends of curves apart vertically where they would overlap.

    Args:
      ax: axes of a figure that has been laid out.
      gap: least distance between two labels, in points.
    """
    ends = [text for text in ax.texts if text.get_gid() == END]
    points = 72.0 / ax.figure.dpi
    heights = [
        ax.transData.transform((0, y))[1] * points if y > 0 or ax.get_yscale() != "log" else -np.inf
        for y in (text.xy[1] for text in ends)
    ]
    order = np.argsort(heights)
    placed = np.array(heights, dtype=float)[order]
    for _ in range(100):  # relax: push close pairs apart symmetrically
        close = np.diff(placed) < gap - 1e-6
        if not close.any():
            break
        for k in np.flatnonzero(close):
            push = (gap - (placed[k + 1] - placed[k])) / 2
            placed[k] -= push
            placed[k + 1] += push
    for rank, k in enumerate(order):
        ends[k].xyann = (6, placed[rank] - heights[k])


@contextmanager
def narrowed(fig: Figure) -> Iterator[Figure]:
    """Put a figure's panels below each other; on leaving it is as it was.

    Args:
      fig: a figure of the book.

    Returns:
      A context in which the figure is narrow.
    """
    size = fig.get_size_inches()
    panels = [(ax, ax.get_subplotspec()) for ax in fig.axes if ax.get_subplotspec() is not None]
    ends = [(text, text.xyann) for ax in fig.axes for text in ax.texts if text.get_gid() == END]
    axes = [ax.xaxis for ax in fig.axes]
    ticks = [(axis, axis.get_major_locator(), axis.get_major_formatter()) for axis in axes]
    minor = [(axis, axis.get_minor_formatter()) for axis in axes]
    try:
        stack(fig, panels)
        fig.draw_without_rendering()
        for axis in axes:
            thin(axis)
        for ax in fig.axes:
            spread_ends(ax)
        yield fig
    finally:
        fig.set_size_inches(size)
        for ax, spec in panels:
            ax.set_subplotspec(spec)
        for axis, locator, formatter in ticks:
            axis.set_major_locator(locator)
            axis.set_major_formatter(formatter)
        for axis, formatter in minor:
            axis.set_minor_formatter(formatter)
        for text, place in ends:
            text.xyann = place


def stack(fig: Figure, panels: Sequence[tuple[Axes, SubplotSpec]]) -> None:
    """Put panels below each other, in the order in which one reads them.

    Args:
      fig: their figure.
      panels: each with its place; axes over each other have the same.
    """
    places = sorted({spec.num1: spec for _, spec in panels}.items())
    rows = {first: row for row, (first, _) in enumerate(places)}
    heights = [_height(fig, spec, alone=len(rows) == 1) for _, spec in places]
    grid = fig.add_gridspec(max(len(rows), 1), 1, height_ratios=heights or None)
    for ax, spec in panels:
        ax.set_subplotspec(grid[rows[spec.num1], 0])
    fig.set_size_inches(WIDTH, sum(heights) or fig.get_figheight())


def _height(fig: Figure, spec: SubplotSpec, alone: bool) -> float:
    """The height of a panel in inches, by the rows of the grid that it had."""
    share = len(spec.rowspan) / spec.get_gridspec().nrows
    return fig.get_figheight() if alone else max(LOWEST, share * fig.get_figheight() * SHRINK)


def thin(axis: Axis) -> None:
    """Name fewer ticks until the labels stay apart: no minor ones, every second, a coarser choice.

    Args:
      axis: a horizontal axis of a figure that has been laid out.
    """
    for bins in (5, 4, 3, 2):
        if not overlapping(axis):
            return
        axis.set_minor_formatter(NullFormatter())
        locator = axis.get_major_locator()
        if isinstance(locator, FixedLocator):
            labels = [label.get_text() for label in axis.get_ticklabels()]
            axis.set_ticks(axis.get_ticklocs()[::2], labels[::2])
        elif isinstance(locator, MaxNLocator):
            axis.set_major_locator(MaxNLocator(bins, steps=[1, 2, 5, 10]))


def overlapping(axis: Axis) -> bool:
    """Say whether two neighbours among the tick labels of a horizontal axis touch."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    axis.get_tightbbox()  # puts the labels in their places
    boxes = [
        tick.label1.get_window_extent()
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        if tick.label1.get_text() and low - slack <= tick.get_loc() <= high + slack
    ]
    boxes.sort(key=lambda box: box.x0)
    return any(one.x1 + APART > other.x0 for one, other in pairwise(boxes))


def as_svg(fig: Figure) -> str:
    """A figure as SVG that carries its narrow form as metadata, for a site to take apart.

    Args:
      fig: the figure, with axes.

    Returns:
      The text of the SVG; a figure that is no wider than a phone's column stays as it is.
    """
    from IPython.core.pylabtools import print_figure

    wide = print_figure(fig, "svg")
    if fig.get_figwidth() <= WIDTH:
        return wide
    with narrowed(fig):
        narrow = print_figure(fig, "svg")
    start, end = (f'<metadata id="{NARROW}"><![CDATA[', "]]></metadata>")
    return wide.replace("</svg>", f"{start}{narrow}{end}</svg>")
