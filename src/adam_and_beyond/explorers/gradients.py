"""What opens the chapter on the worst problem: the gradients of a period, each to be dragged."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose, style_sheet
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA2

_SHOWN, _BETA1, _MEAN = ("adam", "adopt", "amsgrad"), 0.5, 0.02  # as in browser/gradients.js
_SIZE = Interval(-1.0, 1.0, high_closed=True)
_FLAT = -0.0691  # of the paper's shape: one big gradient, and this eleven times


class GradientsExplorer(Opener):
    r"""Twelve gradients of mean 0.02, and where they lead Adam, ADOPT and AMSGrad.

    Only their differences count: all are moved alike, so that their mean is 0.02, and -1 the best
    point. The methods have beta1 = 0.5.

    Args:
      g1: the first gradient, in [-1, 1]; likewise g2 to g12.
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours. Introduced in the chapter "The worst problem, and what is safe".
    """

    _esm = compose("gradients.js", _SHOWN)
    _css = style_sheet("charts.css", "explorer.css", "openers.css", "gradients.css")
    _python = """
        from adam_and_beyond.explorers import GradientsExplorer

        first = dict(g1={g1}, g2={g2}, g3={g3}, g4={g4}, g5={g5}, g6={g6})
        last = dict(g7={g7}, g8={g8}, g9={g9}, g10={g10}, g11={g11}, g12={g12})
        period = GradientsExplorer(beta2={beta2}, **first, **last)
        for name, D in period.drifts().items():
            print(name, "D =", D, "to the", "worst" if D > 0 else "best")
    """
    _heights = (690, 471)

    g1 = Number(1.0, _SIZE)
    g2, g3, g4, g5, g6, g7, g8, g9, g10, g11, g12 = (Number(_FLAT, _SIZE) for _ in range(11))
    beta2 = Number(0.9, BETA2.interval)

    def gradients(self) -> np.ndarray:
        """The twelve gradients, of mean 0.02."""
        given = np.array([getattr(self, f"g{k}") for k in range(1, 13)])
        return given + (_MEAN - given.mean())

    def drifts(self) -> dict[str, float]:
        """The drift number of each method by its label: positive if it goes to the worst point."""
        losses = problems.periodic(self.gradients())
        shown = [
            methods.get_sharing(name, beta1=_BETA1, beta2=self.beta2, epsilon=1e-6)
            for name in _SHOWN
        ]
        return {method.label: drift.number(method, losses) for method in shown}

    def figure(self) -> Figure:
        """The gradients, and the drift numbers beside them."""
        return figures.gradients_and_drifts(self.gradients(), self.drifts())[0]

    def caption(self) -> str:
        """The present values, and where each method goes."""
        found = ", ".join(
            f"{name} goes to the {'worst' if D > 0 else 'best'} point (D = {D:.4g})"
            for name, D in self.drifts().items()
        )
        return f"{self!r}\n{found}"
