"""Compiled programs are kept: found by the next process, off on request, never in the way."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from adam_and_beyond import compilation

# Runs in a process of their own, which counts what the cache gave it, and what it had to compile.
PROGRAM = """
import jax
events = []
jax.monitoring.register_event_listener(lambda name, **_: events.append(name))
from adam_and_beyond import methods, problems, simulate
for beta2, steps in {runs}:
    events.clear()
    adam = methods.get("adam", beta1=0.9, beta2=beta2)
    run = simulate.run(adam, problems.theorem_1(3), steps, 0.5, record=7)
    grid = simulate.sweep("adam", problems.theorem_1(3), 100, 0.5, beta2=[0.9, beta2])
    print(*(events.count("/jax/compilation_cache/cache_" + what) for what in ("hits", "misses")))
    print(repr(run.x[-1]), repr(grid.x[-1]))
print(jax.config.jax_compilation_cache_dir)
"""
RUNS = [(0.99, 20_000)]
OTHERS = [(0.95, 30_000)]


def printed(program, **environment):
    """The lines that a process prints; it must say nothing else."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("JAX_COMPILATION")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=inherited | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def counts_and_results(cache, runs):
    """For each of the runs, hits and misses, and what came out."""
    *lines, _ = printed(PROGRAM.format(runs=runs), ADAM_AND_BEYOND_CACHE=str(cache))
    counts = [map(int, line.split()) for line in lines[::2]]
    return [(*pair, result) for pair, result in zip(counts, lines[1::2], strict=True)]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A folder that a first process has filled, and what that process printed."""
    cache = tmp_path_factory.mktemp("compiled")
    return cache, counts_and_results(cache, RUNS)[0], len(list(cache.rglob("*-cache")))


@pytest.fixture(scope="module")
def second(first):
    """What a second process printed for the same numbers, and for others."""
    return counts_and_results(first[0], RUNS + OTHERS)


def test_the_first_process_compiles_and_keeps(first):
    _, (hits, misses, _), kept = first
    assert misses > 0
    assert kept == misses >= hits


def test_the_second_process_compiles_nothing_and_computes_the_same(first, second):
    _, (_, misses, results), _ = first
    again, compiled, same = second[0]
    assert compiled == 0 and again >= misses
    assert same == results


def test_other_numbers_in_another_process_compile_nothing_either(second):
    _, compiled, _ = second[1]
    assert compiled == 0


def test_the_cache_can_be_turned_off(tmp_path):
    program = """
import jax
from adam_and_beyond import simulate
events = []
jax.monitoring.register_event_listener(lambda name, **_: events.append(name))
print(jax.jit(lambda x: x + 1)(1.0), jax.config.jax_compilation_cache_dir)
print([name for name in events if name.endswith(("cache_hits", "cache_misses"))])
"""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    assert printed(program, ADAM_AND_BEYOND_CACHE="off", **home) == ["2.0 None", "[]"]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def unset(monkeypatch):
    """JAX without a folder for what it compiles; as it was, afterwards."""
    kept = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", None)
    yield monkeypatch
    jax.config.update("jax_compilation_cache_dir", kept)


def test_a_folder_that_can_be_written_is_taken(tmp_path, unset):
    unset.setenv(compilation.VARIABLE, str(tmp_path))
    assert compilation.keep_compiled()
    assert jax.config.jax_compilation_cache_dir == str(compilation.folder())


def test_a_folder_that_cannot_be_written_means_no_cache(tmp_path, unset):
    # A file stands where the folder should be: refused to root as well.
    (tmp_path / "file").write_text("")
    unset.setenv(compilation.VARIABLE, str(tmp_path / "file"))
    assert not compilation.keep_compiled()
    assert jax.config.jax_compilation_cache_dir is None


def test_a_folder_that_jax_already_has_is_left_alone(tmp_path, unset):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "theirs"))
    unset.setenv(compilation.VARIABLE, str(tmp_path / "ours"))
    assert not compilation.keep_compiled()
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "theirs")
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no", "false"])
def test_words_that_mean_no(word):
    assert compilation.folder({"ADAM_AND_BEYOND_CACHE": word}) is None


def test_the_folder_is_the_users_unless_one_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ours = compilation.folder({})
    assert "adam-and-beyond" in ours.parts and "compiled" in ours.parts
    assert compilation.folder({"ADAM_AND_BEYOND_CACHE": str(tmp_path)}).parent == tmp_path


def test_another_processor_has_another_folder(monkeypatch):
    here = compilation.folder({})
    monkeypatch.setattr(compilation, "_processor", lambda: "another one")
    assert compilation.folder({}) != here
    assert compilation.folder({}).parent == here.parent


def test_tests_keep_what_they_compile_in_the_folder_that_they_are_given():
    importlib.import_module("adam_and_beyond.simulate")  # turns it on
    assert compilation.folder().parent == Path(os.environ[compilation.VARIABLE])
    assert str(compilation.folder()) == jax.config.jax_compilation_cache_dir
