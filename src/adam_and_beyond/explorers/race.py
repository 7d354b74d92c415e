"""What opens the chapter on the variants: the factors of three programs called AMSGrad."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import diagnostics, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods.hyperparameters import BETA2

# As in browser/race.js.
_LABELS = {"amsgrad": "the paper", "amsgrad_torch": "PyTorch", "amsgrad_optax": "optax"}
_ROUNDS, _SHOWN = 50_000, 400


class RaceExplorer(Opener):
    r"""The learning-rate factors V^{-1/2} of three programs called AMSGrad, on one problem.

    The problem is that of the paper's Figure 1; epsilon is 0.

    Args:
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours. Introduced in the chapter "Which AMSGrad did you run, and what came after".
    """

    _esm = compose("race.js", tuple(_LABELS))
    _python = """
        from adam_and_beyond import diagnostics, methods, problems

        losses = problems.figure_1_online()
        for name in ("amsgrad", "amsgrad_torch", "amsgrad_optax"):
            method = methods.get_sharing(name, beta2={beta2}, epsilon=0.0)
            factors = 1 / diagnostics.scales(method, losses, 50_000)
            print(name, "ends at", factors[-1] / factors[0], "times its start")
    """
    _heights = (531, 532)

    beta2 = Number(0.99, BETA2.interval)

    def rounds(self) -> np.ndarray:
        """The rounds that are shown, at equal ratios."""
        return np.unique(np.rint(np.geomspace(1, _ROUNDS, _SHOWN)).astype(int))

    def factors(self) -> dict[str, np.ndarray]:
        """V^{-1/2} at :meth:`rounds`, by the name of the method."""
        problem, shown = problems.figure_1_online(), self.rounds() - 1
        found = {}
        for name in _LABELS:
            method = methods.get_sharing(name, beta2=self.beta2, epsilon=0.0)
            found[name] = 1 / diagnostics.scales(method, problem, _ROUNDS)[shown]
        return found

    def figure(self) -> Figure:
        """:meth:`factors` against the round."""
        curves = [
            figures.Curve(name, _LABELS[name], self.rounds(), factor)
            for name, factor in self.factors().items()
        ]
        return figures.factors_against_round(curves)[0]

    def caption(self) -> str:
        """The present value, and how many times its start each factor ends at."""
        ends = ", ".join(
            f"{_LABELS[name]} {factor[-1] / factor[0]:.3g}"
            for name, factor in self.factors().items()
        )
        return f"{self!r}\nafter {_ROUNDS} rounds the factor is its start times: {ends}"
