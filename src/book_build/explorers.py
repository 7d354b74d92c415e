"""Explorers and labs on a page without a kernel.

An output that carries a widget and a picture is shown
- on the site as the live explorer, if the widget brings its own browser module (`_esm`); its place
  is kept as high as it will be, and its picture with its sentence stands there until the explorer
  has drawn, for ever if a script is missing;
- on the site as the picture, if the widget is a plain ipywidgets control, which needs a kernel;
- in the PDF as the picture.
"""

from __future__ import annotations

import json
from collections import Counter
from html import escape
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png", "image/jpeg")


def widget_state(env: Any, docname: str) -> dict[str, Any]:
    """Return the widget models that a page embeds: model id -> model."""
    files = getattr(env, "nb_metadata", {}).get(docname, {}).get("js_files", {})
    _, attributes = files.get("ipywidgets_state", (None, {}))
    return json.loads(attributes.get("body", "{}")).get("state", {})


def model_of(container: nodes.Element) -> str:
    """Return the id of the model that a widget-view output names."""
    text = container.astext()
    return json.loads(text[text.index("{") : text.rindex("}") + 1])["model_id"]


class ChooseSurface(SphinxPostTransform):
    """Replace a widget by an explorer's container or by its picture, before myst-nb chooses."""

    # myst-nb's SelectMimeType runs at 4.
    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Visit every output of the page that carries a widget."""
        models = widget_state(self.env, self.env.docname)
        names: Counter[str] = Counter()
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            outputs = {child["mime_type"]: child for child in bundle.children}
            if VIEW in outputs:
                self.choose(bundle, outputs, models, names)

    def choose(
        self, bundle: nodes.Element, outputs: dict, models: dict, names: Counter[str]
    ) -> None:
        """Make a widget's output live or still; `names` counts the explorers so far."""
        view = outputs[VIEW]
        state = models.get(model_of(view), {}).get("state", {})
        if "_esm" not in state:
            bundle.remove(view)
            return
        parts = [
            raw(opening_tag(state, names)),
            *view.children,
            raw('<div class="explorer-still">'),
        ]
        # Above the picture, which only then learns its height.
        if "text/plain" in outputs:
            parts.append(raw(f"<p>{escape(sentence_of(outputs['text/plain']))}</p>"))
        picture = next((outputs[kind] for kind in PICTURES if kind in outputs), None)
        if picture is not None:
            for image in picture.findall(nodes.image):
                image["loading"] = "lazy"
            parts += picture.children
        view.children = []
        view.extend([*parts, raw("</div></div>")])


def opening_tag(state: dict[str, Any], names: Counter[str]) -> str:
    """Return the start of an explorer's place: its name in addresses, and its heights."""
    name = state.get("name", "widget")
    names[name] += 1
    number = f"-{names[name]}" if names[name] > 1 else ""
    heights = zip(("narrow", "wide"), state.get("heights", ()), strict=False)
    style = "; ".join(f"--{width}: {height}px" for width, height in heights)
    return f'<div class="explorer" id="explorer-{escape(name)}{number}" style="{style}">'


def sentence_of(output: nodes.Element) -> str:
    """Return what an explorer's text output says, below the line that gives its values."""
    return output.astext().partition("\n")[2].strip()


def raw(text: str) -> nodes.raw:
    """Return a piece of HTML as a node."""
    return nodes.raw("", text, format="html")


def choose_runtime(app: Any, config: Any) -> None:
    """Load our loader, and not the stock runtime from a CDN, on pages that embed widgets."""
    config.nb_ipywidgets_js = {"explorers.js": {"defer": "defer"}}


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", choose_runtime)
    app.add_css_file("explorers.css")
    app.add_post_transform(ChooseSurface)
