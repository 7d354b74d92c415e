"""Every label stands once in the book, and every reference to one, or to a work, finds it.

The build finds this out as well, after minutes, and only when all chapters are built together.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "chapters").rglob("*.md"))
LABEL = re.compile(
    r"^\((?P<target>[\w:.-]+)\)=$"  # a section
    r"|^ *:(?:label|name): (?P<option>[\w:.-]+)$"  # a theorem, a figure directive
    r"|\$\$ \((?P<equation>[\w:.-]+)\)$"
    r"|^ +name: (?P<figure>fig-[\w:.-]+)$",  # a figure that a cell makes
    re.MULTILINE,
)
REFERENCE = re.compile(r"\{(?:ref|numref|eq|prf:ref)\}`(?:[^`<]*<)?([\w:.-]+)>?`")
CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
STATEMENT = re.compile(
    r"^`{3,}\{prf:(theorem|lemma|proposition|corollary|conjecture|definition)\} *(.*)$",
    re.MULTILINE,
)
SOURCE, STATUS = re.compile(r"\b(paper|ours)\b"), re.compile(r"\b(proved|measured|quoted)\b")
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}


def labels():
    return Counter(
        next(filter(None, match.groups()))
        for text in TEXT.values()
        for match in LABEL.finditer(text)
    )


def keys():
    return Counter(
        re.findall(
            r"^@\w+\{([^,\s]+),", (ROOT / "chapters/references.bib").read_text("utf-8"), re.M
        )
    )


def test_no_label_stands_twice():
    assert [label for label, times in labels().items() if times > 1] == []


def test_no_work_is_listed_twice():
    assert [key for key, times in keys().items() if times > 1] == []


def test_the_patterns_find_what_the_book_uses():
    assert {"chapter-theorem-1", "fig-landing-explorer", "drift-number"} <= set(labels())
    assert "reddi2018" in keys()


@pytest.mark.parametrize("page", TEXT)
def test_every_reference_finds_its_label(page):
    assert set(REFERENCE.findall(TEXT[page])) - set(labels()) == set()


@pytest.mark.parametrize("page", TEXT)
def test_every_citation_is_listed(page):
    cited = {key.strip() for group in CITATION.findall(TEXT[page]) for key in group.split(",")}
    assert cited - set(keys()) == set()


def unlabelled(text):
    """The statements that don't say whose they are, or what they rest on."""
    return [
        f"{kind}: {title}"
        for kind, title in STATEMENT.findall(text)
        if not SOURCE.search(title) or not (kind == "definition" or STATUS.search(title))
    ]


@pytest.mark.parametrize(
    "page", [page for page in TEXT if re.match("chapters/(failure|boundary|repairs)/", page)]
)
def test_every_statement_says_whose_it_is_and_what_it_rests_on(page):
    assert unlabelled(TEXT[page]) == []


def test_statements_are_found_and_missing_labels_noticed():
    assert sum(len(STATEMENT.findall(text)) for text in TEXT.values()) > 20
    assert unlabelled("```{prf:theorem} ours\n") and unlabelled("````{prf:lemma} proved\n")
    assert unlabelled("```{prf:theorem}\n") and unlabelled("```{prf:definition} Regret\n")
    assert not unlabelled("```{prf:theorem} paper, Theorem 1; proved\n")
