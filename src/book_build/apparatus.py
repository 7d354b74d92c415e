"""The apparatus steps back: checks, calls and setup fold into marks beside the text.

- Cells that only assert become a tick in the margin, which opens the checks.
- Cells with folded code, and cells that only show mathematics, get a mark that opens the code
  beside what it shows.
- The setup joins the parameters in one quiet bar.
- The reasons of a step of a proof stand beside its lines.
- A solution holds the hidden cells that follow it.

Each fold is a `<details>`: it opens by mouse, by keyboard, by a link into it and by searching the
page, and needs no script. `apparatus.js` adds the switch that opens all of a page. This happens to
the pages of the site alone: notebooks, downloads and the PDF keep every cell as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from . import cells
from .explorers import raw

# Sign and name of a fold, by what it holds.
MARKS = {
    "check": ("✓", "Checked"),
    "code": ("‹›", "Code"),
    "setup": ("‹›", "Setup"),
    "parameters": ("‹›", "Setup and parameters"),
}
FORMULAS = {"text/markdown", "text/latex"}


class Cell:
    """A code cell on its way to the page, and the kind of fold that it becomes, if any."""

    def __init__(self, node: nodes.Element) -> None:
        parts = {child["nb_element"]: child for child in node.children}
        self.node = node
        self.code = parts.get("cell_code_source")
        self.output = parts.get("cell_code_output")
        self.source = self.code.astext() if self.code is not None else ""
        self.names = cells.names(self.source)
        self.kind = self._kind()

    def _kind(self) -> str | None:
        if self.code is None:
            return None
        if self.output is None and cells.asserts(self.source):
            return "check"
        if self.node.get("hide_mode") in ("input", "all"):
            return "setup" if self.output is None and cells.imports(self.source) else "code"
        return "code" if self._shows_formulas() and cells.shows(self.source) else None

    def _shows_formulas(self) -> bool:
        shown = [] if self.output is None else self.output.children
        bundles = [part for part in shown if part.get("nb_element") == "mime_bundle"]
        kinds = [{form["mime_type"] for form in bundle.children} for bundle in bundles]
        return 0 < len(kinds) == len(shown) and all(FORMULAS & found for found in kinds)

    @property
    def lone(self) -> bool:
        """Whether the page shows nothing of it but the mark of its fold."""
        return self.output is None and self.kind in ("check", "code")

    def give_code(self) -> nodes.Element:
        """Take the cell, which shows nothing else, off the page; return its code."""
        self.node.parent.remove(self.node)
        self.kind = None
        return self.code

    def fold(self, *before: nodes.Element) -> None:
        """Put the code into a fold, after the code of other cells."""
        sign, name = MARKS[self.kind]
        hidden = [self.code] if self.node.get("hide_mode") != "all" else list(self.node.children)
        shown = [part for part in self.node.children if part not in hidden]
        opening = raw(
            f'<details class="apparatus apparatus-{self.kind}"><summary title="{name}">'
            f'<span class="apparatus-sign" aria-hidden="true">{sign}</span>'
            f'<span class="apparatus-name">{name}</span></summary>'
        )
        self.node.attributes.pop("hide_mode", None)
        self.node["classes"].append("apparatus-cell")
        self.node.children = []
        self.node.extend([opening, *before, *hidden, raw("</details>"), *shown])


class StepBack(SphinxPostTransform):
    """Fold what stands behind the text of a page."""

    # Before the explorers choose their surface at 3, and myst-nb folds code at 199.
    default_priority = 2
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Visit the solutions, then the cells outside them."""
        for lines in self.document.findall(has_reasons):
            lines["classes"].append("proof-step")
        within = {cell for node in self.document.findall(is_solution) for cell in gather(node)}
        for node in list(self.document.findall(nodes.admonition)):
            if is_solution(node):
                write_as_details(node)
        found = {n: Cell(n) for n in list(self.document.findall(is_cell)) if n not in within}
        recognise(list(found.values()))
        for cell in found.values():
            if cell.kind == "setup" and (parameters := parameters_after(cell, found)):
                parameters.kind = "parameters"
                parameters.fold(cell.give_code())
            elif cell.lone:
                join(cell, found)
            elif cell.kind in ("code", "setup"):
                cell.fold()


def has_reasons(node: nodes.Node) -> bool:
    """Say whether a node is a list of lines with their reasons, as a step of a proof shows it."""
    return isinstance(node, nodes.enumerated_list) and all(
        [type(part) for part in item.children] == [nodes.paragraph] * 2
        and isinstance(item[0][0], nodes.math)
        and [type(part) for part in item[1].children] == [nodes.emphasis]
        for item in node.children
    )


def is_cell(node: nodes.Node) -> bool:
    """Say whether a node is a code cell."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_solution(node: nodes.Node) -> bool:
    """Say whether a node is a box that the reader opens."""
    if isinstance(node, nodes.admonition):
        return "dropdown" in node["classes"]
    return isinstance(node, nodes.container) and node.get("design_component") == "dropdown"


def after(node: nodes.Element) -> Iterator[nodes.Node]:
    """Yield the siblings after a node, as they are now."""
    yield from node.parent.children[node.parent.index(node) + 1 :]


def recognise(found: list[Cell]) -> None:
    """Call code what a later cell of another kind builds upon, though it asserts as well."""
    for k, cell in enumerate(found):
        if cell.kind == "check":
            later = (other.names for other in found[k + 1 :] if other.kind != "check")
            cell.kind = "code" if cells.needed(cell.names.bound, later) else "check"


def parameters_after(setup: Cell, found: dict[nodes.Node, Cell]) -> Cell | None:
    """Return the parameters of the page, if nothing but cells stands between."""
    for node in after(setup.node):
        cell = found.get(node)
        if cell is None:
            return None
        if cell.kind is None and cell.output is None and cells.assigns(cell.source):
            return cell
    return None


def join(cell: Cell, found: dict[nodes.Node, Cell]) -> None:
    """Fold a cell together with its neighbours of which only marks would show."""
    group = [cell]
    for node in after(cell.node):
        if node not in found or not found[node].lone:
            break
        group.append(found[node])
    cell.kind = "check" if any(other.kind == "check" for other in group) else "code"
    last = group.pop()
    last.kind = cell.kind
    last.fold(*[other.give_code() for other in group])
    last.kind = None


def gather(solution: nodes.Element) -> list[nodes.Element]:
    """Move the hidden cells that follow a solution into it, and return them."""
    moved = []
    for node in after(solution):
        if not (is_cell(node) and node.get("hide_mode") == "all"):
            break
        del node["hide_mode"]
        moved.append(node)
    for node in moved:
        node.parent.remove(node)
        solution += node
    return moved


def write_as_details(admonition: nodes.admonition) -> None:
    """Write a box that opens as `<details>`, which needs no script."""
    title, *content = admonition.children
    opening, between = raw('<details class="solution"><summary>'), raw("</summary>")
    parts = [opening, *title.children, between, *content, raw("</details>")]
    admonition.parent.replace(admonition, parts)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_post_transform(StepBack)
    app.add_css_file("apparatus.css")
    app.add_js_file("apparatus.js", loading_method="defer")
