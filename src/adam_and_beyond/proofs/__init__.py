"""What a proof is in this book: steps with reasons, and certificates by other programs.

A :class:`Step` is worked out by SymPy, with a reason for each line. A :class:`Certificate` hands
the same lines, as :class:`Implication`, to a program that knows no calculus: :mod:`.solver` asks
z3, :mod:`.balls` covers boxes by ball arithmetic. What is proved with them is in
:mod:`adam_and_beyond.theorems`.
"""

from adam_and_beyond.proofs.balls import Piece, covering
from adam_and_beyond.proofs.certificate import (
    TOOLS,
    Certificate,
    Result,
    Weakening,
    lines_of,
    without,
)
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.proofs.step import Claim, Step, Verdict

__all__ = [
    "TOOLS",
    "Certificate",
    "Claim",
    "Implication",
    "Piece",
    "Result",
    "Step",
    "Verdict",
    "Weakening",
    "covering",
    "lines_of",
    "without",
]
