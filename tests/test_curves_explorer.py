"""The explorer of learning curves: its differences are the chapters', in Python and in Node."""

from __future__ import annotations

import json

import numpy as np
import pytest
import traitlets
from test_explorers_browser import (
    assert_readable_on_a_phone,
    curves,
    open_host,
    wait_for_new_curves,
)

from adam_and_beyond.explorers import CurvesExplorer
from adam_and_beyond.explorers.grid import METHODS
from adam_and_beyond.images import experiments, report, runs
from adam_and_beyond.images.tables import RunTable
from adam_and_beyond.images.tasks import MEASURES, Setting

STEPS = np.array([10, 20, 40, 80])


@pytest.fixture(scope="module")
def grid() -> RunTable:
    """Adam ahead of AMSGrad up to step 20, and behind from 40 on; a worse alpha of each."""
    settings = [
        Setting(m, a, 0.9, s) for m in ("adam", "amsgrad") for a in (0.1, 1.0) for s in (0, 1, 2)
    ]
    ahead = {"adam": np.array([-0.2, -0.1, 0.1, 0.3]), "amsgrad": np.zeros(4)}
    losses = np.stack([4 / np.arange(1, 5) + s.alpha + ahead[s.method] for s in settings])
    losses += np.array([[0.002 * s.seed**2 * (s.method == "adam")] for s in settings])
    values = dict.fromkeys(MEASURES, losses)
    return RunTable(tuple(settings), STEPS, values, np.zeros(len(losses)), np.zeros(len(losses)))


@pytest.mark.parametrize("name", ["figure-2-logistic", "figure-2-network", "figure-2-cifarnet"])
@pytest.mark.parametrize("last", [1, 3])
def test_differences_are_those_of_the_chapters(name, last):
    grid = runs.stored(experiments.experiment(name))
    pair = [grid.chosen(method, int(grid.steps[-1])) for method in ("adam", "amsgrad")]
    live = CurvesExplorer(grid, pair="adam-amsgrad", measure="test_loss", last=last)
    seeds, (mean, low, high) = live.difference()
    late = [int(t) for t in grid.steps[-last:]]
    wanted = report.difference(grid, *pair, "test_loss", late, "")
    np.testing.assert_allclose(seeds[:, -1], wanted.seeds)
    np.testing.assert_allclose([mean[-1], low[-1], high[-1]], wanted[2:], rtol=1e-9)
    assert len(json.dumps(live.data)) < 20_000


@pytest.mark.node
@pytest.mark.parametrize("last", [1, 2])
def test_the_browser_compares_as_python_does(grid, last, ask_node):
    live = CurvesExplorer(grid, stop=40, last=last)
    asked = {**live.values(), "data": live.data}
    [found] = ask_node("curves.js", METHODS, compared=[asked])["compared"]
    seeds, interval = live.difference()
    assert found["stop"] == 2 and found["names"] == ["adam", "amsgrad"]
    there = np.array([[d["mean"], d["low"], d["high"]] for d in found["differences"]]).T
    np.testing.assert_allclose(there, interval, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(np.array([d["seeds"] for d in found["differences"]]).T, seeds, 1e-3)


def test_where_one_stops_decides(grid):
    early, late = CurvesExplorer(grid, stop=20), CurvesExplorer(grid)
    assert "Adam lower with 3 of 3 seeds" in early.caption()
    assert "After 80 steps" in late.caption() and "Adam lower with 0 of 3 seeds" in late.caption()
    assert early._repr_mimebundle_()[0]["image/png"] != late._repr_mimebundle_()[0]["image/png"]


def test_what_is_not_stored_is_refused(grid):
    with pytest.raises(traitlets.TraitError, match=r"stop must be a stored one \(10, 20, 40, 80\)"):
        CurvesExplorer(grid, stop=30)
    with pytest.raises(traitlets.TraitError, match="pair must be a stored one"):
        CurvesExplorer(grid).pair = "sgd-adam"
    with pytest.raises(traitlets.TraitError, match="last must be a whole number in"):
        CurvesExplorer(grid, last=0)
    with pytest.raises(ValueError, match="two methods"):
        CurvesExplorer(grid.only(method="adam"))
    with pytest.raises(ValueError, match="two at least"):
        CurvesExplorer(grid.only(seed=0))


# In a browser


def test_a_stop_on_the_slider_turns_the_answer(grid, browser_page):
    page = browser_page
    open_host(page, CurvesExplorer(grid))
    said = page.locator("#one .aab-verdict")
    assert "Lower: AMSGrad" in said.inner_text()
    before = page.locator('#one svg[data-chart="difference"]').inner_html()
    page.locator("#one [data-control=stop] input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("model.get('stop') === 20")
    page.locator("#one .aab-verdict", has_text="Lower: Adam;").wait_for()
    assert "changes sign once" in said.inner_text()
    assert page.locator('#one svg[data-chart="difference"]').inner_html() != before
    shown = curves(page, "#one")
    field = page.locator("#one [data-control=last] .aab-number")
    field.fill("2")
    field.press("Enter")
    wait_for_new_curves(page, shown, "#one")
    assert page.locator("#one svg").first.inner_html().count("NaN") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_curves_are_readable_and_fit_a_phone(theme, browser_page):
    page = browser_page
    stored = runs.stored(experiments.experiment("figure-2-cifarnet"))
    open_host(page, CurvesExplorer(stored, stop=3900), 390)
    assert_readable_on_a_phone(page, theme)
