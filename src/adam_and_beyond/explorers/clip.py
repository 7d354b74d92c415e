"""What opens the chapter on the exact boundary: a period of clipped steps is one clip."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.drift import clamp
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval
from adam_and_beyond.methods.hyperparameters import BETA2

_C, _PERIODS = 10, 40  # as in browser/clip.js


class ClipExplorer(Opener):
    r"""Where a period of Adam's steps takes a point, and the stairs that the point climbs.

    On Theorem 2's losses with C = 10, Adam without momentum on its periodic orbit, with a constant
    step size: ten projected steps are one map x -> clip(x + alpha D, L, U).

    Args:
      beta2: decay of the average of squared gradients, in [0, 1).
      alpha: the step size, in (0, 1].
      x1: the start, in [-1, 1].

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """

    _esm = compose("clip.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import ClipExplorer

        clip = ClipExplorer(beta2={beta2}, alpha={alpha}, x1={x1})
        shift, lower, upper = clip.clip()
        print("ten steps add", shift, "and stop at", lower, "and", upper)
        print("after 40 periods x =", clip.stairs()[-1])
    """
    _heights = (761, 704)

    beta2 = Number(0.9, BETA2.interval)
    alpha = Number(0.25, Interval(0.0, 1.0, low_closed=False, high_closed=True))
    x1 = Number(-0.9, Interval(-1.0, 1.0, high_closed=True))

    def clip(self) -> drift.ClampShift:
        """What a period does to a point."""
        adam = methods.get("adam", beta1=0.0, beta2=self.beta2)
        orbit = drift.orbit(adam, problems.theorem_2(_C))
        steps = clamp.compose(-self.alpha * orbit.m / orbit.sqrt_V, -1.0, 1.0)
        # After a map that does nothing its ends are those that a point reaches.
        return drift.ClampShift(0.0, -1.0, 1.0).then(steps)

    def stairs(self) -> np.ndarray:
        """Where the start is after 0, 1, 2 ... periods."""
        clip, xs = self.clip(), [self.x1]
        for _ in range(_PERIODS):
            xs.append(float(clip(xs[-1])))
        return np.array(xs)

    def figure(self) -> Figure:
        """The map of :meth:`clip`, and :meth:`stairs` between it and the diagonal."""
        x = np.linspace(-1, 1, 401)
        return figures.one_clip(x, self.clip()(x), self.stairs())[0]

    def caption(self) -> str:
        """The present values, what a period is, and where the start ends."""
        clip = self.clip()
        way = "climbs" if clip.shift > 0 else "falls"
        return (
            f"{self!r}\nA period is x -> clip(x + {clip.shift:.6g}, {clip.lower:.6g}, "
            f"{clip.upper:.6g}); x {way}, after {_PERIODS} periods to {self.stairs()[-1]:.6g}"
        )
