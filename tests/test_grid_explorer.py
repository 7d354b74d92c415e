"""The explorer of a stored grid: what it shows is what was measured, in Python and in a browser."""

from __future__ import annotations

import json

import numpy as np
import pytest
import traitlets
from test_explorers_browser import HOST, assert_readable_on_a_phone, curves, wait_for_new_curves

from adam_and_beyond.explorers import GridExplorer
from adam_and_beyond.images import experiments, runs
from adam_and_beyond.images.tables import RunTable
from adam_and_beyond.images.tasks import MEASURES, Setting

STEPS = np.array([100, 200, 400])
ALPHAS = (0.01, 0.1, 1.0)


def measured(setting: Setting) -> float:
    """An invented train loss at the end: a valley at 0.1, Adam below SGD, 0.999 below 0.99."""
    valley = abs(np.log10(setting.alpha) + 1)
    base = {"sgd": 0.5, "adam": 0.3, "amsgrad": 0.4}[setting.method]
    return base + valley / 4 - 0.05 * (setting.beta2 == 0.999) + 0.01 * setting.seed


@pytest.fixture(scope="module")
def grid() -> RunTable:
    """Three methods, three alphas, two beta2 and two seeds; SGD was stopped at alpha 1."""
    settings = [
        Setting(method, alpha, beta2, seed)
        for method in ("adam", "amsgrad", "sgd")
        for beta2 in ((None,) if method == "sgd" else (0.99, 0.999))
        for alpha in ALPHAS
        for seed in (0, 1)
    ]
    ends = np.array([measured(s) for s in settings])
    losses = np.stack([4 * ends, 2 * ends, ends], axis=1)
    losses[[s.method == "sgd" and s.alpha == 1 for s in settings], 1:] = np.nan
    values = {"train_loss": losses, "test_loss": losses + 0.1, "test_accuracy": 1 - losses / 4}
    values |= {"train_accuracy": values["test_accuracy"], "objective": np.full_like(losses, np.nan)}
    assert set(values) == set(MEASURES)
    return RunTable(tuple(settings), STEPS, values, np.zeros(len(ends)), np.zeros(len(ends)))


def test_data_are_mean_and_range_over_the_seeds(grid):
    data = GridExplorer(grid).data
    assert data["methods"] == ["sgd", "adam", "amsgrad"] and data["steps"] == [100, 200, 400]
    assert len(data["runs"]) == 15
    [run] = [r for r in data["runs"] if (r["method"], r["beta2"], r["alpha"]) == ("adam", 0.99, 1)]
    ends = [band[-1] for band in run["train_loss"]]
    assert ends == pytest.approx([0.555, 0.55, 0.56], abs=1e-5)
    [stopped] = [r for r in data["runs"] if (r["method"], r["alpha"]) == ("sgd", 1.0)]
    assert stopped["train_loss"][0][0] == pytest.approx(4 * 0.755)
    assert stopped["train_loss"][0][1:] == [None, None]
    json.dumps(data, allow_nan=False)


def test_best_alpha_is_by_train_loss_and_never_a_stopped_run(grid):
    live = GridExplorer(grid, measure="test_accuracy")
    assert live.shown() == [("sgd", None, 0.1), ("adam", 0.99, 0.1), ("amsgrad", 0.99, 0.1)]
    live.beta2 = 0.999
    assert live.shown()[1] == ("adam", 0.999, 0.1)
    live.best, live.alpha = False, 1.0
    assert [family[2] for family in live.shown()] == [1.0, 1.0, 1.0]


def test_what_is_not_in_the_grid_is_refused(grid):
    with pytest.raises(traitlets.TraitError, match=r"beta2 must be of the grid \(0.99, 0.999\)"):
        GridExplorer(grid, beta2=0.9)
    with pytest.raises(traitlets.TraitError, match="alpha must be of the grid"):
        GridExplorer(grid).alpha = 0.2
    with pytest.raises(traitlets.TraitError, match="methods must be of the grid"):
        GridExplorer(grid, methods=["adam", "rmsprop"])
    with pytest.raises(ValueError, match="no control 'seed'"):
        GridExplorer(grid, seed=0)
    with pytest.raises(ValueError, match="no runs"):
        GridExplorer(RunTable.of_runs([]))


@pytest.mark.parametrize("measure", ["train_loss", "test_accuracy"])
def test_picture_follows_the_values(grid, measure):
    live = GridExplorer(grid, measure=measure)
    data, _ = live._repr_mimebundle_()
    assert f"{measure} after 400 steps" in data["text/plain"]
    live.methods = ["adam"]
    live.best = False
    changed, _ = live._repr_mimebundle_()
    assert changed["image/png"] != data["image/png"] and "AMSGrad" not in changed["text/plain"]


@pytest.mark.parametrize("name", ["figure-2-logistic", "figure-2-network"])
def test_stored_runs_are_small_enough_for_a_page(name):
    job = experiments.experiment(name)
    live = GridExplorer(runs.stored(job))
    assert {r["alpha"] for r in live.data["runs"]} == {
        a for some in job.alphas.values() for a in some
    }
    assert len(json.dumps(live.data)) < 100_000


# In a browser


def open_grid(page, grid, width: int = 1000, **values) -> None:
    live = GridExplorer(grid, **values)
    given = {"limits": live.limits, "defaults": live.defaults, "data": live.data}
    page.set_viewport_size({"width": width, "height": 900})
    code = json.dumps(live._esm).replace("</", "<\\/")
    page.set_content(HOST % (live._css, json.dumps({**live.values(), **given}), code))
    page.wait_for_selector("#one svg path[data-series]")


def test_browser_shows_the_best_alpha_and_any_other(grid, browser_page):
    page = browser_page
    open_grid(page, grid)
    said = page.locator("#one .aab-verdict")
    assert "Adam 0.305 (α = 0.1), AMSGrad 0.405 (α = 0.1), SGD 0.505 (α = 0.1)" in said.inner_text()
    assert page.locator("#one [data-control=alpha] input[type=range]").is_enabled()
    before = curves(page, "#one")
    assert len(before) == 6
    page.locator("#one input[name=best]").focus()
    page.keyboard.press("Space")
    field = page.locator("#one [data-control=alpha] .aab-number")
    field.fill("0.8")  # the nearest that was run
    field.press("Enter")
    page.wait_for_function("model.get('alpha') === 1")
    wait_for_new_curves(page, before, "#one")
    assert "α = 1, train loss: Adam 0.555, AMSGrad 0.655." in said.inner_text()
    field.fill("0")  # of no distance to any
    field.press("Enter")
    page.locator("#one .aab-refusal", has_text="α must be a number above 0.").wait_for()
    assert page.evaluate("model.get('alpha')") == 1
    page.locator("#one select[name=beta2]").select_option("0.999")
    page.locator("#one .aab-verdict", has_text="Adam 0.505").wait_for()
    assert page.evaluate("model.get('beta2')") == 0.999
    page.locator("#one select[name=measure]").select_option("test_accuracy")
    page.locator("#one .aab-verdict", has_text="test accuracy: Adam").wait_for()
    assert page.locator("#one svg").first.inner_html().count("NaN") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_grid_is_readable_and_fits_a_phone(grid, theme, browser_page):
    page = browser_page
    open_grid(page, grid, 390)
    assert_readable_on_a_phone(page, theme)
