r"""Certified diagrams: boxes of parameters on which the sign of the drift number is proved.

On a box with middle c and half-widths :math:`r_k` the mean value theorem gives

.. math:: D \in D(c) + \sum_k \partial_k D(\text{box}) \cdot [-r_k, r_k]

where every term is a ball. A box whose ball lies on one side of zero is decided; the largest of the
others is halved, across the axis that widens its ball most.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Mapping
from numbers import Rational
from typing import Any, NamedTuple

import flint
import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.drift.enclosures import BITS, Enclosure
from adam_and_beyond.progress import bar as progress_bar


class Certified(NamedTuple):
    """A rectangle of parameters, cut into boxes, with the proved sign of D on each."""

    axes: tuple[str, ...]
    boxes: np.ndarray  # shape (n, number of axes, 2): the two ends of each side; float64
    verdict: np.ndarray  # shape (n,): 1 proved to fail, -1 proved to converge, 0 undecided
    failing: float  # shares of the rectangle's area (of its length, for one axis)
    converging: float
    undecided: float
    seconds: float
    looked_at: int  # boxes, those that were halved among them

    def at(self, *point: float) -> int:
        """The verdict at a point.

        Args:
          *point: one number for each axis, in their order.

        Returns:
          1, -1 or 0 as in ``verdict``; 0 also on an edge between boxes that differ.

        Raises:
          ValueError: outside the rectangle.
        """
        x = np.asarray(point, np.float64)
        inside = np.all((self.boxes[..., 0] <= x) & (x <= self.boxes[..., 1]), axis=-1)
        found = np.unique(self.verdict[inside])
        if not found.size:
            raise ValueError(f"{dict(zip(self.axes, point, strict=True))} is outside the rectangle")
        return int(found[0]) if found.size == 1 else 0


def certified(
    method: str | methods.Method,
    problem: Any,
    axes: Mapping[str, tuple[float, float]],
    undecided: float = 1e-3,
    largest: int = 400_000,
    progress: bool | None = None,
) -> Certified:
    r"""Prove the sign of the drift number all over a rectangle of parameters, but for slivers.

    .. math:: D > 0 \text{: the method fails}, \qquad D < 0 \text{: it converges}

    The words are those of a problem whose gradients have a positive mean, so that the lower end is
    the best point.

    Args:
      method: one whose direction is an average of gradients, or the gradient, and whose V is made
        of an average of squared gradients or of its maximum: Adam with and without its epsilon or
        bias correction, RMSProp, AMSGrad as in the paper and as in PyTorch. A float as a
        hyperparameter is that double; ``Fraction(9, 10)`` is nine tenths, and so is the proof.
      problem: a periodic problem, or a function that makes one from a number, with gradients linear
        in it, e.g. ``problems.theorem_1``.
      axes: one or two names with the ends of their ranges: hyperparameters, or the parameter of the
        family. Decays lie within [0, 1]; at 1 the limit of D is meant.
        Fractions are rounded outwards, so that they are inside.
      undecided: the share of the rectangle that stays undecided is less than this; positive.
      largest: number of boxes to look at before giving up; what is left stays undecided.
      progress: whether to show a progress bar; by default one appears after two seconds where
        standard error is a terminal.

    Returns:
      ``Certified``. A verdict 1 or -1 is proved for every real point of its box.

    Raises:
      ValueError: for a method of another form, a name without meaning, an empty range, or
        gradients that are not linear in the parameter.

    References:
      Ours; ball arithmetic by Johansson (2017). Introduced in the chapter "The map, proved".
    """
    ends = {name: _range(name, pair) for name, pair in axes.items()}
    if not 1 <= len(ends) <= 2 or not undecided > 0:
        raise ValueError("certified drift needs one or two axes, and a positive share undecided")
    start = time.perf_counter()
    with flint.ctx.workprec(BITS):
        enclosure = Enclosure(methods.get(method), problem, ends)
        decided, open_boxes, looked_at = _divide(enclosure, ends, undecided, largest, progress)
    rows = [*decided, *((share, box, 0) for share, box in open_boxes)]
    shares = np.array([share for share, _, _ in rows])
    verdict = np.array([sign for _, _, sign in rows], np.int8)
    return Certified(
        tuple(ends),
        np.array([[box[name] for name in ends] for _, box, _ in rows]),
        verdict,
        *(float(shares[verdict == sign].sum()) for sign in (1, -1, 0)),
        time.perf_counter() - start,
        looked_at,
    )


def _range(name: str, pair: tuple[float, float]) -> tuple[float, float]:
    low, high = (_outwards(end, side) for end, side in zip(pair, (-1, 1), strict=True))
    allowed = (0, 1) if name.startswith("beta") else (-math.inf, math.inf)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"the range of {name} needs two finite ends, low < high, got {pair}")
    if not allowed[0] <= low < high <= allowed[1]:
        raise ValueError(f"the range of {name} must lie within [0, 1], got {pair}")
    return low, high


def _outwards(end: float | Rational, side: int) -> float:
    """The nearest float that is not inside of the end of a range."""
    nearest = float(end)
    short = isinstance(end, Rational) and side * nearest < side * end
    return math.nextafter(nearest, side * math.inf) if short else nearest


def _divide(enclosure, ends, tolerance, largest, progress):
    """Decide or halve the largest box until little is left: decided boxes, open ones, a count."""
    heap, decided, count, left = [(-1.0, 0, ends)], [], 0, 1.0
    with progress_bar(total=1.0, desc="proved", shown=progress, leave=False) as bar:
        while heap and left >= tolerance and count < largest:
            share, _, box = heapq.heappop(heap)
            count += 1
            sign, widest = sign_on(enclosure, box, ends)
            if sign:
                decided.append((-share, box, sign))
                left += share
                bar.update(-share)
                continue
            for k, half in enumerate(_halves(*box[widest])):
                heapq.heappush(heap, (share / 2, 2 * count + k, box | {widest: half}))
    return decided, [(-share, box) for share, _, box in heap], count


def _halves(low: float, high: float) -> tuple[tuple[float, float], tuple[float, float]]:
    middle = low + (high - low) / 2
    return (low, middle), (middle, high)


def sign_on(enclosure: Enclosure, box: dict, ends: dict) -> tuple[int, str]:
    """The proved sign of D on a box, or 0 and the axis across which to halve it."""
    D, partial = enclosure(box)
    middle = {name: (low + (high - low) / 2,) * 2 for name, (low, high) in box.items()}
    contributions = {}
    if not (D > 0 or D < 0) and partial:
        D, _ = enclosure(middle)
        for name, slope in partial.items():
            x = flint.arb(middle[name][0])
            half_width = max((flint.arb(end) - x).abs_upper() for end in box[name])
            reach = slope.abs_upper() * half_width
            contributions[name] = float(reach)
            D += (-reach).union(reach)
    if D > 0 or D < 0:
        return (1 if D > 0 else -1), ""
    if not contributions or not all(map(math.isfinite, contributions.values())):
        contributions = {k: (b - a) / (ends[k][1] - ends[k][0]) for k, (a, b) in box.items()}
    return 0, max(contributions, key=contributions.get)
