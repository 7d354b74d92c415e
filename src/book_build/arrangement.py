"""The book in the order of paper: preface, chapters, appendices, solutions, one bibliography.

These steps run on the whole book at once, after sphinx-jupyterbook-latex has made parts of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_jupyterbook_latex.nodes import HiddenCellNode
from sphinx_proof.nodes import proof_node

from . import api
from .columns import fit_tables, latex
from .numbering import BIBLIOGRAPHY, appendices, pages_around

# `step = theorem.something(...)`, then `step` to show it, or the call alone: on paper the step
# speaks for itself.
STEP_CALL = re.compile(r"\A(?:(\w+) = \w+\.[\w.]+\([^\n]*\)\n\1|\w+\.[\w.]+\([^\n]*\))\Z")
# A caption's sentences about what the hand does, and the words that say where an explorer starts.
HAND = re.compile(r"\b(?:sliders?|drag\w*|click\w*|press\w*|tap|hover)\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
NUMBER = re.compile(r"(\d+)\.")


class ArrangeForPaper(SphinxPostTransform):
    """Turn the site's pages into a book."""

    # Parts are made at 700, cells are wrapped at 999.
    default_priority = 750
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        """Arrange the whole book."""
        drop_code_index(self.document)
        open_proofs(self.document)
        drop_step_calls(self.document)
        drop_empty_cells(self.document)
        fit_tables(self.document)
        caption_pictures(self.document)
        back = appendices(self.env)
        if not back:
            return
        pages = list(self.document.findall(addnodes.start_of_file))
        by_name = {page["docname"]: page for page in pages}
        for name in (BIBLIOGRAPHY, *api.PAGES):
            if name in by_name:
                by_name[name].parent.remove(by_name[name])
        by_name[back[0]].insert(0, latex("\\appendixopens\n"))
        frame_preface(self.document)
        follow_preface([by_name[page] for page in pages_around(self.env)[0]])
        chapter = collect_solutions(pages, self.env.titles)
        part_of(by_name[back[0]]).append(chapter)


def part_of(page: nodes.Element) -> nodes.section:
    """Return the part in which a page stands."""
    node = page.parent
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def drop_code_index(document: nodes.document) -> None:
    """Take the names of functions out of the index: the website's search has them."""
    for node in list(document.findall(addnodes.index)):
        following = node.next_node(descend=False, siblings=True)
        if isinstance(following, addnodes.desc):
            node.parent.remove(node)


def open_proofs(document: nodes.document) -> None:
    """Take a proof out of its frame, and the word from its first line: LaTeX writes it."""
    for node in list(document.findall(proof_node)):
        frame = node[0]
        node.children = []
        node.extend(frame.children)
        first = next(node.findall(nodes.Text))
        first.parent.replace(first, nodes.Text(first.removeprefix("Proof. ")))


def drop_step_calls(document: nodes.document) -> None:
    """Take away the call that only shows a step of a proof."""
    for node in list(document.findall(nodes.container)):
        if "cell_input" in node["classes"] and STEP_CALL.match(node.astext().strip()):
            node.parent.remove(node)


def drop_empty_cells(document: nodes.document) -> None:
    """Take away the cells of which nothing is shown, which would leave a gap."""
    for node in list(document.findall(nodes.container)):
        shown = [child for child in node.children if not isinstance(child, HiddenCellNode)]
        if "cell" in node["classes"] and not shown:
            node.parent.remove(node)


def caption_pictures(document: nodes.document) -> None:
    """Let the captions of explorers speak of their picture."""
    for caption in list(document.findall(nodes.caption)):
        for text in list(caption.findall(nodes.Text)):
            caption_text = on_paper(text.astext())
            if caption_text != text.astext():
                text.parent.replace(text, nodes.Text(caption_text))


def on_paper(caption: str) -> str:
    """Return a caption without what can only be done on a screen."""
    still = caption.replace(", to be dragged", "").replace("It opens at", "Shown at")
    if still == caption and not HAND.search(caption):
        return caption
    sentences = SENTENCE.split(still)
    return " ".join(sentence for sentence in sentences if not HAND.search(sentence))


def frame_preface(document: nodes.document) -> None:
    """Make a preface of the landing page, with a word on this edition at its end."""
    landing = next(document.findall(nodes.section))
    landing.insert(1, latex("\\prefaceopens\n"))
    landing.append(latex("\\input{edition.inc}\n"))


def follow_preface(pages: list[addnodes.start_of_file]) -> None:
    """Make chapters without a number of the pages before the first part, and no part of them."""
    for page in pages:
        part = part_of(page)
        part.children = [node for node in part.children if not isinstance(node, nodes.title)]
        page.insert(0, latex("\\setcounter{secnumdepth}{-1}\n"))
        page.append(latex("\\setcounter{secnumdepth}{2}\n"))


def is_solution(node: nodes.Node) -> bool:
    """Say whether a node is the folded solution of an exercise."""
    folded = isinstance(node, nodes.admonition) or (
        isinstance(node, nodes.container) and node.get("design_component") == "dropdown"
    )
    return folded and bool(node.children) and node[0].astext().startswith("Solution")


def exercise_number(solution: nodes.Element, count: int) -> int:
    """Return the number of the exercise above a solution; `count` where it has none."""
    above = solution.parent.children[: solution.parent.index(solution)]
    for node in reversed(above):
        if isinstance(node, nodes.enumerated_list):
            return node.get("start", 1) + len(node.children) - 1
        if isinstance(node, nodes.paragraph) and (found := NUMBER.match(node.astext())):
            return int(found[1])
    return count


def collect_solutions(
    pages: list[addnodes.start_of_file], titles: dict[str, nodes.title]
) -> nodes.section:
    """Move all solutions into a chapter, and leave at each place the page to turn to."""
    chapter = nodes.section("", nodes.title("", "Solutions"), ids=["solutions"])
    for page in pages:
        name = page["docname"]
        found = [node for node in page.findall(nodes.Element) if is_solution(node)]
        # A part contains its pages; each solution is taken where it stands.
        if name not in titles or not found:
            continue
        number = ".".join(map(str, titles[name].get("secnumber", ())))
        part = addnodes.start_of_file(docname=name)
        part += latex(f"\\solutionsof{{{number}}}{{")
        part.extend(child.deepcopy() for child in titles[name].children)
        part += latex("}\n")
        part.extend(move_solutions(name, number, found))
        chapter.append(part)
    return chapter


def move_solutions(page: str, chapter: str, solutions: list[nodes.Element]) -> Iterator[nodes.Node]:
    """Yield the solutions of a page under their numbers, each replaced by a pointer to it."""
    for count, node in enumerate(solutions, 1):
        label = f"solution:{page}:{count}"
        exercise = f"{chapter}.{exercise_number(node, count)}"
        node.replace_self(latex(f"\n\\solutionpointer{{{label}}}\n"))
        yield latex(f"\n\\solution{{{exercise}}}{{{label}}}\n")
        yield from node.children[1:]


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_post_transform(ArrangeForPaper)
