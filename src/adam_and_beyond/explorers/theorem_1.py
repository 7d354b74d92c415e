"""The explorer of Theorem 1: one method on the losses Cx, -x, -x."""

from __future__ import annotations

import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.runs import RunExplorer
from adam_and_beyond.methods import ALPHA, Interval
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2

_RECORDS = 600


class Theorem1Explorer(RunExplorer):
    r"""The period-3 problem of the paper's Theorem 1, to be dragged.

    Args:
      C: the rare gradient, in [1, 100]; the theorem is about C > 2.
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1); the theorem's is 1 / (1 + C^2).
      alpha: scale of the step size alpha / sqrt(t), positive, units of x; the theorem wants it
        below sqrt(1 - beta2).
      x1: where the run starts, in [-1, 1]; the theorem starts at 1.
      steps: number of rounds, from 3 to a million.
      method: a name of ``methods.PAPER``.
      log_t: whether the step axis is logarithmic.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 1. Introduced in the chapter "Theorem 1".
    """

    _esm = compose("theorem_1.js")
    _python = """
        from adam_and_beyond import methods, problems, simulate

        method = methods.get_sharing({method}, beta1={beta1}, beta2={beta2})
        losses = problems.periodic([{C}, -1.0, -1.0])
        run = simulate.run(method, losses, steps={steps}, alpha={alpha}, x1={x1})
        print("x =", run.x[-1], "average regret", run.average_regret[-1])
    """
    _heights = (821, 528)

    C = Number(3.0, Interval(1.0, 100.0, high_closed=True))
    beta1 = Number(0.0, BETA1.interval)
    beta2 = Number(0.1, BETA2.interval)
    alpha = Number(0.85, ALPHA.interval)
    x1 = Number(0.0, Interval(-1.0, 1.0, high_closed=True))
    steps = Number(3_000, Interval(3, 1_000_000, high_closed=True))
    method = traitlets.Enum(list(methods.PAPER), "adam").tag(sync=True, control=True)
    log_t = traitlets.Bool(True).tag(sync=True, control=True)

    def problem(self) -> problems.PeriodicProblem:
        """The losses for the present C. (Theorem 1's own problem insists on C > 2.)"""
        return problems.periodic([self.C, -1.0, -1.0])

    def trajectory(self) -> simulate.Trajectory:
        """The JAX run for the present values, recorded like the browser's picture."""
        return simulate.run(
            methods.get_sharing(self.method, beta1=self.beta1, beta2=self.beta2),
            self.problem(),
            steps=self.steps,
            alpha=self.alpha,
            x1=self.x1,
            record=self.record_times(3, _RECORDS),
        )

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """:meth:`trajectory` by the name of its method."""
        return {self.method: self.trajectory()}

    def figure(self) -> Figure:
        """Iterate and average regret of :meth:`trajectory`, side by side."""
        levels = {"(2C−4)/3": (2 * self.C - 4) / 3} if self.fails() else {}
        return figures.iterate_and_regret(
            self.curves("x"), self.curves("average_regret"), levels, self.log_t
        )[0]

    def fails(self) -> bool:
        """Whether theory sends the method to +1 although -1 is the better end."""
        method = methods.get_sharing(self.method, beta1=self.beta1, beta2=self.beta2)
        try:
            return self.C > 2 and drift.number(method, self.problem()) > 0
        except ValueError:  # a memory that never fades has no drift number, and does not fail
            return False
