"""Experiments: what is run, what the command line says, what is watched and stored."""

import json
from pathlib import Path

import genuine
import numpy as np
import pytest
from small_experiment import trained

from adam_and_beyond import __main__ as command
from adam_and_beyond import published, results
from adam_and_beyond.images import datasets, experiments, runs, training, watching
from adam_and_beyond.images.tasks import MEASURES, Setting, Task


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
    "more, words",
    [
        (["--steps", "50"], "first measured at step 200"),
        (["--steps", "0"], "positive multiples of 50, got 0"),
        (["--devices", "0"], "devices must be 1 to"),
        (["--alphas", "nan"], "positive and finite"),
    ],
)
def test_the_command_refuses_what_it_cannot_run_before_it_needs_any_data(
    more, words, tmp_path, capsys
):
    options = ["--data", str(tmp_path), "--folder", str(tmp_path / "runs")]
    assert command.main(["reproduce", "figure-2-logistic", *options, *more]) == 1
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_stored_command_names_no_folder_of_the_machine_that_ran_it():
    words = "reproduce figure-2-slim --folder /a/b --seeds 0 1 --data=/c --checkpoint-every 60"
    assert command._command(words.split()) == (
        "python -m adam_and_beyond reproduce figure-2-slim --seeds 0 1"
    )


def test_watching_no_steps_is_refused(tmp_path, capsys):
    words = ["watch", "figure-2-logistic", "--steps", "0", "--data", str(tmp_path)]
    assert command.main(words) == 1
    assert "positive multiples of 50, got 0" in capsys.readouterr().err


def test_home_is_expanded_in_the_folder_of_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    trained("~/runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_an_installed_package_writes_into_the_users_folder_and_not_beside_itself(tmp_path):
    clone, installed = tmp_path / "clone", tmp_path / "lib" / "python3.11" / "site-packages"
    (clone / "src" / "adam_and_beyond").mkdir(parents=True)
    (clone / "pyproject.toml").touch()
    (installed / "adam_and_beyond").mkdir(parents=True)
    assert results.home(clone / "src" / "adam_and_beyond") == clone
    users = results.home(installed / "adam_and_beyond")
    assert users.name == "adam-and-beyond" and tmp_path not in users.parents
    assert Path(__file__).resolve().parents[1] / "results" == results.FOLDER


@pytest.mark.parametrize(
    "words", [["--help"], ["reproduce", "--help"], ["watch", "--help"], ["fetch", "--help"]]
)
def test_every_command_has_a_help_text(words, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(words)
    assert caught.value.code == 0 and len(capsys.readouterr().out) > 200


# --- watching ---
def test_what_is_watched_is_what_is_trained_and_amsgrad_never_falls():
    digits = datasets.load("digits")
    task = Task("logistic", "inverse_sqrt", 20, 200)
    for name in ("adam", "amsgrad"):
        setting = Setting(name, 0.1, 0.9, 0)
        seen = watching.watch(task, digits, setting, 200)
        losses = []
        note = lambda stretch, found=losses: found.append(stretch.losses[0])  # noqa: E731
        training.train(task, digits, [setting], 200, progress=note)
        assert np.array_equal(seen.loss, losses)  # one loop
        # t v_t >= (t - 1) v_{t-1} as long as t <= 1/(1 - beta2) = 10.
        if name == "adam":
            assert np.all(seen.falls[1:] > 0.3)
        else:
            assert np.all(seen.falls == 0)
        back = watching.of_arrays(watching.arrays({name: seen}))[name]
        assert all(np.array_equal(a, b) for a, b in zip(back, seen, strict=True))
        assert np.all(seen.rates[0] <= seen.rates[1]) and np.all(seen.rates[1] <= seen.rates[2])
    with pytest.raises(ValueError, match="multiples of 20"):
        watching.watch(task, digits, setting, 30)


# --- what is stored ---
def test_what_is_stored_of_slim_are_pairs_with_all_that_is_said_of_a_run():
    job = experiments.experiment("figure-2-slim")
    grid = runs.stored(job)
    assert job.task.network == "slim" and job.steps == 100 * 390 and not job.task.records[0] % 39
    assert {s.method for s in grid.settings} == {"adam", "amsgrad"} and 0 in {
        s.seed for s in grid.settings
    }
    about = results.read(job.result_name)["about"]
    rows = results.arrays(job.result_name)["about"]
    for setting, row in zip(grid.settings, rows, strict=True):
        made = about[row]
        assert made["commit"] and made["processor"] and made["cores"] >= 1
        assert "figure-2-slim" in made["command"] and setting.alpha == 1e-3
    known = np.isfinite(grid.measured["train_loss"])
    assert known[:, 0].all() and grid.steps[0] == 39
    assert np.all((grid.measured["objective"] > grid.measured["train_loss"])[known])


def test_the_stored_points_are_those_read_off_figure_2():
    adam, amsgrad = (published.FIGURE_2_LOGISTIC_TRAIN[n] for n in ("adam", "amsgrad"))
    assert adam.t.tolist() == [200, 500, 1000, 2000, 3000, 4000, 4950]
    assert adam.y.tolist() == [0.480, 0.366, 0.315, 0.28, 0.267, 0.26, 0.254]
    assert amsgrad.y.tolist() == [0.374, 0.301, 0.274, 0.260, 0.253, 0.250, 0.248]
    network = published.FIGURE_2_NETWORK_TRAIN
    assert network["adam"].y.tolist() == [0.192, 0.123, 0.092, 0.059, 0.042, 0.031, 0.022]
    assert network["amsgrad"].y.tolist() == [0.182, 0.104, 0.068, 0.036, 0.026, 0.017, 0.012]
    assert published.FIGURE_2_CIFARNET_TRAIN["amsgrad"].y.tolist() == [0.73, 0.63, 0.47, 0.35, 0.31]
    assert published.FIGURE_2_CIFARNET_TEST == {"adam": (0.62, 0.66), "amsgrad": (0.56, 0.63)}


STORED = [
    (name, data)
    for name, job in experiments.EXPERIMENTS.items()
    for data in (job.data, "digits")
    if (results.FOLDER / f"{name}-{data}.npz").exists()
]


def test_the_experiments_on_mnist_are_stored():
    assert ("figure-2-logistic", "mnist") in STORED


SLICES = [
    pytest.param(*one, marks=pytest.mark.slow) if one == ("figure-2-slim", "cifar10") else one
    for one in STORED  # that one is 195 steps of the most expensive network
]


@pytest.mark.parametrize("name, data", SLICES)
def test_a_slice_of_a_stored_result_is_run_again_and_agrees(name, data):
    if not datasets.present(data, genuine.FOLDER):
        pytest.skip(f"the genuine {data} is not on this machine")
    job = experiments.experiment(name, data)
    grid = runs.stored(job)
    found = json.loads((results.FOLDER / f"{name}-{data}.json").read_text())["about"]
    loaded = datasets.load(data, genuine.FOLDER)
    assert all(kind["data"]["sha256"] == dict(loaded.checksums) for kind in found)
    # A larger alpha amplifies rounding, and a convolution over half an epoch leaves it more time.
    alpha = 1e-4 if (name, data) == ("figure-2-cifarnet", "cifar10") else 1e-3
    setting = Setting("amsgrad", alpha, 0.99, 0)
    again = runs.run_again(job, loaded, setting)
    assert tuple(again) == (MEASURES if name == "figure-2-slim" else MEASURES[:4])
    row = grid.rows(**setting._asdict())[0]
    for measure in again:
        # float32; the grids on MNIST were trained seven or ten alphas at a time, this run alone.
        # Convolutions add in another order with another processor or number of cores.
        near = pytest.approx(grid.measured[measure][row, 0], rel=0.01 if "mnist" in data else 0.05)
        assert again[measure][0] == near and again[measure][1] == grid.measured[measure][row, 0]


@pytest.mark.parametrize("name", [n for n in experiments.EXPERIMENTS if n != "figure-2-slim"])
def test_what_was_watched_is_seen_again(name):
    job = experiments.experiment(name)
    if not datasets.present(job.data, genuine.FOLDER):
        pytest.skip(f"the genuine {job.data} is not on this machine")
    assert set(runs.watched(job)) == {"adam", "amsgrad"}
    again = runs.watch_again(job, datasets.load(job.data, genuine.FOLDER))
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
