"""What the theme costs and what it gives: weight, the phone, the keyboard, dark dress."""

from __future__ import annotations

import pytest

from book_build import icons, mathematics, pictures

site = pytest.mark.site


@site
def test_no_formula_is_a_tab_stop_and_screen_readers_keep_their_mathematics(site_url, browser_page):
    page = browser_page
    page.goto(f"{site_url}chapters/failure/theorem-1.html", wait_until="networkidle")
    page.wait_for_function("document.querySelectorAll('mjx-assistive-mml').length > 100")
    page.wait_for_timeout(500)  # marked afresh once the letters have come
    assert page.locator("mjx-container[tabindex='0'], .math[tabindex='0']").count() == 0


@site
def test_the_skip_link_leads_past_the_contents_and_the_focus_is_seen(site_url, browser_page):
    page = browser_page
    page.goto(f"{site_url}chapters/failure/regret.html", wait_until="networkidle")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main-content"
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        inside, width, style = page.evaluate(
            """() => {
              const { activeElement: now } = document;
              const { outlineWidth, outlineStyle, boxShadow } = getComputedStyle(now);
              const seen = boxShadow === "none" ? outlineStyle : "shadow";
              return [!!now.closest("main"), parseFloat(outlineWidth), seen];
            }"""
        )
        assert inside
        assert style == "shadow" or (style != "none" and width >= 2)


@site
def test_on_a_phone_the_number_of_an_equation_stands_on_a_line_of_its_own(site_url, browser_page):
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site_url}chapters/failure/theorem-1.html", wait_until="networkidle")
    page.wait_for_selector("div.math mjx-container")
    shared = page.locator("div.math:has(.eqno)").evaluate_all(
        """all => all.filter((e) => {
          const number = e.querySelector(".eqno").getBoundingClientRect();
          const formula = e.querySelector("mjx-container").getBoundingClientRect();
          return number.bottom > formula.top + 1;
        }).length"""
    )
    assert shared == 0


@site
def test_in_dark_dress_figures_have_the_ground_of_the_page(site_url, browser_page):
    page = browser_page
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site_url}chapters/failure/theorem-6.html", wait_until="networkidle")
    figure = page.locator("img.wide").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function("e => e.complete", arg=figure.element_handle())
    styles = figure.evaluate(
        "e => { const s = getComputedStyle(e); return [s.filter, s.mixBlendMode, s.padding]; }"
    )
    assert styles == ["invert(1) hue-rotate(180deg)", "screen", "0px"]


@site
def test_the_site_ships_what_its_pages_load(site_folder):
    static = site_folder / "_static"
    shipped = [path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()]
    assert not [path for path in shipped if path.endswith(".map")]
    fonts = [path for path in shipped if "fontawesome" in path]
    assert all(path.endswith("LICENSE.txt") for path in fonts) and fonts
    size = sum((static / path).stat().st_size for path in shipped if path.startswith("mathjax/"))
    assert size < 2_500_000
    assert (static / "icons.css").stat().st_size < 10_000


def test_a_picture_with_two_forms_is_taken_apart():
    narrow = "<svg><metadata>\n date </metadata><g/></svg>"
    carried = f'<metadata id="narrow"><![CDATA[{narrow}]]></metadata>'
    forms = pictures.take_apart(f"<svg><metadata>date</metadata><path/>{carried}</svg>")
    assert forms == {"wide": "<svg><path/></svg>", "narrow": "<svg><g/></svg>"}
    assert pictures.take_apart("<svg><metadata>date</metadata></svg>") == {}


def test_icons_are_found_by_their_names():
    sheet = r'.fa-a:before{content:"\f00d"}.fa-b:before,.fa-c-d:before{content:"\41"}'
    assert icons.named_letters(sheet) == {"fa-a": "\uf00d", "fa-b": "A", "fa-c-d": "A"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("startup.js", True),
        ("tex-chtml.js", False),
        ("output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff", True),
        ("input/tex/extensions/cancel.js", True),
        ("input/tex/extensions/all-packages.js", False),
        ("ui/menu.js", False),
    ],
)
def test_mathjax_is_shipped_by_its_parts(path, kept):
    assert mathematics.is_kept(path) == kept
