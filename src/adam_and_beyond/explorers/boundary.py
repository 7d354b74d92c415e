"""The explorer of the exact boundary: the sign of D over a plane, and the run at a point of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.conditions import margin
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.runs import RunExplorer
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2, EPSILON

# Those of the catalogue whose averages settle on an orbit that the sign of D is read off, one of
# each kind: with a running maximum there is only AMSGrad, the others give the same map.
METHODS = (
    "adam",
    "rmsprop",
    "nadam",
    "adam_epsilon",
    "adam_epsilon_inside",
    "adashift",
    "amsgrad",
)
_RECORDS = 400
_ALPHA = 1.0
_C_ENDS = (2, 1000)  # of the map's axis
_RARITIES = figures.Axis("rare gradient $C$", ticks=(3, 10, 30, 100, 300, 1000))


class BoundaryExplorer(RunExplorer):
    r"""The drift number's sign over a plane, to be dragged; the run at the point beside it.

    The losses are Cx once in P rounds, else -x, on [-1, 1]; the run starts at x = 0 with step size
    1 / sqrt(t).

    Args:
      plane: ``"betas"`` for (beta1, beta2), ``"rarity"`` for (C, beta2).
      method: a name of ``METHODS``.
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1).
      C: the rare gradient, a whole number in [2, 1000].
      P: the period, a whole number in [2, 1000]; without effect while ``tied``.
      tied: whether the period is C, as in Theorem 2; false if a P other than C is given.
      epsilon: what is added to the denominator, of the methods that have one.
      steps: number of rounds, from a thousand to a million.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours; Reddi, Kale and Kumar (2018), Theorem 2, for the conditions. Introduced in the chapter
      "How rare is too rare".
    """

    _esm = compose("boundary.js", METHODS)
    _python = """
        from adam_and_beyond import drift, methods, problems, simulate

        C = {C}
        P = C if {tied} else {P}
        losses = problems.periodic([float(C)] + [-1.0] * (P - 1))
        betas = dict(beta1={beta1}, beta2={beta2})
        method = methods.get_sharing({method}, epsilon={epsilon}, **betas)
        print("D =", drift.number(method, losses))
        run = simulate.run(method, losses, steps={steps}, alpha=1.0, x1=0.0)
        print("x =", run.x[-1], "average regret", run.average_regret[-1])
    """
    _heights = (1229, 760)

    plane = traitlets.Enum(["betas", "rarity"], "betas").tag(sync=True, control=True)
    method = traitlets.Enum(list(METHODS), "adam").tag(sync=True, control=True)
    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.99, BETA2.interval)
    C = Number(50, Interval(2, 1000, high_closed=True))
    P = Number(50, Interval(2, 1000, high_closed=True))
    tied = traitlets.Bool(True).tag(sync=True, control=True)
    epsilon = Number(1.0, EPSILON.interval)
    steps = Number(200_000, Interval(1_000, 1_000_000, high_closed=True))
    log_t = False

    def __init__(self, **values: Any) -> None:
        if "P" in values:
            values = {"tied": values["P"] == values.get("C", 50), **values}
        super().__init__(**values)

    def period(self) -> int:
        """The number of rounds after which the losses repeat."""
        return self.C if self.tied else self.P

    def chosen(self, **others: Any) -> methods.Method:
        """The method with the present hyperparameters, or with others of them."""
        values = {"beta1": self.beta1, "beta2": self.beta2, "epsilon": self.epsilon, **others}
        return methods.get_sharing(self.method, **values)

    def problem(self) -> problems.PeriodicProblem:
        """The losses for the present C and P."""
        return _losses(self.C, self.period())

    def trajectory(self) -> simulate.Trajectory:
        """The JAX run at the point, recorded like the browser's picture."""
        problem = self.problem()
        times = self.record_times(problem.period, _RECORDS)
        return simulate.run(self.chosen(), problem, self.steps, _ALPHA, x1=0.0, record=times)

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """:meth:`trajectory` by the name of its method."""
        return {self.method: self.trajectory()}

    def drift_number(self) -> float:
        """D at the point."""
        return drift.number(self.chosen(), self.problem())

    def diagram(self, n: int = 61) -> figures.Plane:
        """The map with about n nodes along each axis: the drift, and how far Theorem 2 holds."""
        if self.plane == "betas":
            x, y = _fading(3, n), _fading(5, n)
            D = drift.number(self.chosen(**self._betas(x, y[:, None])), self.problem())
            C, slope = self.C, self.problem().mean_gradient
            beta1 = x
        else:
            y = _fading(6, n)
            x = np.unique(np.geomspace(*_C_ENDS, n).round().astype(int))
            family = [_losses(C, C if self.tied else self.P) for C in x]
            column = self.chosen(**self._betas(self.beta1, y))
            D = np.stack([drift.number(column, problem) for problem in family], axis=-1)
            C, slope = x, np.array([problem.mean_gradient for problem in family])
            beta1 = self.beta1
        D = np.broadcast_to(D, (y.size, x.size))
        proved = self._margin(beta1, y[:, None], C)
        across = figures.BETA1 if self.plane == "betas" else _RARITIES
        return figures.Plane(x, y, D, across, figures.BETA2, D * slope, proved)

    def _betas(self, beta1: Any, beta2: Any) -> dict[str, Any]:
        known = methods.get(self.method).hyper._fields
        return {k: v for k, v in {"beta1": beta1, "beta2": beta2}.items() if k in known}

    def _margin(self, beta1: Any, beta2: Any, C: Any) -> np.ndarray | None:
        """How far Theorem 2's conditions hold; None where they are not about this."""
        beta1 = {"adam": beta1, "rmsprop": np.zeros_like(beta1)}.get(self.method)
        if beta1 is None or not (self.tied or self.P == self.C):
            return None
        # The theorem's beta2 is positive; at 0 there is no beta1 below its root.
        return margin(beta1, np.maximum(beta2, 1e-9), C)

    def figure(self) -> Figure:
        """The map and, beside it, iterate and average regret of :meth:`trajectory`."""
        problem = self.problem()
        slope = problem.mean_gradient
        fails = self.drift_number() * slope > 0
        at = (self.beta1 if self.plane == "betas" else self.C, self.beta2)
        return figures.phase_map_and_run(
            self.diagram(),
            at,
            self.curves("x"),
            self.curves("average_regret"),
            {"limit": 2 * abs(slope)} if fails else {},
        )[0]

    def caption(self) -> str:
        """The present values, the drift number and where the run ends."""
        return f"{super().caption()}\nD = {self.drift_number():.6g}"


def _losses(C: int, P: int) -> problems.PeriodicProblem:
    return problems.periodic([float(C)] + [-1.0] * (P - 1))


def _fading(decades: int, n: int) -> np.ndarray:
    """Decay rates from 0 on, evenly spaced in the logarithm of their distance from 1."""
    return 1 - np.logspace(0, -decades, n)
