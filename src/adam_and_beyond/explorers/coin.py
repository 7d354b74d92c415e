"""What opens the chapter on random gradients: the steep slope comes by chance, and Adam walks."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.draws import chances
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA2

# As in browser/coin.js.
_BETA1, _ALPHA, _MEAN, _ROUNDS, _STRIDE = 0.9, 0.5, 0.02, 20_000, 40


class CoinExplorer(Opener):
    r"""Adam on a line whose steep slope comes by chance, as a coin falls.

    The slope is C with probability p, else -1, with the C that makes it 0.02 on average: at p =
    0.01 a tenth of the random problem of the paper's Figure 1. Adam starts at x = 0, with beta1 =
    0.9 and the step size 0.5 / sqrt(t).

    Args:
      p: the probability of the steep slope, in (0, 0.5).
      beta2: decay of the average of squared gradients, in [0, 1).
      seed: of the draws, a whole number in [0, 1000000).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 3. Introduced in the chapter "Random gradients".
    """

    _esm = compose("coin.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import CoinExplorer

        coin = CoinExplorer(p={p}, beta2={beta2}, seed={seed})
        D = coin.drift()
        print("D =", D, "so in the long run Adam goes", "up" if D > 0 else "down")
        print("after 20,000 rounds of this draw x =", coin.iterates()[-1])
    """
    _heights = (677, 600)

    p = Number(0.01, Interval(0.0, 0.5, low_closed=False))
    beta2 = Number(0.99, BETA2.interval)
    seed = Number(1, Interval(0, 1_000_000))

    def problem(self) -> problems.Problem:
        """The random problem for the present p."""
        return problems.iid([self._steep(), -1.0], [self.p, 1 - self.p])

    def _steep(self) -> float:
        return (1 + _MEAN) / self.p - 1

    def slopes(self) -> np.ndarray:
        """The slopes that are drawn."""
        return np.where(chances(self.seed, _ROUNDS) < self.p, self._steep(), -1.0)

    def iterates(self) -> np.ndarray:
        """Where Adam is after every fortieth round."""
        adam = methods.get("adam", beta1=_BETA1, beta2=self.beta2)
        return simulate.history(adam, self.slopes(), alpha=_ALPHA).x[_STRIDE::_STRIDE]

    def drift(self) -> float:
        """The stationary drift: positive if Adam goes up in the long run."""
        # The integral wants squares with a memory; the drift is continuous where that ends.
        adam = methods.get("adam", beta1=_BETA1, beta2=max(self.beta2, 1e-9))
        return drift.stationary(adam, self.problem())

    def figure(self) -> Figure:
        """:meth:`iterates` against the round."""
        rounds = np.arange(_STRIDE, _ROUNDS + 1, _STRIDE)
        return figures.lines_against_step(
            [figures.Curve("adam", "Adam", rounds, self.iterates())], "x"
        )[0]

    def caption(self) -> str:
        """The present values, where Adam goes in the long run, and where it ends in this draw."""
        way = "up, to the worst point" if self.drift() > 0 else "down, to the best point"
        return (
            f"{self!r}\nIn the long run Adam goes {way}; "
            f"after {_ROUNDS} rounds of this draw x = {self.iterates()[-1]:.6g}"
        )
