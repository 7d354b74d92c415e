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

from .tasks import BIBLIOGRAPHY

LANDING = "chapters/index"


def appendices(env: Any) -> list[str]:
    """Return the pages at the back in their order, without the bibliography."""
    if env.config.root_doc != LANDING:
        return []
    return [page for page in pages_around(env)[1] if page != BIBLIOGRAPHY]


def pages_around(env: Any) -> tuple[list[str], list[str]]:
    """Return the pages before the numbered chapters, and those behind them."""
    before, behind = [], []
    pages = before
    for toctree in env.get_doctree(LANDING).findall(addnodes.toctree):
        if toctree.get("numbered"):
            pages = behind
        else:
            pages += [page for _, page in toctree["entries"] if page in env.tocs]
    return before, behind


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
            inside = (part for part in below.children if isinstance(part, nodes.list_item))
            for count, entry in enumerate(inside, 1):
                yield from letter_sections([entry], (*number, count))


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("env-get-updated", letter_pages, priority=900)
