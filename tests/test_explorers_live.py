"""Explorers on a page of the site: their place, their address, touch, keys, Python, other pages."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
from explorer_page import ADDRESS, ALL, open_page

from adam_and_beyond.explorers import (
    BoundaryExplorer,
    BoxesExplorer,
    ClipExplorer,
    CoinExplorer,
    ConditionsExplorer,
    FallsExplorer,
    Figure1Explorer,
    GameExplorer,
    GradientsExplorer,
    KeptExplorer,
    MaximumExplorer,
    MeanStepExplorer,
    MemoryExplorer,
    RaceExplorer,
    RarityExplorer,
    RescueExplorer,
    ScoreboardExplorer,
    StopsExplorer,
    Theorem1Explorer,
    ThreeLossesExplorer,
    WalkExplorer,
)

WIDTHS = (1280, 390)

# The layout's shifts that no reader has caused, summed.
SHIFTS = """new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


def said(page, name: str) -> str:
    """What an explorer says, in one line."""
    text = page.locator(f"#explorer-{name} .aab-verdict").inner_text()
    return " ".join(text.split()).replace("−", "-")


def values(page, name: str) -> dict[str, str]:
    """What stands in an explorer's fields."""
    return page.evaluate(
        "id => Object.fromEntries([...document.querySelectorAll(`#${id} .aab-number`)]"
        ".map(e => [e.name, e.value]))",
        f"explorer-{name}",
    )


def wait_for_address(page, end: str) -> None:
    page.wait_for_function("end => location.hash === end", arg=end)


def wait_for_value(page, name: str, field: str, value: str) -> None:
    page.wait_for_function(
        "([at, value]) => document.querySelector(at)?.value === value",
        arg=[f"#explorer-{name} .aab-number[name={field}]", value],
    )


# Their place


@pytest.fixture(params=WIDTHS)
def full_page(request, browser_page):
    """A page with one explorer of each kind, at the width of a screen or of a phone."""
    browser_page.emulate_media(reduced_motion="reduce")
    open_page(browser_page, *(make() for make in ALL.values()), width=request.param)
    return browser_page


def test_the_place_is_kept_and_nothing_shifts(full_page):
    page = full_page
    kept = page.evaluate(
        "[...document.querySelectorAll('.explorer')].map(e => [e.id,"
        " parseFloat(getComputedStyle(e).minHeight), e.querySelector('.aab').offsetHeight])"
    )
    assert len(kept) == len(ALL)
    # Another font may need a line more or less.
    assert [entry for entry in kept if not -30 < entry[1] - entry[2] < 45] == []
    assert page.evaluate(SHIFTS) < 0.05
    for k in (5, len(ALL) - 1):
        page.goto(f"{ADDRESS}#after-{k}")
        page.reload()
        page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
        top = page.locator(f"#after-{k}").evaluate("e => e.getBoundingClientRect().top")
        assert abs(top) < 100


def test_sliders_stay_where_they_are_whatever_is_said(full_page):
    page = full_page
    places = """() => [...document.querySelectorAll(".explorer")].map((e) =>
      [...e.querySelectorAll("input[type=range]")].map((slider) =>
        Math.round(slider.getBoundingClientRect().top - e.getBoundingClientRect().top)))"""
    before = page.evaluate(places)
    for name in ("walk", "coin", "theorem-1", "figure-1", "conditions", "boundary"):
        slider = page.locator(f"#explorer-{name} [data-control=beta2] input[type=range]")
        first = said(page, name)
        for share in (0, 0.35, 0.7, 0.95):
            slider.evaluate(
                "(e, share) => { e.value = Math.round(share * e.max);"
                " e.dispatchEvent(new Event('input')); }",
                share,
            )
            page.wait_for_timeout(40)
        page.wait_for_function(
            "([at, first]) => document.querySelector(at).innerText !== first",
            arg=[f"#explorer-{name} .aab-verdict", first],
        )
    assert page.evaluate(places) == before


@pytest.mark.parametrize("width", WIDTHS)
def test_where_the_script_is_missing_picture_and_sentence_stand(width, browser_page):
    page = browser_page
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, WalkExplorer(), width=width, without="explorers.js")
    assert page.locator(".explorer-still img").is_visible()
    assert page.locator(".explorer-still p", has_text="What it finds.").is_visible()
    assert page.locator(".aab").count() == 0
    page.problems.clear()  # the missing file


def test_where_a_module_fails_a_sentence_says_so_and_the_picture_stands(browser_page):
    page = browser_page
    live = WalkExplorer()
    live._esm = "export default { render() { throw new Error('on purpose'); } };"
    open_page(page, live)
    assert "could not be started" in page.locator(".explorer [role=alert]").inner_text()
    assert page.locator(".explorer-still img").is_visible()


# Their address


def test_a_state_goes_into_the_address_and_comes_back(browser_page):
    page = browser_page
    explorers = [WalkExplorer(), BoundaryExplorer(C=50), Figure1Explorer()]
    open_page(page, *explorers, width=390)
    entries = page.evaluate("history.length")
    at = "#explorer-boundary"
    field = page.locator(f"{at} .aab-number[name=beta2]")
    field.fill("0.9991")
    field.press("Enter")
    page.locator(f"{at} select[name=method]").select_option("nadam")
    page.locator(f"{at} summary").click()
    page.locator(f"{at} input[name=tied]").uncheck()
    end = f"{at}?beta2=0.9991&method=nadam&tied=false"
    page.wait_for_function("location.hash.includes('tied')")
    name, _, query = page.evaluate("location.hash").partition("?")
    assert name == at and set(query.split("&")) == {"beta2=0.9991", "method=nadam", "tied=false"}
    assert page.evaluate("history.length") == entries  # Back leads to the page before
    sentence = said(page, "boundary")
    page.goto("about:blank")
    page.goto(ADDRESS + end)
    page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
    assert said(page, "boundary") == sentence
    assert page.locator(f"{at} details").get_attribute("open") is not None
    assert abs(page.locator(at).evaluate("e => e.getBoundingClientRect().top")) < 100
    # Other explorers, and Reset.
    page.locator(f"{at} .aab-reset").click()
    wait_for_address(page, at)
    page.locator("#explorer-figure-1 input[value=sgd]").check()
    wait_for_address(page, "#explorer-figure-1?methods=sgd,adam,amsgrad")


def test_a_link_on_the_page_sets_the_explorer(browser_page):
    page = browser_page
    open_page(page, WalkExplorer())
    page.evaluate("location.hash = '#explorer-walk?beta2=0.9999'")
    wait_for_value(page, "walk", "beta2", "0.9999")
    page.evaluate("location.hash = '#later'")
    page.wait_for_timeout(350)
    assert page.evaluate("location.hash") == "#later"  # a heading's address stays
    assert values(page, "walk") == {"beta2": "0.9999"}


def test_data_that_occur_twice_come_back_from_an_address(browser_page):
    page = browser_page
    open_page(page, StopsExplorer())
    field = page.locator("#explorer-stops .aab-list")
    field.fill("5 1 1 2.5")
    field.press("Enter")
    wait_for_address(page, "#explorer-stops?data=5,1,1,2.5")
    sentence = said(page, "stops")
    for end, data in (("5,1,1,2.5", "5, 1, 1, 2.5"), ("3,99", "1, 1.3"), ("3", "1, 1.3")):
        page.goto("about:blank")
        page.goto(f"{ADDRESS}#explorer-stops?data={end}")
        page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
        assert field.input_value().startswith(data)
        assert (said(page, "stops") == sentence) == (end == "5,1,1,2.5")


@pytest.mark.parametrize(
    "end",
    [
        "?beta2=1",
        "?beta2=nan&beta1=",
        "?beta2=0x1&alpha=-1",
        "?method=nobody&log_t=maybe&steps=10.5",
        "?constructor=1&__proto__=2&toString=3&_esm=4&limits=5",
        "?%E0%A4%A&&&===&beta2",
        "?" + "9" * 5000,
    ],
)
def test_an_address_that_says_nonsense_changes_nothing(end, browser_page):
    page = browser_page
    open_page(page, Theorem1Explorer(), end=f"#explorer-theorem-1{end}")
    shown = values(page, "theorem-1")
    assert (shown["beta2"], shown["alpha"], shown["steps"]) == ("0.1", "0.85", "3,000")
    assert page.locator("#explorer-theorem-1 select[name=method]").input_value() == "adam"


def test_an_address_gives_a_grid_only_its_own_values(browser_page):
    page = browser_page
    end = "#explorer-grid?alpha=0.05&beta2=0.5&methods=adam,nadam&best=false&measure=test_loss"
    open_page(page, ALL["grid"](), end=end)
    assert said(page, "grid").startswith("After 5,000 steps, α = 0.05, test loss: ")
    assert page.locator("#explorer-grid select[name=beta2]").input_value() == "0.99"
    assert page.locator("#explorer-grid [name=methods]:checked").count() > 2


# Python


def numbers(text: str) -> list[float]:
    """The numbers of a text, without the commas between thousands."""
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    return [float(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", plain)]


# An explorer in a state that is not its first, and what of the printed lines it shows.
COPIED = {
    "walk": (lambda: WalkExplorer(beta2=0.9), ["uphill"], []),
    "falls": (lambda: FallsExplorer(beta2=0.995, C=31), [], [1]),
    "maximum": (lambda: MaximumExplorer(beta2=0.9), [], [0]),
    "race": (lambda: RaceExplorer(beta2=0.95), [], [1]),
    "coin": (lambda: CoinExplorer(p=0.05, beta2=0.9, seed=3), ["up"], [2]),
    "theorem-1": (lambda: Theorem1Explorer(C=5.0, beta2=0.4, steps=500), [], [0, 1]),
    "figure-1": (lambda: Figure1Explorer(beta2=0.9, methods=["adam"], steps=50_000), [], [0, 1]),
    "boundary": (lambda: BoundaryExplorer(C=30, P=20, method="nadam"), [], [0, 1, 2]),
    "rarity": (lambda: RarityExplorer(beta1=0.8, beta2=0.999), [], [0, 1]),
    "conditions": (lambda: ConditionsExplorer(beta1=0.5, beta2=0.9), [], [0, 1]),
    "curves": (ALL["curves"], [], [3, 4, 5, 6]),
    "grid": (ALL["grid"], [], [-1]),
    "clip": (lambda: ClipExplorer(beta2=0.97, x1=0.5), [], [0, 1, 2]),
    "game": (lambda: GameExplorer(x=0.5), [], [0, 1, 2]),
    "memory": (lambda: MemoryExplorer(beta2=0.99), [], [0, 1]),
    "gradients": (lambda: GradientsExplorer(beta2=0.95, g5=0.5), ["best"], []),
    "boxes": (lambda: BoxesExplorer(C=6), [], [0, 1]),
    "mean-step": (lambda: MeanStepExplorer(C=20, beta2=0.95, seed=4), [], [1, 2]),
    "kept": (lambda: KeptExplorer(classes=500, batch=8, rank=300), [], [-1, -2, -3, -4]),
    "stops": (lambda: StopsExplorer(data=[1, 1, 2, 8], order="reshuffled"), [], [0, 1]),
    "rescue": (lambda: RescueExplorer(epsilon=100.0), ["uphill"], [0]),
    "scoreboard": (lambda: ScoreboardExplorer(optimizer="sgd", C=3), ["down"], [0]),
    "three-losses": (lambda: ThreeLossesExplorer(P=5, excess=0.1), ["best"], [0, 1]),
}


def copied_lines(page, name: str) -> str:
    """What "Copy as Python" of an explorer copies."""
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    page.locator(f"#explorer-{name} button", has_text="Copy as Python").click()
    page.locator(f"#explorer-{name} button", has_text="Copied").wait_for()
    return page.evaluate("window.copied")


def test_every_explorer_has_lines_of_python():
    assert set(COPIED) == set(ALL)


@pytest.mark.parametrize("name", COPIED)
def test_copied_python_prints_what_the_explorer_says(name, browser_page):
    page = browser_page
    page.emulate_media(reduced_motion="reduce")
    make, words, places = COPIED[name]
    open_page(page, make())
    lines, told = copied_lines(page, name), said(page, name)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(lines, "copied", "exec"), {})
    found = numbers(printed.getvalue())
    for word in words:
        assert word in printed.getvalue() and word in told
    shown = numbers(told)
    for place in places:
        close = [n for n in shown if n == pytest.approx(found[place], rel=6e-3, abs=6e-4)]
        assert close, (place, printed.getvalue(), told)


def test_where_a_page_may_not_copy_the_lines_are_shown(browser_page):
    page = browser_page
    open_page(page, WalkExplorer())
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.locator("button", has_text="Copy as Python").click()
    shown = page.locator(".explorer textarea")
    assert "beta2=0.99)" in shown.input_value()
    assert shown.evaluate("e => [e.selectionStart, e.selectionEnd === e.value.length]") == [0, True]


# Other pages


def test_a_pair_is_carried_only_on_request_and_says_so(browser_page):
    page = browser_page
    open_page(page, BoundaryExplorer(C=50, beta1=0.8, beta2=0.995))
    page.reload()
    page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
    assert page.locator(".explorer-note").count() == 0  # nothing without being asked
    page.locator("button", has_text="on other pages").click()
    page.locator("button", has_text="Other pages take β₁ = 0.8, β₂ = 0.995").wait_for()
    page.unroute_all()
    open_page(page, Theorem1Explorer(), WalkExplorer(), end="?other")
    notes = page.locator(".explorer-note").all_inner_texts()
    assert notes[0].startswith("β₁ = 0.8, β₂ = 0.995: carried from “A page”.")
    assert notes[1].startswith("β₂ = 0.995: carried")
    assert values(page, "theorem-1")["beta1"] == "0.8"
    page.locator("#explorer-theorem-1 .explorer-note button").click()
    wait_for_value(page, "theorem-1", "beta2", "0.1")
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("localStorage.setItem('adam-and-beyond-betas', '{\"values\": 7}')")
    page.reload()
    page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
    assert page.locator(".explorer-note").count() == 0
    assert values(page, "theorem-1")["beta2"] == "0.1"


def test_an_address_goes_before_a_carried_pair(browser_page):
    page = browser_page
    open_page(page, WalkExplorer(beta2=0.9))
    page.locator("button", has_text="on other pages").click()
    page.unroute_all()
    open_page(page, WalkExplorer(), end="?other#explorer-walk?beta2=0.999")
    assert values(page, "walk") == {"beta2": "0.999"}


# A finger


TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def phone(browser):
    """A phone's page, and a function that draws a finger over it."""
    context = browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    session = context.new_cdp_session(page)

    def draw(x: float, y: float, dx: float, dy: float, steps: int = 12) -> None:
        def send(kind: str, *points: dict) -> None:
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

        send("touchStart", {"x": x, "y": y})
        page.evaluate(TWO_FRAMES)
        for k in range(1, steps + 1):
            send("touchMove", {"x": x + dx * k / steps, "y": y + dy * k / steps})
        send("touchEnd")

    yield page, draw
    context.close()


def test_a_finger_drags_the_point_and_not_the_page(phone):
    page, draw = phone
    open_page(page, BoundaryExplorer(C=50), width=390)
    box = page.locator(".aab-map svg").bounding_box()
    scrolled = page.evaluate("scrollY")
    draw(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"], 40, 0.5 * box["height"])
    page.wait_for_function("document.querySelector('.aab-number[name=beta2]').value !== '0.99'")
    assert float(values(page, "boundary")["beta2"]) < 0.95
    assert page.evaluate("scrollY") == scrolled


def test_a_swipe_over_a_slider_scrolls_and_a_drag_along_it_moves_it(phone):
    page, draw = phone
    open_page(page, Theorem1Explorer(), width=390)
    slider = page.locator("[data-control=beta2] input[type=range]")
    box = slider.bounding_box()
    draw(box["x"] + 0.6 * box["width"], box["y"] + 12, 0, -250)
    page.wait_for_function("scrollY > 50")
    assert values(page, "theorem-1")["beta2"] == "0.1"
    # However far the page rolled on: below the chart, which stays in view and covers what it meets.
    page.wait_for_timeout(500)
    slider.evaluate("e => scrollBy(0, e.getBoundingClientRect().top - 600)")
    page.evaluate(TWO_FRAMES)
    scrolled, box = page.evaluate("scrollY"), slider.bounding_box()
    draw(box["x"] + 0.1 * box["width"], box["y"] + 12, 0.6 * box["width"], 0)
    page.wait_for_function("document.querySelector('.aab-number[name=beta2]').value > '0.3'")
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize("name", ["theorem-1", "boundary", "grid", "walk"])
def test_the_chart_stays_in_view_while_a_slider_moves(name, phone):
    page, _ = phone
    open_page(page, ALL[name](), width=390)
    chart, slider = page.locator(".aab-chart").first, page.locator("input[type=range]").last
    for summary in page.locator(".aab-more:not([hidden]) summary").all():
        summary.click()
    slider.evaluate("e => scrollBy(0, e.getBoundingClientRect().bottom - innerHeight + 60)")
    page.wait_for_timeout(100)
    box, place = chart.bounding_box(), slider.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] < place["y"] < 844


# Keys and fields


def test_home_end_and_page_keys_move_the_point(browser_page):
    page = browser_page
    open_page(page, BoundaryExplorer(C=50))
    page.locator(".aab-map").focus()
    scrolled = page.evaluate("scrollY")
    for key, name, value in [
        ("End", "beta1", "0.999"),
        ("Home", "beta1", "0"),
        ("PageUp", "beta2", "0.99369"),
        ("PageDown", "beta2", "0.99"),
        ("ArrowUp", "beta2", "0.99045"),
    ]:
        page.keyboard.press(key)
        wait_for_value(page, "boundary", name, value)
    assert page.evaluate("scrollY") == scrolled


def test_a_refusal_stands_at_its_field_and_moves_nothing(browser_page):
    page = browser_page
    open_page(page, Theorem1Explorer(), width=390)
    tops = "[...document.querySelectorAll('input[type=range]')].map(e => e.offsetTop)"
    field, before = page.locator(".aab-number[name=beta2]"), page.evaluate(tops)
    field.fill("1")
    field.press("Enter")
    refusal = page.locator(".aab-refusal", has_text="β₂ must be a number at least 0 and below 1.")
    refusal.wait_for()
    said_at, asked_at = refusal.bounding_box(), field.bounding_box()
    assert 0 <= said_at["y"] - (asked_at["y"] + asked_at["height"]) < 16
    assert page.evaluate(tops) == before


def test_a_field_is_as_wide_as_its_digits(browser_page):
    page = browser_page
    open_page(page, Theorem1Explorer(), width=390)
    field = page.locator(".aab-number[name=beta2]")
    field.fill("0.99999999999999")
    field.press("Enter")
    wait_for_value(page, "theorem-1", "beta2", "0.99999999999999")
    assert field.evaluate("e => e.scrollWidth <= e.clientWidth")
    box = page.locator("[data-control=beta2] .aab-number").bounding_box()
    assert box["x"] + box["width"] <= 390


def test_the_theme_turns_without_a_new_page(browser_page):
    page = browser_page
    open_page(page, Theorem1Explorer())
    stroke = "getComputedStyle(document.querySelector('.aab-line')).stroke"
    light = page.evaluate(stroke)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(stroke) != light


# Particular explorers


def test_theorem_1_shows_two_sliders_and_the_whole_regret(browser_page):
    page = browser_page
    open_page(page, Theorem1Explorer())
    visible = page.locator(".aab-controls input[type=range]:visible")
    assert [e.get_attribute("aria-valuetext") for e in visible.all()] == ["0.1", "3"]
    svg = page.locator("[data-chart=regret]").bounding_box()
    curve = page.locator("[data-chart=regret] path[data-series]").bounding_box()
    assert curve["y"] >= svg["y"] + 20  # nothing is cut off at the upper end
    page.locator("summary").click()
    assert visible.count() == 6


def test_the_grid_opens_on_something_to_move_and_says_what_to_look_for(browser_page):
    page = browser_page
    open_page(page, ALL["grid"]())
    assert "how deep is each method's valley" in said(page, "grid")
    slider = page.locator("[data-control=alpha] input[type=range]")
    assert slider.is_enabled() and page.locator("input[name=best]").is_checked()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("!document.querySelector('input[name=best]').checked")
    assert "α = 0.1, train loss" in said(page, "grid")
    assert "which method suffers first" in said(page, "grid")
