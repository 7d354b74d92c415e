"""The explorer of Figure 1: several methods on 1010x once in 101 rounds, else -10x."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, problems, simulate
from adam_and_beyond.explorers.base import Explorer
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.methods import CATALOGUE, SCHEDULES, get_sharing


class Figure1Explorer(Explorer):
    r"""The online problem of the paper's Figure 1, to be dragged; the runs start at x = 0.

    Args:
      beta1: decay of the average of gradients, in [0, 0.997].
      beta2: decay of the average of squared gradients, in [0, 0.99999].
      alpha: scale of the step size, in [0.001, 10], units of x.
      steps: number of rounds, in [1000, 1000000].
      schedule: ``"inverse_sqrt"`` or ``"constant"``.
      log_t: logarithmic step axis.
      methods: names of the catalogue, to be compared.

    Raises:
      TraitError: for a value outside its range.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Figure 1. Introduced in the chapter "Figure 1, reproduced".
    """

    _esm = compose("figure_1.js")

    beta2 = traitlets.Float(0.99, min=0.0, max=0.99999).tag(sync=True, control=True)
    beta1 = traitlets.Float(0.9, min=0.0, max=0.997).tag(sync=True, control=True)
    alpha = traitlets.Float(0.5, min=0.001, max=10.0).tag(sync=True, control=True)
    steps = traitlets.Int(200_000, min=1_000, max=1_000_000).tag(sync=True, control=True)
    schedule = traitlets.Enum(list(SCHEDULES), "inverse_sqrt").tag(sync=True, control=True)
    log_t = traitlets.Bool(False).tag(sync=True, control=True)
    methods = traitlets.List(
        traitlets.Enum(list(CATALOGUE)), default_value=["adam", "amsgrad"]
    ).tag(sync=True, control=True)

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """The JAX runs for the present values, method -> run, recorded at up to 400 ends of periods."""
        problem = problems.figure_1_online()
        # At the ends of whole periods: within one, the average regret ripples.
        spaced = np.geomspace if self.log_t else np.linspace
        periods = np.unique(spaced(1, self.steps // problem.period, 400).astype(int))
        return {
            name: simulate.run(
                get_sharing(name, beta1=self.beta1, beta2=self.beta2),
                problem,
                steps=problem.period * periods[-1],
                alpha=self.alpha,
                schedule=self.schedule,
                record=problem.period * periods,
            )
            for name in self.methods
        }

    def figure(self) -> Figure:
        """Iterates and average regrets of :meth:`trajectories`, side by side."""
        runs = self.trajectories().items()
        iterates = [figures.Curve(name, run.method.label, run.t, run.x) for name, run in runs]
        regrets = [
            figures.Curve(name, run.method.label, run.t, run.average_regret) for name, run in runs
        ]
        return figures.iterate_and_regret(iterates, regrets, {"20/101": 20 / 101}, self.log_t)[0]
