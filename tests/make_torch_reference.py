"""Make `data/torch_reference.json`: steps of torch's optimisers on given gradients, in float64.

Run it where torch is installed; the book itself never needs torch:

    python tests/make_torch_reference.py

`test_peers.py` compares the stored numbers with the package on every run, and where torch is
installed makes them afresh and compares those with the stored ones.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

TARGET = Path(__file__).parent / "data" / "torch_reference.json"
SEED = 2018
STEPS = 24
ALPHA = 0.125

# torch's own settings, under the name of the comparison in the tests.
CASES = {
    "sgd": ("SGD", {}),
    "adagrad": ("Adagrad", {"eps": 0.0}),
    "rmsprop": ("RMSprop", {"alpha": 0.9, "eps": 0.0}),
    "adam_corrected": ("Adam", {"betas": [0.8, 0.95], "eps": 0.0}),
    "amsgrad": ("Adam", {"betas": [0.8, 0.95], "eps": 0.0, "amsgrad": True}),
    # A large epsilon, so that its place in the formula shows.
    "amsgrad_epsilon": ("Adam", {"betas": [0.8, 0.95], "eps": 0.5, "amsgrad": True}),
    "adadelta": ("Adadelta", {"rho": 0.9, "eps": 0.01}),
}


def gradients() -> list[float]:
    """Gradients with a rare big one, like the paper's, and some noise."""
    rng = random.Random(SEED)
    return [(10.0 if t % 6 == 1 else -1.0) + rng.uniform(-0.5, 0.5) for t in range(1, STEPS + 1)]


def trajectory(optimiser: str, settings: dict, given: list[float]) -> list[float]:
    """The points x_2, x_3, ... of one of torch's optimisers from x_1 = 0, without projection."""
    import torch

    x = torch.zeros(1, dtype=torch.float64)
    stepper = getattr(torch.optim, optimiser)([x], lr=ALPHA, **settings)
    points = []
    for g in given:
        x.grad = torch.tensor([g], dtype=torch.float64)
        stepper.step()
        points.append(x.item())
    return points


def make() -> dict:
    """Everything that the file holds."""
    import torch

    given = gradients()
    return {
        "made_by": "tests/make_torch_reference.py",
        "torch": torch.__version__,
        "seed": SEED,
        "alpha": ALPHA,
        "dtype": "float64",
        "gradients": given,
        "cases": {
            name: {
                "optimiser": f"torch.optim.{optimiser}",
                "settings": settings,
                "x": trajectory(optimiser, settings, given),
            }
            for name, (optimiser, settings) in CASES.items()
        },
    }


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(make(), indent=1) + "\n", "utf-8")
    print(f"wrote {TARGET.name}")
