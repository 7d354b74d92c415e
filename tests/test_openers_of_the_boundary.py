"""What opens the chapters on the boundary: its numbers against JAX's, and its life in a browser."""

from __future__ import annotations

import numpy as np
import pytest
from test_explorers_browser import curves, open_host, wait_for_new_curves

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.explorers import BoxesExplorer, GradientsExplorer, ThreeLossesExplorer

LOSSES = [
    {"P": 3, "excess": 3e-5, "beta1": 0.9, "beta2": 0.999},
    {"P": 10, "excess": 0.5, "beta1": 0.0, "beta2": 0.9},
    {"P": 300, "excess": 40.0, "beta1": 0.9, "beta2": 0.999},
    {"P": 5, "excess": 0.5, "beta1": 0.0, "beta2": 0.0},
]


def said(page) -> str:
    """What the first view says."""
    return page.locator("#one .aab-verdict").inner_text()


@pytest.mark.node
@pytest.mark.parametrize("values", LOSSES)
def test_the_unseen_sum_and_the_walk_are_pythons(values, ask_node):
    live = ThreeLossesExplorer(**values)
    [found] = ask_node("three_losses.js", ("adam",), unseen=[values])["unseen"]
    walk, high = live.walk(), drift.failing_interval(live.adam(), live.P).high
    if np.isinf(high):
        assert found["sum"] is None
    else:
        assert live.P - 1 + found["sum"] == pytest.approx(high, rel=1e-12)
        assert found["sum"] == pytest.approx(live.unseen(), rel=1e-8)
    assert found["walk"]["D"] == pytest.approx(live.drift(), rel=1e-9)
    assert (live.drift() > 0) == (live.excess < live.unseen())
    assert found["walk"]["arrival"] == pytest.approx(walk.arrival, rel=1e-6)
    np.testing.assert_allclose(found["walk"]["xs"], walk.x, rtol=0, atol=1e-6)


def test_the_walk_is_the_one_that_adam_takes():
    live = ThreeLossesExplorer(**LOSSES[1])
    walk = live.walk()
    run = simulate.run(
        live.adam(),
        live.problem(),
        int(walk.rounds[-1]),
        0.02,
        schedule="constant",
        record=walk.rounds[1:].astype(int),
    )
    assert abs(run.x[-1] - walk.x[-1]) < 1e-9
    # Before the averages have settled a run may lose or win a little.
    assert np.max(np.abs(run.x - walk.x[1:])) < 0.1


def test_the_price_is_the_average_regret_at_the_worst_point():
    live = ThreeLossesExplorer(**LOSSES[0])
    problem = live.problem()
    assert live.price() == pytest.approx(2 * problem.mean_gradient, rel=1e-12)
    assert "worst point" in live.caption() and "C < 2.0000526" in live.caption()
    assert "best point" in ThreeLossesExplorer(excess=6e-5).caption()


@pytest.mark.parametrize("way", ["keyboard", "mouse", "touch"])
def test_a_point_of_the_map_is_chosen(way, browser):
    context = browser.new_context(has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    open_host(page, ThreeLossesExplorer(), 390)
    before = said(page)
    area = page.locator("#one .aab-map")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    right, low = box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"]
    if way == "keyboard":
        area.focus()
        page.keyboard.press("PageUp")
        page.keyboard.press("PageUp")
    elif way == "mouse":
        page.mouse.click(right, low)
    else:
        page.touchscreen.tap(right, low)
    page.wait_for_function(
        "before => document.querySelector('#one .aab-verdict').innerText !== before", arg=before
    )
    goal = "best" if way == "keyboard" else "worst"
    assert f"goes to the {goal} point" in said(page)
    page.locator("#one .aab-reset").click()
    page.wait_for_function("model.get('P') === 3 && model.get('excess') === 3e-5")
    context.close()


def test_the_region_moves_with_a_beta(browser_page):
    page = browser_page
    open_host(page, ThreeLossesExplorer())
    before = curves(page, "#one")
    page.evaluate("model.set('beta2', 0.99)")
    wait_for_new_curves(page, before, "#one")
    assert "while C < 2.0005288" in said(page)


PERIODS = [{}, {"beta2": 0.99, "g3": 0.7, "g7": -1.0}, {"beta2": 0.5, "g1": -0.2, "g12": 0.9}]


@pytest.mark.node
@pytest.mark.parametrize("values", PERIODS)
def test_drift_numbers_of_dragged_gradients_are_pythons(values, ask_node):
    live = GradientsExplorer(**values)
    asked = [{"values": live.values(), "moved": []}]
    [found] = ask_node("gradients.js", ("adam", "adopt", "amsgrad"), periods=asked)["periods"]
    np.testing.assert_allclose(found["gradients"], live.gradients(), rtol=0, atol=1e-15)
    assert live.gradients().mean() == pytest.approx(0.02, abs=1e-15)
    np.testing.assert_allclose(found["drifts"], list(live.drifts().values()), rtol=1e-9)


@pytest.mark.node
def test_the_other_gradients_give_way_within_their_range(ask_node):
    moved = [[0, -1.0], [3, 1.0], [11, 0.4], [5, 7.0]]
    asked = [{"values": GradientsExplorer().values(), "moved": moved}]
    [found] = ask_node("gradients.js", ("adam", "adopt", "amsgrad"), periods=asked)["periods"]
    for (k, value), after in zip(moved, found["after"], strict=True):
        assert after[k] == pytest.approx(np.clip(value, -1, 1))
        assert np.mean(after) == pytest.approx(0.02, abs=5e-5)
        assert np.all(np.abs(after) <= 1)


@pytest.mark.node
@pytest.mark.parametrize("name", ["adam", "adopt"])
def test_the_worst_gradients_can_not_be_made_worse_by_small_moves(name, ask_node):
    asked = [{"values": GradientsExplorer().values(), "moved": []}]
    [found] = ask_node("gradients.js", ("adam", "adopt", "amsgrad"), periods=asked)["periods"]
    gradients = np.array(found["worst"][name])
    method = methods.get_sharing(name, beta1=0.5, beta2=0.9, epsilon=1e-6)
    slope = drift.slope(method, problems.periodic(gradients))
    inside = np.abs(gradients) < 1
    share = slope.by_gradient[inside].mean()  # of moves that keep the mean
    assert slope.D > 0.3
    np.testing.assert_allclose(slope.by_gradient[inside], share, atol=0.02)
    assert np.all((slope.by_gradient - share)[~inside] * np.sign(gradients[~inside]) > 0)


@pytest.mark.parametrize("way", ["keyboard", "mouse", "touch"])
def test_a_gradient_is_dragged_and_the_others_give_way(way, browser):
    context = browser.new_context(has_touch=True)
    page = context.new_page()
    open_host(page, GradientsExplorer(), 390)
    bars = page.locator("#one .aab-bars")
    bars.scroll_into_view_if_needed()
    box = page.locator("#one .aab-grip").nth(4).bounding_box()
    middle, high = box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"]
    if way == "keyboard":
        page.locator("#one .aab-grip").nth(4).focus()
        page.keyboard.press("PageUp")
        page.keyboard.press("PageUp")
    elif way == "mouse":
        page.mouse.move(middle, box["y"] + 0.5 * box["height"])
        page.mouse.down()
        page.mouse.move(middle + 100, high)  # beside the bar: it stays the one that is held
        page.mouse.up()
    else:
        page.touchscreen.tap(middle, high)
    page.wait_for_function("model.get('g5') > 0.3 && model.get('g8') < -0.0691")
    assert page.evaluate("model.get('g5') < 1 && model.get('g8') === model.get('g9')")
    context.close()


def test_a_button_shows_the_worst_gradients(browser_page):
    page = browser_page
    open_host(page, GradientsExplorer())
    assert said(page) == "All three go to the best point."
    page.locator("#one button", has_text="sawtooth").click()
    page.locator("#one .aab-verdict", has_text="Adam goes to the worst point").wait_for()
    page.locator("#one button", has_text="ADOPT's worst").click()
    page.locator("#one .aab-verdict", has_text="ADOPT goes to the worst").wait_for()
    assert page.evaluate("model.get('g12')") == -1


@pytest.mark.node
@pytest.mark.parametrize("C", [3, 8])
def test_boxes_of_the_browser_are_those_that_python_proved(C, ask_node):
    live = BoxesExplorer(C=C)
    proved = live.certified()
    [found] = ask_node("boxes.js", (), boxes=[live.data[str(C)]])["boxes"]
    signs = {"F": 1, "C": -1, "U": 0}
    leaves = [box for box in [*found["looked"], *found["left"]] if box["sign"]]
    rows = {
        (b["x"], b["x"] + b["wide"], b["y"], b["y"] + b["high"], signs[b["sign"]]) for b in leaves
    }
    expected = zip(proved.boxes.reshape(-1, 4).tolist(), proved.verdict.tolist(), strict=True)
    assert rows == {(*box, sign) for box, sign in expected}
    assert len(found["looked"]) == proved.looked_at
    shares = [found["shares"][name] for name in ("fails", "converges", "open")]
    np.testing.assert_allclose(shares, [proved.failing, proved.converging, proved.undecided])


def test_less_is_open_with_every_step(browser_page):
    page = browser_page
    page.emulate_media(reduced_motion="reduce")
    open_host(page, BoxesExplorer())
    assert "Adam fails on 32.6 %" in said(page)
    left = []
    for _ in range(21):
        page.locator("#one .aab-step").click()
        left.append(float(page.locator("#one .aab-when").inner_text().split(", ")[1].split()[0]))
    assert left[0] == 100 and left[-1] < 6
    assert np.all(np.diff(left) <= 0)
