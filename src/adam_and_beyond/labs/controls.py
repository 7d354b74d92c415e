"""The ipywidgets controls of the labs, apart so that a build without a kernel makes no widget."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import ipywidgets

from adam_and_beyond import methods
from adam_and_beyond.figures import QUANTITIES

if TYPE_CHECKING:
    from adam_and_beyond.labs.images import TrainingLab
    from adam_and_beyond.labs.theorem_1 import Theorem1Lab

_WIDE = {"description_width": "8em"}
_LAYOUT = {"width": "26em", "max_width": "100%"}


def _fields(lab: Theorem1Lab) -> dict[str, Any]:
    shared = {"style": _WIDE, "layout": _LAYOUT}
    return {
        "method": ipywidgets.Dropdown(
            options=[(label, name) for name, label in lab.choices().items()],
            value=lab.method,
            description="method",
            **shared,
        ),
        "quantity": ipywidgets.Dropdown(
            options=[(label.replace("$", ""), name) for name, (label, _) in QUANTITIES.items()],
            value=lab.quantity,
            description="show",
            **shared,
        ),
        "beta1": ipywidgets.FloatSlider(
            value=lab.beta1, min=0.0, max=0.99, step=0.01, description="beta1", **shared
        ),
        "alpha": ipywidgets.FloatLogSlider(
            value=lab.alpha, min=-2, max=1, step=0.05, description="alpha", **shared
        ),
        "steps": ipywidgets.SelectionSlider(
            options=sorted({1000, 5000, 20_000, 100_000, lab.steps}),
            value=lab.steps,
            description="steps",
            **shared,
        ),
        "resolution": ipywidgets.SelectionSlider(
            options=sorted({16, 32, 64, 96, 128, lab.resolution}),
            value=lab.resolution,
            description="resolution",
            **shared,
        ),
    }


def training_fields(lab: TrainingLab) -> dict[str, Any]:
    """The fields of the lab on images.

    Args:
      lab: its values are the start.

    Returns:
      Name -> ipywidgets control.

    References:
      Introduced in the chapter "One hidden layer on MNIST".
    """
    shared = {"style": _WIDE, "layout": _LAYOUT}
    named = [(method.label, name) for name, method in methods.CATALOGUE.items()]
    choices = {
        "method": named,
        "other": named,
        "network": ["logistic", "network"],
        "data": ["digits", "mnist"],
        "beta2": lab.beta2_values(),
        "steps": [200, 500, 1000, 2000, 5000],
        "seed": [0, 1, 2, 3, 4],
    }
    fields: dict[str, Any] = {
        name: ipywidgets.Dropdown(
            options=options, value=getattr(lab, name), description=name, **shared
        )
        for name, options in choices.items()
    }
    fields["alpha"] = ipywidgets.FloatLogSlider(
        value=lab.alpha, min=-4, max=1, step=0.1, description="alpha", **shared
    )
    return fields


def controls(
    lab: Theorem1Lab | TrainingLab, fields: dict[str, Any] | None = None
) -> ipywidgets.VBox:
    """Controls, a Run button, a progress bar and the picture of a lab.

    Args:
      lab: its values are the start; Run sweeps with the values that the controls then have.
      fields: the controls by name; without, those of the lab on Theorem 1.

    Returns:
      An ``ipywidgets.VBox`` of the fields, the button row, the status line and the picture.

    References:
      Introduced in the chapter "Theorem 1".
    """
    fields = _fields(lab) if fields is None else fields
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
        except Exception as error:  # shown where the reader looks; the cell has ended long ago
            status.value = f"This did not run: {error}"
        finally:
            run.disabled = False

    run.on_click(sweep)
    grid = ipywidgets.Box(list(fields.values()), layout={"flex_flow": "row wrap"})
    sweep()
    return ipywidgets.VBox([grid, ipywidgets.HBox([run, bar]), status, picture])
