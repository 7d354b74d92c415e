"""The explorer of a stored grid of training runs: choose methods, alpha, beta2 and what to show."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, methods
from adam_and_beyond.explorers.base import Explorer, Number
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.methods import ALPHA
from adam_and_beyond.methods.hyperparameters import BETA2

MEASURES = ("train_loss", "test_loss", "test_accuracy")
# Those of the experiments on images.
METHODS = (
    "sgd",
    "adagrad",
    "rmsprop",
    "adam",
    "adam_corrected",
    "amsgrad",
    "adamnc",
    "amsgrad_torch",
    "amsgrad_optax",
)


class StoredGrid(Protocol):
    """What is read of a :class:`adam_and_beyond.images.tables.RunTable`."""

    settings: tuple[Any, ...]
    steps: np.ndarray
    measured: dict[str, np.ndarray]


class GridExplorer(Explorer):
    r"""The stored runs of an experiment on images, to be looked through.

    Left, a measure after all steps against alpha; right, against the step, each method at the
    chosen alpha or at its best one by the mean train loss.

    Args:
      grid: stored runs, from :func:`adam_and_beyond.images.runs.stored`.
      experiment: the name of theirs; without it, the explorer has no "Copy as Python".
      methods: names of methods of the grid, at least one.
      beta2: of the methods that have one; a value of the grid.
      alpha: scale of the step size, a value of the grid (without one, the middle); without effect
        while ``best``.
      best: whether each method stands at its own best alpha.
      measure: ``"train_loss"``, ``"test_loss"`` or ``"test_accuracy"``.

    Raises:
      TraitError: for a value outside its range or outside the grid; the message says what is
        allowed.
      ValueError: for a name that is not a control, or a grid without runs.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """

    _esm = compose("grid.js", METHODS)
    _python = """
        from adam_and_beyond.explorers import GridExplorer
        from adam_and_beyond.images import experiments, runs

        grid = runs.stored(experiments.experiment({experiment}))
        values = dict(methods={methods}, beta2={beta2}, alpha={alpha}, best={best})
        print(GridExplorer(grid, measure={measure}, **values).caption())
    """
    _heights = (1231, 717)

    data = traitlets.Dict(read_only=True).tag(sync=True)
    methods = traitlets.List(traitlets.Enum(list(METHODS)), minlen=1).tag(sync=True, control=True)
    beta2 = Number(0.99, BETA2.interval)
    alpha = Number(0.1, ALPHA.interval)
    best = traitlets.Bool(True).tag(sync=True, control=True)
    measure = traitlets.Enum(list(MEASURES), "train_loss").tag(sync=True, control=True)

    def __init__(self, grid: StoredGrid, experiment: str | None = None, **values: Any) -> None:
        if not grid.settings:
            raise ValueError("the grid has no runs to explore")
        self._grid, self._experiment = grid, experiment
        known = {setting.method for setting in grid.settings}
        data = {
            "methods": [name for name in METHODS if name in known],
            "steps": grid.steps.tolist(),
            "runs": [self._entry(*family) for family in self._families()],
        }
        alphas = sorted({setting.alpha for setting in grid.settings})
        start = {"methods": data["methods"], "alpha": alphas[len(alphas) // 2]}
        super().__init__(**{**start, **values})
        self.set_trait("data", data)

    def allowed(self) -> dict[str, Any]:
        """Besides, of alpha, beta2 and methods only the values of the grid."""
        limits = super().allowed()
        for name in ("methods", "beta2", "alpha"):
            limits[name] = {**limits[name], "options": self._known(name)}
        return limits

    def lines_of_python(self) -> str:
        """Besides, the grid by the name of its experiment; none without that name."""
        if self._experiment is None:
            return ""
        return super().lines_of_python().replace("{experiment}", f'"{self._experiment}"')

    def _known(self, name: str) -> list[Any]:
        return sorted({getattr(s, name.removesuffix("s")) for s in self._grid.settings} - {None})

    def _families(self) -> list[tuple[str, float | None, float]]:
        """Method, beta2 and alpha of the runs, each once: their seeds belong together."""
        return list(dict.fromkeys((s.method, s.beta2, s.alpha) for s in self._grid.settings))

    def _band(self, family: tuple[str, float | None, float], measure: str) -> np.ndarray:
        """Mean, least, largest value over the seeds, shape ``(3, steps)``; nan if one stopped."""
        rows = [
            k for k, s in enumerate(self._grid.settings) if (s.method, s.beta2, s.alpha) == family
        ]
        values = self._grid.measured[measure][rows]
        return np.stack([values.mean(axis=0), values.min(axis=0), values.max(axis=0)])

    def _entry(self, method: str, beta2: float | None, alpha: float) -> dict[str, Any]:
        entry: dict[str, Any] = {"method": method, "beta2": beta2, "alpha": alpha}
        for measure in MEASURES:
            entry[measure] = [
                [float(f"{v:.5g}") if np.isfinite(v) else None for v in row]
                for row in self._band((method, beta2, alpha), measure)
            ]
        return entry

    @traitlets.validate("beta2", "alpha", "methods")
    def _in_the_grid(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        known = self._known(name)
        wanted = value if name == "methods" else [value]
        if not all(any(v == k for k in known) for v in wanted):
            allowed = ", ".join(map(str, known))
            raise traitlets.TraitError(f"{name} must be of the grid ({allowed}), got {value!r}")
        return value

    def shown(self) -> list[tuple[str, float | None, float]]:
        """Method, beta2 and alpha of the curves on the right."""
        found = []
        for name in self.methods:
            own = [f for f in self._families() if f[0] == name and f[1] in (None, self.beta2)]
            if self.best:
                ends = [self._band(family, "train_loss")[0, -1] for family in own]
                known = [(end, family) for end, family in zip(ends, own, strict=True) if end == end]
                found += [min(known)[1]] if known else []
            else:
                found += [family for family in own if family[2] == self.alpha]
        return found

    def figure(self) -> Figure:
        """The measure against alpha, and against the step."""
        measure, last = self.measure, []
        for name in self.methods:
            own = sorted(
                (f for f in self._families() if f[0] == name and f[1] in (None, self.beta2)),
                key=lambda family: family[2],
            )
            ends = [self._band(family, measure)[:, -1] for family in own]
            last.append((name, _label(name), np.array([f[2] for f in own]), np.array(ends).T))
        curves = [
            (family[0], _label(family[0]), self._grid.steps, self._band(family, measure))
            for family in self.shown()
        ]
        marks = (
            [] if not self.best else [(f[2], self._band(f, measure)[0, -1]) for f in self.shown()]
        )
        return figures.grid_and_curves(last, curves, measure, marks)[0]

    def caption(self) -> str:
        """The present values, and where the curves end."""
        ends = "; ".join(
            f"{_label(family[0])} (alpha {family[2]:g}) "
            f"{self._band(family, self.measure)[0, -1]:.4g}"
            for family in self.shown()
        )
        return f"{self!r}\n{self.measure} after {self._grid.steps[-1]} steps: {ends}"


def _label(name: str) -> str:
    return methods.CATALOGUE[name].label
