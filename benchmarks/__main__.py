"""``python -m benchmarks``: measure, print the table, store it."""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import machine, report
from benchmarks.measure import ROOT, BenchmarkError, measure, say
from benchmarks.peers import PEERS
from benchmarks.peers.c import NoCompilerError, compile_reference
from benchmarks.suites import SUITES, Case, Sizes

RESULT = ROOT / "results" / "benchmark.json"


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the engine beside C, numba, NumPy, optax and torch, print a table of "
        "ratios and store it. Takes about five minutes; leave the machine alone meanwhile.",
    )
    parser.add_argument(
        "--only", nargs="+", choices=SUITES, help="these suites; the result is not stored"
    )
    parser.add_argument("--repeats", type=int, default=5, help="rounds, at least 5 (default 5)")
    parser.add_argument("--full", action="store_true", help="growth up to 10^8 steps, 10^6 lanes")
    parser.add_argument("--output", type=Path, help="where to store the result, whatever it is")
    found = parser.parse_args(given)
    if found.repeats < 5:
        parser.error("--repeats must be at least 5: a median of fewer says little")
    return found


def _present(cases: list[Case]) -> list[Case]:
    """The cases whose package is installed; the others are named and left out."""
    missing = {
        package
        for case in cases
        if (package := PEERS[case.peer].package) and not importlib.util.find_spec(package)
    }
    for package in sorted(missing):
        say(f"  {package} isn't installed here and is left out (`make bench` has it)")
    return [case for case in cases if PEERS[case.peer].package not in missing]


def benchmark(suites: list[str], sizes: Sizes, repeats: int, command: str) -> dict[str, Any]:
    """Run suites and gather everything that is stored.

    Args:
      suites: keys of ``SUITES``.
      sizes: how much work.
      repeats: rounds per group.
      command: how it was called, for the record.

    Returns:
      The result as it is stored, plain numbers, lists and names.

    Raises:
      BenchmarkError: if a process fails, or a result is not ours.
      NoCompilerError: if the C reference can't be compiled.
    """
    about = {"date": datetime.date.today().isoformat(), "command": command, "repeats": repeats}
    stored = {"about": about, "machine": machine.describe(), "versions": machine.versions()}
    tables, curves, pinned = {}, {}, True
    with tempfile.TemporaryDirectory() as folder:
        libraries = compile_reference(folder)
        for name in suites:
            say(f"{name}:")
            groups = []
            for cases in SUITES[name](sizes):
                groups.append(measure(_present(cases), repeats, libraries))
            pinned &= all(m.pinned for group in groups for m in group)
            if name == "growth":
                curves = report.growth(groups)
            else:
                tables[name] = report.rows(name, groups)
    stored["machine"]["pinned"] = pinned
    return {
        **stored,
        "tables": tables,
        "growth": curves,
        "targets": report.targets(tables, curves),
    }


def main(given: list[str] | None = None) -> int:
    """The command line; the exit code."""
    arguments = _arguments(given)
    sizes = Sizes.full() if arguments.full else Sizes()
    words = sys.argv[1:] if given is None else given
    command = " ".join(["python -m benchmarks", *words])
    try:
        stored = benchmark(arguments.only or list(SUITES), sizes, arguments.repeats, command)
    except (BenchmarkError, NoCompilerError) as error:
        print(error, file=sys.stderr)
        return 1
    print(report.text(stored))
    # A part of the table must not take the place of the whole.
    path = arguments.output or (None if arguments.only else RESULT)
    if path:
        report.write(stored, path)
        say(f"Stored in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
