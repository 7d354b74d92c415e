"""Checks, code and setup stand back on the pages of the site, and stay in reach of everybody."""

from __future__ import annotations

import re

import jupytext
import pytest

from book_build import cells, digest, tasks

GAMMA = "chapters/failure/gamma"
BIBLIOGRAPHY = "chapters/back/bibliography"
FOLD = "details.apparatus"
SWITCH = ".apparatus-switch"


CHAPTERS = [page for page in tasks.chapters() if "/back/" not in page]


@pytest.mark.parametrize("name", CHAPTERS)
def test_before_the_first_picture_of_a_chapter_stand_setup_and_parameters_alone(name):
    notebook = jupytext.read(digest.ROOT / f"{name}.md")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    first = next(k for k, cell in enumerate(code) if "image" in cell.metadata.get("mystnb", {}))
    for cell in code[:first]:
        assert cells.imports(cell.source) or cells.assigns(cell.source), cell.source


# --- what a cell is for ---
@pytest.mark.parametrize(
    "source",
    [
        "assert a == 1",
        "# Why.\nb = f(a)\nassert b > 0",
        "for k in range(3):\n    assert a[k] > 0",
        "def twice(x):\n    return 2 * x\n\n\nassert twice(1) == 2",
    ],
)
def test_a_cell_of_assertions_and_their_helpers_is_a_check(source):
    assert cells.asserts(source)


@pytest.mark.parametrize(
    "source",
    ["", "b = f(a)", "print(a)\nassert a", "import numpy\nassert a", "assert (", "a\nassert a"],
)
def test_a_cell_with_anything_else_is_none(source):
    assert not cells.asserts(source)


def test_a_check_that_later_cells_build_upon_is_known():
    bound = cells.names("result = f(a)\nassert result").bound
    assert bound == {"result"}
    assert cells.needed(bound, [cells.names("print(a)"), cells.names("print(result)")])
    assert not cells.needed(bound, [cells.names("print(a)")])
    # Bound anew before it is taken:
    assert not cells.needed(bound, map(cells.names, ("result = g()", "print(result)")))


def test_a_cell_that_only_shows_a_step_is_told_from_one_that_computes():
    assert cells.shows("step = theorem.big_step()\nstep")
    assert cells.shows("theorem.big_step()") and cells.shows('Math(r"x" + latex(y))')
    for other in ("step = theorem.big_step()", "a = 1\na", "x + y", "", "for k in a:\n    k"):
        assert not cells.shows(other)


def test_setup_and_parameters_are_known():
    assert cells.imports("import numpy as np\nnp.ones(3)") and not cells.imports("a = 1")
    assert cells.assigns("a = 1  # of what\nb: int = 2")
    assert not cells.assigns("") and not cells.assigns("a = 1\nprint(a)")


# --- on the site ---
@pytest.fixture
def gamma(site_url, browser_page):
    """The chapter on Gamma, open in a browser."""
    browser_page.goto(f"{site_url}{GAMMA}.html", wait_until="load")
    browser_page.locator(SWITCH).wait_for()
    return browser_page


def page_texts(site_folder):
    """The chapters of the site, as HTML."""
    return {
        path.name: path.read_text("utf-8") for path in (site_folder / "chapters").rglob("*.html")
    }


@pytest.mark.site
def test_no_page_has_a_bar_over_its_code(site_folder):
    texts = page_texts(site_folder)
    folds = sum(text.count('<details class="apparatus') for text in texts.values())
    assert folds > 300
    for name, text in texts.items():
        assert "Show code cell" not in text and 'class="admonition hide' not in text, name
        assert "dropdown admonition" not in text, name  # a solution that needs a script


@pytest.mark.site
def test_no_cell_of_assertions_and_no_call_for_a_step_stands_in_the_text(site_folder):
    for name, text in page_texts(site_folder).items():
        article = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
        code = re.findall(r"cell_input docutils.*?<pre>(.*?)</pre>", article, re.DOTALL)
        shown = [re.sub(r"<.*?>", "", source).strip() for source in code]
        assert not [s for s in shown if re.fullmatch(r"(?:(?:#|assert\b).*(?:\n|$))+", s)], name
        assert not [s for s in shown if re.fullmatch(r"(\w+) = theorem[\w.]*\(\)\n\1", s)], name


@pytest.mark.site
def test_a_tick_opens_its_checks_by_mouse_and_by_keyboard(gamma):
    tick = gamma.locator(f"{FOLD}-check > summary, .apparatus-check > summary").first
    code = tick.locator("xpath=..").locator("pre").first
    assert not code.is_visible()
    tick.click()
    assert code.is_visible() and "assert" in code.inner_text()
    tick.click()
    assert not code.is_visible()
    tick.focus()
    gamma.keyboard.press("Enter")
    assert code.is_visible()
    assert tick.inner_text().strip().endswith("Checked")


@pytest.mark.site
@pytest.mark.parametrize("width", [1280, 800, 768, 390])
def test_marks_stand_beside_the_text_on_the_page_and_are_large_enough(width, gamma):
    gamma.set_viewport_size({"width": width, "height": 900})
    boxes = [mark.bounding_box() for mark in gamma.locator(f"article {FOLD} > summary").all()]
    boxes = [box for box in boxes if box]  # a folded solution holds some
    assert len(boxes) > 10
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    tops = sorted(box["y"] for box in boxes)
    assert all(later - top >= 24 for top, later in zip(tops, tops[1:], strict=False))


@pytest.mark.site
def test_the_switch_shows_everything_and_is_remembered(gamma, site_url):
    opened = f"{FOLD}[open]"
    switch, folds = gamma.locator(SWITCH), gamma.locator(FOLD).count()
    assert switch.get_attribute("aria-pressed") == "false" and gamma.locator(opened).count() == 0
    switch.focus()
    gamma.keyboard.press("Enter")
    assert switch.get_attribute("aria-pressed") == "true"
    assert gamma.locator(opened).count() == folds
    gamma.goto(f"{site_url}chapters/failure/theorem-1.html", wait_until="load")
    gamma.locator(f"{SWITCH}[aria-pressed=true]").wait_for()
    assert gamma.locator(opened).count() == gamma.locator(FOLD).count() > 20
    gamma.locator(SWITCH).click()
    gamma.reload(wait_until="load")
    gamma.locator(f"{SWITCH}[aria-pressed=false]").wait_for()
    assert gamma.locator(opened).count() == 0


@pytest.mark.site
def test_the_switch_leaves_the_reader_where_he_is(gamma):
    paragraph = gamma.locator("article h2 + p").nth(3)
    paragraph.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    top = "e => e.getBoundingClientRect().top"
    paragraph.evaluate(f"e => scrollBy({{ top: ({top})(e) - 310, behavior: 'instant' }})")
    before = paragraph.evaluate(top)
    for _ in range(2):
        gamma.locator(SWITCH).evaluate("e => e.click()")
        assert abs(paragraph.evaluate(top) - before) < 2


@pytest.mark.site
def test_without_javascript_every_fold_opens(site_url, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}{GAMMA}.html")
    assert page.locator(SWITCH).count() == 0
    for kind in (".apparatus-check", ".apparatus-parameters", ".solution"):
        fold = page.locator(f"details{kind}").first
        inside = fold.locator("pre, p").first
        assert not inside.is_visible()
        fold.locator("summary").first.click()
        assert inside.is_visible()
    context.close()


@pytest.mark.site
def test_the_switch_works_from_a_file(site_folder, browser_page):
    page = browser_page
    page.goto((site_folder / f"{GAMMA}.html").as_uri(), wait_until="load")
    page.locator(SWITCH).click()
    assert page.locator(f"{FOLD}[open]").count() == page.locator(FOLD).count()
    page.problems[:] = [p for p in page.problems if "webfonts" not in p and "ERR_FAILED" not in p]


# --- steps ---
@pytest.mark.site
def test_a_reason_stands_beside_its_line_and_below_it_on_a_phone(gamma):
    step = gamma.locator(".proof-step").first
    gamma.wait_for_function("document.querySelectorAll('.proof-step mjx-container').length > 20")
    lines = step.locator("li")
    assert lines.count() == 2
    assert step.locator("xpath=preceding-sibling::p").inner_text().startswith("Suppose")
    for width, beside in ((1280, True), (390, False)):
        gamma.set_viewport_size({"width": width, "height": 900})
        for line in lines.all():
            formula, reason = (part.bounding_box() for part in line.locator("p").all())
            assert (reason["x"] >= formula["x"] + formula["width"]) is beside
            assert (reason["y"] >= formula["y"] + formula["height"] - 1) is not beside


# --- cards ---
CARD = ".preview-card"


@pytest.mark.site
def test_a_card_shows_the_equation_and_goes_away_on_escape(gamma):
    link = gamma.locator("article a.reference.internal[href='#equation-eq-abel']").first
    gamma.wait_for_function("document.querySelector('#equation-eq-abel mjx-container')")
    link.hover()
    gamma.locator(f"{CARD} mjx-container").wait_for()
    assert link.get_attribute("aria-describedby") == gamma.locator(CARD).get_attribute("id")
    assert gamma.locator(CARD).get_attribute("role") == "tooltip"
    assert gamma.locator("#equation-eq-abel").count() == 1  # the copy has no name
    gamma.keyboard.press("Escape")
    assert gamma.locator(CARD).count() == 0


@pytest.mark.site
def test_a_card_comes_by_keyboard_from_another_page_and_fits_the_screen(gamma):
    link = gamma.locator("article a[href*='bibliography.html#']").first
    gamma.keyboard.press("Tab")  # so that focus counts as the keyboard's
    link.focus()
    card = gamma.locator(CARD)
    card.wait_for()
    assert "Reddi" in card.inner_text() and "2018" in card.inner_text()
    assert card.locator("a, button, [tabindex], [id]").count() == 0
    gamma.wait_for_function(  # the page scrolls to the link, and the card goes along
        "(name) => document.querySelector(name).getBoundingClientRect().bottom <= innerHeight",
        arg=CARD,
    )
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1280
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900
    gamma.keyboard.press("Tab")
    assert card.count() == 0


@pytest.mark.site
def test_a_theorem_of_another_page_comes_with_its_formulas(site_url, browser_page):
    page = browser_page
    page.goto(f"{site_url}chapters/failure/theorem-1.html", wait_until="load")
    page.wait_for_function(
        "window.MathJax?.typesetPromise && document.querySelector('mjx-container')"
    )
    page.locator("article a.reference.internal[href$='#theorem-drift']").first.hover()
    page.locator(f"{CARD} mjx-container").first.wait_for()
    assert "Theorem" in page.locator(CARD).inner_text()


@pytest.mark.site
def test_a_touch_opens_no_card_and_follows_the_link(site_url, browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{site_url}{GAMMA}.html", wait_until="load")
    page.locator("article a.reference.internal[href='#equation-eq-abel']").first.tap()
    page.wait_for_timeout(400)
    assert page.url.endswith("#equation-eq-abel") and page.locator(CARD).count() == 0
    context.close()


@pytest.mark.site
def test_from_a_file_a_link_to_another_page_has_no_card_and_no_error(site_folder, browser_page):
    page = browser_page
    page.goto((site_folder / f"{GAMMA}.html").as_uri(), wait_until="load")
    page.problems.clear()  # fonts that a file may not preload
    page.locator("article a[href*='bibliography.html#']").first.hover()
    page.wait_for_timeout(500)
    assert page.locator(CARD).count() == 0 and page.problems == []
