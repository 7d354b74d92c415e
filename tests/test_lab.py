"""The lab on Theorem 1 and the figures of its chapter."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from adam_and_beyond import drift, figures, methods, problems
from adam_and_beyond.labs import Theorem1Lab, ZipfLab

matplotlib.use("agg")
PNG = b"\x89PNG\r\n"


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def swept():
    return Theorem1Lab(resolution=16, steps=20_000, live=False).sweep()


def test_map_agrees_with_the_sign_of_the_drift_wherever_a_run_is_decided(swept):
    decided = np.abs(swept.shown.values) > 0.9
    assert decided.mean() > 0.9  # the others lie next to the boundary
    assert np.array_equal(swept.shown.values[decided] > 0, swept.D[decided] > 0)
    assert (swept.D > 0).any() and (swept.D < 0).any()


def test_adam_fails_wherever_the_printed_condition_says_so(swept):
    below = swept.y[:, None] <= 1 / (1 + swept.x**2)
    assert below.any() and np.all(swept.shown.values[below] > 0.99)


def test_amsgrad_and_adam_with_much_momentum_never_fail_on_the_map():
    for lab in (Theorem1Lab(method="amsgrad", resolution=8), Theorem1Lab(beta1=0.9, resolution=8)):
        data = lab.sweep()
        assert data.shown.values.max() < -0.9 and data.D.max() < 0


def test_average_regret_is_one_in_units_of_its_limit_where_adam_fails(swept):
    lab = Theorem1Lab(resolution=16, quantity="average_regret", x1=1.0)
    share = lab.sweep().shown.values[swept.D > 0.3]
    # It falls to 1 like 1/sqrt(T); the excess is largest near C = 2, where 2C - 4 is small.
    assert np.all(share > 0.95) and np.median(share) < 1.1


def test_progress_is_reported_part_by_part():
    seen = []
    Theorem1Lab(resolution=8, steps=10).sweep(lambda done, total: seen.append((done, total)))
    assert seen == [(k, 8) for k in range(1, 9)]


def test_drift_is_interpolated_well_on_fine_grids():
    coarse, fine = Theorem1Lab(resolution=40, steps=1), Theorem1Lab(resolution=160, steps=1)
    method = methods.get("adam", beta1=0.0)
    data = fine.sweep()
    for row, column in ((3, 5), (81, 77), (157, 120)):
        exact = drift.number(
            method.replace(beta2=float(data.y[row])), problems.theorem_1(data.x[column])
        )
        # Linear interpolation over a quarter of the grid's spacing: a curve's bend of 0.01.
        assert data.D[row, column] == pytest.approx(exact, abs=0.01)
    assert coarse.sweep().D.shape == (40, 40)


def test_without_a_kernel_session_the_lab_is_a_picture_that_says_how_to_run_it():
    bundle = Theorem1Lab(resolution=8, steps=100, live=False)._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["image/png"].startswith(PNG)
    assert "make lab" in bundle["text/plain"] and "8 x 8 runs" in bundle["text/plain"]


def test_lab_is_live_only_in_a_session_of_a_jupyter_server(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert not Theorem1Lab().live
    monkeypatch.setenv("JPY_SESSION_NAME", "chapters/failure/theorem-1.md")
    assert Theorem1Lab().live


def test_live_lab_shows_controls_and_run_redraws_the_picture():
    lab = Theorem1Lab(resolution=16, steps=1000, live=True)
    shown = lab._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    box = lab.widget()
    fields, row, status, picture = box.children
    before = bytes(picture.value)
    assert before.startswith(PNG)
    by_name = {field.description: field for field in fields.children}
    assert set(by_name) == {"method", "show", "beta1", "alpha", "steps", "resolution"}
    by_name["method"].value = "amsgrad"
    run, bar = row.children
    run.click()
    after = bytes(picture.value)
    assert after.startswith(PNG) and after != before
    assert bar.value == bar.max == 8
    assert "AMSGrad" in status.value and not run.disabled


def test_the_stop_button_ends_a_lab_and_leaves_its_picture(monkeypatch):
    _, row, status, picture = Theorem1Lab(resolution=16, steps=10, live=True).widget().children
    before = bytes(picture.value)

    def stopped(self, progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(Theorem1Lab, "sweep", stopped)
    row.children[0].click()
    assert status.value == "Stopped." and not row.children[0].disabled
    assert bytes(picture.value) == before


# --- large output spaces ---
@pytest.fixture(scope="module")
def zipf():
    return ZipfLab(classes=50, batch=1, steps=20_000, live=False)


def test_the_zipf_lab_keeps_what_theory_says(zipf):
    seen = []
    trained = zipf.sweep(lambda done, total: seen.append((done, total)))
    assert seen == [(k, 20) for k in range(1, 21)]
    frequent = trained.frequencies > 0.02
    share = trained.probabilities / trained.predicted
    assert np.all(np.abs(share[frequent] - 1) < 0.1) and trained.excess > 0.001
    assert trained.probabilities[-1] < 0.8 * trained.frequencies[-1]
    bundle = zipf._repr_mimebundle_()
    assert bundle["image/png"].startswith(PNG) and "make lab" in bundle["text/plain"]
    assert "beta2 = 0.99, 50 classes, batch 1" in bundle["text/plain"]


def test_the_live_zipf_lab_runs_with_what_is_chosen():
    lab = ZipfLab(classes=20, steps=2000, live=True)
    fields, row, status, picture = lab.widget().children
    before = bytes(picture.value)
    names = [field.description for field in fields.children]
    assert names == ["method", "beta1", "beta2", "batch", "classes", "alpha", "steps", "start"]
    fields.children[0].value = "sgd"
    row.children[0].click()
    assert bytes(picture.value) != before and status.value.startswith("SGD, 20 classes")
    assert row.children[1].value == row.children[1].max == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "yogi"}, "method must be one of"),
        ({"start": "there"}, "start must be one of"),
        ({"classes": 1}, "classes must be at least 2"),
        ({"steps": 30}, "multiple of 20"),
    ],
)
def test_the_zipf_lab_says_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        ZipfLab(**arguments)


def test_live_lab_tells_an_error_instead_of_hiding_it(monkeypatch):
    _, row, status, _ = Theorem1Lab(resolution=16, steps=10, live=True).widget().children

    def broken(self, progress):
        raise ValueError("no luck today")

    monkeypatch.setattr(Theorem1Lab, "sweep", broken)
    row.children[0].click()
    assert status.value == "This did not run: no luck today" and not row.children[0].disabled


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "sgd"}, "sweeps beta2"),
        ({"resolution": 10}, "multiple of 8"),
        ({"quantity": "loss"}, "quantity must be one of"),
    ],
)
def test_lab_says_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        Theorem1Lab(**arguments)


def test_figures_of_the_chapter_draw_and_label_both_axes(swept):
    n = np.arange(12)
    some = np.linspace(0.9, 1.5, 12)
    grid = np.linspace(0.01, 0.9, 12)
    drawn = [
        figures.cycles_of_theorem_1(np.tile([1.0, 0.5, 0.7], 5), 2 + 1 / (1 + n), 2.0),
        figures.down_against_up(n, np.ones(12), some + 0.2, some),
        figures.first_cycle(grid / 5, some, {"C = 3": (0.1, 1.04)}),
        figures.threshold(
            grid, 0.5 - grid, figures.Ends(grid, np.sign(0.5 - grid)), [("exact", 0.5)]
        ),
        figures.plane_map(swept),
        figures.plane_map(swept._replace(D=None)),
    ]
    for fig, axes in drawn:
        for ax in np.atleast_1d(axes):
            assert ax.get_xlabel() and ax.get_ylabel()
        fig.draw_without_rendering()
