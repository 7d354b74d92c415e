"""The explorers of the later chapters on the built site: keyboard, names, phone, both grounds."""

from __future__ import annotations

import pytest
import yaml
from test_explorers_browser import CONTRASTS, OPEN
from test_explorers_live import SHIFTS

from book_build import digest, tasks

CHAPTERS = [
    yaml.safe_load((digest.ROOT / "_toc.yml").read_text("utf-8"))["root"],
    *tasks.chapters(),
]
# The explorers stand, and the formulas are set.
SETTLED = """!document.querySelector('.explorer[aria-busy], .formulas-coming') &&
  [...document.querySelectorAll('.math')].every((e) => e.querySelector('mjx-container'))"""

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
    page.evaluate(OPEN)
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


@pytest.mark.site
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_keep_the_place_of_their_explorers_and_formulas(
    width, site_folder, site_url, browser_page
):
    page = browser_page
    page.set_viewport_size({"width": width, "height": 844})
    shifts, misses, seen = {}, {}, 0
    for name in CHAPTERS:
        if 'class="explorer"' not in (site_folder / f"{name}.html").read_text("utf-8"):
            continue
        seen += 1
        page.goto(f"{site_url}{name}.html", wait_until="networkidle")
        page.wait_for_function(SETTLED)
        shifts[name] = page.evaluate(SHIFTS)
        # The first heading after an explorer, as a reader comes to it from another page.
        heading = page.evaluate(
            """() => {
              const last = [...document.querySelectorAll(".explorer")].at(-1);
              const headings = [...document.querySelectorAll("article section[id]")];
              const after = Node.DOCUMENT_POSITION_FOLLOWING;
              return headings.find((e) => last.compareDocumentPosition(e) & after)?.id;
            }"""
        )
        page.goto("about:blank")
        page.goto(f"{site_url}{name}.html#{heading}", wait_until="networkidle")
        page.wait_for_function(SETTLED)
        place = page.locator(f"[id='{heading}']")
        for _ in range(40):  # the loader goes there again while formulas still move the page
            misses[name] = place.bounding_box()["y"]
            if abs(misses[name]) < 100:
                break
            page.wait_for_timeout(250)
    assert seen > 8
    assert {name: sum_ for name, sum_ in shifts.items() if sum_ >= 0.05} == {}
    assert {name: top for name, top in misses.items() if abs(top) >= 100} == {}


@pytest.mark.site
def test_the_sentence_of_a_picture_stands_with_it(site_folder):
    text = (site_folder / f"{CHAPTERS[0]}.html").read_text("utf-8")
    assert 'id="explorer-walk" style="--narrow: ' in text
    assert "<p>Adam walks uphill. Adam after 1010000 steps: x = " in text
    assert 'loading="lazy"' in text.partition('class="explorer-still"')[2][:600]
