"""What opens the chapter on AMSGrad: the average of squares and its maximum so far."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import diagnostics, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods.hyperparameters import BETA2

_PERIODS = 8  # as in browser/maximum.js


class MaximumExplorer(Opener):
    r"""Adam's average of squared gradients, and the maximum of it that AMSGrad keeps.

    On the problem of the paper's Figure 1, over eight periods.

    Args:
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 2. Introduced in the chapter "AMSGrad and its bound".
    """

    _esm = compose("maximum.js", ("adam", "amsgrad"))
    _python = """
        import numpy as np

        from adam_and_beyond import diagnostics, methods, problems

        losses = problems.figure_1_online()
        for name in ("adam", "amsgrad"):
            squares = diagnostics.scales(methods.get(name, beta2={beta2}), losses, 808) ** 2
            print(name, "falls in", np.sum(np.diff(squares) < 0), "of 808 rounds")
    """
    _heights = (548, 532)

    beta2 = Number(0.99, BETA2.interval)

    def averages(self) -> dict[str, np.ndarray]:
        """The average and its maximum, round by round, by the method that divides by its root."""
        problem = problems.figure_1_online()
        return {
            name: diagnostics.scales(
                methods.get(name, beta2=self.beta2), problem, _PERIODS * problem.period
            )
            ** 2
            for name in ("adam", "amsgrad")
        }

    def figure(self) -> Figure:
        """Both of :meth:`averages` against the round."""
        labels = {"adam": "average $v_t$", "amsgrad": r"maximum $\hat v_t$"}
        return figures.averages_of_squares(
            [
                figures.Curve(name, labels[name], np.arange(1, values.size + 1), values)
                for name, values in self.averages().items()
            ]
        )[0]

    def caption(self) -> str:
        """The present value, and in how many rounds each falls."""
        average, maximum = (int(np.sum(np.diff(v) < 0)) for v in self.averages().values())
        rounds = self.averages()["adam"].size
        return (
            f"{self!r}\nAdam's average falls in {average} of {rounds} rounds, "
            f"AMSGrad's maximum in {maximum}"
        )
