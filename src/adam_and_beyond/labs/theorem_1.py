"""The lab on Theorem 1: plain ipywidgets controls over a JAX sweep of (C, beta2).

With a kernel (JupyterLab) a lab has live controls, a progress bar and a redrawn figure. On the
website and in the PDF it is a stored picture, with a line that says how to run it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.figures import QUANTITIES, Axis, NamedCurve, Plane, Shown, plane_map
from adam_and_beyond.labs import controls
from adam_and_beyond.labs.base import Lab, in_a_session

_CHUNKS = 8  # parts of a sweep between two ticks of the progress bar
_AXES = (
    Axis("rare gradient $C$", ticks=(3, 5, 10, 20, 50)),
    Axis(r"$\beta_2$", ticks=(0.001, 0.01, 0.1)),
)
_DRIFT_POINTS = 40  # per axis; the boundary is smooth, the picture needs no more


@dataclasses.dataclass
class Theorem1Lab(Lab):
    r"""A sweep of the period-3 problem over (C, beta2): which pairs make a method fail?

    Display it as the last line of a cell. ``sweep()`` and ``figure()`` work without any display.

    Args:
      method: name of a method of the catalogue that has a ``beta2``.
      beta1: decay of the average of gradients, in [0, 1); ignored by methods without one.
      alpha: scale of the step size alpha / sqrt(t), positive, units of x.
      steps: T, rounds per run.
      resolution: number of values of C and of beta2, a multiple of 8.
      quantity: ``"x"`` (final iterate) or ``"average_regret"`` (over (2C - 4)/3).
      C_range: least and largest C, above 2.
      beta2_range: least and largest beta2, inside (0, 1).
      x1: first point played.
      live: whether to show controls; by default only in a notebook session of a Jupyter server.

    Raises:
      ValueError: for a method without beta2, or a resolution that is not a positive multiple of 8.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """

    method: str = "adam"
    beta1: float = 0.0
    alpha: float = 0.9
    steps: int = 20_000
    resolution: int = 64
    quantity: str = "x"
    C_range: tuple[float, float] = (2.1, 30.0)
    beta2_range: tuple[float, float] = (0.001, 0.95)
    x1: float = 0.0
    live: bool = dataclasses.field(default_factory=in_a_session)

    def __post_init__(self) -> None:
        if self.method not in self.choices():
            raise ValueError(
                f"the lab sweeps beta2, so its methods are: {', '.join(self.choices())}; "
                f"got {self.method!r}"
            )
        if self.resolution < 1 or self.resolution % _CHUNKS:
            raise ValueError(
                f"resolution must be a positive multiple of {_CHUNKS}, got {self.resolution}"
            )
        if self.quantity not in QUANTITIES:
            raise ValueError(
                f"quantity must be one of {', '.join(QUANTITIES)}, got {self.quantity!r}"
            )

    @staticmethod
    def choices() -> dict[str, str]:
        """Methods that have a beta2 to sweep: name -> label."""
        return {
            name: methods.CATALOGUE[name].label
            for name in methods.PAPER
            if "beta2" in methods.CATALOGUE[name].hyper._fields
        }

    def _hyper(self) -> dict[str, float]:
        has_beta1 = "beta1" in methods.CATALOGUE[self.method].hyper._fields
        return {"beta1": self.beta1} if has_beta1 else {}

    def sweep(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Plane:
        """Run the grid with JAX.

        Args:
          progress: called as ``progress(done, total)`` after each part.

        Returns:
          A ``Plane`` of C and beta2, geometrically spaced, shape ``(resolution,)`` each, with the
          drift numbers and what the runs showed over them, beta2 down the rows.

        References:
          Introduced in the chapter "Theorem 1".
        """
        C = np.geomspace(*self.C_range, self.resolution)
        beta2 = np.geomspace(*self.beta2_range, self.resolution)
        rows = []
        for part, some in enumerate(np.split(beta2, _CHUNKS), start=1):
            grid = simulate.sweep(
                self.method,
                problems.theorem_1(C[None, :]),
                self.steps,
                alpha=self.alpha,
                x1=self.x1,
                beta2=some[:, None],
                **self._hyper(),
            )
            cost = grid.average_regret / ((2 * C - 4) / 3)
            rows.append(grid.x if self.quantity == "x" else cost)
            progress(part, _CHUNKS)
        label, ends = QUANTITIES[self.quantity]
        shown = Shown(np.concatenate(rows), label, *ends)
        return Plane(C, beta2, self._drift(C, beta2), *_AXES, shown=shown)

    def _drift(self, C: np.ndarray, beta2: np.ndarray) -> np.ndarray:
        # On every k-th point and the last, then linearly in the logarithms: D is smooth.
        some = np.unique(np.r_[: self.resolution : max(1, self.resolution // _DRIFT_POINTS), -1])
        some = np.unique(some % self.resolution)
        method = methods.get(self.method, **self._hyper())
        family = [problems.theorem_1(c) for c in C[some]]
        coarse = np.array(
            [[drift.number(method.replace(beta2=float(b)), p) for p in family] for b in beta2[some]]
        )
        u, v = np.log(C), np.log(beta2)
        across = np.array([np.interp(u, u[some], row) for row in coarse])
        return np.array([np.interp(v, v[some], column) for column in across.T]).T

    def figure(self, data: Plane | None = None) -> Any:
        """The map of a sweep (by default of a fresh one) as a matplotlib figure."""
        data = self.sweep() if data is None else data
        printed = NamedCurve("printed: $1/(1+C^2)$", data.x, 1 / (1 + data.x**2))
        return plane_map(data, [printed])[0]

    def caption(self) -> str:
        """What the picture was made with, and how to run the lab."""
        betas = ", ".join(f"{name} = {value:g}" for name, value in self._hyper().items())
        return (
            f"{methods.CATALOGUE[self.method].label}, {betas + ', ' if betas else ''}"
            f"alpha = {self.alpha:g}, {self.steps} steps, "
            f"{self.resolution} x {self.resolution} runs. To move its controls, "
            "open this chapter in JupyterLab (`make lab`) and run this cell."
        )

    def fields(self) -> dict[str, Any]:
        """The controls by the name of the value that they set; each call makes new ones."""
        shown = [(label.replace("$", ""), name) for name, (label, _) in QUANTITIES.items()]
        return {
            "method": controls.menu(
                "method", self.method, [(label, name) for name, label in self.choices().items()]
            ),
            "quantity": controls.menu("show", self.quantity, shown),
            "beta1": controls.slider("beta1", self.beta1, 0.0, 0.99),
            "alpha": controls.log_slider("alpha", self.alpha, -2, 1, 0.05),
            "steps": controls.choice("steps", self.steps, (1000, 5000, 20_000, 100_000)),
            "resolution": controls.choice("resolution", self.resolution, (16, 32, 64, 96, 128)),
        }
