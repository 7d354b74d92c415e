"""What the explorers share: an anywidget that is live in a browser and a picture elsewhere."""

from __future__ import annotations

import io
from typing import Any

import anywidget
import matplotlib
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond.explorers.module import browser_file


class Explorer(anywidget.AnyWidget):
    """A widget whose traits are the hyperparameters; the browser simulates, Python can too.

    A subclass sets ``_esm``, declares one trait per control, and draws ``figure()``.
    """

    _css = browser_file("explorer.css")
    # For the browser: the ends of its sliders, and what Reset returns to.
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
        numeric = (traitlets.Float, traitlets.Int)
        ends = {n: [t.min, t.max] for n, t in self.traits().items() if isinstance(t, numeric)}
        self.set_trait("limits", {name: ends[name] for name in names if name in ends})
        self.set_trait("defaults", self.values())

    @classmethod
    def control_names(cls) -> tuple[str, ...]:
        """The traits that have a control."""
        return tuple(cls.class_trait_names(control=True))

    def values(self) -> dict[str, Any]:
        """The present value of every control."""
        return {name: getattr(self, name) for name in self.control_names()}

    def figure(self) -> Figure:
        """The explorer's picture for its present values, drawn from a JAX run."""
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({shown})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "image/png": self._png()}, metadata

    def _png(self) -> bytes:
        figure = self.figure()
        buffer = io.BytesIO()
        with matplotlib.rc_context({"savefig.dpi": 160}):
            figure.savefig(buffer, format="png")
        import matplotlib.pyplot as plt

        plt.close(figure)
        return buffer.getvalue()
