"""What can go wrong with stored runs, and the sentence that says so."""

import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
from small_experiment import ONE, TINY, trained

from adam_and_beyond import __main__ as command
from adam_and_beyond import methods, results
from adam_and_beyond.images import datasets, experiments, runs, store, watching
from adam_and_beyond.images.identity import identity

NAME = TINY.result_name


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A folder with one finished run."""
    folder = tmp_path_factory.mktemp("one")
    trained(folder)
    return folder


# --- two processes ---
def test_a_run_is_trained_by_one_process_at_a_time_and_others_beside_it(tmp_path):
    group = identity(TINY.task, datasets.load("digits"), [ONE])
    with store.Store(tmp_path / NAME).checkpoint(group, {}).alone():
        with pytest.raises(ValueError, match="in use by another process; wait for it"):
            trained(tmp_path)
        assert trained(tmp_path, setting=ONE._replace(seed=1))[1] == 4
    assert trained(tmp_path)[1] == 4  # the lock went with its owner; the file that is left is none


# --- folders and disks ---
@pytest.mark.parametrize("name", ["listdir", "open"])
def test_a_folder_that_cannot_be_read_is_a_sentence(one, name, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(*((os, name) if name == "listdir" else (store.Path, name)), refuse)
    with pytest.raises(ValueError, match="can't be read or written .Permission denied."):
        store.Store(one / NAME)


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path):
    (tmp_path / NAME).write_text("")
    with pytest.raises(ValueError, match="can't be read or written"):
        trained(tmp_path)


def test_results_that_cannot_be_written_are_a_sentence_and_the_runs_stay(
    one, monkeypatch, tmp_path
):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "write", full)
    with pytest.raises(ValueError, match="No space left on device.; the runs are kept in"):
        runs.assemble(TINY, one, tmp_path)
    assert trained(one)[1] == 0


def test_runs_of_the_time_when_a_group_was_one_program_are_passed_over(one, tmp_path):
    [path] = (one / NAME).glob("*.run")
    header, _, rest = path.read_bytes().partition(b"\n")
    old = json.loads(header)
    old["identity"]["group"] = [setting[:4] for setting in old["identity"]["group"]]
    old["measured"] = [record[:4] for record in old["measured"]]
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / path.name).write_bytes(json.dumps(old).encode() + b"\n" + rest)
    assert not store.Store(tmp_path / NAME).records
    assert trained(tmp_path, setting=ONE._replace(seed=1))[1] == 4


# --- Ctrl-C ---
@pytest.mark.parametrize(
    "words, says",
    [
        ("watch figure-2-logistic", "begins anew"),
        ("reproduce figure-2-logistic", "last checkpoint"),
    ],
)
def test_ctrl_c_says_what_is_kept(words, says, monkeypatch, capsys):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "load", interrupt)
    monkeypatch.setattr(watching, "watch", interrupt)
    assert command.main(words.split()) == 130
    assert says in capsys.readouterr().err


# --- what enters the results ---
def test_a_run_replaces_the_stored_one_of_its_setting_and_not_one_that_is_longer(one, tmp_path):
    before = runs.reproduce(TINY, [[ONE]], folder=one)
    results.write(
        NAME,
        {"about": [{"task": TINY.task.plain(), "data": kind(one)["data"], "date": "long ago"}]},
        before.arrays() | {"train_loss": before.measured["train_loss"] + 1},
        tmp_path,
    )
    runs.assemble(TINY, one, tmp_path)
    stored = runs.stored(TINY, tmp_path)
    assert np.array_equal(stored.measured["train_loss"], before.measured["train_loss"])
    short = tmp_path / "short"
    trained(short, steps=10)
    runs.assemble(TINY, short, tmp_path)
    assert runs.stored(TINY, tmp_path).steps.tolist() == [10, 20]


def kind(folder):
    [path] = (folder / NAME).glob("*.run")
    return json.loads(path.read_bytes().partition(b"\n")[0])["about"]


def test_each_row_says_how_it_was_made(one, tmp_path):
    folder = tmp_path / "runs"
    shutil.copytree(one, folder)
    other = ONE._replace(seed=1)
    runs.reproduce(TINY, [[other]], folder=folder, command="reproduce this")
    runs.assemble(TINY, folder, tmp_path)
    kinds, rows = results.read(NAME, tmp_path)["about"], results.arrays(NAME, tmp_path)["about"]
    assert [kinds[k]["command"] for k in rows] == ["", "reproduce this"]
    for about in kinds:
        assert {"commit", "processor", "cores", "grouping", "versions", "device"} <= set(about)
        assert about["cores"] >= 1 and about["grouping"] == "each run by itself"
    runs.assemble(TINY, tmp_path / "none", tmp_path)  # what is stored keeps what is said of it
    assert results.arrays(NAME, tmp_path)["about"].tolist() == rows.tolist()


def test_rows_of_an_older_table_say_that_their_making_is_not_known(one, tmp_path):
    old = runs.reproduce(TINY, [[ONE._replace(seed=1)]], folder=tmp_path / "old").arrays()
    about = {"task": TINY.task.plain(), "data": kind(one)["data"]}
    results.write(NAME, {"about": [about]}, old, tmp_path)
    runs.assemble(TINY, one, tmp_path)
    kinds = results.read(NAME, tmp_path)["about"]
    assert sorted(results.arrays(NAME, tmp_path)["about"]) == [-1, 1 - kinds.index(about)]


def test_a_row_without_a_measurement_does_not_enter_the_results(one, tmp_path):
    table = runs.reproduce(TINY, [[ONE._replace(alpha=0.7)]], folder=tmp_path / "runs").arrays()
    nothing = {name: np.full_like(table[name], np.nan) for name in ("train_loss", "test_loss")}
    about = {"task": TINY.task.plain(), "data": kind(one)["data"]}
    results.write(NAME, {"about": [about]}, table | nothing, tmp_path)
    runs.assemble(TINY, one, tmp_path)
    assert runs.stored(TINY, tmp_path).settings == (ONE,)


# --- methods of one's own ---
def test_a_method_of_ones_own_is_stored_found_again_and_assembled(tmp_path):
    own = methods.get("amsgrad", beta1=0.5, beta2=0.99)
    mine = dataclasses.replace(TINY, name="mine", alphas={own: (0.1,)}, seeds=(0,))
    [group] = experiments.groups(mine)
    assert group[0].beta2 is None
    first = runs.reproduce(mine, [group], folder=tmp_path)
    told = []
    runs.reproduce(mine, [group], folder=tmp_path, progress=lambda g, t, loss: told.append(t))
    assert told == [20]
    runs.assemble(mine, tmp_path, tmp_path)
    assert runs.stored(mine, tmp_path).settings == first.settings
    assert first.settings[0].method == "AMSGrad (beta1=0.5, beta2=0.99)"
