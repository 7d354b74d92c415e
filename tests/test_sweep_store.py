"""Sweeps in chunks: a bar, an interruption, a continuation, and memory that does not grow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import optax
import pytest

from adam_and_beyond import optax_bridge, problems, simulate
from adam_and_beyond.simulate import grid, store

LANES = 40_000  # three chunks
BETA2 = 1 - np.geomspace(1e-4, 0.5, LANES)


def sweep(steps=50, beta2=BETA2, **options):
    """A sweep of three chunks."""
    problem = problems.theorem_1(3)
    return simulate.sweep("adam", problem, steps, alpha=0.5, beta2=beta2, **options)


def interrupt_after(monkeypatch, chunks):
    """Let ``chunks`` chunks finish, then press Ctrl-C."""
    put, finished = store.ChunkStore.put, []

    def put_and_count(self, *arguments):
        put(self, *arguments)
        finished.append(1)
        if len(finished) == chunks:
            raise KeyboardInterrupt

    monkeypatch.setattr(store.ChunkStore, "put", put_and_count)


def count_chunks(monkeypatch):
    """A list that grows by one with every chunk that is computed."""
    compute, calls = grid._chunk, []

    def counted(*arguments):
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
    monkeypatch.setattr(grid, "_BAR_DELAY", 0)
    sweep(progress=True)
    text = capfd.readouterr().err
    assert "Adam, 40,000 runs of 50 steps" in text and "3/3" in text


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
    # A fixed chunk, plus the result, with a quarter of slack for what Python allocates besides.
    assert peak(large) - peak(small) < 1.25 * result
