"""The lab on large output spaces: train a softmax on classes of Zipf's law, and see what stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import field, figures, methods
from adam_and_beyond.field import runs, stored
from adam_and_beyond.labs import controls
from adam_and_beyond.labs.base import Lab, in_a_session

# All have a field, or rest at the truth.
_METHODS = ("adam", "rmsprop", "amsgrad", "adopt", "adagrad", "sgd")
_STARTS = {"truth": "at the truth", "uniform": "at the uniform softmax"}
_BLOCKS = 20  # parts of a run; the second half of them is shown
_SHOWN = 60  # ranks in the picture
_FLOOR = 1e-3  # of its shares


class Trained(NamedTuple):
    """What a run kept of its classes, and what theory says; shape ``(classes,)`` each."""

    frequencies: np.ndarray  # p
    probabilities: np.ndarray  # mean of q over the second half of the run
    predicted: np.ndarray  # where the softmax rests as steps vanish
    excess: float  # KL(p || q) at the end, nats


@dataclasses.dataclass
class ZipfLab(Lab):
    r"""Train a softmax over Zipf's classes with a method: which classes does it keep?

    Display it as the last line of a cell. ``sweep()`` and ``figure()`` work without any display.

    Args:
      method: ``"adam"``, ``"rmsprop"``, ``"amsgrad"``, ``"adopt"``, ``"adagrad"`` or ``"sgd"``.
      beta1: decay of the average of gradients, in [0, 1); ignored by methods without one.
      beta2: decay of the average of squares, in (0, 1); ignored by methods without one.
      batch: draws in a step.
      classes: their number, with frequencies p proportional to 1 / rank; at least 2.
      alpha: scale of the step size alpha / sqrt(t), positive; SGD wants some hundred times more.
      steps: a multiple of 20.
      start: ``"truth"`` or ``"uniform"``: the softmax before the first step.
      seed: of the draws.
      live: whether to show controls; by default only in a notebook session of a Jupyter server.

    Raises:
      ValueError: for another method or start, fewer classes, or steps that are no such multiple.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """

    method: str = "adam"
    beta1: float = 0.9
    beta2: float = 0.99
    batch: int = 4
    classes: int = 200
    alpha: float = 0.3
    steps: int = 20_000
    start: str = "truth"
    seed: int = 0
    live: bool = dataclasses.field(default_factory=in_a_session)

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("method", self.method, _METHODS),
            ("start", self.start, tuple(_STARTS)),
        ):
            if value not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
        if self.classes < 2:
            raise ValueError(f"classes must be at least 2, got {self.classes}")
        if self.steps <= 0 or self.steps % _BLOCKS:
            raise ValueError(f"steps must be a positive multiple of {_BLOCKS}, got {self.steps}")

    def made(self) -> methods.Method:
        """The method, with those of the betas that it has."""
        method = methods.get(self.method)
        betas = {"beta1": self.beta1, "beta2": self.beta2}
        return method.replace(**{k: v for k, v in betas.items() if k in method.hyper._fields})

    def sweep(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Trained:
        """Train.

        Args:
          progress: called as ``progress(done, total)`` after each part.

        Returns:
          The ``Trained``.

        References:
          Introduced in the chapter "Large output spaces".
        """
        p = stored.frequencies(self.classes)
        found = runs.softmax(
            self.made(),
            p,
            self.batch,
            self.steps,
            self.alpha,
            "inverse_sqrt",
            logits=np.log(p) if self.start == "truth" else None,
            seeds=1,
            blocks=_BLOCKS,
            seed=self.seed,
            progress=progress,
        )
        kept = found.probability[0, _BLOCKS // 2 :].mean(axis=0)
        rest = field.softmax(self.made(), p, self.batch).probabilities
        return Trained(p, kept, rest, float(found.excess[0, -1]))

    def figure(self, data: Trained | None = None) -> Any:
        """The kept shares of a run (by default of a fresh one) as a matplotlib figure."""
        p, q, rest, _ = self.sweep() if data is None else data
        edges = np.unique(np.round(np.geomspace(1, p.size + 1, _SHOWN)).astype(int)) - 1
        rank = np.sqrt((edges[:-1] + 1) * edges[1:])
        whole = np.add.reduceat(p, edges[:-1])
        shares = [np.add.reduceat(one, edges[:-1]) / whole for one in (q, rest)]
        return figures.kept_share(
            [figures.NamedCurve(methods.CATALOGUE[self.method].label, rank, shares[0])],
            [figures.NamedCurve("", rank, shares[1])],
            labels=("rank of the class", "kept share $q/p$"),
            floor=max(_FLOOR, 0.5 * float(np.min(shares))),
        )[0]

    def caption(self) -> str:
        """What the picture was made with, and how to run the lab."""
        betas = "".join(
            f"{name} = {value:g}, "
            for name, value in self.made().hyper._asdict().items()
            if name in ("beta1", "beta2")
        )
        return (
            f"{methods.CATALOGUE[self.method].label}, {betas}{self.classes} classes, batch "
            f"{self.batch}, {self.steps} steps of {self.alpha:g} / sqrt(t) from a start "
            f"{_STARTS[self.start]}; mean of the second half (line), and where theory puts the "
            "softmax (dotted). To move its controls, open this chapter in JupyterLab "
            "(`make lab`) and run this cell."
        )

    def fields(self) -> dict[str, Any]:
        """The controls by the name of the value that they set; each call makes new ones."""
        labels = [(methods.CATALOGUE[name].label, name) for name in _METHODS]
        starts = [(label, name) for name, label in _STARTS.items()]
        return {
            "method": controls.menu("method", self.method, labels),
            "beta1": controls.slider("beta1", self.beta1, 0.0, 0.99),
            "beta2": controls.menu(
                "beta2", self.beta2, sorted({0.9, 0.95, 0.98, 0.99, 0.999, self.beta2})
            ),
            "batch": controls.choice("batch", self.batch, (1, 2, 4, 8, 16, 32, 64, 128)),
            "classes": controls.choice("classes", self.classes, (20, 50, 200, 1000, 5000)),
            "alpha": controls.log_slider("alpha", self.alpha, -3, 3, 0.05),
            "steps": controls.choice("steps", self.steps, (2000, 20_000, 100_000, 400_000)),
            "start": controls.menu("start", self.start, starts),
        }
