"""What opens a page: its numbers in Node against Python's, and its life in a browser."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import traitlets
from test_explorers_browser import CONTRASTS, curves, open_host, too_faint, wait_for_new_curves
from test_explorers_live import TWO_FRAMES

from adam_and_beyond.explorers import (
    BoxesExplorer,
    ClipExplorer,
    CoinExplorer,
    FallsExplorer,
    GameExplorer,
    GradientsExplorer,
    MaximumExplorer,
    MeanStepExplorer,
    MemoryExplorer,
    RaceExplorer,
    RescueExplorer,
    ScoreboardExplorer,
    ThreeLossesExplorer,
    WalkExplorer,
)

# Every opener with a word that stands in its caption.
OPENERS = {
    WalkExplorer: "uphill",
    FallsExplorer: "57 of 60",
    MaximumExplorer: "800 of 808",
    RaceExplorer: "PyTorch 7.96",
    CoinExplorer: "the worst point",
    ClipExplorer: "climbs",
    GameExplorer: "0.0990099 a round",
    MemoryExplorer: "17 % of AdamNC",
    RescueExplorer: "walks uphill",
    MeanStepExplorer: "away from the best point",
    BoxesExplorer: "fail on 32.6 %",
    ScoreboardExplorer: "Adam at C = 40: D = +0.189",
}
PLAYED = [
    WalkExplorer,
    MaximumExplorer,
    RaceExplorer,
    CoinExplorer,
    ClipExplorer,
    GameExplorer,
    MemoryExplorer,
    RescueExplorer,
    MeanStepExplorer,
    BoxesExplorer,
]
# Those with more than three controls as well.
VIEWED = [*OPENERS, GradientsExplorer, ThreeLossesExplorer]
# The control that is moved, what it takes, and a value within it, where that isn't beta2.
MOVED = {
    GameExplorer: ("x", "a number in [-1, 1]", 0.5),
    RescueExplorer: ("epsilon", "a number in (0, 1e+06]", 5000.0),
    ScoreboardExplorer: ("C", "a whole number in [2, 80]", 60),
    BoxesExplorer: ("C", "a whole number in [3, 8]", 6),
}


def moved(opener) -> tuple[str, str, float]:
    """The control of an opener that these tests move, what it takes, and another value."""
    return MOVED.get(opener, ("beta2", "a number in [0, 1)", 0.95))


# Numbers


@pytest.mark.node
@pytest.mark.parametrize("beta2", [0.0, 0.99, 0.9999])
def test_balls_walk_where_jax_walks(beta2, ask_node):
    live = WalkExplorer(beta2=beta2)
    [found] = ask_node("walk.js", ("adam", "amsgrad"), walks=[{"beta2": beta2}])["walks"]
    assert found["times"] == live.times().tolist()
    for xs, run in zip(found["xs"], live.trajectories().values(), strict=True):
        np.testing.assert_allclose(xs, run.x, rtol=0, atol=1e-9)
    assert found["verdict"] == ("fails" if live.drift() > 0 else "fine")


def test_walk_ends_as_its_sentence_says():
    up = WalkExplorer(beta2=0.99)
    assert {name: np.sign(run.x[-1]) for name, run in up.trajectories().items()} == {
        "adam": 1,
        "amsgrad": -1,
    }
    assert up.drift() > 0 and "walks uphill" in up.caption()
    down = WalkExplorer(beta2=0.99999)
    adam = down.trajectories()["adam"]
    assert adam.x[-1] < -0.9 and down.drift() < 0 and "walks downhill" in down.caption()


@pytest.mark.node
@pytest.mark.parametrize("beta2", [0.3, 0.9, 0.99, 0.9995])
@pytest.mark.parametrize("C", [2, 20, 101])
def test_bars_are_the_changes_of_the_proof(beta2, C, ask_node):
    expected = FallsExplorer(beta2=beta2, C=C).changes()
    asked = [{"method": name, "values": {"beta2": beta2, "C": C}} for name in expected]
    answers = ask_node("falls.js", tuple(expected), changes=asked)["changes"]
    for found, changes in zip(answers, expected.values(), strict=True):
        np.testing.assert_allclose(found, changes, rtol=1e-9, atol=1e-9)
        assert np.sum(np.array(found) < 0) == np.sum(changes < 0)
        assert len(found) == 3 * C
    assert np.all(expected["amsgrad"] > 0)


def test_adams_bars_fall_until_it_remembers_long_enough():
    assert np.sum(FallsExplorer(beta2=0.99, C=20).changes()["adam"] < 0) == 57
    assert np.all(FallsExplorer(beta2=0.999, C=20).changes()["adam"] > 0)


@pytest.mark.node
@pytest.mark.parametrize("beta2", [0.0, 0.9, 0.99, 0.9999])
def test_averages_are_what_the_two_methods_divide_by(beta2, ask_node):
    [answers] = ask_node("maximum.js", ("adam", "amsgrad"), averages=[{"beta2": beta2}])["averages"]
    expected = MaximumExplorer(beta2=beta2).averages()
    for found, values in zip(answers, expected.values(), strict=True):
        np.testing.assert_allclose(found["along"], values, rtol=1e-12)
    assert answers[1]["falls"] == 0  # exactly: a rounding error would be a fall
    assert answers[0]["falls"] == int(np.sum(np.diff(answers[0]["along"]) < 0))


@pytest.mark.node
@pytest.mark.parametrize("beta2", [0.0, 0.9, 0.99, 0.9999])
def test_factors_are_those_of_the_three_programs(beta2, ask_node):
    live = RaceExplorer(beta2=beta2)
    expected = live.factors()
    [found] = ask_node("race.js", tuple(expected), factors=[{"beta2": beta2}])["factors"]
    assert list(found) == list(expected)
    for name, factor in expected.items():
        np.testing.assert_allclose(found[name], factor, rtol=1e-10)
    for name in ("amsgrad", "amsgrad_optax"):
        assert np.all(np.diff(expected[name]) <= 1e-9 * expected[name][1:])


@pytest.mark.node
@pytest.mark.parametrize(
    "values",
    [
        {"p": 0.01, "beta2": 0.99, "seed": 1},
        {"p": 0.2, "beta2": 0.0, "seed": 0},
        {"p": 0.05, "beta2": 0.9995, "seed": 999_999},
    ],
)
def test_coin_falls_as_in_python(values, ask_node):
    live = CoinExplorer(**values)
    [found] = ask_node("coin.js", ("adam",), coins=[values])["coins"]
    np.testing.assert_allclose(found["slopes"], live.slopes(), rtol=1e-15)
    np.testing.assert_allclose(found["xs"], live.iterates(), rtol=0, atol=1e-9)


@pytest.mark.node
def test_adam_turns_where_the_stationary_drift_is_zero(ask_node):
    [found] = ask_node("coin.js", ("adam",), coins=[CoinExplorer().values()])["coins"]
    for p, turn in found["turns"]:
        below, above = (CoinExplorer(p=p, beta2=turn + off) for off in (-2e-9, 2e-9))
        assert below.drift() > 0 > above.drift(), p


def test_drift_at_a_beta2_of_0_is_the_one_of_signs():
    live = CoinExplorer(beta2=0.0)
    g, p = live.problem().gradients, live.problem().probabilities
    direct = -0.1 * (p @ np.sign(g)) - 0.9 * (p @ g) * (p @ (1 / np.abs(g)))
    assert live.drift() == pytest.approx(direct, rel=1e-4)
    assert "the worst point" in live.caption()


@pytest.mark.parametrize("p", [0.01, 0.3])
def test_the_steep_slope_comes_as_often_as_p_says_and_the_mean_is_kept(p):
    draws = np.stack([CoinExplorer(p=p, seed=seed).slopes() for seed in range(20)])
    share = np.mean(draws > 0)
    assert abs(share - p) < 4 * np.sqrt(p * (1 - p) / draws.size)
    problem = CoinExplorer(p=p).problem()
    assert problem.gradients @ problem.probabilities == pytest.approx(0.02)
    assert len({row.tobytes() for row in draws}) == 20


# Values and pictures


@pytest.mark.parametrize("opener", OPENERS)
def test_picture_is_a_png_of_the_present_values(opener):
    live = opener()
    data, _ = live._repr_mimebundle_()
    first = base64.b64decode(data["image/png"])
    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    name, _, value = moved(opener)
    assert f"{name}=" in data["text/plain"] and OPENERS[opener] in data["text/plain"]
    setattr(live, name, value)
    assert live.png() != first


@pytest.mark.parametrize("opener", OPENERS)
def test_an_opener_has_one_to_three_controls_and_refuses_what_is_outside(opener):
    live = opener()
    assert 1 <= len(live.values()) <= 3
    name, allowed, _ = moved(opener)
    for value in (1e7 + 0.5, -1.1, float("nan"), "0.9"):
        with pytest.raises(traitlets.TraitError) as refusal:
            setattr(live, name, value)
        assert f"{name} must be {allowed}" in str(refusal.value)
    assert getattr(live, name) == getattr(opener(), name)


# In a browser


def said(page) -> str:
    """What the first view says."""
    return page.locator("#one .aab-verdict").inner_text()


def still(page) -> None:
    """Ask for less motion, so that a picture changes only when it is told to."""
    page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize("opener", PLAYED)
def test_it_plays_when_seen_and_stops_when_told(opener, browser_page):
    page = browser_page
    open_host(page, opener())
    wait_for_new_curves(page, curves(page, "#one"), "#one")
    play = page.locator("#one .aab-play")
    assert play.inner_text() == "Pause"
    play.focus()
    page.keyboard.press("Enter")
    assert play.inner_text() == "Play"
    stopped = curves(page, "#one")
    page.wait_for_timeout(200)
    assert curves(page, "#one") == stopped
    play.click()
    wait_for_new_curves(page, stopped, "#one")


@pytest.mark.parametrize("opener", PLAYED)
def test_after_its_end_it_starts_again(opener, browser_page):
    page = browser_page
    open_host(page, opener())
    play, when = page.locator("#one .aab-play"), page.locator("#one .aab-when")
    page.locator("#one .aab-step").click()  # from wherever it has played to by itself
    page.evaluate(TWO_FRAMES)
    start, seen = curves(page, "#one"), {""}
    while when.inner_text() not in seen:  # by steps, as the whole takes seconds
        seen.add(when.inner_text())
        page.locator("#one .aab-step").click()
        page.evaluate(TWO_FRAMES)
    assert 20 <= len(seen) - 1 <= 22
    play.click()
    wait_for_new_curves(page, start, "#one")
    assert play.inner_text() == "Pause"


@pytest.mark.parametrize("opener", PLAYED)
def test_nothing_moves_for_readers_who_ask_for_less_motion_but_by_steps(opener, browser_page):
    page = browser_page
    still(page)
    open_host(page, opener())
    end = curves(page, "#one")
    page.wait_for_timeout(300)
    assert curves(page, "#one") == end
    assert page.locator("#one .aab-play").is_hidden()
    step = page.locator("#one .aab-step")
    step.focus()
    seen = []
    for _ in range(21):  # the start, and twenty steps to the end
        page.keyboard.press("Enter")
        seen.append(page.locator("#one .aab-when").inner_text())
    assert len(set(seen)) == 21
    assert curves(page, "#one") == end


@pytest.mark.parametrize("opener", PLAYED)
def test_a_view_that_is_taken_away_stops(opener, browser_page):
    page = browser_page
    open_host(page, opener())
    page.evaluate(
        """() => {
          const svg = document.querySelector("#one svg");
          window.drawn = 0;
          window.leave[0]();
          new MutationObserver(() => { window.drawn += 1; }).observe(svg, { childList: true });
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.drawn") == 0


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("way", ["keyboard", "mouse", "touch"])
def test_slider_moves_the_picture_at_once(opener, way, browser):
    context = browser.new_context(has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    open_host(page, opener(), 390)
    name = moved(opener)[0]
    slider = page.locator(f"#one [data-control={name}] input[type=range]")
    slider.scroll_into_view_if_needed()
    before, value = curves(page, "#one"), page.evaluate("name => model.get(name)", name)
    box = slider.bounding_box()
    right, middle = box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2
    if way == "keyboard":
        slider.focus()
        page.keyboard.press("PageUp")
    elif way == "mouse":
        page.mouse.click(right, middle)
    else:
        page.touchscreen.tap(right, middle)
    wait_for_new_curves(page, before, "#one")
    assert page.evaluate("name => model.get(name)", name) > value
    page.locator("#one .aab-reset").click()
    page.wait_for_function("([name, value]) => model.get(name) === value", arg=[name, value])
    context.close()


@pytest.mark.parametrize("opener", VIEWED)
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_fits_and_is_readable(opener, width, browser_page):
    page = browser_page
    still(page)
    open_host(page, opener(), width)
    explorer = page.locator("#one .aab")
    right = explorer.evaluate(
        "r => Math.max(...[...r.querySelectorAll('svg, svg text, input, button, p')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= width
    low = explorer.evaluate(
        "r => [...r.querySelectorAll('button')].map(e => e.getBoundingClientRect().height)"
        ".filter(height => 0 < height && height < 24)"
    )
    assert low == []
    small = explorer.evaluate(
        "r => [...r.querySelectorAll('svg text, svg tspan')]"
        ".filter(e => parseFloat(getComputedStyle(e).fontSize) < 10).length"
    )
    assert small == 0
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = explorer.evaluate(CONTRASTS)
        assert too_faint(found) == []


@pytest.mark.parametrize("opener", VIEWED)
def test_everything_has_a_name(opener, browser_page):
    page = browser_page
    open_host(page, opener())
    explorer = page.locator("#one .aab")
    assert explorer.get_attribute("aria-label").startswith("Explorer of")
    for control in explorer.locator("input").all():
        assert control.evaluate("e => e.labels.length > 0 || !!e.ariaLabel")
    for picture in explorer.locator("svg[role=img]").all():
        assert len(picture.get_attribute("aria-label")) > 60
    for target in explorer.locator("input, button").all():
        assert target.get_attribute("data-lm-suppress-shortcuts") == "true"
    assert said(page).endswith(".")


def test_walk_turns_round_at_its_mark(browser_page):
    page = browser_page
    still(page)
    open_host(page, WalkExplorer())
    assert said(page) == "Adam walks uphill, to the worst point. AMSGrad walks down."
    slider = page.locator("#one [data-control=beta2] input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    page.locator("#one .aab-verdict", has_text="turns round and walks down").wait_for()
    page.locator("#one .aab-mark").click()
    page.locator("#one .aab-verdict", has_text="about to turn round").wait_for()


def test_sentence_counts_the_rounds_that_fall(browser_page):
    page = browser_page
    still(page)
    open_host(page, FallsExplorer())
    assert said(page) == "Adam's inverse learning rate falls in 57 of 60 rounds; AMSGrad's in none."
    page.evaluate("model.set('beta2', 0.999)")
    page.locator("#one .aab-verdict", has_text="falls in none of these rounds").wait_for()
    page.locator("#one .aab-mark").click()
    page.wait_for_function("model.get('C') === 101")
    below = page.locator("#one [data-series=amsgrad-falls]")
    assert below.get_attribute("d") == ""


def test_the_maximum_is_said_never_to_fall(browser_page):
    page = browser_page
    still(page)
    open_host(page, MaximumExplorer())
    assert "falls in 800 of 808 rounds" in said(page) and said(page).endswith("takes, in none.")


def test_pytorch_is_said_to_rise_again(browser_page):
    page = browser_page
    still(page)
    open_host(page, RaceExplorer())
    assert said(page).startswith("PyTorch's factor rises again, to 7.96 times its start.")
    page.evaluate("model.set('beta2', 0)")
    page.locator("#one .aab-verdict", has_text="stays where it began").wait_for()


def test_new_draw_changes_the_walk_and_nothing_else(browser_page):
    page = browser_page
    still(page)
    open_host(page, CoinExplorer())
    assert said(page).startswith("In the long run Adam goes up, to the worst point. After 20,000")
    before, again = curves(page, "#one"), page.locator("#one [data-control=seed] button")
    again.focus()
    page.keyboard.press("Enter")
    moved = wait_for_new_curves(page, before, "#one")
    assert page.evaluate("[model.get('seed'), model.get('p'), model.get('beta2')]") == [
        2,
        0.01,
        0.99,
    ]
    page.evaluate("model.set('seed', 999999)")
    wait_for_new_curves(page, moved, "#one")
    again.click()
    page.wait_for_function("model.get('seed') === 0")


def test_coin_turns_at_its_mark(browser_page):
    page = browser_page
    still(page)
    open_host(page, CoinExplorer(p=0.2))
    page.locator("#one .aab-verdict", has_text="down, to the best point").wait_for()
    page.evaluate("model.set('beta2', 0.9)")
    page.locator("#one .aab-verdict", has_text="up, to the worst point").wait_for()
    field = page.locator("#one [data-control=p] .aab-number")
    field.fill("0.11")
    field.press("Enter")
    page.wait_for_function("model.get('p') === 0.1")  # the nearest for which theory is known
