"""The long runs of the chapter "Large output spaces": made once, stored, a slice run again.

``python -m adam_and_beyond.field`` makes all of them: less than an hour on two cores.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import time
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np

from adam_and_beyond import methods, results
from adam_and_beyond.field import features, runs
from adam_and_beyond.field.classes import softmax

NAME = "large-output-spaces"
_PACKAGES = ("jax", "jaxlib", "numpy", "scipy")
_BINS = 40  # of classes, evenly in the logarithm of the rank


class Setting(NamedTuple):
    """One run on Zipf frequencies p proportional to 1 / rank."""

    method: str
    beta2: float | None  # None where the method has none; beta1 is 0.9 where it has one
    classes: int
    batch: int
    steps: int
    alpha: float
    schedule: str
    start: str  # "truth", "uniform" or "predicted"
    seeds: int

    @property
    def key(self) -> str:
        """The setting as a name: of an array in the store."""
        return "-".join(str(value) for value in self)

    def made(self) -> methods.Method:
        """The method with its betas."""
        method = methods.get(self.method)
        names = [spec.name for spec in method.hyperparameters]
        betas = {"beta1": 0.9, "beta2": self.beta2}
        return method.replace(**{k: v for k, v in betas.items() if k in names and v is not None})

    def compute(self) -> dict[str, np.ndarray]:
        """The whole run, as :func:`run`."""
        return run(self)


def frequencies(classes: int) -> np.ndarray:
    """Zipf's law: p proportional to 1 / rank.

    Args:
      classes: their number.

    Returns:
      p, with sum 1, shape ``(classes,)``.

    References:
      Introduced in the chapter "Large output spaces".
    """
    p = 1 / np.arange(1, classes + 1)
    return p / p.sum()


def at_rest() -> tuple[Setting, ...]:
    """Runs with a small constant step that start where the theory puts the softmax.

    They judge it: if it were wrong, they would walk away, as each class's logit does within
    1 / (alpha sqrt(r)) steps.

    Returns:
      The settings.

    References:
      Introduced in the chapter "Large output spaces".
    """
    few = ((50, 1, 0.99), (50, 1, 0.999))
    between = ((100, 2, 0.99), (200, 4, 0.99), (400, 8, 0.99), (800, 16, 0.99))
    small = ((1_000, 32, 0.95), (1_000, 32, 0.99), (1_000, 32, 0.999))
    large = ((10_000, 512, 0.95), (10_000, 512, 0.99), (10_000, 512, 0.999))
    groups = (
        (few, 400_000, 16),
        (between, 400_000, 4),
        (small, 400_000, 4),
        (large, 200_000, 1),
    )
    return tuple(
        Setting("adam", beta2, classes, batch, steps, 3e-4, "constant", "predicted", seeds)
        for group, steps, seeds in groups
        for classes, batch, beta2 in group
    )


def longer_steps() -> tuple[Setting, ...]:
    """The run at rest of 50 classes and beta2 = 0.99, again with two and four times its step.

    What its rarest classes miss of the prediction grows with the step.

    Returns:
      Three settings, the shortest step first; that one is of :func:`at_rest`.

    References:
      Introduced in the chapter "Large output spaces".
    """
    first = at_rest()[0]
    return tuple(first._replace(alpha=factor * first.alpha) for factor in (1, 2, 4))


def sinking() -> tuple[Setting, ...]:
    """Runs that start at the truth: what becomes of 10,000 classes under four methods.

    Returns:
      The settings: Adam with beta2 = 0.95 and 0.999, AMSGrad and ADOPT with 0.95.

    References:
      Introduced in the chapter "Large output spaces".
    """
    kinds = (("adam", 0.95, 3e-3), ("adam", 0.999, 3e-3), ("amsgrad", 0.95, 0.02))
    return tuple(
        Setting(name, beta2, 10_000, 512, 100_000, alpha, "constant", "truth", 1)
        for name, beta2, alpha in (*kinds, ("adopt", 0.95, 3e-4))
    )


ALPHAS = {
    "sgd": (10.0, 30.0, 100.0),
    "adagrad": (0.1, 0.3, 1.0),
    "adam": (0.03, 0.1, 0.3),
    "amsgrad": (0.3, 1.0, 3.0),
    "adopt": (0.03, 0.1, 0.3),
}
_LONG, _SHORT = 100_000, 2_000  # steps: the same runs, the second with closer records


def from_the_start(short: bool = False) -> tuple[Setting, ...]:
    """Runs that start at the uniform softmax with falling steps, for every step-size scale.

    Args:
      short: only the first 2,000 steps of the 100,000, with closer records.

    Returns:
      The settings.

    References:
      Introduced in the chapter "Large output spaces".
    """
    steps = _SHORT if short else _LONG
    return tuple(
        Setting(
            name, None if name in ("sgd", "adagrad") else 0.99,
            1_000, 32, steps, alpha, "inverse_sqrt", "uniform", 1,
        )
        for name, alphas in ALPHAS.items()
        for alpha in alphas
    )  # fmt: skip


class Trained(NamedTuple):
    """A model with features that is trained on 200 Zipf classes, batches of 4."""

    method: str  # with betas (0.9, 0.99)
    model: str
    alpha: float
    steps: int = 40_000

    @property
    def key(self) -> str:
        """The setting as a name: of an array in the store."""
        return "-".join(str(value) for value in self)

    def compute(self) -> dict[str, np.ndarray]:
        """The whole run, as :func:`train`."""
        return train(self)


class Stored(Protocol):
    """A run that is stored by its key."""

    @property
    def key(self) -> str:
        """Its name."""

    def compute(self) -> dict[str, np.ndarray]:
        """Run it."""

    def _asdict(self) -> dict[str, Any]: ...


WITH_FEATURES = (
    Trained("adam", "linear", 0.05),
    Trained("adam", "two-layer", 0.05),
    Trained("amsgrad", "linear", 0.5),
)


def train(trained: Trained) -> dict[str, np.ndarray]:
    """One of the models with features.

    Args:
      trained: which.

    Returns:
      ``truth`` and ``model``, as :class:`.features.Kept`.

    References:
      Ours.
    """
    method = methods.get(trained.method, beta1=0.9, beta2=0.99)
    p = frequencies(200)
    return features.train(method, p, trained.model, 4, trained.steps, trained.alpha)._asdict()


def bins(classes: int) -> np.ndarray:
    """The ranks at which a bin of classes begins, from 0 on, and the number of classes.

    Args:
      classes: their number.

    Returns:
      Whole numbers in increasing order.

    References:
      Introduced in the chapter "Large output spaces".
    """
    return np.unique(np.round(np.geomspace(1, classes + 1, _BINS + 1)).astype(int)) - 1


def run(setting: Setting, steps: int | None = None) -> dict[str, np.ndarray]:
    """One of the runs, or its beginning.

    Args:
      setting: which.
      steps: how far, a multiple of a twentieth of the whole; without, to the end.

    Returns:
      ``t``, the last step of each block; ``excess``, KL(p || q) there in nats; ``binned``, the mean
      probability of each bin of classes over each block, shape ``(blocks, bins)``; ``late``, that
      of each class over the second half; ``predicted``, where the run began if that was predicted.

    Raises:
      ValueError: for steps that are no such multiple.

    References:
      Introduced in the chapter "Large output spaces".
    """
    p, blocks = frequencies(setting.classes), 20
    length = setting.steps // blocks
    if steps is not None:
        if steps <= 0 or steps % length:
            raise ValueError(f"steps must be a multiple of {length}, got {steps}")
        blocks = steps // length
    start = _start(setting, p)
    found = runs.softmax(
        setting.made(),
        p,
        setting.batch,
        blocks * length,
        setting.alpha,
        setting.schedule,
        logits=None if setting.start == "uniform" else np.log(start),
        seeds=setting.seeds,
        blocks=blocks,
    )
    predicted = {"predicted": start} if setting.start == "predicted" else {}
    q = found.probability.mean(axis=0)
    return {
        "t": found.t,
        "excess": found.excess.mean(axis=0),
        "speed": found.speed.mean(axis=0),
        "binned": np.add.reduceat(q, bins(setting.classes)[:-1], axis=1),
        "late": q[blocks // 2 :].mean(axis=0).astype(np.float32),
    } | predicted


def _start(setting: Setting, p: np.ndarray) -> np.ndarray:
    if setting.start == "predicted":
        return softmax(setting.made(), p, setting.batch).probabilities
    return p if setting.start == "truth" else np.full_like(p, 1 / p.size)


def load(setting: Stored) -> dict[str, np.ndarray]:
    """What is stored of a run.

    Args:
      setting: which.

    Returns:
      As its ``compute()``.

    Raises:
      ValueError: if it is not stored.

    References:
      Introduced in the chapter "Large output spaces".
    """
    stored = results.arrays(NAME)
    found = {
        key.partition("/")[2]: value
        for key, value in stored.items()
        if key.partition("/")[0] == setting.key
    }
    if not found:
        raise ValueError(f"no stored run {setting.key}; run: python -m adam_and_beyond.field")
    return found


def make(settings: tuple[Stored, ...]) -> None:
    """Run what is not stored yet; after each run all of it is stored.

    Args:
      settings: which.
    """
    try:
        arrays, about = results.arrays(NAME), results.read(NAME)
    except ValueError:
        arrays, about = {}, {"command": "python -m adam_and_beyond.field", "runs": []}
    wanted = {setting.key for setting in settings}
    about["runs"] = [entry for entry in about["runs"] if entry["key"] in wanted]
    arrays = {key: value for key, value in arrays.items() if key.partition("/")[0] in wanted}
    done = {entry["key"] for entry in about["runs"]}
    for setting in settings:
        if setting.key in done:
            continue
        began = time.perf_counter()
        found = setting.compute()
        arrays |= {f"{setting.key}/{name}": value for name, value in found.items()}
        about["runs"].append({"key": setting.key} | setting._asdict() | _provenance(began))
        results.write(NAME, about, arrays)
        print(f"{setting.key}: {time.perf_counter() - began:.0f} s", flush=True)


def _provenance(began: float) -> dict[str, Any]:
    return {
        "first_seed": 0,
        "seconds": round(time.perf_counter() - began, 1),
        "date": datetime.date.today().isoformat(),
        "device": f"{jax.devices()[0].platform}, {platform.machine()}",
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES}
        | {"python": platform.python_version()},
    }
