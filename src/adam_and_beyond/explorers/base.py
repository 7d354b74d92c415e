"""What the explorers share: an anywidget that is live in a browser and a picture elsewhere."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping
from typing import Any

import anywidget
import numpy as np
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond import figures, simulate
from adam_and_beyond.explorers.module import browser_file
from adam_and_beyond.methods import Interval


class Number(traitlets.Float):
    """A synced number with a control, inside an interval; whole if its default is an ``int``."""

    def __init__(self, default: float, interval: Interval) -> None:
        super().__init__(default)
        self.interval = interval
        self.whole = isinstance(default, int)
        self.tag(sync=True, control=True)

    def validate(self, obj: Any, value: Any) -> float:
        """Return the value, or raise a ``TraitError`` that says what is allowed."""
        try:
            # A browser's JSON knows no difference between 3000 and 3000.0.
            number = int(value) if self.whole and int(value) == value else float(value)
            allowed = self.interval.contains(number) and not isinstance(value, (str, bytes))
        except (TypeError, ValueError, OverflowError):
            allowed = False
        if not allowed or (self.whole and type(number) is not int):
            kind = "a whole number" if self.whole else "a number"
            raise traitlets.TraitError(
                f"{self.name} must be {kind} in {self.interval}, got {value!r}"
            )
        return number

    def ends(self) -> dict[str, Any]:
        """The interval as the browser wants it."""
        low, high, _, high_closed = self.interval
        finite = high if math.isfinite(high) else 1e9
        return {"low": low, "high": finite, "openHigh": not high_closed and math.isfinite(high)}


class Explorer(anywidget.AnyWidget):
    """A widget whose traits are the hyperparameters; the browser simulates, Python can too.

    A subclass sets ``_esm``, declares one trait per control, tagged ``control``, and draws
    ``figure()``.
    """

    _css = browser_file("explorer.css")
    # For the browser: the numbers that it may accept, and what Reset returns to.
    limits = traitlets.Dict(read_only=True).tag(sync=True)
    defaults = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        names = self.control_names()
        unknown = sorted(set(values) - set(names))
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no control {unknown[0]!r}; it has: {', '.join(names)}"
            )
        super().__init__(**values)
        numbers = {n: t for n, t in self.traits(control=True).items() if isinstance(t, Number)}
        self.set_trait("limits", {name: trait.ends() for name, trait in numbers.items()})
        self.set_trait("defaults", self.values())

    @classmethod
    def control_names(cls) -> tuple[str, ...]:
        """The traits that have a control."""
        return tuple(cls.class_trait_names(control=True))

    def values(self) -> dict[str, Any]:
        """The present value of every control."""
        return {name: getattr(self, name) for name in self.control_names()}

    def record_times(self, period: int, records: int) -> np.ndarray:
        """The steps to record: all of a short run, else about ``records`` ends of periods."""
        if self.steps <= max(records, 12 * period):
            return np.arange(1, self.steps + 1)
        if not self.log_t:
            return period * np.unique(np.linspace(1, self.steps // period, records).astype(int))
        # A logarithmic axis has room for each early step.
        early = np.arange(1, records // 8)
        late = period * np.unique(np.geomspace(1, self.steps // period, records).astype(int))
        return np.concatenate([early, late[late > early[-1]]])

    def curves(self, quantity: str) -> list[figures.Curve]:
        """What the picture shows of :meth:`trajectories`: ``"x"`` or ``"average_regret"``."""
        drawn = []
        for name, run in self.trajectories().items():
            # A thinned run is drawn at ends of periods; its very last step may lie inside one.
            inside = run.t[-1] > len(run.t) and run.t[-1] % run.problem.period
            end = -1 if inside else None
            values = getattr(run, quantity)[:end]
            drawn.append(figures.Curve(name, run.method.label, run.t[:end], values))
        return drawn

    def trajectories(self) -> Mapping[str, simulate.Trajectory]:
        """The JAX runs for the present values, method -> run."""
        raise NotImplementedError

    def figure(self) -> Figure:
        """The explorer's picture for its present values, drawn from :meth:`trajectories`."""
        raise NotImplementedError

    def caption(self) -> str:
        """The present values, and where the runs end."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        ends = "; ".join(
            f"{run.method.label} after {run.t[-1]} steps: x = {run.x[-1]:.6g}, "
            f"average regret {run.average_regret[-1]:.6g}"
            for run in self.trajectories().values()
        )
        return f"{type(self).__name__}({values})\n{ends}"

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({shown})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        picture = base64.b64encode(self.png()).decode("ascii")
        return {**data, "image/png": picture, "text/plain": self.caption()}, metadata

    def png(self) -> bytes:
        """:meth:`figure` as the bytes of a PNG."""
        from matplotlib import pyplot

        figure, buffer = self.figure(), io.BytesIO()
        figure.savefig(buffer, format="png", dpi=160)
        pyplot.close(figure)  # else a notebook would draw it a second time
        return buffer.getvalue()
