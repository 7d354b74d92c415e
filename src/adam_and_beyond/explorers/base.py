"""What the explorers share: an anywidget that is live in a browser and a picture elsewhere."""

from __future__ import annotations

import base64
import inspect
import io
import math
import re
from typing import Any, ClassVar

import anywidget
import traitlets
from matplotlib.figure import Figure

from adam_and_beyond.explorers.module import style_sheet
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
            allowed = self.interval.contains(number) and not isinstance(value, (str, bytes, bool))
        except (TypeError, ValueError, OverflowError):
            allowed = False
        if not allowed or (self.whole and type(number) is not int):
            kind = "a whole number" if self.whole else "a number"
            raise traitlets.TraitError(
                f"{self.name} must be {kind} in {self.interval}, got {value!r}"
            )
        return number

    def limits(self) -> dict[str, Any]:
        """The interval as the browser wants it; an end at infinity is None, as JSON has none."""
        low, high, low_closed, high_closed = self.interval
        return {
            "low": low if math.isfinite(low) else None,
            "high": high if math.isfinite(high) else None,
            "lowClosed": low_closed,
            "highClosed": high_closed,
            "whole": self.whole,
        }


def _allowed(trait: traitlets.TraitType) -> dict[str, Any]:
    """What a trait accepts, as the browser wants it; nothing of a trait without limits."""
    if isinstance(trait, Number):
        return trait.limits()
    if isinstance(trait, traitlets.List):
        return _allowed(trait._trait)
    return {"options": list(trait.values)} if isinstance(trait, traitlets.Enum) else {}


class Explorer(anywidget.AnyWidget):
    """A widget whose traits are the hyperparameters; the browser simulates, Python can too.

    A subclass sets ``_esm``, ``_python`` and ``_heights``, declares one trait per control, tagged
    ``control``, draws ``figure()`` and writes ``caption()``.
    """

    _css = style_sheet("charts.css", "explorer.css")
    # Lines that print what the picture finds; {name} stands for the value of a control.
    _python: ClassVar[str]
    # Pixels that it is high in a column of a phone (342 px) and of a screen (672 px), for its place
    # on a page; tests/test_explorers_live.py compares them with a browser's.
    _heights: ClassVar[tuple[int, int]]
    # For the browser: what it may accept, and what Reset returns to.
    limits = traitlets.Dict(read_only=True).tag(sync=True)
    defaults = traitlets.Dict(read_only=True).tag(sync=True)
    python = traitlets.Unicode(read_only=True).tag(sync=True)
    # For a page: the explorer's name in its address, and its heights.
    name = traitlets.Unicode(read_only=True).tag(sync=True)
    heights = traitlets.List(read_only=True).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        names = self.control_names()
        unknown = sorted(set(values) - set(names))
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no control {unknown[0]!r}; it has: {', '.join(names)}"
            )
        super().__init__(**values)
        self.set_trait("limits", self.allowed())
        self.set_trait("defaults", self.values())
        self.set_trait("python", self.lines_of_python())
        words = re.findall(r"[A-Z][a-z]*|\d+", type(self).__name__.removesuffix("Explorer"))
        self.set_trait("name", "-".join(words).lower())
        self.set_trait("heights", list(self._heights))

    def lines_of_python(self) -> str:
        """What "Copy as Python" copies, with {name} where the value of a control goes."""
        return f"{inspect.cleandoc(self._python)}\n"

    def allowed(self) -> dict[str, Any]:
        """What each control accepts, by its name: an interval of numbers, or ``options``."""
        found = {name: _allowed(trait) for name, trait in self.traits(control=True).items()}
        return {name: limits for name, limits in found.items() if limits}

    @classmethod
    def control_names(cls) -> tuple[str, ...]:
        """The traits that have a control."""
        return tuple(cls.class_trait_names(control=True))

    def values(self) -> dict[str, Any]:
        """The present value of every control."""
        return {name: getattr(self, name) for name in self.control_names()}

    def figure(self) -> Figure:
        """The explorer's picture for its present values."""
        raise NotImplementedError

    def caption(self) -> str:
        """The present values, and what the picture finds."""
        raise NotImplementedError

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
