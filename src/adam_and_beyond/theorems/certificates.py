"""Certificates: the inequalities of the proofs, proved once more by z3 or by ball arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from adam_and_beyond.proofs.certificate import TOOLS, Certificate, Result
from adam_and_beyond.theorems import projection
from adam_and_beyond.theorems import theorem_5_certificates as theorem_5
from adam_and_beyond.theorems.theorem_1 import certificates as theorem_1
from adam_and_beyond.theorems.theorem_2 import certificates as theorem_2
from adam_and_beyond.theorems.theorem_3 import certificates as theorem_3
from adam_and_beyond.theorems.theorem_4 import certificates as theorem_4
from adam_and_beyond.theorems.theorem_6 import certificates as theorem_6
from adam_and_beyond.theorems.three_losses import certificates as three_losses

__all__ = ["all_certificates", "counterexamples", "table"]


def all_certificates() -> tuple[Certificate, ...]:
    """Every certificate of the book, theorem by theorem.

    Returns:
      The certificates; ``certificate.prove()`` proves one.

    References:
      Introduced in the chapter "Certificates".
    """
    return (
        *theorem_1.certificates(),
        *projection.certificates(),
        *theorem_2.certificates(),
        *theorem_3.certificates(),
        *theorem_4.certificates(),
        *theorem_5.certificates(),
        *theorem_6.certificates(),
        *three_losses.certificates(),
    )


def table(results: Mapping[Certificate, Result]) -> str:
    """Certificates and their outcomes as a Markdown table.

    Args:
      results: what ``prove`` gave for each certificate.

    Returns:
      Markdown, one row a certificate: where it is used, its name, the program, the outcome, what
      the program did, and seconds.

    References:
      Introduced in the chapter "Certificates".
    """
    rows = [
        "| for | certificate | by | outcome | work | seconds |",
        "| :-- | :-- | :-- | :-- | --: | --: |",
    ]
    for certificate, result in results.items():
        unit = "questions" if certificate.tool == "z3" else "boxes"
        rows.append(
            f"| {certificate.place} | {certificate.name} | {TOOLS[certificate.tool]} "
            f"| {result.status} | {result.work} {unit} | {result.seconds:.2f} |"
        )
    return "\n".join(rows)


def counterexamples(results: Mapping[Certificate, Sequence[Result]]) -> str:
    """What became of the weakened versions, as a Markdown table.

    Args:
      results: for each certificate the results of ``refute``, in the order of its ``weakened``.

    Returns:
      Markdown, one row a weakened version: the certificate, the change, the counterexample, or
      the outcome where there is none.

    References:
      Introduced in the chapter "Certificates".
    """
    rows = ["| certificate | changed | counterexample |", "| :-- | :-- | :-- |"]
    for certificate, outcomes in results.items():
        for weakening, result in zip(certificate.weakened, outcomes, strict=True):
            found = result.counterexample or {}
            values = (f"${sympy.latex(s)} = {_short(value)}$" for s, value in found.items())
            shown = ", ".join(values) or result.status
            rows.append(f"| {certificate.name} | {weakening.what} | {shown} |")
    return "\n".join(rows)


def _short(value: sympy.Rational) -> str:
    """A fraction as LaTeX; one with long parts as a decimal, and the dots say so."""
    if max(abs(value.p), value.q) < 10**4:
        return f"{value.p}/{value.q}" if value.q > 1 else str(value.p)
    return f"{float(value):.6f}\\ldots"
