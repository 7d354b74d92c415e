"""What the pages on the field let the reader drag: numbers in Node against Python's, and life."""

import numpy as np
import pytest
import traitlets
from test_explorers_browser import CONTRASTS, curves, open_host, too_faint, wait_for_new_curves

from adam_and_beyond import drift, methods
from adam_and_beyond.explorers import KeptExplorer, StopsExplorer

DATA = [1.0, 1.3, 1.6, 2.0, 2.2, 3.1, 4.0, 9.0]


@pytest.mark.node
def test_adam_stops_where_python_says(ask_node):
    asked = [
        {"data": data, "beta1": beta1, "beta2": beta2, "order": order}
        for data in (DATA, [0.0, 0.0, 0.0, 10.0], [5.0, 5.0, 1.0])
        for beta1, beta2 in ((0.0, 0.3), (0.0, 0.9), (0.9, 0.95), (0.9, 0.999))
        for order in ("independent", "fixed", "reshuffled")
    ]
    found = ask_node("stops.js", ("adam",), rests=asked)["rests"]
    wanted = [StopsExplorer(**values).rest() for values in asked]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6)


def test_some_reshuffled_epochs_stand_for_all_of_them():
    data = np.array([0.0, 1.0, 1.0, 1.0, 6.0])
    x = StopsExplorer(data=list(data), beta1=0.5, beta2=0.7, order="reshuffled").rest()
    adam = methods.get("adam", beta1=0.5, beta2=0.7)
    signs = [drift.ordered(adam, x + off - data, "reshuffled") for off in (-0.003, 0.003)]
    assert signs[0] > 0 > signs[1]


KEPT = [
    {"beta1": 0.9, "beta2": 0.95, "batch": 512, "classes": 10_000, "exponent": 1.0, "rank": 5000},
    {"beta1": 0.0, "beta2": 0.99, "batch": 1, "classes": 50, "exponent": 1.0, "rank": 30},
    {"beta1": 0.9, "beta2": 0.999, "batch": 32, "classes": 1_000, "exponent": 1.3, "rank": 9999},
]


@pytest.mark.node
@pytest.mark.parametrize("values", KEPT)
def test_adam_keeps_what_python_says(values, ask_node):
    [found] = ask_node("kept.js", ("adam",), kept=[values])["kept"]
    p, rest = KeptExplorer(**values).rest()
    wanted = (rest.probabilities / p)[np.array(found["ranks"]) - 1]
    shown = wanted > 1e-3
    print(found["milliseconds"], found["drift"], rest.drift)
    print(np.round(np.array(found["shares"])[shown] / wanted[shown] - 1, 4))
    np.testing.assert_allclose(np.array(found["shares"])[shown], wanted[shown], rtol=0.02)
    assert found["drift"] == pytest.approx(rest.drift, rel=0.02)
    excess = np.sum(p * np.log(p / rest.probabilities))
    assert found["excess"] == pytest.approx(excess, rel=0.05, abs=1e-5)
    lost = np.maximum(p - rest.probabilities, 0).sum()
    assert found["lost"] == pytest.approx(lost, rel=0.03, abs=1e-5)
    rank, share = KeptExplorer(**values).kept()
    assert found["chosen"]["rank"] == rank == min(values["rank"], values["classes"])
    assert found["chosen"]["share"] == pytest.approx(share, rel=0.02)


# In a browser
VIEWS = {StopsExplorer: "stops at", KeptExplorer: "less than half"}


@pytest.mark.parametrize("explorer", VIEWS)
def test_picture_is_of_the_present_values(explorer):
    live = explorer()
    first = live.png()
    assert first.startswith(b"\x89PNG") and VIEWS[explorer] in live.caption()
    live.beta2 = 0.97
    assert live.png() != first


def test_data_outside_are_refused():
    with pytest.raises(traitlets.TraitError, match="data must be 2 to 20 numbers"):
        StopsExplorer(data=[1.0])
    with pytest.raises(traitlets.TraitError, match="data must be 2 to 20 numbers"):
        StopsExplorer(data=[1.0, 11.0])


@pytest.mark.parametrize("explorer", VIEWS)
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_is_readable_named_and_moves_by_keyboard(explorer, width, browser_page):
    page = browser_page
    open_host(page, explorer(), width)
    view = page.locator("#one .aab")
    assert view.get_attribute("aria-label").startswith("Explorer of")
    right = view.evaluate(
        "r => Math.max(...[...r.querySelectorAll('svg, svg text, input, button, p')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= width
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = view.evaluate(CONTRASTS)
        assert too_faint(found) == []
    for control in view.locator("input, select").all():
        assert control.evaluate("e => e.labels.length > 0 || !!e.ariaLabel")
    before = curves(page, "#one")
    name = "beta2" if explorer is KeptExplorer else "beta1"
    page.locator(f"#one [data-control={name}] input[type=range]").focus()
    page.keyboard.press("ArrowLeft" if explorer is KeptExplorer else "ArrowRight")
    wait_for_new_curves(page, before, "#one")


def test_points_are_dragged_added_typed_and_removed(browser_page):
    page = browser_page
    open_host(page, StopsExplorer())
    data = "JSON.stringify(model.get('data'))"
    point = page.locator("#one circle.aab-datum").last
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=4)
    page.mouse.up()
    assert page.evaluate("model.get('data').at(-1)") < 8
    page.mouse.click(x, y)
    assert page.evaluate("model.get('data').length") == 9
    page.mouse.dblclick(x, y)
    page.wait_for_function("model.get('data').length === 8")
    field = page.locator("#one .aab-list")
    field.fill("1 2 3,5")
    field.press("Enter")
    page.wait_for_function(f"{data} === '[1,2,3,5]'")
    field.fill("1 99")
    field.press("Enter")
    page.locator("#one .aab-refusal", has_text="Refused").first.wait_for()
    assert page.evaluate(data) == "[1,2,3,5]"
