"""Ctrl-C during long compiled work: answered at once, and what is done is kept."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from adam_and_beyond import methods, problems, progress, simulate
from adam_and_beyond.simulate import loop, slices, sweeps, trajectory

ADAM = methods.get("adam", beta1=0.9, beta2=0.99)
FIGURE_1 = problems.figure_1_online()

# Each would take many minutes. A shell may have started the tests with SIGINT ignored, so the child
# says itself what the signal does.
CHILD = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
from adam_and_beyond import methods, problems, simulate
adam, forgets = methods.get("adamnc"), methods.get("adam", beta1=0.9, beta2=0.99)
figure_1 = problems.figure_1_online()
calls = {{
    "run": lambda: simulate.run(adam, figure_1, 10**12, 0.5, record=10**6, path="general"),
    "steady": lambda: simulate.run(forgets, figure_1, 10**13, 0.5, spacing="log"),
    "random": lambda: simulate.run(adam, problems.figure_1_stochastic(), 10**12, 0.5),
    "sweep": lambda: simulate.sweep("adam", figure_1, 10**10, 0.5, beta2=np.full(64, 0.9)),
    "sweep of many": lambda: simulate.sweep("adam", figure_1, 10**10, 0.5, x1=np.zeros(20_000)),
    "random sweep": lambda: simulate.sweep(
        "adam", problems.figure_1_stochastic(), 10**9, 0.5, seed=np.arange(64)
    ),
}}
print("begun", flush=True)
try:
    calls[{name!r}]()
except KeyboardInterrupt as stopped:
    print(time.monotonic(), flush=True)
    print(stopped, repr(stopped.so_far), flush=True)
"""


NAMES = ("run", "steady", "random", "sweep", "sweep of many", "random sweep")


@pytest.mark.parametrize("name", NAMES)
def test_ctrl_c_is_answered_within_seconds_during_work_of_hours(name):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(name=name)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline() == "begun\n"
        time.sleep(5)  # past compilation, on a machine that is not too busy
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == 0, err
    _, said = out.splitlines()
    assert said.startswith("stopped") and "`so_far`" in said
    assert "<Trajectory of" in said or "<Grid of " in said


@pytest.fixture
def interrupted(monkeypatch):
    """Make Ctrl-C arrive during the slice of that number."""

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)

    def after(count):
        clock, calls = time.perf_counter, []

        def perf_counter():
            calls.append(1)
            if len(calls) == 2 * count - 1:  # twice a slice
                signal.raise_signal(signal.SIGINT)
            return clock()

        monkeypatch.setattr(slices.time, "perf_counter", perf_counter)

    monkeypatch.setattr(trajectory, "_TABLES", 2)
    monkeypatch.setattr(slices, "SECONDS", 0.0)  # so that slices do not grow
    yield after
    signal.signal(signal.SIGINT, previous)


def test_an_interrupted_run_hands_over_the_records_until_then(interrupted):
    whole = simulate.run(ADAM, FIGURE_1, 30_000, 0.5, record=30, path="general")
    interrupted(2)
    with pytest.raises(KeyboardInterrupt, match="with 3 of 30 records") as stopped:
        simulate.run(ADAM, FIGURE_1, 30_000, 0.5, record=30, path="general")
    found = stopped.value.so_far
    assert isinstance(stopped.value, simulate.Interrupted)
    assert found.t.tolist() == [1000, 2000, 3000]  # of 2 * 1024 rounds and a table more
    assert np.array_equal(found.x, whole.x[:3])
    assert np.array_equal(found.average_regret, whole.average_regret[:3])


def test_a_run_that_is_interrupted_before_its_first_record_hands_over_an_empty_one(interrupted):
    interrupted(1)
    with pytest.raises(simulate.Interrupted, match="after 2,048 of") as stopped:
        simulate.run(ADAM, FIGURE_1, 30_000, 0.5, record=3, path="general")
    assert len(stopped.value.so_far.t) == len(stopped.value.so_far.x) == 0
    assert "0 records" in repr(stopped.value.so_far)


@pytest.mark.parametrize("count", [1, 11])
def test_an_interrupted_fast_run_hands_over_the_records_until_then(interrupted, monkeypatch, count):
    from adam_and_beyond.simulate import steady

    whole = simulate.run(ADAM, FIGURE_1, 4_000_000, 0.5, record=200, path="steady cycle")
    monkeypatch.setattr(steady, "_FIRST_BLOCKS", 1)
    interrupted(count)
    with pytest.raises(simulate.Interrupted) as stopped:
        simulate.run(ADAM, FIGURE_1, 4_000_000, 0.5, record=200)
    found = stopped.value.so_far
    assert len(found.t) < 200
    assert np.array_equal(found.x, whole.x[: len(found.t)])
    # Sums over blocks of cycles are the same; those of the run-in are the general simulator's.
    np.testing.assert_allclose(
        found.average_regret, whole.average_regret[: len(found.t)], rtol=1e-12
    )


def test_an_interrupted_history_hands_over_the_rounds_until_then(interrupted, monkeypatch):
    from adam_and_beyond.simulate import every_round

    gradients = FIGURE_1.sample(2500)
    whole = simulate.history("amsgrad", gradients, 0.5)
    monkeypatch.setattr(every_round, "_SLICE", 1000)
    cut = simulate.history("amsgrad", gradients, 0.5)  # three slices, the last one filled up
    for name in ("x", "m", "sqrt_V", "alpha_t"):
        assert np.array_equal(getattr(cut, name), getattr(whole, name))
    interrupted(2)
    with pytest.raises(simulate.Interrupted, match="after 2,000 of 2,500") as stopped:
        simulate.history("amsgrad", gradients, 0.5)
    found = stopped.value.so_far
    assert np.array_equal(found.x, whole.x[:2001]) and len(found.m) == len(found.regret) == 2000


# --- slices ---
KINDS = {
    "periodic": FIGURE_1,
    "i.i.d.": problems.theorem_3(10, 0.5),
    "given": problems.given(np.random.default_rng(1).normal(0.2, 1, 30_000)),
    "box": problems.periodic([[3.0, 1.0], [-1.0, -2.0]], [-1, -1], [1, 1]),
}


@pytest.mark.parametrize("tables", [1, 2, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_slices_do_not_change_a_bit_of_a_run(kind, tables, monkeypatch):
    def run():
        return simulate.run("amsgrad", KINDS[kind], 30_000, 0.5, record=137, path="general")

    whole = run()
    monkeypatch.setattr(trajectory, "_TABLES", tables)
    monkeypatch.setattr(slices, "_GROWTH", 1)
    calls, compiled = [], trajectory._compiled
    monkeypatch.setattr(
        trajectory, "_compiled", lambda *a: (calls.append(int(a[-1])), compiled(*a))[1]
    )
    cut = run()
    assert len(calls) >= 30_000 // (1024 * tables)
    assert np.array_equal(cut.x, whole.x)
    assert np.array_equal(cut.average_regret, whole.average_regret)


@pytest.mark.parametrize("kind", ["periodic", "i.i.d."])
def test_slices_do_not_change_a_bit_of_a_sweep(kind, monkeypatch):
    beta2 = np.linspace(0.5, 0.99, 70)

    def sweep():
        return simulate.sweep("amsgrad", KINDS[kind], 9000, 0.5, beta2=beta2)

    whole = sweep()
    calls, compute = [], sweeps._slice
    monkeypatch.setattr(sweeps, "_SLICE", 1)
    monkeypatch.setattr(sweeps, "_slice", lambda *a: (calls.append(1), compute(*a))[1])
    cut = sweep()
    assert len(calls) == 9  # of 1024 rounds
    assert np.array_equal(cut.x, whole.x)
    assert np.array_equal(cut.average_regret, whole.average_regret)


def test_no_slice_ends_within_a_table():
    run = trajectory._prepare(ADAM, FIGURE_1, "constant", 0.5, 0.0, 0)
    times, begun = np.array([700, 5000]), loop.begin(run.stream, run.numbers, 2)
    import jax

    with jax.enable_x64(True):
        numbers = trajectory._ready(run)
        call = methods.get_schedule("constant"), run.stream, numbers, times, begun
        positions = [trajectory._compiled(*call, np.int64(until)) for until in (1, 1024, 1025)]
    assert [int(p.played) for p in positions] == [1024, 1024, 2048]
    assert [int(p.records) for p in positions] == [1, 1, 1]


# --- sweeps ---
def test_an_interrupted_sweep_hands_over_the_lanes_until_then(monkeypatch):
    beta2 = np.linspace(0.5, 0.99, 40_000)
    whole = simulate.sweep("adam", FIGURE_1, 50, 0.5, beta2=beta2)
    original, finished = sweeps.ChunkStore.put, []

    def put(self, *arguments):
        original(self, *arguments)
        finished.append(arguments[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeps.ChunkStore, "put", put)
    with pytest.raises(simulate.Interrupted, match="2 chunks missing") as stopped:
        simulate.sweep("adam", FIGURE_1, 50, 0.5, beta2=beta2)
    found, ((start, stop),) = stopped.value.so_far, finished
    assert np.array_equal(found.x[start:stop], whole.x[start:stop])
    assert np.isnan(found.x).sum() == 40_000 - (stop - start)


def test_a_thread_stops_at_its_next_slice(monkeypatch):
    stop, compute, begun = threading.Event(), sweeps._slice, []

    def slow(*arguments):
        begun.append(1)
        stop.set()
        return compute(*arguments)

    monkeypatch.setattr(sweeps, "_SLICE", 1)
    monkeypatch.setattr(sweeps, "_slice", slow)
    monkeypatch.setattr(sweeps, "listening", lambda: contextlib.nullcontext(stop))
    with pytest.raises(simulate.Interrupted, match="1 chunks missing"):
        simulate.sweep("adam", FIGURE_1, 50_000, 0.5, beta2=[0.9, 0.99])
    assert begun == [1]


# --- the bar ---
def test_a_long_run_shows_how_much_is_left(capfd, monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    simulate.run(ADAM, FIGURE_1, 30_000, 0.5, progress=True, path="general")
    text = capfd.readouterr().err
    assert "Adam, 30,000 steps" in text and "100%" in text
    simulate.run(ADAM, FIGURE_1, 300_000, 0.5, progress=True, path="steady cycle")
    assert "100%" in capfd.readouterr().err


def test_a_short_run_shows_no_bar(capfd):
    simulate.run(ADAM, FIGURE_1, 30_000, 0.5, progress=True)
    simulate.run(ADAM, FIGURE_1, 30_000, 0.5)
    assert capfd.readouterr().err == ""


# --- who listens ---
def test_ctrl_c_is_not_raised_inside_compiled_work_but_after_it(monkeypatch):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    compiled, passed = trajectory._compiled, []

    def pressed(*arguments):
        signal.raise_signal(signal.SIGINT)
        passed.append(1)
        return compiled(*arguments)

    monkeypatch.setattr(trajectory, "_compiled", pressed)
    try:
        with pytest.raises(simulate.Interrupted):
            simulate.run(ADAM, FIGURE_1, 30_000, 0.5, path="general")
        assert passed == [1]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, previous)


def test_pressed_twice_it_is_raised_at_once():
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with slices.listening() as stop:
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, previous)


@pytest.mark.parametrize("theirs", [signal.SIG_IGN, lambda number, frame: None])
def test_who_handles_or_ignores_the_signal_goes_on_doing_so(theirs):
    previous = signal.signal(signal.SIGINT, theirs)
    try:
        with slices.listening() as stop:
            assert signal.getsignal(signal.SIGINT) is theirs
            signal.raise_signal(signal.SIGINT)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_run_in_a_thread_listens_to_nothing():
    found = []
    thread = threading.Thread(
        target=lambda: found.append(simulate.run(ADAM, FIGURE_1, 3000, 0.5, record=2))
    )
    thread.start()
    thread.join()
    assert found[0].t.tolist() == [1500, 3000]
