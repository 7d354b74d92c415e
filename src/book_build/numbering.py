"""One numbering for the site and for paper: "chapter.number", with letters for the appendices.

Sphinx leaves pages without numbers of chapters to one common count. Here the pages at the back are
appendices A, B, ..., and what stands in them is A.1, A.2, ...; figures of the landing page, which
is the preface on paper, have no number, so that "Figure 1" is the paper's. LaTeX counts nothing by
itself: `paper` hands it these numbers.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes

LANDING = "chapters/index"
BIBLIOGRAPHY = "chapters/back/bibliography"


def appendices(env: Any) -> list[str]:
    """Return the pages at the back in their order, without the bibliography."""
    if env.config.root_doc != LANDING:
        return []
    found = []
    for toctree in env.get_doctree(LANDING).findall(addnodes.toctree):
        if not toctree.get("numbered"):
            found += [page for _, page in toctree["entries"] if page in env.tocs]
    return [page for page in found if page != BIBLIOGRAPHY]


def letter_pages(app: Any, env: Any) -> list[str]:
    """Give the appendices their letters, after Sphinx has numbered everything else."""
    pages = appendices(env)
    for letter, page in zip(string.ascii_uppercase, pages, strict=False):
        env.toc_secnumbers[page] = dict(letter_sections(env.tocs[page].children, (letter,)))
        env.titles[page]["secnumber"] = (letter,)
        env.toc_fignumbers[page] = {
            kind: {name: (letter, count) for count, name in enumerate(numbers, 1)}
            for kind, numbers in env.toc_fignumbers.get(page, {}).items()
        }
    env.toc_fignumbers.pop(LANDING, None)
    return pages


def letter_sections(
    entries: Iterable[nodes.Element], number: tuple[Any, ...]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield (anchor, number) for a page's contents, and write each number into its entry."""
    for item in entries:
        reference = next(item.findall(nodes.reference))
        reference["secnumber"] = number
        yield reference["anchorname"], number
        for below in (part for part in item.children if isinstance(part, nodes.bullet_list)):
            for count, entry in enumerate(below.children, 1):
                yield from letter_sections([entry], (*number, count))


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("env-get-updated", letter_pages, priority=900)
