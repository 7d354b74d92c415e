"""The explorers of the later chapters on the built site: keyboard, names, phone, both grounds."""

from __future__ import annotations

import re

import pytest
import yaml
from conftest import SETTLED, without_formulas
from test_explorers_browser import CONTRASTS, OPEN, too_faint
from tries import NIGHT

from book_build import digest, tasks

CHAPTERS = [
    yaml.safe_load((digest.ROOT / "_toc.yml").read_text("utf-8"))["root"],
    *tasks.chapters(),
]
# Page, and a chart of the explorer on it.
EXPLORERS = [
    ("chapters/failure/theorem-2", "conditions"),
    ("chapters/boundary/rarity", "map"),
    ("chapters/boundary/rarity", "rarity"),
    ("chapters/images/logistic", "grid"),
]


def open_explorer(page, site_url: str, name: str, chart: str, width: int = 1280):
    """Open a page of the site; return the explorer with that chart once it has drawn."""
    page.set_viewport_size({"width": width, "height": 900})
    without_formulas(page)
    page.goto(f"{site_url}{name}.html", wait_until="load")
    explorer = page.locator(f".aab:has([data-chart={chart}])")
    explorer.locator("path[data-series]").first.wait_for(state="attached")
    page.evaluate(OPEN)
    return explorer


PICTURES = "r => [...r.querySelectorAll('svg')].map(e => e.innerHTML).join()"


def rested(page, explorer) -> str:
    """The pictures once nothing has changed for a while: a map becomes finer by itself."""
    before, now = "", explorer.evaluate(PICTURES)
    while now != before:
        page.wait_for_timeout(1000)
        before, now = now, explorer.evaluate(PICTURES)
    return now


def wait_for_pictures(page, explorer, start: str, same: bool) -> None:
    """Wait until the pictures are those of the start, or others."""
    page.wait_for_function(
        f"([root, start, same]) => (({PICTURES})(root) === start) === same",
        arg=[explorer.element_handle(), start, same],
    )


@pytest.mark.site
@pytest.mark.parametrize(("name", "chart"), EXPLORERS)
def test_every_control_works_by_keyboard_and_reset_restores(name, chart, site_url, browser_page):
    page = browser_page
    explorer = open_explorer(page, site_url, name, chart)
    start = rested(page, explorer)
    controls = explorer.locator(":is(input[type=range], select, .aab-map):not([disabled])").all()
    assert len(controls) >= 2
    for control in controls:
        control.focus()
        kind = control.evaluate("e => e.type ?? 'map'")
        page.keyboard.press("ArrowDown" if kind.startswith("select") else "ArrowLeft")
        wait_for_pictures(page, explorer, start, same=False)
        explorer.locator(".aab-reset").focus()
        page.keyboard.press("Enter")
        wait_for_pictures(page, explorer, start, same=True)


@pytest.mark.site
@pytest.mark.parametrize(("name", "chart"), EXPLORERS)
def test_everything_has_a_name(name, chart, site_url, browser_page):
    explorer = open_explorer(browser_page, site_url, name, chart)
    assert explorer.get_attribute("aria-label").startswith("Explorer of")
    for control in explorer.locator("input, select").all():
        assert control.evaluate("e => e.labels.length > 0 || !!e.ariaLabel")
    for picture in explorer.locator("svg[role=img], .aab-map").all():
        assert len(picture.get_attribute("aria-label")) > 30
    assert explorer.locator("[aria-live=polite]").inner_text().endswith(".")


@pytest.mark.site
@pytest.mark.parametrize(("name", "chart"), EXPLORERS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_on_both_grounds(name, chart, scheme, site_url, browser_page):
    page = browser_page
    page.emulate_media(color_scheme=scheme)
    explorer = open_explorer(page, site_url, name, chart, 390)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    right = explorer.evaluate(
        "r => Math.max(...[...r.querySelectorAll('svg, svg text, input, select, button, p')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 390
    found = explorer.evaluate(CONTRASTS)
    assert too_faint(found) == []


# One script leads all readers to their headings. In a build it is tried where the most formulas
# stand above and below the explorers, and every night on each page.
LED = ["chapters/index", "chapters/failure/theorem-1", "chapters/boundary/three-losses"]


@pytest.mark.site
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", CHAPTERS if NIGHT else LED)
def test_a_reader_who_comes_to_a_heading_below_an_explorer_finds_it(
    name, width, site_folder, site_url, browser_page
):
    source = (site_folder / f"{name}.html").read_text("utf-8")
    *above, below = source.split('class="explorer"')
    if not above:
        return
    heading = re.search(r'<section [^>]*id="([^"]+)"', below).group(1)
    page = browser_page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site_url}{name}.html#{heading}", wait_until="load")
    page.wait_for_function(SETTLED)
    # The loader goes there again while formulas still move the page.
    page.wait_for_function(
        "id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 100",
        arg=heading,
        timeout=10_000,
    )


@pytest.mark.site
def test_the_sentence_of_a_picture_stands_with_it(site_folder):
    text = (site_folder / f"{CHAPTERS[0]}.html").read_text("utf-8")
    assert 'id="explorer-walk" style="--narrow: ' in text
    assert "<p>Adam walks uphill. Adam after 1010000 steps: x = " in text
    assert 'loading="lazy"' in text.partition('class="explorer-still"')[2][:600]
