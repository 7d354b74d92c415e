"""What is trained: a task, the settings that are compared on it, and what a run measures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.images.networks import Architecture

# The objective is what was minimised: the mean over the batches of the stretch that ends there,
# with dropout, distortion and penalty if the network has them.
MEASURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "objective")


class Setting(NamedTuple):
    """What distinguishes runs of a task."""

    method: str | methods.Method  # a key of ``methods.CATALOGUE``, or a method
    alpha: float
    beta2: float | None  # None for a method without it, or to keep a ``Method``'s own
    seed: int  # of the start, the order of the images and the dropout
    replicate: int = 0  # trained with an alpha so many float32 numbers up: other rounding, no more

    def __str__(self) -> str:
        beta2 = "" if self.beta2 is None else f", beta2 {self.beta2:g}"
        replicate = f", replicate {self.replicate}" if self.replicate else ""
        name = self.method if isinstance(self.method, str) else self.method.label
        return f"{name}, alpha {self.alpha:g}{beta2}, seed {self.seed}{replicate}"

    def alpha_trained(self) -> np.float32:
        """The alpha of the steps: the nearest float32, and from there up by the replicate."""
        alpha = np.float32(self.alpha)
        for _ in range(self.replicate):
            alpha = np.nextafter(alpha, np.float32(np.inf))
        return alpha


@dataclasses.dataclass(frozen=True)
class Task:
    """What runs of an experiment have in common; hashable, the key of compiled code."""

    network: str | Architecture  # a key of ``networks.NETWORKS``, or one of your own
    schedule: str  # a key of ``methods.SCHEDULES``
    stride: int  # steps of one compiled scan
    records: tuple[int, ...] | int  # steps at which to measure; a number: every so many
    batch: int = 128
    beta1: float = 0.9
    sample: int | None = None  # training images on which to measure; None: all

    def plain(self) -> dict[str, Any]:
        """As text, numbers and lists; a network of your own by its name."""
        network = self.network if isinstance(self.network, str) else self.network.name
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return values | {"network": network}

    def recorded(self, steps: int) -> tuple[int, ...]:
        """The steps at which a run of that many steps is measured."""
        if isinstance(self.records, int):
            return tuple(range(self.records, steps + 1, self.records))
        return tuple(t for t in self.records if t <= steps)

    def method(self, method: str | methods.Method, beta2: float | None) -> methods.Method:
        """A method of the catalogue with the task's beta1, if it has one, and this beta2.

        A ``Method`` keeps its own values, but for a beta2 that is given.

        Raises ``ValueError`` where beta2 is missing or superfluous.
        """
        fields = methods.get(method).hyper._fields
        named = isinstance(method, str)
        if beta2 is not None and "beta2" not in fields:
            raise ValueError(f"{methods.get(method).name} has no beta2, got {beta2}")
        if named and beta2 is None and "beta2" in fields:
            raise ValueError(f"{method} needs a beta2, got None")
        values = {"beta1": self.beta1 if named else None, "beta2": beta2}
        return methods.get(
            method, **{k: v for k, v in values.items() if k in fields and v is not None}
        )

    def named(self, setting: Setting) -> Setting:
        """The setting with its method as text, by which tables and files know it.

        A ``Method`` that is one of the catalogue with the task's beta1 is called as that one; any
        other by its label and its values.
        """
        if isinstance(setting.method, str):
            return setting
        method = self.method(setting.method, setting.beta2)
        beta2 = getattr(method.hyper, "beta2", None)
        if method.name in methods.CATALOGUE and method == self.method(method.name, beta2):
            return setting._replace(method=method.name, beta2=beta2)
        values = ", ".join(f"{key}={value!r}" for key, value in method.hyper._asdict().items())
        text = f"{method.label} ({values})" if values else method.label
        return setting._replace(method=text, beta2=beta2)


class TrainingRun(NamedTuple):
    """A trained setting: measurements at the recorded steps, each of shape ``(n,)``."""

    setting: Setting
    steps: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    objective: np.ndarray
    stopped: int  # the step by which the loss was no number any more; 0 if that didn't happen
    seconds: float  # of the group, divided by its size

    @property
    def measured(self) -> np.ndarray:
        """The measures, shape ``(len(MEASURES), n)``."""
        return np.stack([getattr(self, name) for name in MEASURES])


def runs_of(
    task: Task,
    group: Sequence[Setting],
    steps: int,
    measured: np.ndarray,
    stopped: np.ndarray,
    seconds: float,
) -> list[TrainingRun]:
    """The runs of a group, up to a step.

    Args:
      task: it says at which steps the group was measured.
      group: the settings.
      steps: how far the runs are wanted; what was measured later is left out.
      measured: shape ``(n, measures, group)``; where every run stopped early it may be shorter.
      stopped: the step by which the loss of each run was no number any more, or 0.
      seconds: of the group.

    Returns:
      A ``TrainingRun`` per setting, NaN from the step on at which it stopped.
    """
    at = np.array(task.recorded(steps), np.int64)
    values = np.full((len(at), len(MEASURES), len(group)), np.nan)
    values[: len(measured)] = measured[: len(at)]
    runs = []
    for k, setting in enumerate(group):
        end = int(stopped[k]) if stopped[k] <= steps else 0
        columns = values[:, :, k].copy()
        if end:
            columns[at >= end] = np.nan
        runs.append(TrainingRun(task.named(setting), at, *columns.T, end, seconds / len(group)))
    return runs
