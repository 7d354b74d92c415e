"""The ipywidgets controls of the labs: a field each, and the box that runs a lab with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import ipywidgets

_SHARED = {
    "style": {"description_width": "8em"},
    "layout": {"width": "26em", "max_width": "100%"},
}


def menu(name: str, value: Any, options: Sequence[Any]) -> ipywidgets.Dropdown:
    """A menu.

    Args:
      name: what stands before it.
      value: the start.
      options: values, or pairs of label and value.

    Returns:
      An ``ipywidgets.Dropdown``.

    References:
      Introduced in the chapter "Theorem 1".
    """
    return ipywidgets.Dropdown(options=options, value=value, description=name, **_SHARED)


def choice(name: str, value: int, options: Sequence[int]) -> ipywidgets.SelectionSlider:
    """A slider over some numbers.

    Args:
      name: what stands before it.
      value: the start; it is added to the numbers.
      options: the numbers.

    Returns:
      An ``ipywidgets.SelectionSlider``.

    References:
      Introduced in the chapter "Theorem 1".
    """
    options = sorted({*options, value})
    return ipywidgets.SelectionSlider(options=options, value=value, description=name, **_SHARED)


def slider(name: str, value: float, low: float, high: float) -> ipywidgets.FloatSlider:
    """A slider in steps of 0.01.

    Args:
      name: what stands before it.
      value: the start.
      low: least value.
      high: largest value.

    Returns:
      An ``ipywidgets.FloatSlider``.

    References:
      Introduced in the chapter "Theorem 1".
    """
    return ipywidgets.FloatSlider(
        value=value, min=low, max=high, step=0.01, description=name, **_SHARED
    )


def log_slider(
    name: str, value: float, low: int, high: int, step: float
) -> ipywidgets.FloatLogSlider:
    """A slider over powers of ten.

    Args:
      name: what stands before it.
      value: the start.
      low: exponent of the least value.
      high: exponent of the largest value.
      step: of the exponent.

    Returns:
      An ``ipywidgets.FloatLogSlider``.

    References:
      Introduced in the chapter "Theorem 1".
    """
    return ipywidgets.FloatLogSlider(
        value=value, min=low, max=high, step=step, description=name, **_SHARED
    )


def box(lab: Any, fields: dict[str, Any]) -> ipywidgets.VBox:
    """Controls, a Run button, a progress bar and the picture of a lab.

    While it runs, the stop button of the notebook ends it and leaves the last picture.

    Args:
      lab: a dataclass; Run computes it with the values that the controls then have.
      fields: the controls by name.

    Returns:
      An ``ipywidgets.VBox`` of the fields, the button row, the status line and the picture.

    References:
      Introduced in the chapter "Theorem 1".
    """
    run = ipywidgets.Button(description="Run", button_style="primary", tooltip="Run the sweep")
    bar = ipywidgets.IntProgress(min=0, max=1, layout={"width": "14em"})
    status = ipywidgets.Label()
    picture = ipywidgets.Image(format="png", layout={"max_width": "100%"})

    def advance(done: int, total: int) -> None:
        bar.max, bar.value = total, done

    def sweep(_: Any = None) -> None:
        run.disabled, bar.value, status.value = True, 0, "Running ..."
        try:
            values = {name: field.value for name, field in fields.items()}
            chosen = dataclasses.replace(lab, **values)
            picture.value = chosen.picture(chosen.sweep(advance))
            status.value = chosen.caption().split(" To move")[0]
        except KeyboardInterrupt:  # the kernel's stop button
            status.value = "Stopped."
        except Exception as error:  # shown where the reader looks; the cell has ended long ago
            status.value = f"This did not run: {error}"
        finally:
            run.disabled = False

    run.on_click(sweep)
    grid = ipywidgets.Box(list(fields.values()), layout={"flex_flow": "row wrap"})
    sweep()
    return ipywidgets.VBox([grid, ipywidgets.HBox([run, bar]), status, picture])
