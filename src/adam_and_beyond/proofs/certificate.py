r"""What a certificate is: statements over the reals, proved by a program that knows no calculus.

A step of a proof (:mod:`adam_and_beyond.proofs.step`) is worked out by SymPy, with a reason
for each line. A certificate hands the same line to a different program, which decides it by itself.
Two do: z3 shows that no real numbers satisfy the hypotheses and violate the conclusion, and ball
arithmetic covers a range of parameters with small boxes, on each of which it bounds the difference
of the two sides away from zero.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sympy

from adam_and_beyond.proofs import balls, solver
from adam_and_beyond.proofs.exact import latex
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.proofs.step import Step

TOOLS = {"z3": "z3", "balls": "ball arithmetic"}


class Weakening(NamedTuple):
    """An implication that is false: a hypothesis was dropped, or a constant changed."""

    what: str
    implication: Implication


class Result(NamedTuple):
    """The outcome of a proof.

    ``status`` is ``"proved"``, ``"refuted"`` or ``"undecided"``; ``work`` counts the questions that
    z3 answered, or the boxes of the covering. A counterexample gives an exact number for every
    unknown, and was verified by substitution with SymPy.
    """

    status: str
    seconds: float
    work: int
    counterexample: Mapping[sympy.Symbol, sympy.Expr] | None = None


# A prover takes an implication and returns (status, work, candidate for a counterexample).
Prover = Callable[[Implication], tuple[str, int, Mapping[sympy.Symbol, Any] | None]]


def settle(implications: tuple[Implication, ...], prover: Prover) -> Result:
    """Prove implications one by one; the first that is not proved ends it."""
    start, work = time.perf_counter(), 0
    for implication in implications:
        status, done, values = prover(implication)
        work += done
        if status == "refuted" and not implication.refuted_by(values):
            status, values = "undecided", None  # never shown unless substitution confirms it
        if status != "proved":
            return Result(status, time.perf_counter() - start, work, values)
    return Result("proved", time.perf_counter() - start, work)


@dataclasses.dataclass(frozen=True, eq=False)  # known by itself, so that it can be a key
class Certificate:
    """A claim that a program has proved, and what the reader has to see for himself.

    Args:
      name: short name, unique.
      place: the theorem or lemma that it serves.
      statement: the claim in words.
      implications: the claim over the reals; all of them are proved.
      assumes: what is taken for granted and proved elsewhere.
      reader: what no program checked, and the reader's eye has to.
      tool: ``"z3"`` or ``"balls"``.
      weakened: false neighbours of the claim, each refuted by a counterexample.
      source: "paper, Theorem 1" or "ours".
    """

    name: str
    place: str
    statement: str
    implications: tuple[Implication, ...]
    assumes: str
    reader: str
    tool: str
    weakened: tuple[Weakening, ...]
    source: str = "ours"

    @property
    def _prover(self) -> Prover:
        return {"z3": solver.prove, "balls": balls.prove}[self.tool]

    def prove(self) -> Result:
        """Have every implication proved."""
        return settle(self.implications, self._prover)

    def refute(self, weakening: Weakening) -> Result:
        """Have a weakened claim tried by the same program; its result is a counterexample."""
        return settle((weakening.implication,), self._prover)

    def _repr_markdown_(self) -> str:
        parts = [f"**{self.name}** ({self.place}, {TOOLS[self.tool]}). {self.statement}"]
        # Lines under the same hypotheses stand together; hypotheses are inline, so that they wrap.
        for given, group in itertools.groupby(self.implications, Implication.given):
            lines = r" \\[4pt] ".join(latex(i.conclusion, " &") for i in group)
            parts += ["If " + ", ".join(f"${h}$" for h in given) + ", then"] if given else []
            parts.append(rf"$$\begin{{aligned}}{lines}\end{{aligned}}$$")
        names: dict[Any, Any] = {}
        for implication in self.implications:
            names |= implication.named()
        if names:
            meanings = (
                rf"$\displaystyle {sympy.latex(k)} = {sympy.latex(names[k])}$"
                for k in sorted(names, key=str)
            )
            parts.append("Here " + ", ".join(meanings) + ".")
        parts.append(f"*Assumes:* {self.assumes}. *Left to the reader:* {self.reader}.")
        return "\n\n".join(parts) + "\n"


def lines_of(step: Step, *needed: tuple[int, ...]) -> tuple[Implication, ...]:
    """The lines of a step as implications.

    Args:
      step: the step.
      needed: for each line the numbers of the hypotheses of the step that it needs, from 0.

    Returns:
      An implication for each line.
    """
    return tuple(
        Implication(relation, step.hypotheses, step.definitions).needing(*which)
        for relation, which in zip(step.relations, needed, strict=True)
    )


def without(implication: Implication, index: int) -> Implication:
    """The same implication with one hypothesis dropped."""
    kept = tuple(h for k, h in enumerate(implication.hypotheses) if k != index)
    return implication._replace(hypotheses=kept)
