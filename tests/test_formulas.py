"""The places that are kept for formulas: near to what MathJax makes of them."""

from __future__ import annotations

import re

import pytest

from book_build import formulas

# Widths and heights in ems that MathJax's own CHTML had in Chromium.
SET = [
    (r"\beta_1", 1.00, 1.0),
    (r"S = \sum_{j=0}^{C-1} \gamma^j", 5.69, 1.5),
    (r"m_t e_t + (g_t - m_t) e_t", 8.02, 1.1),
    (r"-m_{n+j} / \sqrt{v_{n+j}}", 6.19, 1.22),
    (r"\frac12 + \frac1{\sqrt6} \approx 0.9082", 7.52, 1.56),
    (r"\frac{3 K S}{2} + b < \frac{C}{3}", 5.83, 1.35),
    (r"\displaystyle {}\le \frac{1}{\left(1 - \lambda\right)^{2}}", 4.79, 2.6),
]
DISPLAYED = [
    (r"\begin{split}\begin{aligned} a &\le b \\ c &= d \end{aligned}\end{split}", 4.6),
    (r"D = -\sum_{i=1}^{P} \frac{\bar m_i}{\sqrt{\bar V_i}},", 5.7),
    (r"y_{N+1} \ge \min\Big( u, \; y_1 + \sum_{j=1}^N \delta_j \Big).", 5.2),
]


@pytest.mark.parametrize(("tex", "width", "height"), SET)
def test_a_formula_in_the_text_takes_what_mathjax_gives_it(tex, width, height):
    size = formulas.inline(tex)
    assert abs(size.width - width) < 0.15 * width + 0.2
    assert abs(max(size.above + size.below, 1) - height) < 0.4


@pytest.mark.parametrize(("tex", "height"), DISPLAYED)
def test_a_display_takes_the_height_that_mathjax_gives_it(tex, height):
    assert abs(formulas.display(tex) - height) < 0.75


def test_what_mathtext_does_not_know_counts_as_a_letter_and_does_not_stop_the_build():
    known, unknown = (formulas.inline(tex).width for tex in ("a + x", r"a + \nosuchsign"))
    assert abs(known - unknown) < 0.3
    assert formulas.inline(r"\frac{").width >= 0
    assert formulas.display("") == formulas.MARGIN


def test_a_page_keeps_its_text_and_gains_the_places_alone():
    page = (
        '<p>With <span class="math notranslate nohighlight">\\(a &lt; b\\)</span>:</p>'
        '<div class="math notranslate nohighlight" id="equation-a">\n'
        '<span class="eqno">(1.1)<a href="#a">#</a></span>\\[\\frac{a}{b}\\]</div>'
    )
    kept = formulas.keep(page)
    assert re.sub(r' style="[^"]*"', "", kept) == page
    assert kept.count("--width: ") == kept.count("--height: ") == 1


@pytest.mark.site
def test_each_formula_of_a_chapter_has_its_place_and_none_is_hidden_without_a_script(site_folder):
    page = (site_folder / "chapters/failure/theorem-1.html").read_text("utf-8")
    assert page.count('class="math notranslate') == len(re.findall(r'<\w+ style="--[wh]', page))
    assert "formulas-coming" in page.partition("</head>")[0]
    assert 'class="formulas-coming' not in page
    plain = (site_folder / "search.html").read_text("utf-8")
    assert "formulas-coming" not in plain


@pytest.mark.site
def test_formulas_are_shown_as_they_are_where_mathjax_is_missing(site_url, browser):
    page = browser.new_page()
    page.route("**/mathjax/**", lambda route: route.abort())
    page.goto(f"{site_url}chapters/back/notation.html", wait_until="load")
    page.wait_for_function("!document.documentElement.classList.contains('formulas-coming')")
    assert "\\(" in page.locator("span.math").first.inner_text()
    page.close()
