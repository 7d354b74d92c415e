r"""A verdict for any optimizer: ``audit.drift``, ``audit.run``, ``audit.falsify``.

An optimizer of optax, of PyTorch, of the catalogue, or a rule of your own, against the problems of
this book. On lines the drift number decides, found by watching: the gradients are fed until the
whole state comes back. Where it does not, runs decide, or nothing does, and the report says so.
"""

from adam_and_beyond.audit.audits import assert_not_defeated, run
from adam_and_beyond.audit.drifts import Drift, drift
from adam_and_beyond.audit.falsifier import Counterexample, falsify
from adam_and_beyond.audit.reports import Report
from adam_and_beyond.audit.stepped import from_torch
from adam_and_beyond.audit.suite import SUITE, Challenge
from adam_and_beyond.audit.verdicts import VERDICTS, Verdict

__all__ = [
    "SUITE",
    "VERDICTS",
    "Challenge",
    "Counterexample",
    "Drift",
    "Report",
    "Verdict",
    "assert_not_defeated",
    "drift",
    "falsify",
    "from_torch",
    "run",
]
