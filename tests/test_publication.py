"""What a published site needs: names, addresses, a card, notebooks, search by what readers type."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter

import nbformat
import pytest
from docutils import nodes
from PIL import Image

from book_build import digest, paper, publication, search, tasks

site = pytest.mark.site
ADDRESS = "https://example.org/book/"
PAGES = ["chapters/index", *tasks.chapters()]


# --- search ---
@pytest.mark.parametrize("written", ["β₂", "β2", r"\beta_2", r"\beta_{2}", "beta_2", "beta2"])
def test_every_way_of_writing_beta_2_is_one_word(written):
    assert search.BookEnglish({}).split(f"with {written} near 1")[1] == "beta2"


def test_an_ordinary_word_stays_as_it_is():
    assert search.fold("average_regret of Adam") == "average_regret of adam"


def test_the_browser_folds_words_as_the_index_does(node, tmp_path):
    import json
    import subprocess

    texts = ["β₂ = 0.99", r"\beta_{1t}", "beta_2", "x² and κ", "drift.number"]
    script = tmp_path / "split.js"
    asked = f"console.log(JSON.stringify({json.dumps(texts)}.map(splitQuery)))"
    script.write_text(search.splitter() + asked, "utf-8")
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=True)
    language = search.BookEnglish({})
    assert json.loads(done.stdout) == [language.split(text) for text in texts]


# --- descriptions and tags ---
def document(*paragraphs):
    """A page with these paragraphs; what stands between dollars is a formula."""
    tree, section = nodes.document(None, None), nodes.section()
    tree += section
    for text in paragraphs:
        paragraph = nodes.paragraph()
        for place, part in enumerate(text.split("$")):
            paragraph += nodes.math(part, part) if place % 2 else nodes.Text(part)
        section += paragraph
    return tree


def test_a_description_is_the_first_paragraph_in_plain_letters():
    page = document(r"Adam with $\beta_2 \ge 0$ fails.", "More.")
    assert publication.description(page) == "Adam with β₂ ≥ 0 fails."


def test_a_long_description_ends_with_a_sentence_or_a_word():
    first = "A sentence that is long enough to stand alone as the description of some page here. "
    assert publication.description(document(first + "word " * 40)) == first.strip()
    assert publication.description(document("word " * 80)).endswith("word …")


def test_the_head_has_a_card_and_its_texts_are_escaped():
    tags = publication.tags('A "title"', "About <it>", "The book", ADDRESS, "a/b.html")
    assert 'property="og:title" content="A &quot;title&quot;"' in tags
    assert 'name="description" content="About &lt;it&gt;"' in tags
    assert f'property="og:url" content="{ADDRESS}a/b.html"' in tags
    assert f'property="og:image" content="{ADDRESS}{publication.CARD}"' in tags


def test_without_an_address_nothing_pretends_to_have_one():
    tags = publication.tags("A title", "About", "The book", "", "a.html")
    assert "http" not in tags and "og:image" not in tags and "og:url" not in tags
    assert "<a " not in publication.missing_page("The book", "", "index.html", "<svg/>")


def test_the_page_for_what_is_missing_leads_back_and_leans_on_no_file():
    page = publication.missing_page("The book", ADDRESS, "index.html", '<svg fill="#fff"/>')
    assert f'href="{ADDRESS}index.html"' in page
    assert "<script" not in page and "src=" not in page and 'rel="stylesheet"' not in page


def test_the_sitemap_names_each_page_once():
    tree = ElementTree.fromstring(publication.sitemap(ADDRESS, ["a.html", "b&c.html"]))
    places = [element.text for element in tree.iter() if element.tag.endswith("loc")]
    assert places == [f"{ADDRESS}a.html", f"{ADDRESS}b&c.html"]


def test_the_paper_is_offered_only_where_it_is_that_of_the_present_sources(tmp_path, monkeypatch):
    paper = tmp_path / "book.pdf"
    monkeypatch.setattr(tasks, "PDF", paper)
    monkeypatch.setattr(digest, "read_stamp", lambda name: {"digest": "present"})
    monkeypatch.setattr(digest, "of_book", lambda: "present")
    assert not publication.has_paper()
    paper.touch()
    assert publication.has_paper()
    monkeypatch.setattr(digest, "of_book", lambda: "another")
    assert not publication.has_paper()


# --- the built site ---
@site
def test_each_page_has_a_description_of_its_own(site_folder):
    found = {}
    for page in PAGES:
        text = (site_folder / f"{page}.html").read_text("utf-8")
        assert text.count('<meta name="description"') == 1, page
        found[page] = text.split('<meta name="description" content="')[1].split('"')[0]
        assert "\\" not in found[page] and len(found[page]) > 20, page
    assert len(set(found.values())) == len(PAGES)


@site
def test_no_name_of_a_place_stands_twice_on_a_page(site_folder):
    twice = []
    for path in (site_folder / "chapters").rglob("*.html"):
        names = Counter(re.findall(r'\sid="([^"]+)"', path.read_text("utf-8")))
        twice += [(path.name, name) for name, count in names.items() if count > 1]
    assert twice == []


@site
def test_each_chapter_can_be_taken_along_as_a_notebook_and_as_text(site_folder):
    taken = 0
    for page in PAGES:
        source = digest.ROOT / f"{page}.md"
        html = (site_folder / f"{page}.html").read_text("utf-8")
        text = source.read_text("utf-8")
        assert (site_folder / "_sources" / f"{page}.md").read_text("utf-8") == text or (
            page in ("chapters/back/api", "chapters/back/catalogue", "chapters/back/reviewer")
        )
        if "{code-cell}" in text:
            notebook = nbformat.read(site_folder / "_sources" / f"{page}.ipynb", as_version=4)
            nbformat.validate(notebook)
            cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
            assert len(cells) == text.count("```{code-cell}"), page
            assert f"{page.rpartition('/')[2]}.ipynb" in html
            taken += 1
    assert taken > 20


@site
def test_the_card_is_small_and_has_the_size_that_is_asked_for(site_folder):
    path = site_folder / publication.CARD
    with Image.open(path) as card:
        assert card.size == publication.CARD_SIZE
    assert path.stat().st_size < 150_000
    assert (site_folder / "404.html").exists()


@site
def test_search_finds_beta_2_in_chapters_first_with_clean_words_below(site_url, browser_page):
    page = browser_page
    page.goto(f"{site_url}search.html?q=β2", wait_until="networkidle")
    page.wait_for_selector("#search-results li p.context")
    links = page.locator("#search-results li > a").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    assert len(links) > 10
    at_back = ["chapters/back/" in link for link in links]
    assert not at_back[0] and at_back == sorted(at_back)
    words = page.locator("#search-results li p.context").all_inner_texts()
    assert not [text for text in words if "\\(" in text or "\\beta" in text or "¶" in text]


@site
def test_the_list_of_chapters_shows_the_present_one(site_url, browser_page):
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{site_url}{tasks.chapters()[-1]}.html", wait_until="networkidle")
    inside = """() => {
      const here = document.querySelector(".bd-sidebar-primary li.current.active > a");
      const { top, bottom } = here.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight && scrollY === 0;
    }"""
    assert page.evaluate(inside)


# --- no raw markup ---
def test_infinity_is_a_sign_in_what_certificates_show():
    from adam_and_beyond.theorems import certificates

    shown = " ".join(one._repr_markdown_() for one in certificates.all_certificates())
    assert r"\infty" in shown and not re.search(r"(?<!\\)infty", shown)


def test_titles_of_the_bibliography_have_no_formulas():
    text = (digest.ROOT / "chapters" / "references.bib").read_text("utf-8")
    assert not re.search(r"^ *title *=.*(\$|``)", text, re.MULTILINE)


# --- the theme's own writer of pages ---
@pytest.mark.parametrize("name", ["html", "latex"])
def test_only_the_book_on_paper_has_a_translator_of_ours(name):
    from types import SimpleNamespace

    chosen = []
    builder = SimpleNamespace(name=name)
    app = SimpleNamespace(builder=builder, set_translator=lambda *pair: chosen.append(pair))
    paper.choose_translator(app)
    assert chosen == ([("latex", paper.PaperTranslator)] if name == "latex" else [])


@site
def test_the_list_of_chapters_gives_its_headings_a_level(site_folder):
    text = (site_folder / "chapters" / "index.html").read_text("utf-8")
    headings = re.findall(r'<p[^>]*role="heading"[^>]*>', text)
    assert headings and all("aria-level" in tag for tag in headings)
