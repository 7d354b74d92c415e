"""The explorer of Figure 1: several methods on 1010x once in 101 rounds, else -10x."""

from __future__ import annotations

import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.runs import RunExplorer
from adam_and_beyond.methods import ALPHA, PAPER, SCHEDULES, Interval, get_sharing
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2

_RECORDS = 400


class Figure1Explorer(RunExplorer):
    r"""The online problem of the paper's Figure 1, to be dragged; the runs start at x = 0.

    Args:
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1).
      alpha: scale of the step size, positive, units of x.
      steps: number of rounds, from a thousand to a million.
      schedule: ``"inverse_sqrt"`` (alpha / sqrt(t)) or ``"constant"``.
      methods: names of ``methods.PAPER``, to be compared; at least one.
      log_t: whether the step axis is logarithmic.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Figure 1. Introduced in the chapter "Figure 1, reproduced".
    """

    _esm = compose("figure_1.js")
    _python = """
        from adam_and_beyond import methods, problems, simulate

        losses = problems.figure_1_online()
        for name in {methods}:
            method = methods.get_sharing(name, beta1={beta1}, beta2={beta2})
            run = simulate.run(method, losses, steps={steps}, alpha={alpha}, schedule={schedule})
            print(name, "x =", run.x[-1], "average regret", run.average_regret[-1])
    """
    _heights = (1018, 599)

    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.99, BETA2.interval)
    alpha = Number(0.5, ALPHA.interval)
    steps = Number(200_000, Interval(1_000, 1_000_000, high_closed=True))
    schedule = traitlets.Enum(list(SCHEDULES), "inverse_sqrt").tag(sync=True, control=True)
    methods = traitlets.List(
        traitlets.Enum(list(PAPER)), default_value=["adam", "amsgrad"], minlen=1
    ).tag(sync=True, control=True)
    log_t = traitlets.Bool(False).tag(sync=True, control=True)

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """The JAX runs for the present values, method -> run, recorded at ends of periods."""
        problem = problems.figure_1_online()
        return {
            name: simulate.run(
                get_sharing(name, beta1=self.beta1, beta2=self.beta2),
                problem,
                steps=self.steps,
                alpha=self.alpha,
                schedule=self.schedule,
                # Within a period the average regret ripples.
                record=self.record_times(problem.period, _RECORDS),
            )
            for name in self.methods
        }

    def figure(self) -> Figure:
        """Iterates and average regrets of :meth:`trajectories`, side by side."""
        return figures.iterate_and_regret(
            self.curves("x"), self.curves("average_regret"), {"20/101": 20 / 101}, self.log_t
        )[0]
