"""The commands of the Makefile, the pins, and the Sphinx extension."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from book_build import ahead, bootstrap, cache, digest, latex, tasks

ROOT = digest.ROOT
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
PINS = (ROOT / "requirements.txt").read_text("utf-8").splitlines()


def run(*command: str, **variables: str) -> subprocess.CompletedProcess:
    """Run a command in the repository's root, outside any running make."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=ROOT, env={**env, **variables}, capture_output=True, text=True, check=False
    )


def fake_python(folder: Path, name: str, body: str) -> Path:
    """Write a shell script that stands for a Python."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


# make help


def test_help_is_the_default_and_covers_every_command_with_its_duration():
    shown = run("make").stdout
    assert shown == run("make", "help").stdout
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split()
    for target in set(phony) - {"help", "environment"}:
        line = re.search(rf"^ *make {target} .*$", shown, re.MULTILINE)
        assert line, target
        assert re.search(r"\d+ (s|min)|a minute", line.group()), line.group()


# The tests themselves


def test_ctrl_c_is_heard_by_tests_that_a_script_started_in_the_background():
    program = (
        "import os, signal, subprocess, sys\n"
        "print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)\n"
        "import conftest\n"
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n"
        "subprocess.run([sys.executable, '-c', 'import signal;'\n"
        "    'print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)'])\n"
    )
    shell = f"trap '' INT; exec {sys.executable} -u -c \"$PROGRAM\""
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src")])
    result = run("sh", "-c", shell, PROGRAM=program, PYTHONPATH=path)
    assert result.stdout.split() == ["True", "True", "True"], result.stderr


# The bootstrap: one sentence for each thing that can be missing


def test_no_python_at_all_gets_one_sentence(tmp_path):
    result = run("make", "environment", "PYTHON=no-such-python")
    assert result.returncode != 0
    assert result.stderr.splitlines()[0].startswith("No Python was found under the name no-such")
    assert "apt-get install python3" in result.stderr


def test_unsupported_python_gets_one_sentence():
    with pytest.raises(bootstrap.Refusal, match=r"needs Python 3\.11 to 3\.13 .* is Python 3\.10"):
        bootstrap.find_python((3, 10), explicit=True)


@pytest.mark.parametrize(
    ("version", "fits"), [((3, 10), 0), ((3, 11), 1), ((3, 13), 1), ((3, 14), 0), ((2, 7), 0)]
)
def test_supported_range_is_that_of_the_package(version, fits):
    assert bootstrap.supported(version) == bool(fits)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"


def test_another_python_is_taken_only_if_it_runs(tmp_path, monkeypatch):
    fake_python(tmp_path, "python3.13", "exit 127")
    fake_python(tmp_path, "python3.12", "echo 3 12")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_python((3, 10), explicit=False) == "python3.12"


def test_missing_venv_module_gets_one_sentence(tmp_path):
    python = fake_python(tmp_path, "python", 'case "$2" in *ensurepip*) exit 1;; esac; echo 3 12')
    with pytest.raises(bootstrap.Refusal, match="apt-get install python3.12-venv"):
        bootstrap.check_modules(str(python))


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        (
            "WARNING: Retrying: NewConnectionError('...')\nERROR: No matching",
            "connect to the inter",
        ),
        ("error: command 'gcc' failed: No such file or directory", "build-essential"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something\nERROR: odd thing\nmore", "ERROR: odd thing"),
    ],
)
def test_pip_log_becomes_one_sentence_that_names_the_log(log, advice):
    sentence = bootstrap.explain(log, "_build/install.log")
    assert advice in sentence
    assert "full log: _build/install.log" in sentence
    assert "\n" not in sentence


def test_bootstrap_needs_no_package_and_parses_on_old_pythons():
    text = (ROOT / "src" / "book_build" / "bootstrap.py").read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 4))
    nodes = list(ast.walk(tree))
    assert not any(isinstance(node, ast.JoinedStr | ast.AnnAssign) for node in nodes)
    imported = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("refused", ["", "install --retries 2 uv", "uv --no-config"])
def test_pip_does_everything_where_uv_cannot(tmp_path, monkeypatch, refused):
    called = []

    def run_logged(command, log_path, root):
        called.append(" ".join(command))
        if refused and refused in called[-1]:
            raise bootstrap.Refusal("no")

    monkeypatch.setattr(bootstrap, "run_logged", run_logged)
    monkeypatch.setattr(bootstrap, "check_modules", lambda python: None)
    monkeypatch.setattr(bootstrap, "write_stamp", lambda *stamp: called.append("stamp"))
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    bootstrap.make(str(tmp_path), str(tmp_path / "venv"), "python3")
    by_pip = [c for c in called if "-m pip install" in c and "requirements.txt" in c]
    assert len(by_pip) == bool(refused) and called[-1] == "stamp"


def test_half_an_environment_is_not_taken_for_a_finished_one(tmp_path):
    assert not bootstrap.is_finished(str(tmp_path), "digest")
    python = Path(bootstrap.python_in(str(tmp_path)))
    python.parent.mkdir()
    fake_python(python.parent, "python", "echo 3 12")
    bootstrap.write_stamp(str(tmp_path), "digest")
    assert bootstrap.is_finished(str(tmp_path), "digest")
    assert not bootstrap.is_finished(str(tmp_path), "other digest")
    python.unlink()
    assert not bootstrap.is_finished(str(tmp_path), "digest")


def test_environment_depends_on_pins_and_metadata_but_not_on_tool_settings(tmp_path):
    (tmp_path / "requirements.txt").write_text("a==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n[tool.ruff]\nx = 1\n")
    before = bootstrap.digest(str(tmp_path))
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n[tool.ruff]\nx = 2\n")
    assert bootstrap.digest(str(tmp_path)) == before
    (tmp_path / "requirements.txt").write_text("a==2\n")
    assert bootstrap.digest(str(tmp_path)) != before


# Pins


def test_every_requirement_is_an_exact_pin_and_the_package_comes_last():
    lines = [line for line in PINS if line and not line.startswith("#")]
    assert lines[-1] == "-e ."
    for line in lines[:-1]:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][^ ;]*( ; .+)?", line), line


def test_exact_versions_stand_in_one_place_only():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    assert not [entry for entry in declared if "==" in entry.split(";")[0]]
    pinned = {re.split("==", line)[0] for line in PINS if "==" in line}
    names = {re.split("[<>=]", entry)[0] for entry in declared}
    # The book's extra brings that for images; the book never needs PyTorch.
    assert names - {"adam-and-beyond[images]", "torch"} <= pinned
    assert project["version"] in (ROOT / "CITATION.cff").read_text("utf-8")


def test_pins_name_no_index():
    assert not [line for line in PINS if "://" in line or line.startswith("--")]


# Digests


@pytest.fixture
def tree(tmp_path):
    package = tmp_path / "src" / "adam_and_beyond"
    package.mkdir(parents=True)
    (package / "a.py").write_text("x = 1\n")
    return tmp_path


def test_cache_is_another_when_a_byte_of_the_source_changes(tree):
    before = cache.cache_folder(tree)
    (tree / "src" / "adam_and_beyond" / "a.py").write_text("x = 2\n")
    assert cache.cache_folder(tree) != before


def test_cache_is_the_same_when_only_dates_change(tree):
    before = cache.cache_folder(tree)
    os.utime(tree / "src" / "adam_and_beyond" / "a.py", (1, 1))
    (tree / "src" / "adam_and_beyond" / "__pycache__").mkdir()
    (tree / "src" / "adam_and_beyond" / "__pycache__" / "a.pyc").write_text("made")
    assert cache.cache_folder(tree) == before


def test_cache_is_another_when_a_package_changes(tree, monkeypatch):
    before = cache.cache_folder(tree)
    monkeypatch.setattr(digest, "of_packages", lambda: "other")
    assert cache.cache_folder(tree) != before


def test_stale_caches_are_removed_after_a_successful_build_only(tree):
    current, stale = cache.cache_folder(tree), tree / "_build" / ".jupyter_cache" / "old"
    current.mkdir(parents=True)
    stale.mkdir()
    app = SimpleNamespace(config=SimpleNamespace(nb_execution_cache_path=str(current)))
    cache.clean_after_success(app, RuntimeError())
    assert stale.exists()
    cache.clean_after_success(app, None)
    assert current.exists()
    assert not stale.exists()


def test_stamp_is_whole_or_absent(tmp_path):
    assert digest.read_stamp("book", tmp_path) == {}
    digest.write_stamp("book", {"digest": "1"}, tmp_path)
    assert digest.read_stamp("book", tmp_path) == {"digest": "1"}
    (tmp_path / "_build" / "stamps" / "book.json").write_text('{"dig')
    assert digest.read_stamp("book", tmp_path) == {}


def test_an_executed_page_is_found_with_its_seconds_until_the_source_changes(tree):
    page = tree / "chapters" / "a.md"
    assert cache.executed(page, tree) is None
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": 2.5})
    get_cache(cache.cache_folder(tree)).cache_notebook_bundle(bundle, check_validity=False)
    found, seconds = cache.executed(page, tree)
    assert found.cells[0].source == "1 + 1" and seconds == 2.5
    assert cache.executed(tree / "chapters" / "b.md", tree) is None
    (tree / "src" / "adam_and_beyond" / "a.py").write_text("x = 2\n")
    assert cache.executed(page, tree) is None


# Tasks


PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page

```{code-cell} ipython3
%s
```
"""
MEET = """import time
from pathlib import Path
Path("%s.here").write_text("")
until = time.monotonic() + 120
while not Path("%s.here").exists():
    assert time.monotonic() < until
    time.sleep(0.05)
with open("executed", "a") as file:
    file.write("x")"""


def test_pages_are_executed_at_once_into_the_cache_and_a_failure_is_left_to_the_reading(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    pages = {"a": MEET % ("a", "b"), "b": MEET % ("b", "a"), "wrong": "1 / 0"}
    for name, code in pages.items():
        (tmp_path / f"{name}.md").write_text(PAGE % code)
    (tmp_path / "prose.md").write_text("# No code")
    folder = tmp_path / "cache"
    env = SimpleNamespace(
        myst_config=MdParserConfig(),
        mystnb_config=NbParserConfig(
            execution_mode="cache",
            execution_cache_path=str(folder),
            execution_raise_on_error=True,
            execution_timeout=130,
        ),
        doc2path=lambda name: str(tmp_path / f"{name}.md"),
    )
    for _ in range(2):  # the second finds both in the cache
        ahead.execute_all(None, env, [*pages, "prose"])
    records = get_cache(folder).list_cache_records()
    assert sorted(Path(record.uri).stem for record in records) == ["a", "b"]
    assert (tmp_path / "executed").read_text() == "xx"


def test_no_more_kernels_than_cores_pages_and_memory_allow(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert [ahead.at_once(pages) for pages in (0, 1, 3, 30)] == [1, 1, 3, 4]
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert ahead.at_once(30) == 1


def test_chapter_is_found_by_number_and_by_stem():
    first = tasks.chapters()[0]
    assert tasks.find_chapter("1") == tasks.find_chapter(Path(first).name) == first


def test_every_page_of_the_contents_is_found_by_its_stem():
    for page in ["chapters/index", *tasks.chapters(), *tasks.pages_below()]:
        assert tasks.find_chapter(Path(page).name) == page


@pytest.mark.parametrize("name", ["theorem-1", "bibliography", "api", "faq", "index"])
def test_the_contents_of_a_page_built_alone_can_be_read(name, monkeypatch, tmp_path):
    from sphinx_external_toc.parsing import parse_toc_yaml

    monkeypatch.setattr(tasks, "BUILD", tmp_path)
    monkeypatch.setattr(tasks, "run_book", lambda *arguments, strict: 1)
    assert tasks.chapter(name) == 1
    contents = parse_toc_yaml(tmp_path / "chapter" / name / "_toc.yml")
    assert set(contents) == {tasks.find_chapter(name), tasks.BIBLIOGRAPHY}


@pytest.mark.parametrize("name", ["", "0", "999", "²", "no-such-chapter"])
def test_wrong_chapter_gets_the_list_of_valid_names(name):
    with pytest.raises(tasks.Refusal) as caught:
        tasks.find_chapter(name)
    for page in tasks.chapters():
        assert Path(page).name in str(caught.value)


def test_pdf_without_tex_names_the_packages(monkeypatch):
    monkeypatch.setattr(latex.shutil, "which", lambda name: None)
    with pytest.raises(tasks.Refusal, match=latex.TEX_PACKAGES):
        tasks.pdf()


def test_port_in_use_gets_one_sentence(monkeypatch, tmp_path):
    import socket

    (tmp_path / "index.html").write_text("")
    monkeypatch.setattr(tasks, "SITE", tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(tasks.Refusal, match="make serve PORT="):
            tasks.serve(taken.getsockname()[1])


# Configuration


def test_configuration_names_no_other_host():
    text = (ROOT / "_config.yml").read_text("utf-8")
    # The site's own address is the one that may stand there.
    others = re.sub(r"^  baseurl: .*$", "", text, flags=re.MULTILINE)
    assert not re.search(r"https?://", others)
    assert "sphinx-mathjax-offline" in CONFIG["sphinx"]["extra_extensions"]


def test_a_failing_cell_and_a_printed_warning_fail_the_build():
    assert CONFIG["execute"]["raise_on_error"] is True
    assert CONFIG["execute"]["stderr_output"] == "warn"


def test_every_page_of_the_contents_exists():
    for page in ["chapters/index", *tasks.chapters(), *tasks.pages_below()]:
        assert (ROOT / f"{page}.md").exists(), page
