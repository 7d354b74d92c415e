"""Sweeps in chunks: a bar, an interruption, a continuation, and memory that does not grow."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc

import numpy as np
import optax
import pytest

from adam_and_beyond import methods, optax_bridge, problems, progress, simulate
from adam_and_beyond.simulate import store, sweeps

LANES = 40_000  # three chunks
BETA2 = 1 - np.geomspace(1e-4, 0.5, LANES)


def sweep(steps=50, beta2=BETA2, **options):
    """A sweep of three chunks."""
    problem = problems.theorem_1(3)
    return simulate.sweep("adam", problem, steps, alpha=0.5, beta2=beta2, **options)


def interrupt_after(monkeypatch, chunks):
    """Let ``chunks`` chunks finish, then press Ctrl-C: the signal itself."""
    put, finished = store.ChunkStore.put, []

    def put_and_count(self, *arguments):
        put(self, *arguments)
        finished.append(1)
        if len(finished) == chunks:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(store.ChunkStore, "put", put_and_count)


@pytest.fixture(autouse=True)
def heard():
    """A shell may have started the tests with SIGINT ignored."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def count_chunks(monkeypatch):
    """A list that grows by one with every chunk that is computed."""
    compute, calls = sweeps._Work.off, []

    def counted(self, size, stop, steps, group):
        if steps:  # without, it compiles
            calls.append(1)
        return compute(self, size, stop, steps, group)

    monkeypatch.setattr(sweeps._Work, "off", counted)
    return calls


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path, monkeypatch):
    whole = sweep()
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            sweep(store=tmp_path / "s")
    calls = count_chunks(monkeypatch)
    resumed = sweep(store=tmp_path / "s")
    assert len(calls) == 1
    np.testing.assert_array_equal(resumed.x, whole.x)
    np.testing.assert_array_equal(resumed.average_regret, whole.average_regret)


def test_a_finished_sweep_is_not_run_again(tmp_path, monkeypatch):
    first = sweep(store=tmp_path / "s")
    calls = count_chunks(monkeypatch)
    again = sweep(store=tmp_path / "s")
    assert calls == []
    np.testing.assert_array_equal(again.x, first.x)


@pytest.mark.parametrize("change", [{"steps": 51}, {"beta2": BETA2 * 0.999}, {"x1": 0.1}])
def test_a_folder_of_another_sweep_is_refused(tmp_path, change):
    sweep(store=tmp_path / "s")
    with pytest.raises(ValueError, match="other inputs"):
        sweep(**change, store=tmp_path / "s")


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match="no sweep's"):
        sweep(store=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_is_refused_for_a_method_that_it_could_not_recognise(tmp_path):
    stranger = optax_bridge.from_optax(optax.sgd(1.0))
    with pytest.raises(ValueError, match="catalogue's methods"):
        simulate.sweep(stranger, problems.theorem_1(3), 5, alpha=0.5, store=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_beginning_that_was_cut_short_is_begun_again(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / ".sweep.json.abc.part").write_text('{"key": "12')
    np.testing.assert_array_equal(sweep(store=folder).x, sweep().x)


# --- what is on the disk is the result, or is not used ---
def chunks_of(folder):
    return sorted(folder.glob("chunk-*.npz"))


def test_a_result_cannot_be_scribbled_on(tmp_path):
    first = sweep(store=tmp_path / "s")
    for values in (first.x, first.average_regret, sweep().x):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 7.0
    np.testing.assert_array_equal(sweep(store=tmp_path / "s").x, sweep().x)


@pytest.mark.parametrize("harm", ["cut in half", "one byte", "empty", "another shape"])
def test_a_damaged_chunk_is_computed_again(tmp_path, monkeypatch, harm):
    whole = sweep(store=tmp_path / "s")
    path = chunks_of(tmp_path / "s")[1]
    content = bytearray(path.read_bytes())
    if harm == "one byte":
        content[len(content) // 2] ^= 1
    elif harm == "another shape":
        np.savez(path, x=np.zeros(3), average_regret=np.zeros(3))
        content = path.read_bytes()
    path.write_bytes(content[: {"cut in half": len(content) // 2, "empty": 0}.get(harm)])
    calls = count_chunks(monkeypatch)
    with pytest.warns(UserWarning, match="chunk-000001.npz is damaged and is computed again"):
        again = sweep(store=tmp_path / "s")
    assert len(calls) == 1
    np.testing.assert_array_equal(again.x, whole.x)
    np.testing.assert_array_equal(again.average_regret, whole.average_regret)
    np.testing.assert_array_equal(sweep(store=tmp_path / "s").x, whole.x)  # and now it is whole


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"key": "a"}', '{"chunk": "many"}'])
def test_a_damaged_description_is_refused_in_a_sentence(tmp_path, text):
    sweep(store=tmp_path / "s")
    (tmp_path / "s" / "sweep.json").write_text(text)
    with pytest.raises(ValueError, match="sweep.json is damaged .* delete the folder") as refusal:
        sweep(store=tmp_path / "s")
    assert len(str(refusal.value)) < 300


KILLED = """
import os, sys
import numpy as np
from adam_and_beyond import problems, simulate
replace, count = os.replace, []
def killed(part, path):
    count.append(1)
    # The description, a chunk; the power fails before the second chunk has its name, or after.
    if len(count) == 3 and sys.argv[2] == "after":
        replace(part, path)
    if len(count) == 3:
        os._exit(9)
    replace(part, path)
os.replace = killed
beta2 = 1 - np.geomspace(1e-4, 0.5, 40_000)
simulate.sweep("adam", problems.theorem_1(3), 50, alpha=0.5, beta2=beta2, store=sys.argv[1])
"""


@pytest.mark.parametrize("moment, left", [("before", 2), ("after", 1)])
def test_a_chunk_counts_as_done_when_its_values_are_there(tmp_path, monkeypatch, moment, left):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "s"), moment]
    assert subprocess.run(command, timeout=300).returncode == 9
    calls = count_chunks(monkeypatch)
    resumed = sweep(store=tmp_path / "s")
    assert len(calls) == left
    np.testing.assert_array_equal(resumed.x, sweep().x)


def test_a_chunk_that_got_its_name_too_early_is_noticed(tmp_path, monkeypatch):
    # A store that did not write whole files, and died while it wrote.
    @contextlib.contextmanager
    def early(path):
        path.parent.mkdir(exist_ok=True)
        yield path

    savez, written = np.savez, []

    def dies(file, **arrays):
        written.append(1)
        if len(written) == 2:
            file.write(b"PK")
            raise KeyboardInterrupt
        savez(file, **arrays)

    with monkeypatch.context() as patch:
        patch.setattr(store.files, "whole", early)
        patch.setattr(store.np, "savez", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(store=tmp_path / "s")
    with pytest.warns(UserWarning, match="is damaged and is computed again"):
        resumed = sweep(store=tmp_path / "s")
    np.testing.assert_array_equal(resumed.x, sweep().x)


def test_a_full_disk_is_a_sentence_and_what_was_kept_is_used(tmp_path, monkeypatch):
    # A limit on the size of files: the system refuses the write, as a full disk does.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="could not be kept in .* the same call goes on"):
            sweep(store=tmp_path / "s")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert chunks_of(tmp_path / "s") == []
    np.testing.assert_array_equal(sweep(store=tmp_path / "s").x, sweep().x)


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="a sweep can't be kept in"):
        sweep(store=tmp_path / "file" / "s")


# --- what a stored sweep is known by ---
def test_a_folder_knows_the_rule_that_computed_it(tmp_path, monkeypatch):
    sweep(store=tmp_path / "s")

    def adam(xp, g, state, t, h):
        return methods.CATALOGUE["rmsprop"].rule(xp, g, state, t, h)

    other = dataclasses.replace(methods.CATALOGUE["adam"], rule=adam)
    patched = {**methods.CATALOGUE, "adam": other}
    monkeypatch.setattr(methods, "CATALOGUE", patched)
    monkeypatch.setattr(methods.catalogue, "CATALOGUE", patched)
    with pytest.raises(ValueError, match="another version of the code"):
        sweep(store=tmp_path / "s")


def test_a_folder_knows_the_code_and_the_versions(tmp_path, monkeypatch):
    sweep(store=tmp_path / "s")
    with monkeypatch.context() as patch:
        patch.setattr(store.metadata, "version", lambda name: "0.0.1")
        with pytest.raises(ValueError, match="another version of the code"):
            sweep(store=tmp_path / "s")
    copy = tmp_path / "package" / "simulate"
    for room in store._ROOMS:
        (tmp_path / "package" / room).mkdir(parents=True)
    (tmp_path / "package" / "methods" / "helper.py").write_text("a = 1")
    monkeypatch.setattr(store, "__file__", str(copy / "store.py"))
    first = store._code()
    (tmp_path / "package" / "methods" / "helper.py").write_text("a = 2")
    assert store._code() != first


def test_two_processes_do_not_work_in_one_folder(tmp_path):
    program = (
        "import sys, time\n"
        "from adam_and_beyond.simulate import store\n"
        "with store.opened(sys.argv[1], 'key', 10, 5):\n"
        "    print('open', flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "s")]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ValueError, match="is in use by another process"):
            sweep(store=tmp_path / "s")
    finally:
        other.kill()
        other.communicate()
    with store.opened(tmp_path / "s", "key", 10, 5) as results:  # a dead one is in nobody's way
        assert results.missing() == [(0, 5), (5, 10)]


def test_a_folder_in_the_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    sweep(store="~/kept")
    about = json.loads((tmp_path / "kept" / "sweep.json").read_text())
    assert about["lanes"] == LANES and os.path.isdir(tmp_path / "kept")


def test_a_bar_is_shown_on_request_and_not_in_a_pipe(capfd):
    sweep(progress=True)
    assert capfd.readouterr().err == ""  # it appears only after two seconds
    sweep()
    assert capfd.readouterr().err == ""


def test_a_long_sweep_shows_how_much_is_left(capfd, monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    sweep(progress=True)
    text = capfd.readouterr().err
    assert "Adam, 40,000 runs of 50 steps" in text and "3/3" in text


def test_a_sweep_of_a_million_runs_of_a_million_steps_starts_stops_and_goes_on(
    tmp_path, monkeypatch
):
    calls = []

    def at_once(self, size, stop, steps, group):
        if steps:
            calls.append(size)
        return [np.full(size, value) for value in (0.5, 2e5, 1e5)]

    monkeypatch.setattr(sweeps._Work, "off", at_once)
    beta1, beta2 = np.linspace(0, 0.9, 1000)[:, None], 1 - np.geomspace(1e-6, 0.5, 1000)
    lots = {"steps": 10**6, "beta1": beta1, "beta2": beta2, "store": tmp_path / "s"}
    tracemalloc.start()
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            sweep(**lots)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**26  # of 24 GiB
    # No chunk holds one up for long: 10^10 steps at most, about ten seconds.
    assert max(calls) * 10**6 <= 10**10
    assert len(chunks_of(tmp_path / "s")) == 2
    calls.clear()
    whole = sweep(**lots)
    assert len(calls) == -(-(10**6) // max(calls)) - 2
    assert whole.x.shape == (1000, 1000) and whole.axes == ("beta1", "beta2")
    assert np.all(whole.x == 0.5) and np.allclose(whole.average_regret, (2e5 + 1e5) / 1e6)


def test_memory_grows_with_the_result_alone():
    def peak(lanes):
        beta1, beta2 = np.linspace(0, 0.9, 100)[:, None], np.linspace(0.5, 0.99, lanes // 100)
        sweep(steps=1, beta2=beta2, beta1=beta1)  # compile first
        tracemalloc.start()
        sweep(steps=1, beta2=beta2, beta1=beta1)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    small, large = 50_000, 400_000
    result = 2 * 8 * (large - small)  # two float64 a lane
    # A few chunks under way, plus the result; all inputs at once would need 8 MiB more.
    assert peak(large) - peak(small) < result + 2**22


# --- sizes ---
@pytest.mark.parametrize("lanes", [1, 63, 64, 65, 4096, 4097, 10_000, 65_536, 100_000, 10**6])
@pytest.mark.parametrize("steps", [1, 8000, 10**6, 10**8])
def test_chunks_are_whole_batches_of_whole_vectors_and_little_is_filled_up(lanes, steps):
    batch, chunk = sweeps._sizes(lanes, steps)
    assert chunk % 64 == 0 and chunk % min(batch, chunk) == 0
    filled = -(-lanes // chunk) * chunk
    assert filled >= lanes
    assert filled <= max(64, 2 * lanes if lanes <= 4096 else 1.05 * lanes)
    assert chunk * steps <= max(10**10, 4096 * steps)


@pytest.mark.parametrize("lanes", [1, 64, 1000, 100_000])
def test_chunks_of_random_runs_are_small_for_each_lane_keeps_a_block_of_draws(lanes):
    batch, chunk = sweeps._sizes(lanes, 1000, sweeps.IID)
    assert chunk == max(64, min(1024, 1 << (lanes - 1).bit_length())) and batch <= chunk


# --- labels ---
def test_axes_are_named_by_what_varies_along_them_in_the_order_of_the_arguments():
    C, alpha = np.array([3.0, 4.0])[:, None, None], np.array([0.1, 0.2, 0.3])[:, None]
    beta1, beta2 = np.linspace(0, 0.9, 4), np.linspace(0.5, 0.9, 4)
    family = problems.theorem_1(C)
    found = simulate.sweep("adam", family, 3, alpha=alpha, x1=0.5, beta2=beta2, beta1=beta1)
    assert found.x.shape == (2, 3, 4)
    assert found.axes == ("problem", "alpha", "beta2, beta1")
    assert set(found.coordinates) == {"alpha", "beta1", "beta2"}
    assert found.coordinates["alpha"].tolist() == [0.1, 0.2, 0.3]
    assert found.coordinates["beta1"].tolist() == beta1.tolist()


def test_a_value_that_varies_along_two_axes_keeps_both():
    alpha = np.array([[0.1, 0.2], [0.3, 0.4]])
    found = simulate.sweep("sgd", problems.theorem_1(3), 3, alpha=alpha)
    assert found.axes == ("alpha", "alpha")
    assert found.coordinates["alpha"].tolist() == alpha.tolist()


def test_a_sweep_without_arrays_has_no_axes():
    found = simulate.sweep("sgd", problems.theorem_1(3), 3, alpha=0.1)
    assert found.axes == () and found.coordinates == {}
