"""The explorers of the later chapters on the built site: keyboard, names, phone, both grounds."""

from __future__ import annotations

import pytest
from test_explorers_browser import CONTRASTS

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
    page.goto(f"{site_url}{name}.html", wait_until="load")
    explorer = page.locator(f".aab:has([data-chart={chart}])")
    explorer.locator("path[data-series]").first.wait_for(state="attached")
    return explorer


def pictures(explorer) -> str:
    """The inside of an explorer's charts."""
    return explorer.evaluate("r => [...r.querySelectorAll('svg')].map(e => e.innerHTML).join()")


def rested(page, explorer) -> str:
    """The pictures once nothing has changed for a while: a map becomes finer by itself."""
    before, now = "", pictures(explorer)
    while now != before:
        page.wait_for_timeout(250)
        before, now = now, pictures(explorer)
    return now


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
        assert rested(page, explorer) != start
        explorer.locator(".aab-reset").focus()
        page.keyboard.press("Enter")
        assert rested(page, explorer) == start


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
    assert [entry for entry in found if entry[2] < (4.5 if entry[0] == "text" else 3)] == []
