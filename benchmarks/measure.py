"""Measuring a group of cases: a process each, warmed up, then in turn, round after round."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.suites import Case

ROOT = Path(__file__).resolve().parents[1]


class BenchmarkError(RuntimeError):
    """A peer failed, or its result is not ours; the message says which."""


@dataclasses.dataclass
class Measurement:
    """What became of a case."""

    case: Case
    seconds: list[float]
    got: list[float]  # cores, on average, in each round
    error: float | None  # largest distance of its result from ours
    memory: int  # peak, bytes
    pinned: bool

    @property
    def nanoseconds(self) -> float:
        """Median time per step and lane."""
        return statistics.median(self.seconds) / self.case.work * 1e9

    def row(self, ratio: float | None) -> dict[str, Any]:
        """As the stored table has it."""
        job = self.case.job
        return {
            "case": self.case.title,
            "peer": self.case.peer,
            "label": PEERS[self.case.peer].label,
            "cores": self.case.cores,
            "cores_got": statistics.median(self.got),
            "steps": job["steps"],
            "lanes": job.get("lanes", 1),
            "seconds": statistics.median(self.seconds),
            "fastest": min(self.seconds),
            "slowest": max(self.seconds),
            "repeats": len(self.seconds),
            "nanoseconds": self.nanoseconds,
            "ratio": ratio,
            "memory_mib": self.memory / 2**20,
            "error": self.error,
            "tolerance": self.case.tolerance,
        }


class _Worker:
    """A process that holds one warm job."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._name = PEERS[job["peer"]].label
        places = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        )
        warm = self._ask(json.dumps(dict(job)))
        self.x, self.pinned = warm["x"], warm["pinned"]

    def _ask(self, line: str | None) -> dict[str, Any]:
        """Send a line, or end the input, and read the answer."""
        try:
            if line is None:
                self._process.stdin.close()
            else:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            self.stop()
            raise BenchmarkError(f"{self._name}: the process ended, see its words above") from error

    def time(self) -> tuple[float, float]:
        """Seconds of one more run, and how many cores it had."""
        answer = self._ask("go")
        return answer["seconds"], answer["cores"]

    def finish(self) -> int:
        """End the process; its peak memory."""
        memory = self._ask(None)["memory"]
        self.stop()
        return memory

    def stop(self) -> None:
        """End the process whatever it does."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(OSError):
            self._process.stdin.close()


def say(text: str) -> None:
    """Report progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _workers(cases: list[Case], libraries: Mapping[str, str]) -> Iterator[list[_Worker]]:
    workers: list[_Worker] = []
    try:
        for case in cases:
            say(f"  {case.title}: {PEERS[case.peer].label}, warming up")
            workers.append(_Worker({**case.job, "libraries": dict(libraries)}))
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def _expected(job: Mapping[str, Any], known: list, libraries: Mapping[str, str]) -> list[float]:
    """The result of a job of ours: of a worker that did it, or of a process for it alone."""
    found = next((x for done, x in known if done == job), None)
    if found is None:
        worker = _Worker({**job, "libraries": dict(libraries)})
        found = worker.x
        worker.stop()
        known.append((job, found))
    return found


def _distance(case: Case, x: list[float], expected: list[float]) -> float:
    """The largest distance of a result from ours.

    Raises:
      BenchmarkError: if it exceeds the tolerance: a time that doesn't count.
    """
    pairs = list(zip(x, expected, strict=True))
    worst = max(abs(a - b) for a, b in pairs)
    if not worst <= case.tolerance:
        raise BenchmarkError(
            f"{PEERS[case.peer].label} ({case.title}, {case.job['steps']:,} steps) is {worst:.2g} "
            f"away from ours, more than {case.tolerance:g}: its time doesn't count"
        )
    return worst


def measure(cases: list[Case], repeats: int, libraries: Mapping[str, str]) -> list[Measurement]:
    """Measure a group of cases, interleaved.

    Args:
      cases: the group.
      repeats: rounds; each case is timed once in each.
      libraries: the compiled C, from ``c.compile_reference``.

    Returns:
      A ``Measurement`` per case.

    Raises:
      BenchmarkError: if a process fails, or a result is not ours.
    """
    with _workers(cases, libraries) as workers:
        known = [(case.job, worker.x) for case, worker in zip(cases, workers, strict=True)]
        errors = [
            None
            if case.check is None
            else _distance(case, worker.x, _expected(case.check, known, libraries))
            for case, worker in zip(cases, workers, strict=True)
        ]
        rounds: list[list[tuple[float, float]]] = [[] for _ in cases]
        for number in range(repeats):
            say(f"  round {number + 1} of {repeats}")
            for times, worker in zip(rounds, workers, strict=True):
                times.append(worker.time())
        return [
            Measurement(
                case, *map(list, zip(*times, strict=True)), error, worker.finish(), worker.pinned
            )
            for case, times, error, worker in zip(cases, rounds, errors, workers, strict=True)
        ]
