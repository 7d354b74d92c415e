"""What is asked of each page of the site, on one load for a screen and on one for a phone.

On every page: loading, formulas, pictures, explorers, weight, width, and axe on a light screen.
What a dark dress or another width alone can alter is asked of one page of each kind, and of all at
night.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from conftest import SETTLED, absent, watched_page
from test_explorers_live import SHIFTS
from tries import NIGHT

from book_build import digest, tasks

pytestmark = pytest.mark.site

FRONT = yaml.safe_load((digest.ROOT / "_toc.yml").read_text("utf-8"))["root"]
PAGES = [FRONT, *tasks.chapters()]
CHAPTERS = [page for page in tasks.chapters() if not page.startswith("chapters/back/")]
KINDS = ["index", "theorem-1", "three-losses", "large-output-spaces", "audit", "certificates"]
OF_EACH_KIND = [page for page in PAGES if NIGHT or Path(page).name in KINDS]
FIRST_VIEW = 700_000  # bytes, compressed
LEAST = 0.75  # of its drawn size: letters of 10 points = 40/3 pixels then have 10
SCROLLS = "chapters/failure/theorem-3"  # has a formula that is too wide for a phone

# What scrolls is a stop of the keyboard: marked once the letters have come.
FORMULAS_IN_REACH = """[...document.querySelectorAll("div.math mjx-container")].every(
  (formula) => (formula.scrollWidth > formula.clientWidth + 1) === (formula.tabIndex === 0))"""
LISTINGS_IN_REACH = """[...document.querySelectorAll(".highlight pre")].every(
  (listing) => listing.scrollWidth <= listing.clientWidth + 1 || listing.tabIndex === 0)"""

# What axe would spend its time on. MathJax answers for the inside of a formula: a word of its size
# stands in for it. Of the tokens in listings and signatures the first of each class is kept, as
# colour and ground are those of the class. Of the entries made from docstrings, all alike, a build
# looks at the first forty.
WITHOUT_REPETITIONS = """(entries) => {
  const formulas = [...document.querySelectorAll("mjx-container")];
  const boxes = formulas.map((formula) => formula.getBoundingClientRect());
  formulas.forEach((formula, k) => {
    const { width, height } = boxes[k];
    formula.replaceChildren("formula");
    formula.style.cssText += `;display: inline-block; overflow: hidden; min-width: 0;
      width: ${width}px; height: ${height}px`;
  });
  const seen = new Set();
  for (const token of document.querySelectorAll(".highlight span, dt.sig span")) {
    if (!token.isConnected) continue; // it stood in another one
    const kind = `${token.className} in ${token.closest(".highlight, dt").parentElement.className}`;
    if (seen.has(kind) && !token.querySelector("a")) token.replaceWith(token.textContent);
    else seen.add(kind);
  }
  for (const entry of [...document.querySelectorAll("dl.py")].slice(entries)) entry.remove();
  document.body.normalize();
}"""
ENTRIES = 10_000 if NIGHT else 40
BY_DRESS, BY_WIDTH = ["color-contrast"], ["scrollable-region-focusable", "target-size"]
AXE = """async (rules) => {
  const asked = rules.length ? { runOnly: rules } : {};
  const options = { ...asked, resultTypes: ["violations"], iframes: false, preload: false };
  const found = await axe.run({ exclude: [["mjx-container"]] }, options);
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html}`));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        absent("axe-playwright-python is not installed: run `make environment`")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


class Opened(NamedTuple):
    """A page of the site, its name, the answers that it has had, and how far its layout moved."""

    name: str
    page: object
    answers: list
    shifts: float


def opened(name, site_url, browser, width, height):
    """Open a page of the site and wait until it rests."""
    with watched_page(browser, width, height) as page:
        answers = []
        page.on("response", lambda answer: answers.append(answer))
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(f"{site_url}{name}.html", wait_until="networkidle")
        page.wait_for_function(SETTLED)
        yield Opened(name, page, answers, page.evaluate(SHIFTS))


@pytest.fixture(scope="module", params=PAGES)
def screen(request, site_url, browser):
    """Each page, on a screen."""
    yield from opened(request.param, site_url, browser, 1280, 900)


@pytest.fixture(scope="module", params=PAGES)
def phone(request, site_url, browser):
    """Each page, on a phone."""
    yield from opened(request.param, site_url, browser, 390, 844)


def dress(page, scheme):
    """Turn a page light or dark."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour between two
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")


def test_a_page_that_asks_another_host_is_noticed(browser):
    asks = watched_page(browser)
    complaint = pytest.raises(AssertionError, match="to another host: https://example.com/a")
    with complaint, asks as page, page.expect_event("requestfailed"):
        page.set_content("<img alt='none' src='https://example.com/a.png'>")


def test_page_loads_without_a_complaint_and_renders_its_mathematics(screen):
    page = screen.page
    assert page.problems == []
    assert page.locator("article h1").count() == 1
    formulas = page.locator(".math").count()
    assert page.locator(".math mjx-container").count() >= formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_every_explorer_of_a_page_starts(screen, site_folder):
    page = screen.page
    source = (site_folder / f"{screen.name}.html").read_text("utf-8")
    assert page.locator(".explorer .aab").count() == source.count('class="explorer"')
    assert page.locator(".explorer [role=alert]:not(:empty)").count() == 0


def test_nothing_moves_while_formulas_and_explorers_come(screen):
    assert screen.shifts < 0.05


def test_every_picture_has_a_text_and_every_figure_of_a_chapter_a_number(screen):
    page = screen.page
    texts = page.locator("article img").evaluate_all(
        "images => images.map(e => (e.getAttribute('alt') ?? '').trim())"
    )
    # Sphinx puts the file's name where a text is missing.
    assert all(text and not text.startswith(("../", "_images", "/")) for text in texts)
    # "Fig. 3.1" in a chapter, "Fig. D.1" in an appendix; the landing page is in neither.
    number = r"(?!Fig\.)" if screen.name == FRONT else r"Fig\. (?:\d+|[A-Z])\.\d"
    for caption in page.locator("article figcaption").all():
        assert re.match(number, caption.inner_text())
    assert page.locator("article figure").count() == page.locator("article figcaption").count()


def test_the_first_view_of_a_chapter_is_light(screen):
    answers = {answer.url: answer for answer in screen.answers}
    assert not [url for url in answers if "fontawesome" in url]
    if screen.name in CHAPTERS:
        weights = {url: len(gzip.compress(answer.body())) for url, answer in answers.items()}
        assert sum(weights.values()) < FIRST_VIEW, weights


def test_axe_has_no_serious_finding(screen, axe):
    page = screen.page
    page.evaluate(WITHOUT_REPETITIONS, ENTRIES)
    page.evaluate(axe)
    found = page.evaluate(AXE, [])
    if screen.name in OF_EACH_KIND:
        dress(page, "dark")
        found += page.evaluate(AXE, BY_DRESS)
    assert not found, "\n".join(found)


FAULTY = """<!doctype html><html lang="en"><title>Faulty</title><main><h1>A page</h1>
<p><a href="#"><mjx-container><b>x</b></mjx-container></a> <img src="data:,"></p>
<div class="highlight"><pre style="background: #fff"><span class="k" style="color: #eee">if</span>
<span class="k" style="color: #eee">for</span></pre></div></main></html>"""


def test_axe_finds_what_is_wrong_once(browser_page, axe):
    page = browser_page
    page.set_content(FAULTY)
    page.evaluate(WITHOUT_REPETITIONS, ENTRIES)
    page.evaluate(axe)
    found = sorted(entry.partition(":")[0] for entry in page.evaluate(AXE, []))
    assert found == ["color-contrast", "image-alt"]


def test_page_fits_a_phone_in_light_and_in_dark(phone):
    for scheme in ("dark", "light"):
        dress(phone.page, scheme)
        width = phone.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"the page is {width} px wide"


def test_nothing_moves_on_a_phone_while_formulas_and_explorers_come(phone):
    assert phone.shifts < 0.05


def test_on_a_phone_figures_stand_upright(phone):
    page = phone.page
    assert page.locator("img.narrow").count() == page.locator("img.wide").count()
    assert page.locator("img.wide >> visible=true").count() == 0
    scales = page.locator("img.narrow").evaluate_all(
        "images => images.map(e => e.getBoundingClientRect().width / e.getAttribute('width'))"
    )
    assert all(scale >= LEAST for scale in scales), scales


def test_what_scrolls_on_a_phone_is_in_reach(phone):
    page = phone.page
    page.wait_for_function(FORMULAS_IN_REACH, timeout=10_000)
    page.wait_for_function(LISTINGS_IN_REACH, timeout=10_000)
    if phone.name == SCROLLS:
        assert page.locator("div.math mjx-container[tabindex='0']").count() > 0


def test_axe_has_no_serious_finding_that_only_a_phone_shows(phone, axe):
    if phone.name not in OF_EACH_KIND:
        return
    page = phone.page
    page.evaluate(WITHOUT_REPETITIONS, ENTRIES)
    page.evaluate(axe)
    found = page.evaluate(AXE, BY_WIDTH)
    assert not found, "\n".join(found)
