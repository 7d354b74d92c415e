"""What every lab does: controls where there is a kernel, its picture everywhere else."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

from adam_and_beyond.labs import controls


def in_a_session() -> bool:
    """Whether this is a notebook session of a Jupyter server, which names each; a build is none.

    Returns:
      True in a session.

    References:
      Introduced in the chapter "Theorem 1".
    """
    return "JPY_SESSION_NAME" in os.environ


class Lab:
    """Controls over a computation; a dataclass whose fields are their values.

    A lab has ``live``, ``sweep(progress)``, ``figure(data)``, ``caption()`` and ``fields()``.
    """

    live: bool

    def sweep(self, progress: Callable[[int, int], None]) -> Any:
        """Compute what is shown, with ``progress(done, total)`` after each part."""
        raise NotImplementedError

    def figure(self, data: Any = None) -> Any:
        """What was computed (by default afresh) as a matplotlib figure."""
        raise NotImplementedError

    def caption(self) -> str:
        """What the picture was made with, and how to run the lab."""
        raise NotImplementedError

    def fields(self) -> dict[str, Any]:
        """The controls by the name of the value that they set; each call makes new ones."""
        raise NotImplementedError

    def picture(self, data: Any = None) -> bytes:
        """The figure as PNG bytes."""
        from matplotlib import pyplot

        fig, buffer = self.figure(data), io.BytesIO()
        fig.savefig(buffer, format="png", dpi=160)
        pyplot.close(fig)  # else a notebook would draw it a second time
        return buffer.getvalue()

    def widget(self) -> Any:
        """The controls, as an ipywidgets box; each call makes new ones."""
        return controls.box(self, self.fields())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> Any:
        if self.live:
            return self.widget()._repr_mimebundle_(include=include, exclude=exclude, **kwargs)
        return {"image/png": self.picture(), "text/plain": self.caption()}
