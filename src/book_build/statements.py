"""The index of statements: each theorem, lemma, proposition and definition by its number and title.

The index of sphinx-proof lists labels, which are names for authors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.domains import IndexEntry
from sphinx_proof.domain import ProofDomain, ProofIndex


def statements(env: Any, page: str) -> Iterator[nodes.Element]:
    """Yield a page's statements in their order."""
    for node in env.get_doctree(page).findall(nodes.Admonition):
        if "realtype" in node:
            yield node


def number(env: Any, page: str, statement: nodes.Element) -> tuple[Any, ...]:
    """Return a statement's number, (3, 1) for Theorem 3.1."""
    numbers = env.toc_fignumbers.get(page, {}).get(statement["countertype"], {})
    return numbers.get(statement["ids"][0], ())


def name(env: Any, page: str, statement: nodes.Element) -> str:
    """Return a statement's name with its title, "Theorem 3.1 (paper, Theorem 1)"."""
    digits = ".".join(map(str, number(env, page, statement)))
    kind = statement["realtype"].title()
    return f"{kind} {digits} {statement['title'].strip()}".strip()


def in_order(number: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    """Return a key that puts chapters before appendices, and 9 before 10."""
    return [(isinstance(part, str), part) for part in number]


class StatementIndex(ProofIndex):
    """Statements by kind, in the order of their numbers."""

    localname = "Theorems and definitions"

    def generate(self, docnames: Any = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return the entries under the name of their kind."""
        env = self.domain.env
        pages = {entry["docname"] for entry in getattr(env, "proof_list", {}).values()}
        groups: dict[str, list[tuple[Any, IndexEntry]]] = {}
        for page in pages if docnames is None else pages.intersection(docnames):
            chapter = env.titles[page].astext()
            for node in statements(env, page):
                row = IndexEntry(name(env, page, node), 0, page, node["label"], chapter, "", "")
                key = in_order(number(env, page, node))
                groups.setdefault(f"{node['realtype'].title()}s", []).append((key, row))
        return [(kind, [row for _, row in sorted(groups[kind])]) for kind in sorted(groups)], False


def connect(app: Any) -> None:
    """Put this index in the place of the other."""
    ProofDomain.indices = {StatementIndex}
