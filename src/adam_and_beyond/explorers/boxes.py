"""What opens the chapter on certified maps: boxes of decays are proved, or halved."""

from __future__ import annotations

import functools

import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose, style_sheet
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval

_UNDECIDED = 0.06  # share that is left, so that there are a few hundred boxes
_FAMILY = range(3, 9)
_LETTERS = {1: "F", -1: "C", 0: "U"}


class BoxesExplorer(Opener):
    r"""All (beta1, beta2) of Adam, cut into boxes on which the sign of the drift number is proved.

    The losses are Cx once in C rounds, else -x. Ball arithmetic looks at the largest box, and
    proves a sign on it or halves it, until six per cent are left.

    Args:
      C: the rare gradient and the period, a whole number in [3, 8].

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours. Introduced in the chapter "The map, proved".
    """

    _esm = compose("boxes.js", ())
    _css = style_sheet("charts.css", "explorer.css", "openers.css", "boxes.css")
    _python = """
        from adam_and_beyond import drift, methods, problems

        square = dict(beta1=(0, 1), beta2=(0, 1))
        adam, losses = methods.get("adam"), problems.theorem_2({C})
        found = drift.certified(adam, losses, square, undecided=0.06)
        print(100 * found.failing, "% proved to fail")
        print(100 * found.converging, "% proved to converge")
    """
    _heights = (661, 670)

    C = Number(4, Interval(3, 8, high_closed=True))
    # C -> the boxes, as the browser reads them: see tree().
    data = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, **values: float) -> None:
        super().__init__(**values)
        self.set_trait("data", {str(C): tree(C) for C in _FAMILY})

    def certified(self) -> drift.Certified:
        """The boxes for the present C."""
        return _certified(self.C)

    def figure(self) -> Figure:
        """The boxes, once all are proved that are."""
        found = self.certified()
        return figures.certified_diagram(found.axes, found.boxes, found.verdict)[0]

    def caption(self) -> str:
        """The present value, and what is proved."""
        found = self.certified()
        return (
            f"{self!r}\nAfter {found.looked_at} boxes Adam is proved to fail on "
            f"{100 * found.failing:.3g} % of the square and to converge on "
            f"{100 * found.converging:.3g} %"
        )


@functools.cache
def _certified(C: int) -> drift.Certified:
    square = {"beta1": (0, 1), "beta2": (0, 1)}
    return drift.certified(
        methods.get("adam"), problems.theorem_2(C), square, undecided=_UNDECIDED, progress=False
    )


@functools.cache
def tree(C: int) -> str:
    """How the square was halved, first halves first.

    Args:
      C: of the losses.

    Returns:
      For each box ``x`` or ``y``, the axis across which it was halved, and after it both halves; or
      ``F`` proved to fail, ``C`` to converge, ``U`` undecided.
    """
    found = _certified(C)
    return _written(found.boxes, found.verdict, np.array([[0.0, 1.0], [0.0, 1.0]]))


def _written(boxes: np.ndarray, verdict: np.ndarray, region: np.ndarray) -> str:
    if len(boxes) == 1:
        return _LETTERS[int(verdict[0])]
    middles = region.mean(axis=1)
    for axis, name in enumerate("xy"):
        low, high = boxes[:, axis, 1] <= middles[axis], boxes[:, axis, 0] >= middles[axis]
        if np.all(low | high):
            first, second = region.copy(), region.copy()
            first[axis, 1] = second[axis, 0] = middles[axis]
            halves = ((low, first), (high, second))
            return name + "".join(_written(boxes[part], verdict[part], r) for part, r in halves)
    raise ValueError("the boxes are not made by halving the square")
