"""Make `data/audit_reference.json`: drift numbers that torch's optimizers were seen to have.

Run it where torch is installed; the book itself never needs torch:

    python tests/make_audit_reference.py

`test_audit_torch.py` compares the stored numbers with the package on every run, and where torch is
installed makes them afresh and compares those with the stored ones.
"""

from __future__ import annotations

import json
from pathlib import Path

TARGET = Path(__file__).parent / "data" / "audit_reference.json"
PERIODS = {"Theorem 1": [3.0, -1.0, -1.0], "once in ten": [10.0] + [-1.0] * 9}
# Epsilon, here and in optax: the same Adam has the same D only with the same one.
EPSILON = 1e-8
BETAS = (0.5, 0.9)  # forgets within a few rounds, so that it is quick
# torch's own settings, under the name of the comparison in the tests.
CASES = {
    "adam": ("Adam", {"betas": BETAS, "eps": EPSILON}),
    "amsgrad": ("Adam", {"betas": BETAS, "eps": EPSILON, "amsgrad": True}),
    "rmsprop": ("RMSprop", {"alpha": 0.9, "eps": EPSILON}),
    "sgd": ("SGD", {}),
}


def make() -> dict:
    """Everything that the file holds."""
    import torch

    from adam_and_beyond import audit, problems

    torch.set_num_threads(1)
    found: dict[str, dict[str, float]] = {}
    for case, (name, settings) in CASES.items():
        kind = getattr(torch.optim, name)
        given = audit.from_torch(lambda p, k=kind, s=settings: k(p, lr=1.0, **s), name)
        found[case] = {
            about: audit.drift(given, problems.periodic(gradients)).D
            for about, gradients in PERIODS.items()
        }
    return {"torch": torch.__version__, "D": found}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")
