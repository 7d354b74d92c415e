"""What opens the book: Adam and AMSGrad walk on a tilted line."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods.hyperparameters import BETA2

# As in browser/walk.js.
_BETA1, _ALPHA, _PERIODS, _FRAMES = 0.9, 0.5, 10_000, 300
_WALKERS = ("adam", "amsgrad")


class WalkExplorer(Opener):
    r"""Two balls on the straight line f(x) = 10x/101, which walk as Adam and AMSGrad do.

    The runs are those of the problem of the paper's Figure 1, from x = 0, with beta1 = 0.9 and the
    step size 0.5 / sqrt(t), over a million rounds.

    Args:
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Figure 1. Introduced on the page "Adam and Beyond".
    """

    _esm = compose("walk.js", _WALKERS)
    _python = """
        from adam_and_beyond import drift, methods, problems

        adam = methods.get("adam", beta1=0.9, beta2={beta2})
        D = drift.number(adam, problems.figure_1_online())
        print("D =", D, "so Adam walks", "uphill" if D > 0 else "down")
    """
    _heights = (542, 546)

    beta2 = Number(0.99, BETA2.interval)

    def times(self) -> np.ndarray:
        """The rounds of the picture's frames: ends of periods at equal ratios."""
        periods = np.unique(np.rint(np.geomspace(1, _PERIODS, _FRAMES)).astype(int))
        return problems.figure_1_online().period * periods

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """The JAX runs for the present beta2, method -> run, recorded at :meth:`times`."""
        problem, times = problems.figure_1_online(), self.times()
        return {
            name: simulate.run(
                methods.get(name, beta1=_BETA1, beta2=self.beta2),
                problem,
                steps=int(times[-1]),
                alpha=_ALPHA,
                record=times,
            )
            for name in _WALKERS
        }

    def drift(self) -> float:
        """Adam's drift number: positive if it walks uphill."""
        adam = methods.get("adam", beta1=_BETA1, beta2=self.beta2)
        return drift.number(adam, problems.figure_1_online())

    def figure(self) -> Figure:
        """The line, with the balls where the runs end and smaller ones on their way there."""
        runs = self.trajectories().values()
        curves = [figures.Curve(r.method.name, r.method.label, r.t, r.x) for r in runs]
        return figures.balls_on_a_line(curves)[0]

    def caption(self) -> str:
        """The present value, and where the walkers end."""
        ends = "; ".join(
            f"{run.method.label} after {run.t[-1]} steps: x = {run.x[-1]:.6g}"
            for run in self.trajectories().values()
        )
        return f"{self!r}\nAdam walks {'uphill' if self.drift() > 0 else 'downhill'}. {ends}"
