"""What opens the chapter on the proof that breaks: changes of the inverse learning rate."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import diagnostics, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA2
from adam_and_beyond.theorems import gamma

# As in browser/falls.js.
_SHOWN, _RUNNING_IN, _PERIODS = ("adam", "amsgrad"), 10, 3


class FallsExplorer(Opener):
    r"""The change of the inverse learning rate, a bar a round, which Adam's takes below zero.

    The slopes are C once in C rounds, else -1; the step size is 1 / sqrt(t). Three periods are
    shown, after ten of running in.

    Args:
      beta2: decay of the average of squared gradients, in [0, 1).
      C: the rare gradient and the period, a whole number in [2, 101]; at 101 the problem is a tenth
        of the one of the paper's Figure 1.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), equation (2). Introduced in the chapter "Where the proof
      breaks".
    """

    _esm = compose("falls.js", _SHOWN)
    _python = """
        import numpy as np

        from adam_and_beyond import diagnostics, methods, problems
        from adam_and_beyond.theorems import gamma

        C, beta2 = {C}, {beta2}
        losses = problems.periodic([float(C)] + [-1.0] * (C - 1))
        for name in ("adam", "amsgrad"):
            divisors = diagnostics.scales(methods.get(name, beta2=beta2), losses, 13 * C)
            changes = np.diff(gamma.inverse_rates(divisors))[-3 * C :]
            print(name, "falls in", np.sum(changes < 0), "of", changes.size, "rounds")
    """
    _heights = (734, 482)

    beta2 = Number(0.99, BETA2.interval)
    C = Number(20, Interval(2, 101, high_closed=True))

    def changes(self) -> dict[str, np.ndarray]:
        """The changes over the rounds that are shown, by the name of the method."""
        problem = problems.periodic([float(self.C)] + [-1.0] * (self.C - 1))
        rounds = (_RUNNING_IN + _PERIODS) * self.C
        found = {}
        for name in _SHOWN:
            method = methods.get(name, beta2=self.beta2)
            inverse = gamma.inverse_rates(diagnostics.scales(method, problem, rounds))
            found[name] = np.diff(inverse)[-_PERIODS * self.C :]
        return found

    def figure(self) -> Figure:
        """The bars of :meth:`changes`, a panel for each method."""
        panels = {methods.CATALOGUE[n].label: changes for n, changes in self.changes().items()}
        return figures.changes_as_bars(panels)[0]

    def caption(self) -> str:
        """The present values, and in how many rounds each falls."""
        falls = "; ".join(
            f"{methods.CATALOGUE[name].label}'s inverse learning rate falls in "
            f"{np.sum(changes < 0)} of {changes.size} rounds"
            for name, changes in self.changes().items()
        )
        return f"{self!r}\n{falls}"
