"""Make `data/keras_reference.json`: steps of Keras's Adam on given gradients, in float32.

Run it where Keras is installed, with the backend that is there; the book itself never needs Keras:

    KERAS_BACKEND=jax python tests/make_keras_reference.py

`test_catalogue_more.py` compares the stored numbers with the package on every run.
"""

from __future__ import annotations

import json
from pathlib import Path

from make_torch_reference import ALPHA, SEED, gradients

TARGET = Path(__file__).parent / "data" / "keras_reference.json"
BETAS = {"beta_1": 0.8, "beta_2": 0.95}
CASES = {
    "adam": BETAS | {"epsilon": 0.0, "amsgrad": False},
    "amsgrad": BETAS | {"epsilon": 0.0, "amsgrad": True},
    # A large epsilon, so that its place in the formula shows.
    "amsgrad_epsilon": BETAS | {"epsilon": 0.5, "amsgrad": True},
}


def trajectory(settings: dict, given: list[float]) -> list[float]:
    """The points x_2, x_3, ... of Keras's Adam from x_1 = 0, without projection."""
    import keras

    x = keras.Variable([0.0], dtype="float32")
    optimizer = keras.optimizers.Adam(learning_rate=ALPHA, **settings)
    optimizer.build([x])
    points = []
    for g in given:
        optimizer.apply([keras.ops.convert_to_tensor([g], dtype="float32")], [x])
        points.append(float(keras.ops.convert_to_numpy(x.value)[0]))
    return points


def make() -> dict:
    """Everything that the file holds."""
    import keras

    given = gradients()
    return {
        "made_by": "tests/make_keras_reference.py",
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "seed": SEED,
        "alpha": ALPHA,
        "dtype": "float32",
        "gradients": given,
        "cases": {
            name: {"settings": settings, "x": trajectory(settings, given)}
            for name, settings in CASES.items()
        },
    }


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(make(), indent=1) + "\n", "utf-8")
    print(f"wrote {TARGET.name}")
