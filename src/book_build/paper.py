"""The book as LaTeX: the site's numbers, boxes with titles, formulas that fit the line."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.writers.latex import LaTeXTranslator
from sphinx_jupyterbook_latex.nodes import RootHeader
from sphinx_proof.nodes import NODE_TYPES, proof_node

from .numbering import LANDING

# A listing of at most so many lines isn't broken over two pages.
WHOLE_LINES = 16


class PaperTranslator(LaTeXTranslator):
    """Sphinx's writer, with numbers taken from the environment instead of LaTeX's counters."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # Tables are still counted by LaTeX: "chapter.number" for them too.
        self.elements["sphinxpkgoptions"] = "[,numfigreset=1,mathnumfig]"

    def number_of(self, node: nodes.Element, kind: str, page: str = "") -> str:
        """Return a node's number as the site shows it, or nothing."""
        numbers = self.builder.env.toc_fignumbers.get(page or self.curfilestack[-1], {})
        found = (numbers.get(kind, {}).get(name) for name in node["ids"])
        return ".".join(map(str, next(filter(None, found), ())))

    def visit_figure(self, node: nodes.Element) -> None:
        """Open a figure and set its number."""
        super().visit_figure(node)
        if self.curfilestack[-1] == LANDING:
            # The preface is short: its pictures stand where it speaks of them.
            self.body[-3:] = [part.replace("[htbp]", "[H]") for part in self.body[-3:]]
        if number := self.number_of(node, "figure"):
            self.body.append(rf"\renewcommand{{\thefigure}}{{{number}}}" + "\n")

    def visit_caption(self, node: nodes.Element) -> None:
        """Open a caption, without a number where the figure has none."""
        super().visit_caption(node)
        figure = node.parent
        if isinstance(figure, nodes.figure) and not self.number_of(figure, "figure"):
            self.body[-1] = self.body[-1].replace(r"\caption{", r"\caption*{")

    def visit_math_block(self, node: nodes.Element) -> None:
        """Write a formula that shrinks where it is wider than the line."""
        parts = [part.strip() for part in node.astext().split("\n\n") if part.strip()]
        if node.get("nowrap") or not parts:
            super().visit_math_block(node)
        name = ""
        if node.get("label"):
            number = self.number_of(node, "displaymath", node["docname"])
            name = rf"\label{{equation:{node['docname']}:{node['label']}}}\tag{{{number}}}"
        formula = "\\\\\n".join(parts)
        self.body.append(
            "\\begin{equation*}"
            f"{name}\n\\fitdisplay{{{'4em' if name else '0pt'}}}"
            f"{{\\begin{{aligned}}\n{formula}\n\\end{{aligned}}}}\n\\end{{equation*}}"
        )
        raise nodes.SkipNode

    def visit_literal_block(self, node: nodes.Element) -> None:
        """Keep a short listing in one piece, but not away from its heading."""
        lines = node.astext().count("\n") + 1
        inside = self.in_footnote or self.table
        if lines <= WHOLE_LINES and not inside and not follows_heading(node):
            self.body.append(f"\n\\Needspace{{{lines + 1}\\baselineskip}}\n")
        super().visit_literal_block(node)


def follows_heading(node: nodes.Element) -> bool:
    """Say whether a node is the first thing below a heading."""
    while node.parent is not None:
        place = node.parent.index(node)
        if place:
            return isinstance(node.parent[place - 1], nodes.title)
        node = node.parent
    return False


def visit_statement(self: PaperTranslator, node: nodes.Element) -> None:
    """Open a theorem's box: name, number and label; its title is the first thing in it."""
    number = self.number_of(node, node["countertype"])
    label = self.hypertarget(node["label"], anchor=False)
    kind = node["realtype"].title()
    self.body.append(f"\n\\begin{{bookstatement}}{{{kind}}}{{{number}}}{{{label}}}")


def depart_statement(self: PaperTranslator, node: nodes.Element) -> None:
    """Close a theorem's box."""
    self.body.append("\\end{bookstatement}\n")


def visit_proof(self: PaperTranslator, node: nodes.Element) -> None:
    """Open a proof."""
    self.body.append("\n\\begin{bookproof}\n")


def depart_proof(self: PaperTranslator, node: nodes.Element) -> None:
    """Close a proof."""
    self.body.append("\n\\end{bookproof}\n")


def visit_root_header(self: PaperTranslator, node: RootHeader) -> None:
    """Open a heading of the preface."""
    self.body.append("\n\\prefacesection{")


def depart_root_header(self: PaperTranslator, node: RootHeader) -> None:
    """Close a heading of the preface."""
    self.body.append("}\n")


def choose_translator(app: Any) -> None:
    """Let the book on paper be written by our translator, and it alone.

    The theme gives its own to the site only where no translator was set: that one keeps wide tables
    in a frame that scrolls, and gives headings in the list of chapters their level.
    """
    if app.builder.name == "latex":
        app.set_translator("latex", PaperTranslator)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("builder-inited", choose_translator)
    for kind in set(NODE_TYPES.values()):
        app.registry.add_translation_handlers(kind, latex=(visit_statement, depart_statement))
    app.registry.add_translation_handlers(proof_node, latex=(visit_proof, depart_proof))
    handlers = (visit_root_header, depart_root_header)
    app.registry.add_translation_handlers(RootHeader, latex=handlers)
