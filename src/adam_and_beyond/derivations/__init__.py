"""Proofs as named SymPy steps, one module per theorem: chapters show them, tests check them."""

from adam_and_beyond.derivations.steps import Claim, Step, Verdict

__all__ = ["Claim", "Step", "Verdict"]
