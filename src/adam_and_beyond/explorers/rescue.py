"""What opens the chapter on Theorem 6: with enough epsilon Adam turns round on a given problem."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval

# As in browser/balls.js and browser/rescue.js.
_BETAS, _PERIODS, _FRAMES = {"beta1": 0.9, "beta2": 0.99}, 10_000, 300


class RescueExplorer(Opener):
    r"""Two balls on the line f(x) = 10x/101: Adam, and Adam with an epsilon beside its root.

    The runs are those of the problem of the paper's Figure 1, from x = 0, with beta1 = 0.9 and
    beta2 = 0.99, over a million rounds. The step size is 0.5 / sqrt(t), and with epsilon
    (0.5 + epsilon / 50) / sqrt(t), as steps would else be too short to be seen.

    Args:
      epsilon: what is added to the root of v, in (0, 10^6].

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 6. Introduced in the chapter "Theorem 6".
    """

    _esm = compose("rescue.js", ("adam", "adam_epsilon"))
    _python = """
        from adam_and_beyond import drift, methods, problems

        adam = methods.get("adam_epsilon", beta1=0.9, beta2=0.99, epsilon={epsilon})
        D = drift.number(adam, problems.figure_1_online())
        print("epsilon =", adam.hyper.epsilon)
        print("D =", D, "so Adam walks", "uphill" if D > 0 else "down")
    """
    _heights = (518, 518)

    epsilon = Number(1000.0, Interval(0.0, 1e6, low_closed=False, high_closed=True))

    def walkers(self) -> dict[str, methods.Method]:
        """Adam without and with epsilon."""
        return {
            "adam": methods.get("adam", **_BETAS),
            "adam_epsilon": methods.get("adam_epsilon", **_BETAS, epsilon=self.epsilon),
        }

    def trajectories(self) -> dict[str, simulate.Trajectory]:
        """The JAX runs for the present epsilon, recorded at ends of periods at equal ratios."""
        problem = problems.figure_1_online()
        periods = np.unique(np.rint(np.geomspace(1, _PERIODS, _FRAMES)).astype(int))
        times = problem.period * periods
        alphas = {"adam": 0.5, "adam_epsilon": 0.5 + self.epsilon / 50}
        return {
            name: simulate.run(method, problem, int(times[-1]), alphas[name], record=times)
            for name, method in self.walkers().items()
        }

    def drift(self) -> float:
        """The drift number with epsilon: positive if Adam walks uphill."""
        return drift.number(self.walkers()["adam_epsilon"], problems.figure_1_online())

    def figure(self) -> Figure:
        """The line, with the balls where the runs end and smaller ones on their way there."""
        labels = ("Adam", r"Adam with $\epsilon$")
        runs = zip(labels, self.trajectories().values(), strict=True)
        curves = [figures.Curve(run.method.name, label, run.t, run.x) for label, run in runs]
        return figures.balls_on_a_line(curves)[0]

    def caption(self) -> str:
        """The present value, and where the walkers end."""
        way = "uphill" if self.drift() > 0 else "downhill"
        run = self.trajectories()["adam_epsilon"]
        return (
            f"{self!r}\nWith this epsilon Adam walks {way}, "
            f"after {run.t[-1]} steps to x = {run.x[-1]:.6g}"
        )
