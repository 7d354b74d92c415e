"""What opens the chapter on regret: stand at a point, and pay beside Adam and AMSGrad."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import figures, methods, problems, simulate
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval

# As in browser/game.js.
_BETAS, _ALPHA, _FRAMES, _STRIDE = {"beta1": 0.9, "beta2": 0.99}, 0.5, 200, 1010
_PLAYERS = ("adam", "amsgrad")


class GameExplorer(Opener):
    r"""What a player pays beyond the best fixed point who stands still, and what two methods pay.

    On the problem of the paper's Figure 1; the methods start at x = 0, with beta1 = 0.9, beta2 =
    0.99 and the step size 0.5 / sqrt(t).

    Args:
      x: where the player stands, in [-1, 1].

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Figure 1. Introduced in the chapter "Regret and the generic
      method".
    """

    _esm = compose("game.js", ("sgd", *_PLAYERS))
    _python = """
        from adam_and_beyond.explorers import GameExplorer

        game = GameExplorer(x={x})
        print("standing there costs", game.cost(), "a round")
        for name, average in game.average_regrets().items():
            print(name, "pays", average[-1], "a round")
    """
    _heights = (548, 551)

    x = Number(0.0, Interval(-1.0, 1.0, high_closed=True))

    def rounds(self) -> np.ndarray:
        """The rounds that are shown, ends of whole periods."""
        return _STRIDE * np.arange(1, _FRAMES + 1)

    def cost(self) -> float:
        """What standing at x costs in a round, beyond the best point."""
        return float(problems.figure_1_online().gradients.mean() * (self.x + 1))

    def average_regrets(self) -> dict[str, np.ndarray]:
        """What the methods paid, a round, beyond the best point, at :meth:`rounds`."""
        rounds, problem = self.rounds(), problems.figure_1_online()
        return {
            name: simulate.run(
                methods.get(name, **_BETAS), problem, int(rounds[-1]), _ALPHA, record=rounds
            ).average_regret
            for name in _PLAYERS
        }

    def figure(self) -> Figure:
        """What each has paid, against the round."""
        rounds = self.rounds()
        paid = [
            figures.Curve(name, methods.get(name).label, rounds, average * rounds)
            for name, average in self.average_regrets().items()
        ]
        you = figures.Curve("sgd", f"x = {self.x:g}", rounds, self.cost() * rounds)
        return figures.paid_against_round([you, *paid])[0]

    def caption(self) -> str:
        """The present value, and what each pays in a round."""
        ends = ", ".join(
            f"{methods.get(name).label} {average[-1]:.6g}"
            for name, average in self.average_regrets().items()
        )
        return f"{self!r}\nStanding there costs {self.cost():.6g} a round; {ends}"
