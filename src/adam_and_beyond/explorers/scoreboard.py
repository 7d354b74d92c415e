"""What opens the chapter on the audit: an optimizer's drift numbers on Theorem 2's family."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, results
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval

# The rows of the scoreboard of optax that are shown, and what papers call them.
LABELS = MappingProxyType(
    {
        "adam": "Adam",
        "nadam": "NAdam",
        "radam": "RAdam",
        "adabelief": "AdaBelief",
        "adamax": "AdaMax",
        "rmsprop": "RMSProp",
        "adan": "Adan",
        "amsgrad": "AMSGrad",
        "contrib.adopt": "ADOPT",
        "lion": "Lion",
        "sign_sgd": "sign descent",
        "sgd": "gradient descent",
    }
)
_RARITIES = range(2, 81)


class ScoreboardExplorer(Opener):
    r"""The stored drift numbers of an optimizer of optax on Theorem 2's family, from C = 2 to 80.

    Args:
      optimizer: a key of ``LABELS``, the name of its row in the scoreboard.
      C: the rare gradient and the period, a whole number in [2, 80].

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control, or if the scoreboard is not there.

    References:
      Ours. Introduced in the chapter "Audit your optimizer".
    """

    _esm = compose("scoreboard.js", ())
    _python = """
        from adam_and_beyond import audit, problems
        from adam_and_beyond.audit import scoreboard

        entries = {one.name: one for one in scoreboard.entries("optax")}
        found = audit.drift(entries[{optimizer}].make(), problems.theorem_2({C}))
        print("D =", found.D, "so it goes", "up" if found.D > 0 else "down")
    """
    _heights = (523, 520)

    data = traitlets.Dict(read_only=True).tag(sync=True)
    optimizer = traitlets.Enum(list(LABELS), "adam").tag(sync=True, control=True)
    C = Number(40, Interval(2, 80, high_closed=True))

    def __init__(self, **values: Any) -> None:
        rows = {row["name"]: row for row in results.read("scoreboard-optax")["rows"]}
        numbers = {}
        for name in LABELS:
            found = dict(zip(rows[name]["rarities"], rows[name]["D_by_C"], strict=True))
            # Four digits: what is drawn, and what is said, has three.
            numbers[name] = [float(f"{found[C]:.4g}") if C in found else None for C in _RARITIES]
        about = {"rarities": list(_RARITIES), "labels": dict(LABELS), "numbers": numbers}
        self.set_trait("data", about)
        super().__init__(**values)

    def drift(self) -> float | None:
        """The stored drift number at C, None where there is none."""
        return self.data["numbers"][self.optimizer][self.C - _RARITIES[0]]

    def figure(self) -> Figure:
        """The drift numbers against C, with the present one marked."""
        numbers = np.array(self.data["numbers"][self.optimizer], dtype=float)
        return figures.drifts_by_rarity(np.array(_RARITIES), numbers, self.C)[0]

    def caption(self) -> str:
        """The present values, the drift number, and where it leads."""
        D, label = self.drift(), LABELS[self.optimizer]
        if not D:
            return f"{self!r}\nat C = {self.C} the number of {label} has no sign"
        where = "up, to the worst point" if D > 0 else "down, to the best point"
        return f"{self!r}\n{label} at C = {self.C}: D = {D:+.3g}, so it goes {where}"
