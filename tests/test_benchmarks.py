"""The benchmark's harness with tiny sizes, its table and the stored result; no time is asserted."""

import dataclasses
import importlib.util
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from adam_and_beyond import results
from benchmarks import __main__ as command
from benchmarks import measure as measuring
from benchmarks import peers, report, suites, worker
from benchmarks.measure import BenchmarkError, measure
from benchmarks.peers import c

LOOSE = "optax and the other peers mix whole and real numbers"

ROOT = Path(__file__).resolve().parents[1]
TINY = suites.Sizes(
    steps=30_000,
    records=10,
    slow_steps={"numpy": 300},
    lanes=10,
    sweep_steps=50,
    growth_steps=(1, 1000, 20_000),
    growth_lanes=(1, 5),
    growth_lane_steps=20,
)
ROW = {"case", "peer", "label", "cores", "cores_got", "steps", "lanes", "seconds", "fastest"}
ROW |= {"slowest", "repeats", "nanoseconds", "ratio", "memory_mib", "error", "tolerance"}

needs_compiler = pytest.mark.skipif(
    not shutil.which("cc"), reason="no C compiler was found under the name cc"
)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    if not shutil.which("cc"):
        pytest.skip("no C compiler was found under the name cc")
    return c.compile_reference(tmp_path_factory.mktemp("reference"))


def check_schema(stored):
    assert set(stored) == {"about", "machine", "versions", "tables", "growth", "targets"}
    assert set(stored["about"]) == {"date", "command", "repeats"}
    assert stored["machine"]["cpu"] and stored["machine"]["cores"] >= 1
    for table in stored["tables"].values():
        for row in table:
            assert set(row) == ROW
            assert row["fastest"] <= row["seconds"] <= row["slowest"]
            assert row["error"] is None or row["error"] <= row["tolerance"]
    for curves in stored["growth"].values():
        for curve in curves:
            assert len(curve["n"]) == len(curve["seconds"]) == len(curve["memory_mib"])
            assert set(curve) >= set(report._SLOPES)
    for target in stored["targets"]:
        met = target["value"] - target["bound"]
        assert target["met"] == (met >= 0 if target["sense"] == ">=" else met <= 0)


class Here:
    """In the place of a worker: the same work in this process, where JAX stands already."""

    pinned = True

    def __init__(self, job):
        self._run = peers.prepare(job["peer"], job)
        self.x = worker.sample(self._run())

    def time(self):
        return worker.timed(self._run)

    def finish(self):
        return worker.peak_memory()

    def stop(self):
        pass


@needs_compiler
def test_ours_and_c_go_through_every_suite_and_the_result_survives_the_file(monkeypatch, tmp_path):
    ours = {"c_tuned", "c_textbook", "c_sweep", "general", "steady", "stochastic", "sweep"}
    ours |= {"parallel", "parallel_stochastic"}
    monkeypatch.setattr(
        command, "_present", lambda cases: [case for case in cases if case.peer in ours]
    )
    monkeypatch.setattr(suites, "METHODS", {"adam": "Adam"})
    monkeypatch.setattr(worker, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(measuring, "_Worker", Here)
    stored = command.benchmark(list(suites.SUITES), TINY, 2, "test")
    report.write(stored, tmp_path / "benchmark.json")
    read = results.read("benchmark", tmp_path)
    assert read == json.loads(json.dumps(stored))
    assert [path.name for path in tmp_path.iterdir()] == ["benchmark.json"]  # no half file is left
    check_schema(read)
    text = report.text(read)
    for row in (row for table in read["tables"].values() for row in table):
        assert row["label"] in text
    assert {row["peer"] for table in read["tables"].values() for row in table} == ours


@needs_compiler
def test_a_peer_is_timed_in_a_process_of_its_own(libraries):
    case = dataclasses.replace(suites.trajectory(TINY)[0][0], check=None)
    assert case.peer == "c_tuned"
    [found] = measure([case], 2, libraries)
    assert len(found.seconds) == len(found.got) == 2 and min(found.seconds) > 0
    assert found.memory > 0 and found.error is None


@needs_compiler
def test_a_wrong_result_is_refused(libraries):
    case = suites.trajectory(TINY)[0][0]
    wrong = {**case.check, "method": "amsgrad"}
    with pytest.raises(BenchmarkError, match="away from ours.*its time doesn't count"):
        measure([dataclasses.replace(case, check=wrong)], 1, libraries)


@needs_compiler
def test_a_peer_that_fails_is_named(libraries):
    case = suites.trajectory(TINY)[0][0]
    broken = dataclasses.replace(case, job={**case.job, "peer": "steady", "steps": 10})
    with pytest.raises(BenchmarkError, match="ours, steady cycle: the process ended"):
        measure([broken], 1, libraries)


@pytest.mark.parametrize("name", peers.PEERS)
def test_every_peer_of_the_table_agrees_with_our_general_simulator(name, libraries):
    peer = peers.PEERS[name]
    if peer.package and not importlib.util.find_spec(peer.package):
        pytest.skip(f"{peer.package} belongs to the environment of `make bench`")
    cases = [
        case
        for groups in (suites.trajectory(TINY), suites.iid(TINY), suites.sweep(TINY))
        for group in groups
        for case in group
        if case.peer == name and case.check
    ]
    for case in cases:
        x = worker.sample(peers.prepare(name, {**case.job, "libraries": libraries})())
        expected = peers.prepare(case.check["peer"], {**case.check, "libraries": libraries})()
        assert np.abs(np.array(x) - worker.sample(expected)).max() <= case.tolerance


def test_no_compiler_gets_a_sentence_that_says_what_to_install(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(c.NoCompilerError, match="no compiler under the name 'no-such-compiler'"):
        c.compiler()


def test_a_compiler_that_fails_is_quoted(monkeypatch, tmp_path):
    monkeypatch.setenv("CC", "false")
    with pytest.raises(c.NoCompilerError, match="failed"):
        c.compile_reference(tmp_path)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_slope_of_a_power_law_is_its_exponent(power):
    n = [1, 10, 100, 1000]
    assert report.slope(n, [3 * k**power for k in n]) == pytest.approx(power)


def test_slope_beyond_the_fixed_cost_is_that_of_the_work():
    n = [1, 10, 100, 1000, 10_000]
    seconds = [5 + 0.01 * k for k in n]
    assert report.slope(n, seconds) < 0.5
    assert report.slope_beyond(n, seconds) == pytest.approx(1, abs=1e-3)
    assert report.slope_beyond(n, [5.0] * 5) is None  # nothing exceeds it


def test_slope_of_one_point_is_unknown():
    assert report.slope([1], [1.0]) is None


def test_the_sample_of_a_result_is_short_and_has_the_last_value():
    values = worker.sample(np.arange(65_536.0))
    assert len(values) <= 600 and values[0] == 65_535.0
    assert worker.sample(None) == []


@pytest.mark.parametrize("options", [["--repeats", "2"], ["--only", "nothing"]])
def test_the_command_refuses_what_it_cannot_do(options, capsys):
    with pytest.raises(SystemExit):
        command.main(options)
    assert "error" in capsys.readouterr().err


def test_the_peers_run_on_the_versions_of_the_book():
    pins = dict(re.findall(r"^([\w-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.M))
    own = re.findall(
        r"^([\w-]+)==([^\s;]+)", (ROOT / "benchmarks" / "requirements.txt").read_text(), re.M
    )
    assert len(own) >= 8
    for name, version in own:
        assert pins.get(name, version) == version, name


# --- the stored result ---
def test_the_stored_result_is_complete_and_readable():
    stored = results.read("benchmark")
    check_schema(stored)
    assert set(stored["tables"]) == {"trajectory", "iid", "sweep"}
    assert set(stored["growth"]) == {"steps", "lanes"}
    assert stored["about"]["repeats"] >= 5
    assert report.text(stored).count("met") + report.text(stored).count("MISSED") >= 10
    assert stored["targets"] == report.targets(stored["tables"], stored["growth"])


def test_a_missing_result_is_named_with_those_that_exist(tmp_path):
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="no stored result 'benchmark'.*stored: other"):
        results.read("benchmark", tmp_path)


def test_a_damaged_result_is_named(tmp_path):
    (tmp_path / "benchmark.json").write_text("{")
    with pytest.raises(ValueError, match="benchmark.json is damaged"):
        results.read("benchmark", tmp_path)
