"""The lab on images: train softmax regression or one hidden layer, method against method."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from adam_and_beyond import figures, methods
from adam_and_beyond.images import datasets, training
from adam_and_beyond.images.experiments import BETA2S
from adam_and_beyond.images.training import Run, Setting, Task

_NETWORKS = {"logistic": "softmax regression", "network": "one hidden layer"}


@dataclasses.dataclass
class TrainingLab:
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
    # A Jupyter server names the session of each kernel it starts; a build of the book does not.
    live: bool = dataclasses.field(default_factory=lambda: "JPY_SESSION_NAME" in os.environ)

    def __post_init__(self) -> None:
        for name in (self.method, self.other):
            methods.get(name)
        if self.network not in _NETWORKS:
            raise ValueError(f"network must be one of {', '.join(_NETWORKS)}, got {self.network!r}")
        if self.data not in ("digits", "mnist"):
            raise ValueError(f"data must be digits or mnist, got {self.data!r}")
        if self.steps <= 0 or self.steps % 50:
            raise ValueError(f"steps must be a positive multiple of 50, got {self.steps}")

    def sweep(self, progress: Callable[[int, int], None] = lambda done, total: None) -> list[Run]:
        """Train both methods.

        Args:
          progress: called as ``progress(done, total)`` after each stretch of steps.

        Returns:
          A ``Run`` of each.

        References:
          Introduced in the chapter "One hidden layer on MNIST".
        """
        schedule = "inverse_sqrt" if self.network == "logistic" else "constant"
        task = Task(self.network, schedule, 50, 50)
        data, runs = datasets.load(self.data), []
        for name in dict.fromkeys((self.method, self.other)):
            done = len(runs) * self.steps
            runs += training.train(
                task,
                data,
                [self._setting(name)],
                self.steps,
                tell=lambda t, loss, done=done: progress(done + t, 2 * self.steps),
            )
        return runs

    def _setting(self, name: str) -> Setting:
        has_beta2 = "beta2" in methods.get(name).hyper._fields
        return Setting(name, self.alpha, self.beta2 if has_beta2 else None, self.seed)

    def figure(self, data: list[Run] | None = None) -> Any:
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
        names = " and ".join(methods.CATALOGUE[n].label for n in (self.method, self.other))
        return (
            f"{names}, {_NETWORKS[self.network]} on {self.data}, alpha = {self.alpha:g}, "
            f"beta2 = {self.beta2:g}, {self.steps} steps, seed {self.seed}. To move its controls, "
            "open this chapter in JupyterLab (`make lab`) and run this cell."
        )

    def picture(self, data: list[Run] | None = None) -> bytes:
        """The figure as PNG bytes."""
        from matplotlib import pyplot

        fig, buffer = self.figure(data), io.BytesIO()
        fig.savefig(buffer, format="png", dpi=160)
        pyplot.close(fig)  # else a notebook would draw it a second time
        return buffer.getvalue()

    def widget(self) -> Any:
        """The controls, as an ipywidgets box; each call makes new ones."""
        from adam_and_beyond.labs import controls

        return controls.controls(self, controls.training_fields(self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> Any:
        if self.live:
            return self.widget()._repr_mimebundle_(include=include, exclude=exclude, **kwargs)
        return {"image/png": self.picture(), "text/plain": self.caption()}

    @staticmethod
    def beta2_values() -> tuple[float, ...]:
        """The values of beta2 that the controls offer: the paper's and two more."""
        return tuple(np.unique([0.9, *BETA2S, 0.9999]).tolist())
