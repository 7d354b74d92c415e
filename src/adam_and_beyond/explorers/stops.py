"""What opens the chapter on where Adam stops: data on a line, and where three methods end."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize
import scipy.signal
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import field, figures, methods
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.draws import chances
from adam_and_beyond.explorers.module import compose, style_sheet
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2

_DATA = (1.0, 1.3, 1.6, 2.0, 2.2, 3.1, 4.0, 9.0)
_LEAST, _MOST, _RANGE = 2, 20, Interval(0.0, 10.0, high_closed=True)  # as in browser/stops.js
_EPOCHS, _SEED = 300, 1  # as there


class StopsExplorer(Opener):
    r"""Where Adam stops on the mean of (x - z)^2 / 2, beside the mean and the median of the data.

    Args:
      data: the values z, 2 to 20 numbers in [0, 10].
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1).
      order: ``"independent"``, ``"fixed"`` or ``"reshuffled"``, by 300 epochs of one seed.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Introduced in the chapter "Where Adam stops".
    """

    _esm = compose("stops.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import StopsExplorer

        how = dict(beta1={beta1}, beta2={beta2}, order={order})
        print("Adam stops at", StopsExplorer(data={data}, **how).rest())
        print("the mean is", sum({data}) / len({data}))
    """
    _heights = (706, 560)
    _css = style_sheet("charts.css", "explorer.css", "openers.css", "stops.css")

    data = traitlets.List(traitlets.Float(), list(_DATA)).tag(sync=True, control=True)
    beta1 = Number(0.0, BETA1.interval)
    beta2 = Number(0.9, BETA2.interval)
    order = traitlets.Enum(["independent", "reshuffled", "fixed"], "independent").tag(
        sync=True, control=True
    )

    @traitlets.validate("data")
    def _check(self, proposal: dict) -> list[float]:
        data = proposal["value"]
        if not (_LEAST <= len(data) <= _MOST and all(map(_RANGE.contains, data))):
            raise traitlets.TraitError(
                f"data must be {_LEAST} to {_MOST} numbers in {_RANGE}, got {data!r}"
            )
        return data

    def allowed(self) -> dict[str, Any]:
        """What each control accepts; of the data an interval, and how many there may be."""
        numbers = Number(0.0, _RANGE).limits() | {"least": _LEAST, "most": _MOST}
        return super().allowed() | {"data": numbers}

    def rest(self, beta2: float | None = None) -> float:
        """Where Adam rests, perhaps with another beta2."""
        beta2 = self.beta2 if beta2 is None else beta2
        if self.order == "reshuffled":
            return _reshuffled_rest(np.array(self.data), self.beta1, beta2)
        adam = methods.get("adam", beta1=self.beta1, beta2=beta2)
        return field.rest_point(adam, self.data, order=self.order)

    def figure(self) -> Figure:
        """The rest point against the memory of squares."""
        memory = np.geomspace(1.1 + self.beta1**2 / (1 - self.beta1**2), 1000, 20)
        rests = [self.rest(beta2=1 - 1 / one) for one in memory]
        curve = figures.NamedCurve("Adam", np.array(rests), memory)
        marks = {"mean": float(np.mean(self.data)), "median": float(np.median(self.data))}
        here = (self.rest(), 1 / (1 - self.beta2))
        return figures.where_they_stop(np.array(self.data), [curve], marks, here)[0]

    def caption(self) -> str:
        """The present values, and where the methods stop."""
        return (
            f"{self!r}\nAdam stops at {self.rest():.6g}, SGD at the mean, "
            f"{np.mean(self.data):.6g}, sign descent at the median, {np.median(self.data):.6g}"
        )


def _reshuffled_rest(z: np.ndarray, beta1: float, beta2: float) -> float:
    """Where the mean of m / sqrt v over some reshuffled epochs is 0."""
    if np.ptp(z) == 0:
        return float(z[0])
    draws = chances(_SEED, _EPOCHS * z.size).reshape(_EPOCHS, z.size)
    places = np.argsort(draws, axis=1).ravel()

    def average(values: np.ndarray, decay: float) -> np.ndarray:
        start = np.array([decay * values.mean()])
        return scipy.signal.lfilter([1 - decay], [1, -decay], values[places], zi=start)[0]

    def field_at(x: float) -> float:
        g = x - z
        m, v = average(g, beta1), average(g**2, beta2)
        return -float(np.mean(np.divide(m, np.sqrt(v), where=v > 0, out=np.zeros_like(m))))

    return float(scipy.optimize.brentq(field_at, z.min(), z.max(), xtol=1e-12))
