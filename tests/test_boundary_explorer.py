"""The explorer of the exact boundary: its map in Node and in a browser against Python's."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
from test_explorers_browser import CONTRASTS, curves, open_host, too_faint, wait_for_new_curves

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.explorers import BoundaryExplorer
from adam_and_beyond.explorers.boundary import METHODS
from adam_and_beyond.theorems.theorem_2 import proof as theorem_2

CASES = [
    *({"method": name, "C": 50, "beta1": 0.9} for name in METHODS),
    {"C": 30, "P": 20, "method": "nadam"},
    {"C": 10, "P": 12},
    {"plane": "rarity", "beta1": 0.0},
    {"plane": "rarity", "beta1": 0.95, "method": "adam_epsilon", "epsilon": 3.0},
    {"plane": "rarity", "P": 40, "method": "adam_epsilon_inside", "epsilon": 30.0},
    {"plane": "rarity", "method": "rmsprop"},
]


# The numbers


@pytest.mark.node
def test_browser_draws_the_map_that_python_computes(ask_node):
    nodes = 25
    lives = [BoundaryExplorer(**case) for case in CASES]
    questions = [{"values": live.values(), "nodes": nodes} for live in lives]
    answers = ask_node("boundary.js", METHODS, maps=questions)["maps"]
    failing = 0
    for live, found in zip(lives, answers, strict=True):
        expected = live.diagram(nodes)
        shape = (expected.y.size, expected.x.size)
        values = np.array(found["values"]).reshape(shape)
        scale = np.abs(expected.failing).max()
        np.testing.assert_allclose(values, expected.failing, rtol=1e-9, atol=1e-9 * scale)
        failing += np.sum(values > 0)
    assert failing > 0


@pytest.mark.node
def test_browser_has_the_conditions_of_theorem_2(ask_node):
    lives = [BoundaryExplorer(C=50), BoundaryExplorer(plane="rarity", beta1=0.5)]
    questions = [{"values": live.values(), "nodes": 3} for live in lives]
    for live, answer in zip(
        lives, ask_node("boundary.js", METHODS, maps=questions)["maps"], strict=True
    ):
        paper = answer["paper"]
        y = 1 - 10 ** (-np.array(paper["vs"]) * (5 if live.plane == "betas" else 6))
        us = np.array(paper["us"])
        beta1, C = 1 - 10 ** (-3 * us), np.full(us.size, live.C)
        if live.plane == "rarity":
            beta1, C = np.full(us.size, live.beta1), (2 * 500**us).round()
        holds = np.array(paper["slack"])[1:] > 0  # the first row is beta2 = 0
        slack = theorem_2.conditions(beta1, y[1:, None], C)
        wanted = (np.minimum(np.minimum(*slack[:2]), slack.iii) > 0) & (beta1**2 < y[1:, None])
        assert np.array_equal(holds, wanted)
        assert wanted.any() and not wanted.all()


@pytest.mark.node
def test_a_map_takes_two_periods_of_steps_a_node(ask_node):
    """The effort is counted, as a clock would measure the machine; a map must fit a few frames."""
    question = {
        "method": "adam",
        "h": {"beta1": 0.9, "beta2": 0.99},
        "gradients": [30.0] + [-1.0] * 29,
        "steps": 100_000,
        "values": BoundaryExplorer(C=50).values(),
        "nodes": 11,
    }
    [effort] = ask_node("boundary.js", METHODS, effort=[question])["effort"]
    assert effort["run"] == 100_000
    assert effort["drift"] == 2 * 30 + 1  # from nothing, one silent round, on the orbit
    assert effort["map"] == 11 * 11 * (2 * 50 + 1)


def test_map_is_the_drift_number_node_by_node():
    found = BoundaryExplorer(C=30).diagram(7)
    for k, j in ((0, 0), (3, 2), (5, 6), (6, 1)):
        adam = methods.get("adam", beta1=found.x[j], beta2=found.y[k])
        assert found.D[k, j] == pytest.approx(drift.number(adam, problems.theorem_2(30)))
        assert np.sign(found.failing[k, j]) == np.sign(found.D[k, j])
    rare = BoundaryExplorer(plane="rarity", P=20, C=30, method="rmsprop").diagram(9)
    losses = problems.periodic([float(rare.x[4])] + [-1.0] * 19)
    rmsprop = methods.get("rmsprop", beta2=rare.y[3])
    assert rare.D[3, 4] == pytest.approx(drift.number(rmsprop, losses))
    # Below C = P - 1 the better end is +1, and there a positive drift is no failure.
    below = rare.x < 19
    assert np.all(np.sign(rare.failing[:, below]) == -np.sign(rare.D[:, below]))


def test_theorem_2_stands_inside_the_region_of_failure():
    for live in (BoundaryExplorer(C=50), BoundaryExplorer(plane="rarity", beta1=0.5)):
        found = live.diagram(41)
        proved = (found.margin > 0) & (found.y[:, None] > 0)
        assert 0 < proved.sum() < np.sum(found.failing > 0)
        assert np.all(found.failing[proved] > 0)
    assert BoundaryExplorer(method="amsgrad").diagram(5).margin is None
    assert BoundaryExplorer(C=50, P=20).diagram(5).margin is None


def test_amsgrad_fails_nowhere():
    assert np.all(BoundaryExplorer(method="amsgrad").diagram(21).failing < 0)


@pytest.mark.parametrize(("beta2", "end"), [(0.99, 1.0), (0.9999, -1.0)])
def test_run_at_the_point_goes_where_the_sign_says(beta2, end):
    live = BoundaryExplorer(beta2=beta2)
    assert np.sign(live.drift_number()) == end
    run = live.trajectory()
    assert run.t[-1] == 200_000
    assert run.x[-1] == pytest.approx(end, abs=0.02)


# Traits and pictures


def test_period_is_c_until_another_is_given():
    assert BoundaryExplorer(C=80).period() == 80
    assert BoundaryExplorer(C=80, P=20).period() == 20
    assert BoundaryExplorer(P=20).problem().gradients.tolist() == [50.0] + [-1.0] * 19
    live = BoundaryExplorer(C=30, P=30)
    assert live.tied and live.period() == 30
    live.tied, live.P = False, 12
    assert live.period() == 12


BAD = [
    ({"C": 1}, r"C must be a whole number in \[2, 1000\], got 1"),
    ({"C": 30.5}, "C must be a whole number"),
    ({"P": 1001}, "P must be a whole number"),
    ({"beta2": 1.0}, r"beta2 must be a number in \[0, 1\)"),
    ({"epsilon": -1.0}, "epsilon must be a number"),
    ({"method": "adagrad"}, "adam_epsilon_inside"),
    ({"plane": "C"}, "betas"),
]


@pytest.mark.parametrize(("values", "message"), BAD)
def test_bad_value_is_refused_with_what_is_allowed(values, message):
    with pytest.raises(traitlets.TraitError, match=message):
        BoundaryExplorer(**values)


@pytest.mark.parametrize("plane", ["betas", "rarity"])
@pytest.mark.parametrize("method", ["adam", "adashift"])
def test_picture_follows_the_values(plane, method):
    live = BoundaryExplorer(plane=plane, method=method, steps=2000)
    data, _ = live._repr_mimebundle_()
    assert "D = " in data["text/plain"] and f"method={method!r}" in data["text/plain"]
    live.C = 20
    assert live._repr_mimebundle_()[0]["image/png"] != data["image/png"]


# In a browser


def open_boundary(page, width: int = 1000, **values) -> None:
    open_host(page, BoundaryExplorer(**values), width)
    page.wait_for_function("document.querySelector('#one [data-series=map]').getAttribute('d')")


def values_of(page, *names: str) -> list:
    return page.evaluate("names => names.map((name) => model.get(name))", list(names))


def test_map_answers_to_the_arrow_keys_and_says_where_it_stands(browser_page):
    page = browser_page
    open_boundary(page)
    area = page.locator("#one .aab-map")
    assert area.get_attribute("aria-valuetext") == "β₁ 0.9, β₂ 0.99: Adam goes to the worst point"
    assert "arrow, Page, Home and End keys" in area.get_attribute("aria-label")
    area.focus()
    assert area.evaluate("e => e.matches(':focus-visible')")
    before = curves(page, "#one")
    page.keyboard.press("ArrowUp")
    wait_for_new_curves(page, before, "#one")
    beta1, beta2 = values_of(page, "beta1", "beta2")
    assert beta1 == 0.9 and 0.99 < beta2 < 0.992
    page.keyboard.press("ArrowRight")
    assert values_of(page, "beta1")[0] > 0.9
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    page.wait_for_function(
        "document.querySelector('#one .aab-map').getAttribute('aria-valuetext').includes('best')"
    )
    assert "the best point" in page.locator("#one .aab-verdict").inner_text()
    page.keyboard.press("Tab")  # the next stop is a control: the map is no trap
    assert page.evaluate("document.activeElement.name") == "plane"


def test_click_takes_the_point_there(browser_page):
    page = browser_page
    open_boundary(page)
    box = page.locator("#one .aab-map svg").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.2)
    beta1, beta2 = values_of(page, "beta1", "beta2")
    assert beta1 > 0.98 and beta2 > 0.999
    circle = page.locator("#one .aab-here")
    page.wait_for_function("document.querySelector('#one .aab-verdict').innerText.includes('best')")
    spot = circle.bounding_box()
    assert spot["x"] + spot["width"] / 2 == pytest.approx(box["x"] + box["width"] * 0.9, abs=3)
    assert spot["y"] + spot["height"] / 2 == pytest.approx(box["y"] + box["height"] * 0.2, abs=3)
    # A drag follows the pointer.
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8, steps=4)
    page.mouse.up()
    assert values_of(page, "beta2")[0] < 0.95


def test_map_over_c_moves_whole_numbers(browser_page):
    page = browser_page
    open_boundary(page, plane="rarity", C=30)
    page.locator("#one .aab-map").focus()
    page.keyboard.press("ArrowLeft")
    assert values_of(page, "C", "beta2") == [29, 0.99]
    text = page.locator("#one .aab-map")
    page.wait_for_function(
        "document.querySelector('#one .aab-map').getAttribute('aria-valuetext').includes('best')"
    )
    assert text.get_attribute("aria-valuetext") == "C 29, β₂ 0.99: Adam goes to the best point"


def test_map_becomes_finer_once_it_rests(browser_page):
    page = browser_page
    open_boundary(page, C=120)
    drawn = page.evaluate(
        """async () => {
          const map = () => document.querySelector("#one [data-series=map]").getAttribute("d");
          const next = async (before) => {
            while (map() === before) await new Promise(requestAnimationFrame);
            return map();
          };
          let rested = map();
          for (let k = 0; k < 30; k++) {
            await new Promise((done) => setTimeout(done, 50));
            if (map() !== rested) [k, rested] = [0, map()];
          }
          model.set("C", 110);
          const coarse = await next(rested);
          const fine = await next(coarse);
          return [rested, coarse, fine].map((path) => path.split("M").length);
        }"""
    )
    assert drawn[1] < 0.6 * drawn[2] and drawn[0] == pytest.approx(drawn[2], rel=0.1)


def test_paper_region_stands_only_where_the_theorem_speaks(browser_page):
    page = browser_page
    open_boundary(page)
    region = page.locator("#one [data-series=paper]")
    assert region.count() == 1
    assert "(ii) fails" in page.locator("#one .aab-verdict").inner_text()
    page.evaluate("model.set('beta2', 0.5)")
    page.evaluate("model.set('beta1', 0.2)")
    page.locator("#one .aab-verdict", has_text="all its conditions hold").wait_for()
    page.evaluate("model.set('method', 'amsgrad')")
    page.wait_for_function("!document.querySelector('#one [data-series=paper]')")
    assert "Theorem 2" not in page.locator("#one .aab-verdict").inner_text()


def test_period_follows_c_until_untied(browser_page):
    page = browser_page
    open_boundary(page, C=80)
    period = page.locator("#one [data-control=P] .aab-number")
    assert period.is_disabled() and period.input_value() == "80"
    page.locator("#one input[name=tied]").uncheck()
    page.wait_for_function("!document.querySelector('#one [data-control=P] input').disabled")
    assert period.input_value() == "50"
    epsilon = page.locator("#one [data-control=epsilon]")
    assert "no ε" in epsilon.get_attribute("title")


@pytest.mark.parametrize("width", [390, 320])
def test_boundary_explorer_fits_a_phone(width, browser_page):
    page = browser_page
    open_boundary(page, width, method="adam_epsilon_inside")
    right = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#one :is(svg, svg text, input, select, p)')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_boundary_explorer_is_readable_on_both_grounds(theme, browser_page):
    page = browser_page
    open_boundary(page)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    found = page.locator("#one .aab").evaluate(CONTRASTS)
    assert len(found) > 30
    assert too_faint(found) == []
