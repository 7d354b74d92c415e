"""The explorers of Theorem 2's family: the browser's numbers against exact ones, and the pages."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
from test_explorers_browser import CONTRASTS, curves, open_host, too_faint, wait_for_new_curves

from adam_and_beyond import drift
from adam_and_beyond.explorers import ConditionsExplorer, RarityExplorer
from adam_and_beyond.theorems.theorem_2 import proof as theorem_2

EXPLORERS = (RarityExplorer, ConditionsExplorer)
# (beta1, beta2) -> the smallest even C of the paper's conditions, and the smallest failing C.
TABLE = {
    (0.0, 0.5): (20, 4),
    (0.0, 0.9): (204, 7),
    (0.5, 0.9): (204, 8),
    (0.9, 0.95): (486, 17),
    (0.9, 0.99): (3218, 30),
    (0.0, 0.999): (42622, 64),
    (0.9, 0.999): (42622, 74),
}


def betas(values: list) -> list[dict]:
    """Pairs as hyperparameters."""
    return [{"beta1": beta1, "beta2": beta2} for beta1, beta2 in values]


# The numbers


@pytest.mark.node
@pytest.mark.parametrize("explorer", EXPLORERS)
def test_browser_finds_the_table(explorer, ask_node):
    answers = ask_node("rarity.js", ("adam",), rarity=betas(list(TABLE)))["rarity"]
    for (pair, (paper, exact)), found in zip(TABLE.items(), answers, strict=True):
        assert found["exact"] == exact, pair
        assert found["paper"]["together"] == paper, pair
        assert found["paper"] == {
            **theorem_2.smallest_C(*pair)._asdict(),
            "together": paper,
        }


@pytest.mark.node
def test_browser_and_python_agree_at_random_rates(ask_node):
    random = np.random.default_rng(4)
    pairs = [
        (round(float(random.uniform(0, 0.97)), 3), round(float(1 - 10 ** -random.uniform(0, 3)), 4))
        for _ in range(25)
    ]
    pairs.append((0.99, 0.5))
    answers = ask_node("rarity.js", ("adam",), rarity=betas(pairs))["rarity"]
    silent = 0
    for (beta1, beta2), found in zip(pairs, answers, strict=True):
        assert found["exact"] == drift.critical_rarity("adam", beta1=beta1, beta2=beta2)
        if beta1**2 < beta2:
            wanted = theorem_2.smallest_C(beta1, beta2)
            assert found["paper"] == {**wanted._asdict(), "together": wanted.together}
        else:
            assert found["paper"] is None
            silent += 1
    assert 0 < silent < len(pairs)


@pytest.mark.node
def test_sides_of_the_conditions_leave_the_slack_of_python(ask_node):
    points = [(0.9, 0.99, 6), (0.9, 0.99, 50), (0.0, 0.5, 2), (0.5, 0.9, 204), (0.3, 0.4, 11)]
    answers = ask_node("conditions.js", ("adam",), sides=points)["sides"]
    for point, sides in zip(points, answers, strict=True):
        left, right, slack = np.array(sides).T
        np.testing.assert_allclose(slack, theorem_2.conditions(*point), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(right - left, slack, rtol=1e-10, atol=1e-12)


# Traits and pictures


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_numbers_follow_the_values(explorer):
    live = explorer()
    assert (live.numbers().exact, live.numbers().paper) == (30, 3218)
    assert live.numbers().law == pytest.approx(20)
    live.beta2 = 0.999
    assert (live.numbers().exact, live.numbers().paper) == (74, 42622)
    live.beta2 = 0.5  # below 0.9^2: the theorem is silent, Adam fails all the same
    assert live.numbers().paper is None and live.numbers().exact > 2
    assert "says nothing" in live.caption()


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_bad_value_is_refused(explorer):
    with pytest.raises(traitlets.TraitError, match=r"beta2 must be a number in \[0, 1\), got 1.0"):
        explorer(beta2=1.0)
    with pytest.raises(ValueError, match="no control 'C'; it has: beta1, beta2"):
        explorer(C=3)


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_picture_follows_the_values(explorer):
    data, _ = explorer()._repr_mimebundle_()
    assert "first fails at C = 30" in data["text/plain"]
    other, _ = explorer(beta1=0.5, beta2=0.2)._repr_mimebundle_()
    assert other["image/png"] != data["image/png"]


# In a browser


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_sliders_move_the_curves_and_the_words_by_keyboard(explorer, browser_page):
    page = browser_page
    open_host(page, explorer())
    verdict = page.locator("#one .aab-verdict")
    assert "first fails at C = 30." in verdict.inner_text() and "3,218" in verdict.inner_text()
    start = page.locator("#one svg").inner_html()
    for name in ("beta2", "beta1"):
        slider = page.locator(f"#one [data-control={name}] input[type=range]")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => document.querySelector('#one svg').innerHTML !== before", arg=start
        )
        start = page.locator("#one svg").inner_html()
    assert "first fails at C = 30." not in verdict.inner_text()
    page.locator("#one .aab-reset").click()
    page.locator("#one .aab-verdict", has_text="first fails at C = 30.").wait_for()
    sentence = page.locator("#one svg[role=img]").get_attribute("aria-label")
    assert "Line plot" in sentence and "3,218" in sentence


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_beyond_the_theorem_nothing_of_it_is_claimed(explorer, browser_page):
    page = browser_page
    open_host(page, explorer())
    page.evaluate("model.set('beta2', 0.5)")
    page.locator("#one .aab-verdict", has_text="wants β₁ < √β₂").wait_for()
    assert page.locator("#one svg").inner_html().count("NaN") == 0


def test_the_limit_of_the_theorem_is_marked_on_both_sliders(browser_page):
    page = browser_page
    open_host(page, ConditionsExplorer())
    page.locator("#one [data-control=beta1] .aab-mark:visible").click()
    assert page.evaluate("model.get('beta1') ** 2") == pytest.approx(0.99, abs=1e-12)
    page.evaluate("model.set('beta1', 0.6)")
    page.locator("#one [data-control=beta2] .aab-mark:visible", has_text="0.36").click()
    assert page.evaluate("model.get('beta2')") == pytest.approx(0.36, abs=1e-12)


def test_curve_of_the_exact_boundary_follows_beta1(browser_page):
    page = browser_page
    open_host(page, RarityExplorer())
    before = curves(page, "#one")
    assert len(before) == 3
    page.evaluate("model.set('beta1', 0)")
    law, paper, exact = wait_for_new_curves(page, before, "#one")
    assert law == before[0] and exact != before[2]


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize("width", [390, 320])
def test_explorer_fits_a_phone(explorer, width, browser_page):
    page = browser_page
    open_host(page, explorer(), width)
    right = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#one :is(svg, svg text, input, p, button)')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= width


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_explorer_is_readable_on_both_grounds(explorer, theme, browser_page):
    page = browser_page
    open_host(page, explorer())
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    found = page.locator("#one .aab").evaluate(CONTRASTS)
    assert len(found) > 15
    assert too_faint(found) == []
