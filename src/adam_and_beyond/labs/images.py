"""The lab on images: train softmax regression or one hidden layer, method against method."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from adam_and_beyond import figures, methods
from adam_and_beyond.images import datasets, training
from adam_and_beyond.images.experiments import BETA2S, EXPERIMENTS
from adam_and_beyond.images.tasks import Setting, TrainingRun
from adam_and_beyond.labs import controls
from adam_and_beyond.labs.base import Lab, in_a_session

# What each network is called, and the experiment whose task it is trained on.
_EXPERIMENTS = {
    "logistic": ("softmax regression", EXPERIMENTS["figure-2-logistic"]),
    "network": ("one hidden layer", EXPERIMENTS["figure-2-network"]),
}
_DATA = ("digits", "mnist")
_STRIDE = 50  # steps between two measurements


@dataclasses.dataclass
class TrainingLab(Lab):
    """Train two methods on images, with the same alpha, beta2, start and order of images.

    Display it as the last line of a cell. ``sweep()`` and ``figure()`` work without any display.

    Args:
      method: name of a method of the catalogue.
      other: name of the method beside it.
      network: ``"logistic"`` (step size alpha / sqrt(t)) or ``"network"`` (constant alpha).
      data: ``"digits"``, or ``"mnist"`` where it is on the machine.
      alpha: scale of the step size, positive.
      beta2: decay of the average of squares, in [0, 1); ignored by methods without one.
      steps: of each run, a multiple of 50.
      seed: of the start and of the order.
      live: whether to show controls; by default only in a notebook session of a Jupyter server.

    Raises:
      ValueError: for an unknown method, network or data set, or steps that are no such multiple.

    References:
      Ours. Introduced in the chapter "One hidden layer on MNIST".
    """

    method: str = "adam"
    other: str = "amsgrad"
    network: str = "network"
    data: str = "digits"
    alpha: float = 3e-3
    beta2: float = 0.999
    steps: int = 500
    seed: int = 0
    live: bool = dataclasses.field(default_factory=in_a_session)

    def __post_init__(self) -> None:
        for name in (self.method, self.other):
            methods.get(name)
        if self.network not in _EXPERIMENTS:
            raise ValueError(
                f"network must be one of {', '.join(_EXPERIMENTS)}, got {self.network!r}"
            )
        if self.data not in _DATA:
            raise ValueError(f"data must be digits or mnist, got {self.data!r}")
        if self.steps <= 0 or self.steps % _STRIDE:
            raise ValueError(f"steps must be a positive multiple of {_STRIDE}, got {self.steps}")

    def sweep(
        self, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[TrainingRun]:
        """Train both methods.

        Args:
          progress: called as ``progress(done, total)`` after each stretch of steps.

        Returns:
          A ``TrainingRun`` of each.

        References:
          Introduced in the chapter "One hidden layer on MNIST".
        """
        _, experiment = _EXPERIMENTS[self.network]
        task = dataclasses.replace(experiment.task, stride=_STRIDE, records=_STRIDE)
        data, runs = datasets.load(self.data), []
        names = dict.fromkeys((self.method, self.other))
        total = len(names) * self.steps
        for done, name in enumerate(names):
            before = done * self.steps
            runs += training.train(
                task,
                data,
                [self._setting(name)],
                self.steps,
                progress=lambda stretch, before=before: progress(before + stretch.t, total),
            )
            if runs[-1].stopped:  # the rest of its steps is not taken
                progress(before + self.steps, total)
        return runs

    def _setting(self, name: str) -> Setting:
        has_beta2 = "beta2" in methods.get(name).hyper._fields
        return Setting(name, self.alpha, self.beta2 if has_beta2 else None, self.seed)

    def figure(self, data: list[TrainingRun] | None = None) -> Any:
        """Train and test losses (by default of fresh runs) as a matplotlib figure."""
        runs = self.sweep() if data is None else data
        panels = {
            measure: [
                figures.Band(
                    run.setting.method,
                    methods.CATALOGUE[run.setting.method].label,
                    run.steps,
                    getattr(run, measure)[None],
                )
                for run in runs
            ]
            for measure in ("train_loss", "test_loss")
        }
        fig, axes = figures.losses(panels, {})
        for ax in axes:
            ax.set_yscale("log")
        return fig

    def caption(self) -> str:
        """What the picture was made with, and how to run the lab."""
        both = dict.fromkeys((self.method, self.other))
        names = " and ".join(methods.CATALOGUE[name].label for name in both)
        return (
            f"{names}, {_EXPERIMENTS[self.network][0]} on {self.data}, alpha = {self.alpha:g}, "
            f"beta2 = {self.beta2:g}, {self.steps} steps, seed {self.seed}. To move its controls, "
            "open this chapter in JupyterLab (`make lab`) and run this cell."
        )

    def fields(self) -> dict[str, Any]:
        """The controls by the name of the value that they set; each call makes new ones."""
        named = [(method.label, name) for name, method in methods.CATALOGUE.items()]
        choices = {
            "method": named,
            "other": named,
            "network": list(_EXPERIMENTS),
            "data": list(_DATA),
            "beta2": sorted({0.9, *BETA2S, 0.9999, self.beta2}),
            "steps": sorted({200, 500, 1000, 2000, 5000, self.steps}),
            "seed": sorted({0, 1, 2, 3, 4, self.seed}),
        }
        return {
            name: controls.menu(name, getattr(self, name), options)
            for name, options in choices.items()
        } | {"alpha": controls.log_slider("alpha", self.alpha, -4, 1, 0.1)}
