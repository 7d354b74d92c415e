"""Nothing of the machine that builds the book is published with it."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import absent

import adam_and_beyond
from book_build import digest, tasks

ROOT = Path(__file__).resolve().parents[1]
LONGEST_DEFAULT = 300  # characters: the names of all methods fit
LEAST = 12  # letters and digits of a value that is worth looking for
READ = {".html", ".js", ".json", ".md", ".py", ".svg", ".txt", ".xml"}


def letters(text: str) -> str:
    """Letters and digits alone: a page breaks lines, and TeX turns some signs into others."""
    return re.sub(r"[\W_]+", "", text)


def private_values(environment, known: str) -> dict[str, str]:
    """Long values of an environment, reduced to letters, by name: they must not be published.

    A value that the sources say themselves is no secret.
    """
    reduced = {name: letters(value) for name, value in environment.items()}
    return {
        name: value for name, value in reduced.items() if len(value) >= LEAST and value not in known
    }


def leaks(text: str, private: dict[str, str]) -> list[str]:
    """Names of the private values that a text holds; also of folders of this machine."""
    reduced = letters(text)
    found = sorted(name for name, value in private.items() if value in reduced)
    folders = {"the home folder": Path.home(), "the repository": ROOT}
    for name, folder in folders.items():
        if re.search(rf"(?<![\w.-]){re.escape(str(folder))}/", text):
            found.append(name)
    return found


@pytest.fixture(scope="module")
def private():
    places = [ROOT / name for name in ("chapters", "src", "results", "_config.yml", "README.md")]
    sources = (path for path in digest.files(places) if path.suffix in READ | {".yml"})
    return private_values(os.environ, letters(" ".join(p.read_text("utf-8") for p in sources)))


# --- defaults, which the API page prints ---
def signatures():
    """Every function, class and method of the package, by name, with its signature."""
    found = {}
    for info in pkgutil.walk_packages(adam_and_beyond.__path__, "adam_and_beyond."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        things = [t for t in vars(module).values() if getattr(t, "__module__", "") == info.name]
        classes = [thing for thing in things if inspect.isclass(thing)]
        members = [m for thing in classes for m in vars(thing).values() if inspect.isfunction(m)]
        for thing in [*things, *members]:
            if inspect.isfunction(thing) or inspect.isclass(thing):
                try:
                    found[f"{info.name}.{thing.__qualname__}"] = inspect.signature(thing)
                except ValueError:  # a class written in C has none
                    continue
    return found


def faults_of_default(value, private: dict[str, str]) -> list[str]:
    """What is wrong with publishing a default."""
    text = repr(value)
    faults = leaks(text, private)
    if len(text) > LONGEST_DEFAULT:
        faults.append(f"{len(text)} characters")
    if re.search(r"(?<![\w.:/])/\w+/\w", text) or isinstance(value, Path):
        faults.append("a path")
    return faults


def test_no_default_of_the_package_shows_the_machine(private):
    found = signatures()
    assert len(found) > 300
    faults = {
        f"{name}({parameter.name})": faults_of_default(parameter.default, private)
        for name, signature in found.items()
        for parameter in signature.parameters.values()
        if parameter.default is not inspect.Parameter.empty
    }
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_defaults_that_would_show_it_are_noticed():
    secret = private_values({"TOKEN": "correct horse battery staple"}, known="")
    assert faults_of_default({"a": "correct horse battery staple"}, secret) == ["TOKEN"]
    assert faults_of_default(os.environ, {})
    assert faults_of_default(pytest, {})  # the name of a module is followed by its file
    assert faults_of_default(Path("results"), {}) == ["a path"]
    assert faults_of_default("/home/somebody/results", {}) == ["a path"]
    assert faults_of_default("x" * 400, {}) == ["402 characters"]
    assert faults_of_default(("adam", 0.5, None), secret) == []


# --- pages ---
def test_a_value_is_found_however_a_page_breaks_it_up():
    secret = private_values({"A": "one_two-three/four", "B": "short"}, known="")
    assert leaks(r"<b>one\_two-</b>", secret) == []
    assert leaks("one\\_two-\nthree/fo\nur", secret) == ["A"]
    assert private_values({"C": "said by the book"}, known="assaidbythebookitself") == {}
    assert leaks(f"see {ROOT}/results/a.json", {})[-1] == "the repository"
    assert leaks(f"see {Path.home()}/a.json", {}) == ["the home folder"]


def test_the_site_says_nothing_of_the_machine_that_built_it(site_folder, private):
    pages = [path for path in site_folder.rglob("*") if path.suffix in READ]
    assert len(pages) > 20
    found = {
        str(path.relative_to(site_folder)): leaks(path.read_text("utf-8", "replace"), private)
        for path in pages
        if "mathjax" not in str(path).lower()
    }
    assert {page: names for page, names in found.items() if names} == {}


def test_the_pdf_says_nothing_of_the_machine_that_built_it(private):
    if not tasks.PDF.exists():
        absent("the PDF isn't built: run `make pdf` first")
    if not shutil.which("pdftotext"):
        absent("no pdftotext was found (Debian: apt-get install poppler-utils)")
    command = ["pdftotext", str(tasks.PDF), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(text) > 10_000
    assert leaks(text, private) == []
