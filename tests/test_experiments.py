"""Experiments: what is run, stored, assembled and chosen; `kill -9`, and on as if nothing was."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from adam_and_beyond import __main__ as command
from adam_and_beyond import published, results
from adam_and_beyond.images import datasets, experiments, grids, report, runs, training, watching
from adam_and_beyond.images.training import MEASURES, Run, Setting, Task

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"
TINY = dataclasses.replace(
    experiments.experiment("figure-2-logistic", "digits"),
    task=Task("logistic", "inverse_sqrt", 5, 10),
    steps=20,
    alphas={"adam": (0.01, 0.1, 1.0), "sgd": (0.1, 1.0)},
    seeds=(0, 1),
)


def same(one, other):
    assert one.settings == other.settings
    for name in MEASURES:
        assert np.array_equal(one.measured[name], other.measured[name], equal_nan=True)


# --- what is run ---
@pytest.mark.parametrize("name", ["figure-2-logistic", "figure-2-network"])
def test_the_grids_on_mnist_are_those_of_the_plan(name):
    job = experiments.experiment(name)
    assert set(job.alphas) == {"sgd", "adagrad", "rmsprop", "adam", "amsgrad", "adamnc"}
    for alphas in job.alphas.values():
        steps = np.diff(np.log10(alphas))
        assert len(alphas) >= 7 and np.all((steps > 0.29) & (steps < 0.53))
    some = experiments.groups(job)
    settings = [s for group in some for s in group]
    assert {s.beta2 for s in settings if s.method in ("adam", "amsgrad", "rmsprop")} == {
        0.99,
        0.999,
    }
    assert {s.beta2 for s in settings if s.method in ("sgd", "adagrad", "adamnc")} == {None}
    assert {s.seed for s in settings} == {0, 1, 2, 3, 4}
    assert len(settings) == len(set(settings)) == 9 * 5 * len(job.alphas["adam"])
    for group in some:
        assert len({s._replace(alpha=0) for s in group}) == 1


def test_cifarnet_compares_what_the_libraries_compute_over_seven_alphas():
    job = experiments.experiment("figure-2-cifarnet")
    assert set(job.alphas) == {
        *("adam", "adam_corrected", "amsgrad", "amsgrad_torch", "amsgrad_optax")
    }
    assert all(len(alphas) == 7 for alphas in job.alphas.values())
    found = [s for group in experiments.groups(job) for s in group]
    assert len(found) == len(set(found)) == 5 * 7 * 2 * 5
    assert job.steps == 20 * 390


def test_a_selection_keeps_what_was_asked_for():
    job = experiments.experiment("figure-2-cifarnet")
    some = experiments.groups(
        job, {"method": ["adam"], "alpha": [5e-4], "beta2": [0.9], "seed": [7]}
    )
    assert some == [[Setting("adam", 5e-4, 0.9, 7)]]
    quick = experiments.groups(experiments.experiment("figure-2-logistic", "digits"), quick=True)
    assert [len(group) for group in quick] == [3, 3]
    with pytest.raises(ValueError, match="no setting"):
        experiments.groups(job, {"seed": []})


@pytest.mark.parametrize(
    "name, data, words",
    [("figure-3", None, "figure-2-logistic"), ("figure-2-cifarnet", "mnist", "32 x 32")],
)
def test_experiments_that_do_not_exist_are_refused(name, data, words):
    with pytest.raises(ValueError, match=words):
        experiments.experiment(name, data)


# --- finished once, stored, assembled ---
@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return folder, runs.reproduce(TINY, experiments.groups(TINY), folder=folder)


def test_finished_runs_are_not_run_again(finished):
    folder, grid = finished
    told = []
    again = runs.reproduce(
        TINY, experiments.groups(TINY), folder=folder, tell=lambda group, t, loss: told.append(t)
    )
    same(grid, again)
    assert told == [20] * 6  # one call a group: nothing was trained
    assert not list(folder.rglob("*.part")) and not list(folder.rglob("*.npz"))


def test_a_grid_grows_over_sittings_and_is_assembled(finished, tmp_path):
    folder, grid = finished
    here = folder / "figure-2-logistic-digits"
    part = tmp_path / "runs" / here.name
    part.mkdir(parents=True)
    files = sorted(here.glob("*.json"))
    for path in files[:4]:
        (part / path.name).write_bytes(path.read_bytes())
    runs.assemble(TINY, tmp_path / "runs", tmp_path / "results")
    assert len(runs.stored(TINY, tmp_path / "results").settings) == 4
    for path in files[4:]:  # a later sitting, its shards alone
        (part / path.name).write_bytes(path.read_bytes())
    for path in files[:4]:
        (part / path.name).unlink()
    runs.assemble(TINY, tmp_path / "runs", tmp_path / "results")
    same(grid, runs.stored(TINY, tmp_path / "results"))
    about = results.read("figure-2-logistic-digits", tmp_path / "results")
    assert about["runs"] == about["runs_of_command"] == 16 and about["seeds"] == [0, 1]
    kind = about["about"][0]
    assert {"task", "data", "versions", "device", "date"} <= set(kind)
    assert kind["data"]["sha256"] == dict(datasets.load("digits").checksums)


def test_runs_from_other_data_are_not_assembled_with_these(finished, tmp_path):
    here = tmp_path / "figure-2-logistic-digits"
    here.mkdir()
    for k, path in enumerate(sorted(finished[0].rglob("*.json"))[:2]):
        record = json.loads(path.read_text())
        record["about"]["data"]["name"] += str(k)
        (here / path.name).write_text(json.dumps(record))
    with pytest.raises(ValueError, match="different data or tasks"):
        runs.assemble(TINY, tmp_path, tmp_path)
    with pytest.raises(ValueError, match="nothing to assemble"):
        runs.assemble(TINY, tmp_path / "empty", tmp_path)
    (here / "sgd-alpha-1-seed-1.json").write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        runs.reproduce(TINY, [[Setting("sgd", 1.0, None, 1)]], folder=tmp_path)


# --- kill -9 ---
WORDS = "reproduce figure-2-network --dataset digits --methods amsgrad --alphas 0.001 0.01"
WORDS += " --beta2 0.99 --seeds 0 --steps 1500 --checkpoint-every 0"


def start(folder):
    return subprocess.Popen(
        [sys.executable, "-m", "adam_and_beyond", *WORDS.split(), "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_killed_and_resumed_ends_as_an_unbroken_one_bit_for_bit(tmp_path):
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    process = start(broken)
    deadline = time.monotonic() + 120
    while not list(broken.rglob("*.npz")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not list(broken.rglob("*.json"))  # it did not finish
    job = experiments.experiment("figure-2-network", "digits")
    only = {"method": ["amsgrad"], "alpha": [0.001, 0.01], "beta2": [0.99], "seed": [0]}
    told = []
    resumed = runs.reproduce(
        job, experiments.groups(job, only), 1500, folder=broken, tell=lambda g, t, x: told.append(t)
    )
    assert told[0] > job.task.stride  # it went on; it did not begin anew
    unbroken = runs.reproduce(job, experiments.groups(job, only), 1500, folder=whole)
    same(resumed, unbroken)


# --- the command line ---
def test_the_command_prints_the_best_settings_and_returns_zero(tmp_path, capsys):
    words = ["reproduce", "figure-2-logistic", "--dataset", "digits", "--quick", "--steps", "200"]
    assert command.main([*words, "--folder", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "step 200 (6 runs)" in printed and "amsgrad" in printed


def test_a_mistake_on_the_command_line_is_one_sentence_and_a_code(tmp_path, capsys):
    words = ["reproduce", "figure-2-network", "--data", str(tmp_path), "--folder", str(tmp_path)]
    assert command.main(words) == 1
    assert "mnist is not in" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["reproduce", "figure-9"])
    assert "figure-2-cifarnet" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--help"], ["reproduce", "--help"], ["watch", "--help"], ["fetch", "--help"]]
)
def test_every_command_has_a_help_text(words, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(words)
    assert caught.value.code == 0 and len(capsys.readouterr().out) > 200


# --- tables of runs ---
def run(method, alpha, beta2, seed, *train_loss, stopped=0):
    y = np.array(train_loss, float)
    return Run(
        Setting(method, alpha, beta2, seed), np.arange(1, len(y) + 1), y, y, y, y, stopped, 1
    )


GRID = grids.Grid.of_runs(
    [
        run("adam", 0.1, 0.9, 0, 5, 3),
        run("adam", 0.1, 0.9, 1, 5, 4),
        run("adam", 1.0, 0.9, 0, 5, 1),
        run("adam", 1.0, 0.9, 1, 5, np.nan, stopped=2),
        run("adam", 0.1, 0.99, 0, 5, 3),
        run("adam", 0.1, 0.99, 1, 5, 3.5),
        run("sgd", 1.0, None, 0, 5),
    ]
)


def test_the_best_setting_is_chosen_by_the_mean_and_never_one_that_broke():
    assert GRID.chosen("adam", 2) == Setting("adam", 0.1, 0.99, 0)
    with pytest.raises(ValueError, match="no setting of 'sgd'"):
        GRID.chosen("sgd", 2)  # its run is shorter
    with pytest.raises(ValueError, match="step 7 was not recorded"):
        GRID.at(7)
    alphas, values = GRID.sensitivity("train_loss", "adam", 0.9, 2)
    assert alphas.tolist() == [0.1, 1.0]
    assert np.array_equal(values, [[3, 1], [4, np.nan]], equal_nan=True)
    assert GRID.curves("train_loss", "adam", 0.1, 0.9).tolist() == [[5, 3], [5, 4]]


def test_a_part_of_a_table_is_a_table():
    part = GRID.only(method="adam", beta2=0.9, seed=0)
    assert part.settings == (Setting("adam", 0.1, 0.9, 0), Setting("adam", 1.0, 0.9, 0))
    same(part, grids.Grid.of_runs([run("adam", 0.1, 0.9, 0, 5, 3), run("adam", 1.0, 0.9, 0, 5, 1)]))
    assert part.chosen("adam", 2) == Setting("adam", 1.0, 0.9, 0)
    assert not GRID.only(seed=9).settings


def test_where_a_method_ends_is_the_mean_at_its_best_setting():
    one = report.end(GRID, "adam", 2)
    assert one.setting == Setting("adam", 0.1, 0.99, 0) and one.train_loss == 3.25
    lines = report.table({"adam": one}).splitlines()
    assert len(lines) == 3 and lines[2] == "| Adam | 0.1 | 0.99 | 3.2500 | 3.2500 | 325.00% |"


def test_a_table_survives_storage_and_the_longer_run_counts():
    back = grids.Grid.of_arrays(GRID.arrays())
    same(GRID, back)
    same(GRID, grids.Grid.of_runs(back.runs()))
    longer = grids.Grid.of_runs([*back.runs(), run("sgd", 1.0, None, 0, 5, 6, 7)])
    assert longer.steps.tolist() == [1, 2, 3]
    assert longer.curves("train_loss", "sgd", 1.0, None).tolist() == [[5, 6, 7]]


def test_the_paired_interval_is_students():
    a, b = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.5, 1.8, 3.9, 5.2])
    found = grids.paired(a, b)
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert found["wins"] == 3 and found["mean"] == pytest.approx((a - b).mean())
    for wrong in ((a, b[:3]), (a[:1], b[:1])):
        with pytest.raises(ValueError, match="two seeds"):
            grids.paired(*wrong)


# --- watching ---
def test_what_is_watched_is_what_is_trained_and_amsgrad_never_falls():
    digits = datasets.load("digits")
    task = Task("logistic", "inverse_sqrt", 20, 200)
    for name in ("adam", "amsgrad"):
        setting = Setting(name, 0.1, 0.9, 0)
        seen = watching.watch(task, digits, setting, 200)
        losses = []
        training.train(task, digits, [setting], 200, tell=lambda t, loss, s=losses: s.append(loss))
        assert np.allclose(seen.loss, losses, rtol=1e-3)
        # t v_t >= (t - 1) v_{t-1} as long as t <= 1/(1 - beta2) = 10.
        if name == "adam":
            assert np.all(seen.falls[1:] > 0.3)
        else:
            assert np.all(seen.falls == 0)
        back = watching.of_arrays(watching.arrays({name: seen}))[name]
        assert all(np.array_equal(a, b) for a, b in zip(back, seen, strict=True))
        assert np.all(seen.rates[0] <= seen.rates[1]) and np.all(seen.rates[1] <= seen.rates[2])
    with pytest.raises(ValueError, match="multiple of 20"):
        watching.watch(task, digits, setting, 30)


# --- what is stored ---
def test_the_stored_points_are_those_read_off_figure_2():
    adam, amsgrad = (published.FIGURE_2_LOGISTIC_TRAIN[n] for n in ("adam", "amsgrad"))
    assert adam.t.tolist() == [200, 500, 1000, 2000, 3000, 4000, 4950]
    assert adam.y.tolist() == [0.480, 0.366, 0.315, 0.28, 0.267, 0.26, 0.254]
    assert amsgrad.y.tolist() == [0.374, 0.301, 0.274, 0.260, 0.253, 0.250, 0.248]
    network = published.FIGURE_2_NETWORK_TRAIN
    assert network["adam"].y.tolist() == [0.192, 0.123, 0.092, 0.059, 0.042, 0.031, 0.022]
    assert network["amsgrad"].y.tolist() == [0.182, 0.104, 0.068, 0.036, 0.026, 0.017, 0.012]
    assert published.FIGURE_2_CIFARNET_TRAIN["amsgrad"].y.tolist() == [0.73, 0.63, 0.47, 0.35, 0.31]


STORED = [
    (name, data)
    for name, job in experiments.EXPERIMENTS.items()
    for data in (job.data, "digits")
    if (results.FOLDER / f"{name}-{data}.npz").exists()
]


def test_the_experiments_on_mnist_are_stored():
    assert ("figure-2-logistic", "mnist") in STORED


@pytest.mark.parametrize("name, data", STORED)
def test_a_slice_of_a_stored_result_is_run_again_and_agrees(name, data):
    if not datasets.present(data, REAL):
        pytest.skip(f"the genuine {data} is not on this machine")
    job = experiments.experiment(name, data)
    grid = runs.stored(job)
    found = json.loads((results.FOLDER / f"{name}-{data}.json").read_text())["about"]
    loaded = datasets.load(data, REAL)
    assert all(kind["data"]["sha256"] == dict(loaded.checksums) for kind in found)
    # A larger alpha amplifies rounding, and a convolution over half an epoch leaves it more time.
    alpha = 1e-4 if (name, data) == ("figure-2-cifarnet", "cifar10") else 1e-3
    setting = Setting("amsgrad", alpha, 0.99, 0)
    again = runs.run_again(job, loaded, setting)
    assert tuple(again) == MEASURES
    row = grid.rows(**setting._asdict())[0]
    for measure in MEASURES:
        # float32; the grid was trained seven or ten alphas at a time, this run alone. Convolutions
        # of another processor add in another order.
        near = pytest.approx(grid.measured[measure][row, 0], rel=0.05 if "cifar" in name else 0.01)
        assert again[measure][0] == near and again[measure][1] == grid.measured[measure][row, 0]


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_what_was_watched_is_seen_again(name):
    job = experiments.experiment(name)
    if not datasets.present(job.data, REAL):
        pytest.skip(f"the genuine {job.data} is not on this machine")
    assert set(runs.watched(job)) == {"adam", "amsgrad"}
    again = runs.watch_again(job, datasets.load(job.data, REAL))
    assert set(again) == {"falls", "rates", "loss"}
    # Rounding grows on the way: these are the best settings, with a large alpha.
    near = 0.2 if name == "figure-2-cifarnet" else 0.005
    for now, before in again.values():
        assert now == pytest.approx(before, rel=near, abs=1e-3)


def test_a_setting_that_is_not_stored_can_not_be_run_again():
    job = experiments.experiment("figure-2-logistic", "digits")
    with pytest.raises(ValueError, match="alpha 0.123, .* is not among the stored runs"):
        runs.run_again(job, None, Setting("amsgrad", 0.123, 0.99, 0))


def test_the_stored_benchmark_meets_its_targets_and_they_follow_from_its_rows():
    stored = results.read("benchmark-images")
    rows = {(row["case"], row["peer"]): row for row in stored["rows"]}
    assert len(stored["targets"]) == 4
    for target in stored["targets"]:
        ours = rows[target["case"], "ours"]["milliseconds"]
        theirs = rows[target["case"], target["peer"]]["milliseconds"]
        assert (
            target["value"] == pytest.approx(ours / theirs) and target["value"] <= target["at_most"]
        )
