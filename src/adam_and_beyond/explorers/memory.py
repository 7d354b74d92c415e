"""What opens the chapter on AdamNC: how much of its average each past round still has."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import figures, methods
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods.hyperparameters import BETA2

_SHOWN, _ROUNDS = ("adam", "adamnc"), 60  # as in browser/memory.js


class MemoryExplorer(Opener):
    r"""The shares of past rounds in the average of squares, of Adam and of AdamNC.

    Args:
      beta2: decay of Adam's average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 3. Introduced in the chapter "AdamNC".
    """

    _esm = compose("memory.js", _SHOWN)
    _python = """
        from adam_and_beyond.explorers import MemoryExplorer

        memory = MemoryExplorer(beta2={beta2})
        for name, share in memory.shares().items():
            print("%.2g %%" % (100 * share[:10].sum()), "have the first ten rounds in", name)
    """
    _heights = (564, 548)

    beta2 = Number(0.9, BETA2.interval)

    def shares(self, rounds: int = _ROUNDS) -> dict[str, np.ndarray]:
        """The share of each of the rounds in the average after them, by method.

        An average is linear in what it averages: a share is what a gradient of 1 in its round, and
        of 0 in the others, leaves behind.
        """
        found = {}
        for name in _SHOWN:
            method = methods.get_sharing(name, beta1=0.0, beta2=self.beta2)
            state = method.init(np.zeros(rounds))
            for t, gradient in enumerate(np.eye(rounds), start=1):
                state = method.update(gradient, state, float(t))[2]
            found[name] = state.v
        return found

    def figure(self) -> Figure:
        """:meth:`shares` after the last round, as bars."""
        labels = {methods.get(name).label: share for name, share in self.shares().items()}
        return figures.shares_as_bars(labels)[0]

    def caption(self) -> str:
        """The present value, and the share of the first ten rounds."""
        adam, adamnc = (float(share[:10].sum()) for share in self.shares().values())
        return (
            f"{self!r}\nAfter {_ROUNDS} rounds the first ten have {100 * adam:.2g} % of Adam's "
            f"average, and {100 * adamnc:.2g} % of AdamNC's"
        )
