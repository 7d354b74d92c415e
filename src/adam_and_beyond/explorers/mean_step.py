"""What opens the chapter on Theorem 3: draws by chance, and Adam's step averaged over them."""

from __future__ import annotations

import numpy as np
import scipy.signal
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.draws import chances
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA2

# As in browser/mean_step.js.
_BETA1, _MEAN, _ROUNDS, _STRIDE = 0.9, 0.1, 100_000, 500


class MeanStepExplorer(Opener):
    r"""The mean of Adam's steps -m / sqrt(v) so far, on the losses of Theorem 3.

    The slope is C with probability 1.1 / (C + 1), else -1, and 0.1 on average; Adam has
    beta1 = 0.9.

    Args:
      C: the steep slope, a whole number in [2, 1000].
      beta2: decay of the average of squared gradients, in [0, 1).
      seed: of the draws, a whole number in [0, 1000000).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3. Introduced in the chapter "Theorem 3".
    """

    _esm = compose("mean_step.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import MeanStepExplorer

        steps = MeanStepExplorer(C={C}, beta2={beta2}, seed={seed})
        print("after 100,000 rounds of this draw the mean step is", steps.means()[-1])
        print("in the long run it is", steps.drift())
    """
    _heights = (672, 574)

    C = Number(100, Interval(2, 1000, high_closed=True))
    beta2 = Number(0.99, BETA2.interval)
    seed = Number(1, Interval(0, 1_000_000))

    def problem(self) -> problems.IIDProblem:
        """The random problem for the present C."""
        return problems.theorem_3(float(self.C), _MEAN)

    def slopes(self) -> np.ndarray:
        """The slopes that are drawn."""
        steep = chances(self.seed, _ROUNDS) < (1 + _MEAN) / (self.C + 1)
        return np.where(steep, float(self.C), -1.0)

    def means(self) -> np.ndarray:
        """The mean of all steps so far, after every five hundredth round."""
        g = self.slopes()
        m = scipy.signal.lfilter([1 - _BETA1], [1, -_BETA1], g)
        v = scipy.signal.lfilter([1 - self.beta2], [1, -self.beta2], g**2)
        rounds = np.arange(1, _ROUNDS + 1)
        return (np.cumsum(-m / np.sqrt(v)) / rounds)[_STRIDE - 1 :: _STRIDE]

    def drift(self) -> float:
        """The stationary drift: positive if Adam steps away from the best point on average."""
        adam = methods.get("adam", beta1=_BETA1, beta2=max(self.beta2, 1e-9))
        return drift.stationary(adam, self.problem())

    def figure(self) -> Figure:
        """:meth:`means` against the round, and where they settle."""
        rounds = _STRIDE * np.arange(1, _ROUNDS // _STRIDE + 1)
        return figures.mean_of_steps(rounds, self.means(), self.drift())[0]

    def caption(self) -> str:
        """The present values, and where Adam steps on average."""
        D = self.drift()
        way = "away from" if D > 0 else "towards"
        return (
            f"{self!r}\nOn average Adam steps {way} the best point, by {D:.4g} in the long run; "
            f"the mean over {_ROUNDS} rounds of this draw is {self.means()[-1]:.4g}"
        )
