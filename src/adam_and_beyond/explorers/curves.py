"""What opens the chapter on CIFARNET: learning curves, and where one stops comparing them."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np
import traitlets
from matplotlib.figure import Figure
from scipy import stats

from adam_and_beyond import figures, methods
from adam_and_beyond.explorers.base import Number
from adam_and_beyond.explorers.grid import MEASURES, METHODS, StoredGrid
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.explorers.opener import Opener
from adam_and_beyond.methods import Interval

_MOST_AVERAGED = 8  # records


class StoredCurves(StoredGrid, Protocol):
    """What is read of a :class:`adam_and_beyond.images.tables.RunTable`."""

    def methods(self) -> list[str]: ...
    def chosen(self, method: str, step: int) -> Any: ...
    def curves(
        self, measure: str, method: str, alpha: float, beta2: float | None
    ) -> np.ndarray: ...


class CurvesExplorer(Opener):
    r"""Learning curves of two methods with common seeds, and their difference where one stops.

    Each method stands at its best setting by the mean train loss at the end of the runs. Of the
    differences d of n seeds the mean is shown, with Student's interval of 95 %.

    .. math:: \bar d \pm t_{n-1} \, s_d / \sqrt n

    Args:
      grid: stored runs, from :func:`adam_and_beyond.images.runs.stored`.
      experiment: the name of theirs; without it, the explorer has no "Copy as Python".
      pair: names of two methods with a minus between: the first's value less the second's.
      measure: ``"train_loss"``, ``"test_loss"`` or ``"test_accuracy"``.
      stop: the step at which they are compared, a recorded one; without, the last.
      last: over how many records each run is averaged, those up to ``stop``, in [1, 8].

    Raises:
      TraitError: for a value outside its range or not among the stored ones; the message says what
        is allowed.
      ValueError: for a name that is not a control, fewer than two methods with runs, or fewer than
        two common seeds.

    References:
      Ours. Introduced in the chapter "CIFARNET on CIFAR-10".
    """

    _esm = compose("curves.js", METHODS)
    _python = """
        from adam_and_beyond.explorers import CurvesExplorer
        from adam_and_beyond.images import experiments, runs

        grid = runs.stored(experiments.experiment({experiment}))
        values = dict(pair={pair}, measure={measure}, stop={stop}, last={last})
        print(CurvesExplorer(grid, **values).caption())
    """
    _heights = (888, 622)

    data = traitlets.Dict(read_only=True).tag(sync=True)
    pair = traitlets.Enum(["-".join(p) for p in itertools.permutations(METHODS, 2)]).tag(
        sync=True, control=True
    )
    measure = traitlets.Enum(list(MEASURES), "train_loss").tag(sync=True, control=True)
    stop = Number(1, Interval(0, np.inf))
    last = Number(1, Interval(1, _MOST_AVERAGED, high_closed=True))

    def __init__(self, grid: StoredCurves, experiment: str | None = None, **values: Any) -> None:
        if len(grid.methods()) < 2:
            raise ValueError("two methods with stored runs are needed to compare their curves")
        self._experiment = experiment
        end = int(grid.steps[-1])
        chosen = {name: grid.chosen(name, end) for name in METHODS if name in grid.methods()}
        self._settings = chosen
        self._curves = {
            (measure, name): grid.curves(measure, *setting[:3])
            for name, setting in chosen.items()
            for measure in MEASURES
        }
        seeds = {len(curves) for curves in self._curves.values()}
        if len(seeds) > 1 or min(seeds) < 2:
            raise ValueError(f"each method needs the same seeds, two at least; got {sorted(seeds)}")
        self._known = np.isfinite([c.sum(axis=0) for c in self._curves.values()]).all(axis=0)
        self._steps = grid.steps[self._known]
        pairs = ["-".join(pair) for pair in itertools.combinations(chosen, 2)]
        self._choices = {"pair": pairs, "stop": self._steps.tolist()}
        super().__init__(**{"pair": pairs[0], "stop": end, **values})
        self.set_trait("data", self._data())

    def _data(self) -> dict[str, Any]:
        """What the browser is given: each seed's values, and Student's factor."""
        seeds = len(self._curves["train_loss", next(iter(self._settings))])
        return {
            "pairs": self._choices["pair"],
            "steps": self._steps.tolist(),
            "factor": float(_factor(seeds)),
            "settings": {
                name: f"α = {s.alpha:g}" + (f", β₂ = {s.beta2:g}" if s.beta2 is not None else "")
                for name, s in self._settings.items()
            },
            "curves": {
                measure: {
                    name: [
                        [float(f"{v:.5g}") for v in seed[self._known]]
                        for seed in self._curves[measure, name]
                    ]
                    for name in self._settings
                }
                for measure in MEASURES
            },
        }

    def allowed(self) -> dict[str, Any]:
        """Besides, of pairs and steps only the stored ones."""
        limits = super().allowed()
        return limits | {k: {**limits[k], "options": v} for k, v in self._choices.items()}

    def lines_of_python(self) -> str:
        """Besides, the runs by the name of their experiment; none without that name."""
        if self._experiment is None:
            return ""
        return super().lines_of_python().replace("{experiment}", f'"{self._experiment}"')

    @traitlets.validate("pair", "stop")
    def _stored(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if value not in self._choices[name]:
            allowed = ", ".join(map(str, self._choices[name]))
            raise traitlets.TraitError(f"{name} must be a stored one ({allowed}), got {value!r}")
        return value

    def averaged(self, name: str) -> np.ndarray:
        """A method's measure, each record the mean of the ``last`` up to it: ``(seeds, steps)``."""
        values = self._curves[self.measure, name][:, self._known]
        upto = range(1, values.shape[1] + 1)
        means = [values[:, max(k - self.last, 0) : k].mean(axis=1) for k in upto]
        return np.stack(means, axis=1)

    def difference(self) -> tuple[np.ndarray, np.ndarray]:
        """The first less the second, ``(seeds, steps)``, and mean, low and high, ``(3, steps)``."""
        first, second = map(self.averaged, self.pair.split("-"))
        d = first - second
        half = _factor(len(d)) * d.std(axis=0, ddof=1)
        return d, np.stack([d.mean(axis=0), d.mean(axis=0) - half, d.mean(axis=0) + half])

    def figure(self) -> Figure:
        """Both curves, and their difference."""
        names = self.pair.split("-")
        bands = [figures.Band(n, _label(n), self._steps, self.averaged(n)) for n in names]
        text = f"{_label(names[0])} minus {_label(names[1])}"
        difference = figures.Band("difference", text, self._steps, self.difference()[1])
        return figures.curves_and_difference(bands, difference, self.measure, self.stop)[0]

    def caption(self) -> str:
        """The present values, the two at the stop, and their difference with its interval."""
        k = self._choices["stop"].index(self.stop)
        first, second = self.pair.split("-")
        ends = [self.averaged(name)[:, k].mean() for name in (first, second)]
        seeds, (mean, low, high) = self.difference()
        lower = int(np.sum(seeds[:, k] < 0))
        return (
            f"{self!r}\nAfter {self.stop} steps, {self.measure.replace('_', ' ')}: "
            f"{_label(first)} {ends[0]:.4g}, {_label(second)} {ends[1]:.4g}; "
            f"difference {mean[k]:+.4f} in [{low[k]:+.4f}, {high[k]:+.4f}], "
            f"{_label(first)} lower with {lower} of {len(seeds)} seeds"
        )


def _factor(seeds: int) -> float:
    """What a standard deviation is multiplied by for half of Student's interval."""
    return stats.t.ppf(0.975, seeds - 1) / np.sqrt(seeds)


def _label(name: str) -> str:
    return methods.CATALOGUE[name].label
