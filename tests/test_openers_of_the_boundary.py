"""What opens the chapters on the boundary: its numbers against JAX's, and its life in a browser."""

from __future__ import annotations

import numpy as np
import pytest
from test_explorers_browser import curves, open_host, wait_for_new_curves

from adam_and_beyond import drift, simulate
from adam_and_beyond.explorers import ThreeLossesExplorer

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
