"""The index of terms, for the back of the book and for the site.

`chapters/terms.yml` says under which words a reader looks something up, and on which pages they
should find it; the entry points to the place there that defines or first mentions it. So no chapter
carries marks for the index, and a page that no longer has a word fails the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LIST = Path("chapters", "terms.yml")
logger = logging.getLogger(__name__)


def read(root: Path) -> dict[str, list[tuple[str, str]]]:
    """Return for each page, by the stem of its file, (entry of the index, words to find)."""
    path = root / LIST
    if not path.exists():
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    for entry, places in yaml.safe_load(path.read_text("utf-8")).items():
        pages = places if isinstance(places, dict) else dict.fromkeys(places)
        for page, words in pages.items():
            found.setdefault(page, []).append((entry, words or entry.split("; ")[-1]))
    return found


def places(document: nodes.document) -> Iterator[tuple[int, nodes.paragraph, str]]:
    """Yield (rank, paragraph, text): what is emphasised or a title comes before mere mentions.

    A title's place is the paragraph below it, since LaTeX moves titles about.
    """
    for node in document.findall(nodes.Element):
        if isinstance(node, nodes.emphasis) and isinstance(node.parent, nodes.paragraph):
            yield 0, node.parent, node.astext()
        elif isinstance(node, nodes.title):
            below = next(node.parent.findall(nodes.paragraph), None)
            if below is not None:
                yield 0 if isinstance(node.parent, nodes.Admonition) else 1, below, node.astext()
        elif isinstance(node, nodes.paragraph):
            yield 2, node, node.astext()


def find(words: str, candidates: list[tuple[int, nodes.paragraph, str]]) -> nodes.paragraph | None:
    """Return the first place with the words, of the best rank."""
    flexible = r"\s+".join(map(re.escape, words.split()))
    pattern = re.compile(rf"\b{flexible}", re.IGNORECASE)
    hits = [(rank, node) for rank, node, text in candidates if pattern.search(text)]
    return min(hits, key=lambda hit: hit[0])[1] if hits else None


class EnterTerms(SphinxTransform):
    """Put the entries of the index into a page as it is read."""

    # Sphinx collects entries at 850.
    default_priority = 800

    def apply(self, **kwargs: Any) -> None:
        """Find each word of this page."""
        page = self.env.docname
        wanted = read(Path(self.app.srcdir)).get(Path(page).name, [])
        candidates = list(places(self.document)) if wanted else []
        for count, (entry, words) in enumerate(wanted):
            place = find(words, candidates)
            if place is None:
                logger.warning(
                    "%s looks for %r here, and the page doesn't have it",
                    LIST,
                    words,
                    location=page,
                )
            else:
                enter(entry, f"term-{count}", place)


def enter(entry: str, name: str, place: nodes.paragraph) -> None:
    """Put one entry at a paragraph; `group; term` becomes a term below its group."""
    place["ids"].append(name)
    place.insert(0, addnodes.index(entries=[("single", entry, name, "", None)], inline=True))


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_transform(EnterTerms)
