"""Sweeps in chunks: a bar, an interruption, a continuation, and memory that does not grow."""

from __future__ import annotations

import signal
import tracemalloc

import numpy as np
import optax
import pytest

from adam_and_beyond import optax_bridge, problems, progress, simulate
from adam_and_beyond.simulate import grid, store
from adam_and_beyond.simulate.loop import Recorded

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


def count_chunks(monkeypatch):
    """A list that grows by one with every chunk that is computed (of no steps: compiled)."""
    compute, calls = grid._chunk, []

    def counted(*arguments):
        if arguments[-1]:
            calls.append(1)
        return compute(*arguments)

    monkeypatch.setattr(grid, "_chunk", counted)
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
    (folder / "x.npy").write_bytes(b"half a header")
    np.testing.assert_array_equal(sweep(store=folder).x, sweep().x)


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

    def at_once(rule, start, schedule, stream, batch, mesh, lanes, shared, steps):
        if steps:
            calls.append(len(lanes.x1))
        return Recorded(*(np.full(len(lanes.x1), value) for value in (0.5, 2e5, 1e5)))

    monkeypatch.setattr(grid, "_chunk", at_once)
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
    done = np.load(tmp_path / "s" / "done.npy")
    assert done.sum() == 2 and len(done) == -(-(10**6) // max(calls))
    calls.clear()
    whole = sweep(**lots)
    assert len(calls) == len(done) - 2
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
    batch, chunk = grid._sizes(lanes, steps)
    assert chunk % 64 == 0 and chunk % min(batch, chunk) == 0
    filled = -(-lanes // chunk) * chunk
    assert filled >= lanes
    assert filled <= max(64, 2 * lanes if lanes <= 4096 else 1.05 * lanes)
    assert chunk * steps <= max(10**10, 4096 * steps)


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
