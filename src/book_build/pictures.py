"""Pictures on a page: loaded as the reader comes to them, and a form of their own on a phone.

A figure's SVG may carry its narrow form as metadata (`adam_and_beyond.figures.narrow`). The site
gets both as files of their own; `book.css` shows one of them, and the browser loads only that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.images import get_image_size

CARRIED = re.compile(r'<metadata id="narrow"><!\[CDATA\[(.*?)\]\]></metadata>', re.DOTALL)
# matplotlib's own metadata: a date and addresses that no reader sees.
RDF = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


def take_apart(text: str) -> dict[str, str]:
    """Return the forms of a picture that an SVG carries, under the class that shows them."""
    found = CARRIED.search(text)
    if found is None:
        return {}
    forms = {"wide": CARRIED.sub("", text), "narrow": found.group(1)}
    return {name: RDF.sub("", form) for name, form in forms.items()}


def separate(app: Any, doctree: nodes.document) -> None:
    """Replace a picture that carries two forms by both, before Sphinx collects the files."""
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"].lstrip("/"))
        if path.suffix != ".svg" or not path.exists():
            continue
        forms = []
        for name, text in take_apart(path.read_text("utf-8")).items():
            other = path.with_suffix(f".{name}.svg")
            other.write_text(text, "utf-8")
            form = image.deepcopy()
            form["uri"] = image["uri"].replace(path.name, other.name)
            form["classes"].append(name)
            forms.append(form)
        if forms:
            image.replace_self(forms)


def visit_image(self: Any, node: nodes.image) -> None:
    """Write a picture that loads as the reader comes to it, in a place that is kept for it."""
    size = get_image_size(Path(self.builder.srcdir, node["uri"].lstrip("/")))
    node["loading"] = "lazy"
    type(self).visit_image(self, node)
    if size and not {"width", "height"} & node.attributes.keys():
        attributes = f'<img width="{size[0]}" height="{size[1]}"'
        self.body[-1] = self.body[-1].replace("<img", attributes, 1)


def depart_image(self: Any, node: nodes.image) -> None:
    """Leave the picture as Sphinx does."""
    type(self).depart_image(self, node)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("doctree-read", separate, priority=100)  # Sphinx's collectors come at 500
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
