"""The paper edition: its numbers are the site's, and LaTeX's complaints are heard."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from conftest import absent
from docutils import nodes
from sphinx import addnodes

from book_build import arrangement, columns, digest, latex, proofreading, tasks, terms

AUX = tasks.PDF.with_suffix(".aux")
LABEL = re.compile(r"\\newlabel\{([^}]+)\}\{\{\{?((?:\d+|[A-Z])\.\d+)\}")
FIGURE = re.compile(r'<figure[^>]* id="([^"]+)".*?</figure>', re.DOTALL)
NUMBER = re.compile(r'class="caption-number">[^<]*?((?:\d+|[A-Z])\.\d+) ?</span>')
STATEMENT = re.compile(
    r'<div class="[^"]*\bproof\b[^"]*" id="([^"]+)">\s*'
    r'<p class="admonition-title"><span class="caption-number">\w+ ([\w.]+) </span>'
)
EQUATION = re.compile(r'id="(equation-[^"]+)">\s*<span class="eqno">\(([\w.]+)\)')


@pytest.fixture(scope="module")
def built():
    """Return the folder of a PDF that was built from the present sources."""
    if digest.read_stamp("pdf").get("digest") != digest.of_book() or not tasks.PDF.exists():
        absent("no PDF of the present sources: run `make pdf` first")
    return tasks.PDF.parent


def numbers_on_paper():
    """Return the numbers of figures, statements and equations by page and label."""
    found = dict(LABEL.findall(AUX.read_text("utf-8")))
    return {name.removeprefix("equation:"): number for name, number in found.items()}


def numbers_on_the_site(folder):
    """Return the same, from the pages."""
    found = {}
    for name in tasks.chapters():
        page = (folder / f"{name}.html").read_text("utf-8")
        for figure in FIGURE.finditer(page):
            found[f"{name}:{figure[1]}"] = NUMBER.search(figure[0])[1]
        found |= {f"{name}:{label}": number for label, number in STATEMENT.findall(page)}
        for label, number in EQUATION.findall(page):
            found[f"{name}:{label.removeprefix('equation-')}"] = number
    return found


@pytest.mark.site
def test_every_number_is_the_same_on_the_site_and_on_paper(built, site_folder):
    paper, site = numbers_on_paper(), numbers_on_the_site(site_folder)
    assert sum(":theorem-" in name for name in site) > 5 and len(site) > 100
    assert {name: number for name, number in site.items() if paper.get(name) != number} == {}


def test_the_pdf_has_no_blank_page_and_no_name_of_a_function_in_its_index(built):
    if shutil.which("pdftotext") is None:
        absent("pdftotext is not installed")
    command = ["pdftotext", "-layout", str(tasks.PDF), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert [place for place, page in enumerate(pages, 1) if not page.strip()] == []
    lines = {line.strip() for page in pages for line in page.splitlines()}
    assert {"Preface", "Solutions", "Bibliography", "Theorems and definitions"} <= lines
    index = text[text.rindex("Index") :]
    assert "drift number" in "".join(pages[-3:]) and "()" not in index


def test_the_pdf_has_bookmarks_and_no_fault(built):
    assert tasks.PDF.with_suffix(".out").read_text("utf-8").count("BOOKMARK") > 100
    assert proofreading.faults(tasks.PDF) == []


# What LaTeX says


@pytest.mark.parametrize(
    ("log", "word"),
    [
        ("Overfull \\hbox (10.5pt too wide) in paragraph at lines 1--2\n", "10.5pt"),
        ("Overfull \\vbox (150.0pt too high) has occurred\n", "150.0pt"),
        ("LaTeX Warning: Reference `eq-1' on page 3 undefined on input\nline 7.\n\n", "eq-1"),
        ("LaTeX Warning: Hyper reference `a:b' on page\n 3 undefined on input line 7.\n\n", "a:b"),
        ("LaTeX Warning: Label(s) may have changed. Rerun to get cross-references", "settled"),
        ("Missing character: There is no ∂ in font lmroman10!\n", "∂"),
    ],
)
def test_a_complaint_of_latex_is_a_fault(log, word):
    (fault,) = proofreading.of_log(log)
    assert word in fault


def test_a_line_that_sticks_out_a_little_is_none():
    assert proofreading.of_log("Overfull \\hbox (9.9pt too wide) in paragraph\n") == []


def test_the_indices_hold_words_and_no_names_of_authors():
    idx = r"\indexentry{regret!average@\spxentry{x}|hyperpage}{3}" + "\n"
    assert proofreading.of_indices(idx, r"\sphinxstyleindexentry{Theorem 3.1 (ours)}") == []
    idx += r"\indexentry{run() (in module a)@\spxentry{x}|hyperpage}{3}"
    faults = proofreading.of_indices(idx, r"\sphinxstyleindexentry{theorem-direct}")
    assert len(faults) == 2 and "run()" in faults[0] and "theorem-direct" in faults[1]


# What is arranged


@pytest.mark.parametrize(
    ("site", "paper"),
    [
        ("The problem, to be dragged. It opens at C = 3.", "The problem. Shown at C = 3."),
        ("Runs of Adam. C = 3. Marks under a slider: signs.", "Runs of Adam. C = 3."),
        ("Step size 0.5/√t. No randomness.", "Step size 0.5/√t. No randomness."),
    ],
)
def test_a_caption_on_paper_promises_nothing_to_the_hand(site, paper):
    assert arrangement.on_paper(site) == paper


@pytest.mark.parametrize(
    ("code", "dropped"),
    [
        ("step = theorem.moments_stay_below()\nstep", True),
        ("proof.rising_weights(3)", True),
        ("step = theorem.moments_stay_below()\nother", False),
        ("run = simulate.run(adam)\nprint(run)", False),
    ],
)
def test_only_the_call_that_shows_a_step_is_left_out(code, dropped):
    assert bool(arrangement.STEP_CALL.match(code)) == dropped


def exercise(text, solution):
    above = nodes.paragraph("", text)
    return [above, nodes.admonition("", nodes.title("", "Solution"), nodes.paragraph("", solution))]


def test_solutions_move_to_the_end_under_the_numbers_of_their_exercises():
    from sphinx import addnodes

    page = addnodes.start_of_file(docname="a")
    page.extend([*exercise("2. Why?", "Because."), *exercise("3. How?", "So.")])
    title = nodes.title("", "A chapter")
    title["secnumber"] = (7,)
    chapter = arrangement.collect_solutions([page], {"a": title})
    assert "Because." not in page.astext() and "solutionpointer" in page.astext()
    text = chapter.astext()
    assert text.index(r"\solution{7.2}") < text.index("Because.") < text.index(r"\solution{7.3}")


def test_a_wide_table_gets_columns_that_fill_the_line_and_hold_their_longest_word():
    narrow = [[[3], [4]], [[5], [6]]]
    assert columns.widths(narrow) is None
    wide = [[[9], [5] * 40, [3] * 20], [[4], [30], [2]]]
    found = columns.widths(wide)
    assert abs(sum(found) - columns.LINE) <= 2
    assert found[0] >= 9 and found[1] >= 30 and found[1] > found[2]


def test_an_entry_of_the_index_points_to_the_definition_before_a_mention():
    mention = nodes.paragraph("", "The drift number, again.")
    definition = nodes.paragraph("", "Call it the ", nodes.emphasis("", "drift number"))
    document = nodes.section("", mention, definition)
    assert terms.find("drift number", list(terms.places(document))) is definition
    assert terms.find("regret", list(terms.places(document))) is None


def test_every_page_that_the_index_names_exists():
    stems = {name.rpartition("/")[2] for name in tasks.chapters()}
    assert set(terms.read(digest.ROOT)) <= stems


def test_a_page_before_the_first_part_is_a_chapter_without_a_number_and_no_part():
    page = addnodes.start_of_file("", nodes.section("", nodes.title("", "How to use")))
    part = nodes.section("", nodes.title("", "Before you begin"), nodes.compound("", page))
    arrangement.follow_preface([page])
    assert [title.astext() for title in part.findall(nodes.title)] == ["How to use"]
    assert [node.astext() for node in page.findall(nodes.raw)] == [
        "\\setcounter{secnumdepth}{-1}\n",
        "\\setcounter{secnumdepth}{2}\n",
    ]


def test_an_unknown_paper_gets_the_list_of_those_there_are(monkeypatch):
    monkeypatch.setattr(latex, "missing_tex", lambda: None)
    with pytest.raises(tasks.Refusal, match="PAPER is one of: a4, letter"):
        tasks.pdf(paper="a5")
