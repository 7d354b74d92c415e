"""Compiled programs are kept: found by the next process, off on request, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from adam_and_beyond import compilation

# A run in a process of its own that counts what the cache gave it, and what it had to compile.
PROGRAM = """
import sys
import jax
events = []
jax.monitoring.register_event_listener(lambda name, **_: events.append(name))
{before}
from adam_and_beyond import methods, problems, simulate
adam = methods.get("adam", beta1=0.9, beta2={beta2})
run = simulate.run(adam, problems.theorem_1(3), {steps}, 0.5, record=7)
grid = simulate.sweep("adam", problems.theorem_1(3), 100, 0.5, beta2=[0.9, {beta2}])
for what in ("cache_hits", "cache_misses"):
    print(events.count("/jax/compilation_cache/" + what))
print(repr(run.x[-1]), repr(grid.x[-1]), jax.config.jax_compilation_cache_dir)
"""


def run_program(cache, before="", beta2=0.99, steps=20_000, **more):
    """Hits, misses and the rest of what a process prints; it must say nothing else."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_COMPILATION")}
    environment |= {"ADAM_AND_BEYOND_CACHE": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(**locals())],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    hits, misses, results = done.stdout.splitlines()
    return int(hits), int(misses), results


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A folder that a first process has filled, and what that process printed."""
    cache = tmp_path_factory.mktemp("compiled")
    return cache, run_program(cache)


def test_the_first_process_compiles_and_keeps(first):
    cache, (hits, misses, _) = first
    assert misses > 0
    assert len(list(cache.rglob("*-cache"))) == misses >= hits


def test_the_second_process_compiles_nothing_and_computes_the_same(first):
    cache, (_, misses, results) = first
    again, compiled, same = run_program(cache)
    assert compiled == 0 and again >= misses
    assert same == results


def test_other_numbers_in_another_process_compile_nothing_either(first):
    cache, _ = first
    _, compiled, _ = run_program(cache, beta2=0.95, steps=30_000)
    assert compiled == 0


def test_the_cache_can_be_turned_off(tmp_path):
    hits, misses, results = run_program("off", HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    assert (hits, misses) == (0, 0) and results.endswith("None")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_means_no_cache(tmp_path, first):
    # A file stands where the folder should be: refused to root as well.
    (tmp_path / "file").write_text("")
    hits, misses, results = run_program(tmp_path / "file")
    assert (hits, misses) == (0, 0)
    assert results.split()[:2] == first[1][2].split()[:2]


def test_a_folder_that_jax_already_has_is_left_alone(tmp_path, first):
    theirs = f"jax.config.update('jax_compilation_cache_dir', {str(tmp_path)!r})"
    _, _, results = run_program(first[0], before=theirs)
    assert results.endswith(str(tmp_path))


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
    assert compilation.folder().parent == Path(os.environ["ADAM_AND_BEYOND_CACHE"])
    assert str(compilation.folder()) == jax.config.jax_compilation_cache_dir
