"""What is trained: a task, the settings that are compared on it, and what a run measures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from adam_and_beyond import methods

MEASURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


class Setting(NamedTuple):
    """What distinguishes runs of a task."""

    method: str  # a key of ``methods.CATALOGUE``
    alpha: float
    beta2: float | None  # None for a method without it
    seed: int  # of the start, the order of the images and the dropout

    def __str__(self) -> str:
        beta2 = "" if self.beta2 is None else f", beta2 {self.beta2:g}"
        return f"{self.method}, alpha {self.alpha:g}{beta2}, seed {self.seed}"


@dataclasses.dataclass(frozen=True)
class Task:
    """What runs of an experiment have in common; hashable, the key of compiled code."""

    network: str  # a key of ``networks.NETWORKS``
    schedule: str  # a key of ``methods.SCHEDULES``
    stride: int  # steps of one compiled scan
    records: tuple[int, ...] | int  # steps at which to measure; a number: every so many
    batch: int = 128
    beta1: float = 0.9
    sample: int | None = None  # training images on which to measure; None: all

    def recorded(self, steps: int) -> tuple[int, ...]:
        """The steps at which a run of that many steps is measured."""
        if isinstance(self.records, int):
            return tuple(range(self.records, steps + 1, self.records))
        return tuple(t for t in self.records if t <= steps)

    def method(self, name: str, beta2: float | None) -> methods.Method:
        """A method of the catalogue with the task's beta1, if it has one, and this beta2.

        Raises ``ValueError`` where beta2 is missing or superfluous.
        """
        fields = methods.get(name).hyper._fields
        if ("beta2" in fields) != (beta2 is not None):
            has = "needs a" if "beta2" in fields else "has no"
            raise ValueError(f"{name} {has} beta2, got {beta2}")
        values = {"beta1": self.beta1, "beta2": beta2}
        return methods.get(name, **{key: values[key] for key in fields if key in values})


class TrainingRun(NamedTuple):
    """A trained setting: measurements at the recorded steps, each of shape ``(n,)``."""

    setting: Setting
    steps: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    stopped: int  # the step by which the loss was no number any more; 0 if that didn't happen
    seconds: float  # of the group, divided by its size

    @property
    def measured(self) -> np.ndarray:
        """The four measures, shape ``(4, n)``."""
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
      measured: shape ``(n, 4, group)``; where every run stopped early it may be shorter.
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
        runs.append(TrainingRun(setting, at, *columns.T, end, seconds / len(group)))
    return runs
