"""The explorers of Theorem 2's family: its three conditions over C, and how rare is too rare."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from adam_and_beyond import drift, figures
from adam_and_beyond.explorers.base import Explorer, Number
from adam_and_beyond.explorers.conditions import ratio, sides
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2
from adam_and_beyond.theorems.theorem_2 import proof as theorem_2

_MEMORIES = np.geomspace(1, 1e5, 21)


class Rarity(NamedTuple):
    """How large C is: where Adam first fails, where the paper's proof works, and by the law."""

    exact: int | None  # None if Adam fails for no C that was looked at
    paper: int | None  # None unless beta1 < sqrt(beta2)
    law: float


def _rarity(beta1: float, beta2: float) -> Rarity:
    """The three numbers at one point."""
    try:
        exact = drift.critical_rarity("adam", beta1=beta1, beta2=beta2)
    except ValueError:  # fails for no C up to the largest
        exact = None
    paper = theorem_2.smallest_C(beta1, beta2).together if beta1**2 < beta2 else None
    return Rarity(exact, paper, 2 / np.sqrt(1 - beta2))


class _Theorem2(Explorer):
    """What the two share: two controls, one picture, three numbers."""

    def numbers(self) -> Rarity:
        """The smallest failing C, the paper's C and the law at the present values."""
        return _rarity(self.beta1, self.beta2)

    def caption(self) -> str:
        """The present values, and the three numbers."""
        found = self.numbers()
        exact = "at no C looked at" if found.exact is None else f"at C = {found.exact}"
        paper = "says nothing" if found.paper is None else f"wants C = {found.paper}"
        return (
            f"{self!r}\nAdam first fails {exact}; the paper's proof {paper}; "
            f"the law 2/sqrt(1 - beta2) gives {found.law:.4g}"
        )


class RarityExplorer(_Theorem2):
    r"""How rare is too rare: the smallest C for which Adam fails, to be dragged.

    On Theorem 2's family, Cx once in C rounds, else -x, over the memory 1 / (1 - beta2): the
    smallest failing C, the smallest that the paper's proof works for, and the law
    2 / sqrt(1 - beta2).

    Args:
      beta1: decay of the average of gradients, in [0, 1).
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Ours; Reddi, Kale and Kumar (2018), Theorem 2, for the conditions. Introduced in the chapter
      "How rare is too rare".
    """

    _esm = compose("rarity.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import RarityExplorer

        found = RarityExplorer(beta1={beta1}, beta2={beta2}).numbers()
        print("Adam first fails at C =", found.exact)
        print("the paper's proof wants C =", found.paper)
        print("the law 2/sqrt(1 - beta2) gives", found.law)
    """
    _heights = (697, 558)

    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.99, BETA2.interval)

    def figure(self) -> Figure:
        """The three numbers over the memory, and the present values."""
        curve = [_rarity(self.beta1, 1 - 1 / memory) for memory in _MEMORIES]
        exact, paper, law = np.array(curve, dtype=float).T  # None becomes nan
        here = self.numbers()
        at = (1 / (1 - self.beta2), here.exact, here.paper)
        return figures.rarity_against_memory(_MEMORIES, exact, paper, law, at)[0]


class ConditionsExplorer(_Theorem2):
    r"""The three conditions of the paper's Theorem 2 over C, to be dragged.

    Args:
      beta1: decay of the average of gradients, in [0, 1); the theorem wants it below the root of
        beta2.
      beta2: decay of the average of squared gradients, in [0, 1).

    Raises:
      TraitError: for a value outside its range; the message says what is allowed.
      ValueError: for a name that is not a control.

    References:
      Reddi, Kale and Kumar (2018), Theorem 2, condition (7). Introduced in the chapter "Theorem 2".
    """

    _esm = compose("conditions.js", ("adam",))
    _python = """
        from adam_and_beyond.explorers import ConditionsExplorer

        found = ConditionsExplorer(beta1={beta1}, beta2={beta2}).numbers()
        print("Adam first fails at C =", found.exact)
        print("the paper's proof wants C =", found.paper)
        print("the law 2/sqrt(1 - beta2) gives", found.law)
    """
    _heights = (713, 604)

    beta1 = Number(0.9, BETA1.interval)
    beta2 = Number(0.99, BETA2.interval)

    def figure(self) -> Figure:
        """Left over right side of each condition, and where it first holds."""
        proved = self.beta1**2 < self.beta2
        first = theorem_2.smallest_C(self.beta1, self.beta2) if proved else None
        exact = self.numbers().exact
        most = max(100, exact or 0, first.together if first else 0)
        C = 2 * np.unique(np.geomspace(1, 10 ** np.ceil(np.log10(1.3 * most)) / 2, 400).round())
        marks = {f"({k}) from {v}": v for k, v in first._asdict().items()} if first else {}
        ratios = {f"({name})": ratio(name, self.beta1, self.beta2, C) for name in sides()}
        return figures.conditions_against_C(C, ratios, marks, exact)[0]
