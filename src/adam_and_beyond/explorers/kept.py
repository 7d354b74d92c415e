"""What opens the chapter on large output spaces: what Adam leaves of each class of a softmax."""

from __future__ import annotations

import functools

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import field, figures, methods
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2


class KeptExplorer(Opener):
    r"""What Adam keeps of each class of a softmax at rest, for frequencies by Zipf's law.

    The browser solves for 16 classes and draws a curve between them; it is within 2 % of
    :func:`adam_and_beyond.field.softmax` where a class keeps more than a thousandth.

    Args:
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in (0, 1).
      batch: draws in a step, a whole number in [1, 4096].
      classes: their number, in [10, 50000].
      exponent: of Zipf's law, in [0.5, 1.5].
      rank: a class that is told of, in [1, 50000]; the last one if there are fewer.

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Introduced in the chapter "Large output spaces".
    """

    _esm = compose("kept.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import KeptExplorer

        data = dict(batch={batch}, classes={classes}, exponent={exponent})
        kept = KeptExplorer(beta1={beta1}, beta2={beta2}, rank={rank}, **data)
        print(kept.caption())
    """
    _heights = (807, 640)

    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.95, BETA2.interval)
    batch = Number(512, Interval(1, 4096, high_closed=True))
    classes = Number(10_000, Interval(10, 50_000, high_closed=True))
    exponent = Number(1.0, Interval(0.5, 1.5, high_closed=True))
    rank = Number(5000, Interval(1, 50_000, high_closed=True))

    def rest(self) -> tuple[np.ndarray, field.Softmax]:
        """The frequencies, and where the softmax rests."""
        return _rest(self.beta1, self.beta2, self.batch, self.classes, self.exponent)

    def figure(self) -> Figure:
        """The kept share against the rank."""
        p, rest = self.rest()
        rank = np.arange(1, p.size + 1)
        shown = np.unique(np.round(np.geomspace(1, p.size, 200)).astype(int)) - 1
        curve = figures.NamedCurve("Adam", rank[shown], (rest.probabilities / p)[shown])
        labels = ("rank of the class", "kept share $q/p$")
        return figures.kept_share([curve], [], labels=labels, floor=1e-3)[0]

    def kept(self) -> tuple[int, float]:
        """The class that is told of, and its share q / p."""
        p, rest = self.rest()
        rank = min(self.rank, p.size)
        return rank, float(rest.probabilities[rank - 1] / p[rank - 1])

    def caption(self) -> str:
        """The present values, the excess loss and the drift of the logits."""
        p, rest = self.rest()
        excess = float(np.sum(p * np.log(p / rest.probabilities)))
        below = float(np.mean(rest.probabilities < p / 2))
        lost = float(np.maximum(p - rest.probabilities, 0).sum())
        rank, share = self.kept()
        return (
            f"{self!r}\n{100 * below:.3g} % of the classes keep less than half, class {rank} keeps "
            f"{100 * share:.4g} %; classes that lose give away {lost:.4g} of all probability; the "
            f"loss exceeds the best one by {excess:.4g} nats; the logits drift by "
            f"{rest.drift:.4g} per step and alpha"
        )


@functools.lru_cache(maxsize=4)
def _rest(beta1: float, beta2: float, batch: int, classes: int, exponent: float):
    p = np.arange(1.0, classes + 1) ** -exponent
    p /= p.sum()
    return p, field.softmax(methods.get("adam", beta1=beta1, beta2=beta2), p, batch)
