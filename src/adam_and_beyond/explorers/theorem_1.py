"""The explorer of Theorem 1: one method on the losses Cx, -x, -x."""

from __future__ import annotations

import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Explorer
from adam_and_beyond.explorers.module import compose


class Theorem1Explorer(Explorer):
    r"""The period-3 problem of the paper's Theorem 1, to be dragged; the run starts at x = 1.

    Args:
      C: the rare gradient, in [1.5, 12]; the theorem is about C > 2.
      beta1: decay of the average of gradients, in [0, 0.99].
      beta2: decay of the average of squared gradients, in [0, 0.999].
      alpha: scale of the step size alpha / sqrt(t), in [0.01, 10], units of x.
      method: a name of the catalogue.
      steps: number of rounds, in [10, 100000].

    Raises:
      TraitError: for a value outside its range.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """

    _esm = compose("theorem_1.js")

    C = traitlets.Float(3.0, min=1.5, max=12.0).tag(sync=True, control=True)
    beta2 = traitlets.Float(0.1, min=0.0, max=0.999).tag(sync=True, control=True)
    beta1 = traitlets.Float(0.0, min=0.0, max=0.99).tag(sync=True, control=True)
    alpha = traitlets.Float(0.8, min=0.01, max=10.0).tag(sync=True, control=True)
    steps = traitlets.Int(300, min=10, max=100_000).tag(sync=True, control=True)
    method = traitlets.Enum(list(methods.CATALOGUE), "adam").tag(sync=True, control=True)

    def trajectory(self) -> simulate.Trajectory:
        """The JAX run for the present values, recorded at up to 600 steps."""
        return simulate.run(
            methods.get_sharing(self.method, beta1=self.beta1, beta2=self.beta2),
            problems.periodic([self.C, -1.0, -1.0]),
            steps=self.steps,
            alpha=self.alpha,
            x1=1.0,
            record=600,
        )

    def figure(self) -> Figure:
        """Iterate and average regret of :meth:`trajectory`, side by side."""
        run = self.trajectory()
        iterate, regret = (
            [figures.Curve(self.method, run.method.label, run.t, values)]
            for values in (run.x, run.average_regret)
        )
        levels = {"(2C−4)/3": (2 * self.C - 4) / 3} if self.C > 2 else {}
        return figures.iterate_and_regret(iterate, regret, levels)[0]
