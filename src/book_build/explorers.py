"""Explorers and labs on a page without a kernel.

An output that carries a widget and a picture is shown
- on the site as the live explorer, if the widget brings its own browser module (`_esm`); its
  picture then stands in `<noscript>`, where the loader also finds it if the module fails;
- on the site as the picture, if the widget is a plain ipywidgets control, which needs a kernel;
- in the PDF as the picture.
"""

from __future__ import annotations

import json
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
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            outputs = {child["mime_type"]: child for child in bundle.children}
            if VIEW in outputs:
                self.choose(bundle, outputs, models)

    def choose(self, bundle: nodes.Element, outputs: dict, models: dict) -> None:
        """Make a widget's output live or still."""
        view = outputs[VIEW]
        model_id = model_of(view)
        if "_esm" not in models.get(model_id, {}).get("state", {}):
            bundle.remove(view)
            return
        picture = next((outputs[kind] for kind in PICTURES if kind in outputs), None)
        container = [raw('<div class="explorer" aria-busy="true">'), *view.children, raw("</div>")]
        if picture is not None:
            container += [raw("<noscript>"), *picture.children, raw("</noscript>")]
        view.children = []
        view.extend(container)


def raw(text: str) -> nodes.raw:
    """Return a piece of HTML as a node."""
    return nodes.raw("", text, format="html")


def choose_runtime(app: Any, config: Any) -> None:
    """Load our loader, and not the stock runtime from a CDN, on pages that embed widgets."""
    config.nb_ipywidgets_js = {"explorers.js": {"defer": "defer"}}


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", choose_runtime)
    app.add_post_transform(ChooseSurface)
