"""The store of runs: each under its whole identity, finished once; `kill -9`, and on as before."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from small_experiment import ONE, TINY, same, trained, with_task

from adam_and_beyond import __main__ as command
from adam_and_beyond import methods, results
from adam_and_beyond.images import datasets, experiments, pipeline, runs, store
from adam_and_beyond.images.identity import _program, identity
from adam_and_beyond.images.tasks import Setting


# --- finished once, stored, assembled ---
@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return folder, runs.reproduce(TINY, experiments.groups(TINY), folder=folder)


def test_finished_runs_are_not_run_again(finished):
    folder, grid = finished
    told = []
    again = runs.reproduce(
        TINY,
        experiments.groups(TINY),
        folder=folder,
        progress=lambda group, t, loss: told.append(t),
    )
    same(grid, again)
    assert told == [20] * 6  # one call a group: nothing was trained
    assert len(list(folder.rglob("*.run"))) == 6


def test_a_grid_grows_over_sittings_and_is_assembled(finished, tmp_path):
    folder, grid = finished
    here = folder / "figure-2-logistic-digits"
    part = tmp_path / "runs" / here.name
    part.mkdir(parents=True)
    files = sorted(here.glob("*.run"))
    for path in files[:4]:
        (part / path.name).write_bytes(path.read_bytes())
    runs.assemble(TINY, tmp_path / "runs", tmp_path / "results")
    assert 8 <= len(runs.stored(TINY, tmp_path / "results").settings) < 16
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


def altered(path, change):
    """The first line of a file of runs, changed; the arrays after it as they are."""
    header, _, rest = path.read_bytes().partition(b"\n")
    record = json.loads(header)
    change(record)
    return json.dumps(record).encode() + b"\n" + rest


def test_runs_from_other_data_are_not_assembled_with_these(finished, tmp_path):
    here = tmp_path / "figure-2-logistic-digits"
    here.mkdir()
    for k, path in enumerate(sorted(finished[0].rglob("*.run"))[:2]):
        rename = lambda record, k=k: record["about"]["data"].update(name=f"digits{k}")  # noqa: E731
        (here / path.name).write_bytes(altered(path, rename))
    with pytest.raises(ValueError, match="different data or tasks"):
        runs.assemble(TINY, tmp_path, tmp_path)
    with pytest.raises(ValueError, match="nothing to assemble"):
        runs.assemble(TINY, tmp_path / "empty", tmp_path)
    (here / "sgd-alpha-1-seed-1.run").write_text("{")
    with pytest.raises(ValueError, match="sgd-alpha-1-seed-1.run is damaged"):
        runs.reproduce(TINY, [[Setting("sgd", 1.0, None, 1)]], folder=tmp_path)


# --- the identity of a run ---
@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A folder with one finished run, and its table."""
    folder = tmp_path_factory.mktemp("one")
    table, stretches = trained(folder)
    assert stretches == 4 and trained(folder)[1] == 0
    return folder, table


@pytest.mark.parametrize(
    "other",
    [
        (TINY, ONE._replace(alpha=float(np.nextafter(0.1, 1)))),
        (TINY, ONE._replace(beta2=float(np.nextafter(0.99, 1)))),
        (TINY, ONE._replace(seed=1)),
        (with_task(batch=64), ONE),
        (with_task(beta1=0.95), ONE),
        (with_task(schedule="constant"), ONE),
        (with_task(sample=100), ONE),
        (with_task(network="network"), ONE),
    ],
)
def test_a_run_that_differs_in_anything_is_another_run(one, other):
    experiment, setting = other
    kept = store.Store(one[0] / TINY.result_name)
    ours = identity(TINY.task, datasets.load("digits"), [ONE])
    theirs = identity(experiment.task, datasets.load("digits"), [setting])
    assert kept.finished(ours, 20) is not None and kept.finished(theirs, 20) is None
    assert ours.file_name() != theirs.file_name()
    assert store.Identity.of_plain(json.loads(theirs.text())) == theirs


@pytest.mark.parametrize(
    "other", [(TINY, ONE._replace(alpha=0.10000001)), (with_task(batch=64), ONE)]
)
def test_alphas_that_print_alike_and_batches_are_trained_apart(one, other, tmp_path):
    folder, table = one
    shutil.copytree(folder, tmp_path / "runs")
    assert trained(tmp_path / "runs", *other)[1] == 4
    again, stretches = trained(tmp_path / "runs")
    assert stretches == 0
    same(table, again)  # the first one is still there


def test_a_run_of_another_rule_is_another_run(tmp_path, monkeypatch):
    trained(tmp_path)
    adam = methods.CATALOGUE["adam"]

    def rule(xp, g, state, t, h):
        m, sqrt_V, state = adam.rule(xp, g, state, t, h)
        return methods.Update(1.5 * m, sqrt_V, state)

    changed = dict(methods.CATALOGUE) | {"adam": dataclasses.replace(adam, rule=rule)}
    monkeypatch.setattr("adam_and_beyond.methods.catalogue.CATALOGUE", changed)
    assert trained(tmp_path)[1] == 4
    runs.assemble(TINY, tmp_path, tmp_path / "results")
    monkeypatch.undo()
    before = trained(tmp_path)
    assert before[1] == 0
    stored = runs.stored(TINY, tmp_path / "results")  # of the present rule alone
    assert not np.array_equal(stored.measured["train_loss"], before[0].measured["train_loss"])


def test_a_run_with_another_order_of_images_is_another_run(tmp_path, monkeypatch):
    trained(tmp_path, steps=10)
    order = pipeline.order
    monkeypatch.setattr(pipeline, "order", lambda *arguments: order(*arguments)[:, ::-1])
    _program.cache_clear()
    assert trained(tmp_path)[1] == 4  # from the first step on, no mixture
    monkeypatch.undo()
    _program.cache_clear()
    assert trained(tmp_path)[1] == 2


def test_a_run_of_other_data_is_another_run(tmp_path, monkeypatch):
    trained(tmp_path)
    digits = datasets.load("digits")
    changed = digits._replace(checksums={"digits": "0" * 64})
    monkeypatch.setattr(datasets, "load", lambda name, root=None: changed)
    assert trained(tmp_path)[1] == 4


def test_a_run_that_was_trained_beside_others_is_found_and_one_anew_is_made_anew(tmp_path):
    group = [ONE._replace(alpha=alpha) for alpha in (0.01, 0.1)]
    both = runs.reproduce(TINY, [group], folder=tmp_path)
    found, stretches = trained(tmp_path)
    assert stretches == 0
    assert np.array_equal(found.measured["train_loss"][0], both.measured["train_loss"][1])
    assert trained(tmp_path, resume=False)[1] == 4


def test_a_finished_run_is_trained_further_and_a_longer_one_is_cut(tmp_path):
    short, stretches = trained(tmp_path, steps=10)
    assert (short.steps.tolist(), stretches) == ([10], 2)
    longer, stretches = trained(tmp_path)
    assert (longer.steps.tolist(), stretches) == ([10, 20], 2)
    again, stretches = trained(tmp_path, steps=10)
    assert stretches == 0
    same(short, again)
    assert again.steps.tolist() == [10]


@pytest.mark.parametrize("steps, words", [(5, "measured at step 10"), (0, "got 0"), (12, "12")])
def test_steps_that_cannot_be_run_are_refused_and_leave_nothing(tmp_path, steps, words):
    with pytest.raises(ValueError, match=words):
        trained(tmp_path, steps=steps)
    assert not list(tmp_path.iterdir())


def test_runs_that_diverge_are_stored_as_such_and_do_no_harm_to_others(tmp_path):
    group = [Setting("sgd", alpha, None, 0) for alpha in (0.1, 1e38)]
    network = with_task(network="network", schedule="constant")
    whole, said = runs.reproduce(network, [group[1:]], folder=tmp_path), []
    assert whole.steps.tolist() == [10, 20] and np.isnan(whole.measured["train_loss"]).all()
    again = runs.reproduce(network, [group[1:]], folder=tmp_path, warn=said.append)
    same(whole, again)
    assert not said  # it was not tried a second time
    both = runs.reproduce(network, [group], folder=tmp_path)
    assert np.isfinite(both.measured["train_loss"][0]).all() and both.stopped[0] == 0
    assert np.isnan(both.measured["train_loss"][1]).all() and both.stopped[1] > 0
    assert both.chosen("sgd", 20) == group[0]
    runs.assemble(network, tmp_path, tmp_path)
    same(both, runs.stored(network, tmp_path))
    assert "no setting of 'sgd' has a finite train_loss" in command._best(whole)


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
    while not list(broken.rglob("*.run")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    [file] = broken.rglob("*.run")
    assert json.loads(file.read_bytes().partition(b"\n")[0])["t"] < 1500  # it did not finish
    job = experiments.experiment("figure-2-network", "digits")
    only = {"method": ["amsgrad"], "alpha": [0.001, 0.01], "beta2": [0.99], "seed": [0]}
    told = []
    resumed = runs.reproduce(
        job,
        experiments.groups(job, only),
        1500,
        folder=broken,
        progress=lambda g, t, x: told.append(t),
    )
    assert told[0] > job.task.stride  # it went on; it did not begin anew
    unbroken = runs.reproduce(job, experiments.groups(job, only), 1500, folder=whole)
    same(resumed, unbroken)
