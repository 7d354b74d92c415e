"""The tasks: build the site, the PDF or one chapter, run the tests, serve, open JupyterLab.

A task leaves a stamp with the digest of its sources; with the same digest it has nothing to do.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from . import digest, latex, proofreading
from .digest import ROOT

BUILD = ROOT / "_build"
SITE = BUILD / "html"
PDF = BUILD / "latex" / "adam-and-beyond.pdf"
COMPILED = BUILD / "compiled"  # by JAX; chapters and tests share it
SAVING = {
    "pre_save_hook": "book_build.lab.before_save",
    "post_save_hook": "book_build.lab.after_save",
}
BIBLIOGRAPHY = "chapters/back/bibliography"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Refusal(Exception):
    """A task can't be done; the message is one sentence that says what to do."""


def run_book(*arguments: str, strict: bool = True) -> int:
    """Run `jupyter-book build` and return its exit code."""
    program = Path(sys.executable).parent / "jupyter-book"
    command = [str(program), "build", str(ROOT), *arguments]
    if strict:
        command += ["-W", "--keep-going"]
    return subprocess.call(command, cwd=ROOT, env=environment())


def environment() -> dict[str, str]:
    """Return an environment in which Jupyter, IPython and JAX write below `_build` only."""
    home = BUILD / "jupyter"
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "lab" / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "lab" / "workspaces",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    # Kernels on this machine warn about unencrypted local sockets, once each: a false alarm here.
    quiet = home / "ipython" / "profile_default" / "ipython_kernel_config.json"
    quiet.parent.mkdir(exist_ok=True)
    quiet.write_text(json.dumps({"IPKernelApp": {"log_level": "ERROR"}}), "utf-8")
    bin_folder = str(Path(sys.executable).parent)
    return {
        "ADAM_AND_BEYOND_CACHE": str(COMPILED),
        **os.environ,
        **{name: str(folder) for name, folder in folders.items()},
        "PATH": bin_folder + os.pathsep + os.environ.get("PATH", ""),
    }


def book(again: bool = False) -> int:
    """Build the site with warnings as errors and print the file to open."""
    return build("book", SITE / "index.html", "The site", again)


def pdf(again: bool = False, paper: str = "a4") -> int:
    """Build the PDF with warnings as errors, read it through and print its path."""
    sentence = latex.missing_tex()
    if sentence:
        raise Refusal(sentence)
    if paper not in latex.PAPERS:
        raise Refusal(f"make pdf PAPER={paper}: PAPER is one of: {', '.join(latex.PAPERS)}.")
    os.environ[latex.PAPER] = paper
    return build("pdf", PDF, "The PDF", again, "--builder", "pdflatex")


def build(name: str, result: Path, what: str, again: bool, *arguments: str) -> int:
    """Run one build of the whole book unless its sources are those of the last one."""
    paper = os.environ.get(latex.PAPER, "a4") if result == PDF else ""
    wanted = {"digest": digest.of_book(), "paper": paper}
    if not again and result.exists() and digest.read_stamp(name) == wanted:
        print(f"Nothing changed since the last build (`make {name} AGAIN=1` builds again).")
    else:
        digest.write_stamp(name, None)
        # Sphinx repeats no warning for a page that it doesn't read again: a second run after a
        # failed one would pass. So every page is read; its outputs come from the cache.
        shutil.rmtree(result.parent, ignore_errors=True)
        code = run_book("--all", *arguments)
        if code or not result.exists():
            print(f"{what} was not built: the messages above say why.", file=sys.stderr)
            return code or 1
        if result == PDF and (faults := proofreading.faults(result)):
            print("The PDF has faults:", *faults, sep="\n  ", file=sys.stderr)
            return 1
        digest.write_stamp(name, wanted)
    print(f"{what} is ready; open {result}")
    return 0


def test(again: bool = False) -> int:
    """Run pytest unless the same sources passed before in the same surroundings."""
    record = {
        "digest": digest.of_everything(),
        "site": digest.read_stamp("book").get("digest"),
        "packages": digest.of_packages(),
        "programs": [shutil.which(name) for name in ("chromium", "node")],
        "strict": os.environ.get("ADAM_AND_BEYOND_REQUIRE_ALL", ""),
    }
    known = digest.read_stamp("test")
    if not again and {**known, "closing": None} == {**record, "closing": None}:
        print(known["closing"])
        print(
            "That is the closing line of the last run: nothing changed since it passed "
            "(`make test AGAIN=1` runs the tests again)."
        )
        return 0
    digest.write_stamp("test", None)
    code, closing = run_pytest()
    if code == 0:
        digest.write_stamp("test", {**record, "closing": closing})
    return code


def run_pytest() -> tuple[int, str]:
    """Run the tests, passing their output on as it comes; return exit code and closing line."""
    colour = "yes" if sys.stdout.isatty() else "no"
    # Each worker gets neighbouring tests, since what a file computes once its tests share, and a
    # worker that is done takes half of what another has left: a long file at the end keeps nobody
    # waiting. One worker more than cores, because tests of pages wait more than they compute.
    workers = ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", f"--color={colour}", *workers],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    tail = b""
    # Piece by piece, since pytest prints a dot at a time.
    while piece := os.read(process.stdout.fileno(), 4096):
        sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        tail = (tail + piece)[-4096:]
    lines = ESCAPES.sub("", tail.decode("utf-8", "replace")).strip().splitlines()
    return process.wait(), lines[-1] if lines else ""


def chapters() -> list[str]:
    """Return the book's pages in the order of `_toc.yml`: numbered from 1, chapters first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    parts = sorted(toc["parts"], key=lambda part: not part.get("numbered"))
    return [entry["file"] for part in parts for entry in part["chapters"]]


def pages_below() -> list[str]:
    """Return the pages that stand below others in `_toc.yml`, as those of the API do."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    entries = (entry for part in toc["parts"] for entry in part["chapters"])
    return [below["file"] for entry in entries for below in entry.get("sections", ())]


def find_chapter(name: str) -> str:
    """Return the page that a number or a file's stem names."""
    pages = chapters()
    stems = {Path(page).name: page for page in (*pages, *pages_below(), "chapters/index")}
    if name in stems:
        return stems[name]
    if name.isdecimal() and 1 <= int(name) <= len(pages):
        return pages[int(name) - 1]
    valid = ", ".join(f"{number} or {Path(page).name}" for number, page in enumerate(pages, 1))
    problem = f"there is no chapter {name!r}" if name else "name a chapter"
    raise Refusal(f"make chapter N=...: {problem}; N is one of: {valid}, index.")


def chapter(name: str) -> int:
    """Execute and build one chapter in a folder of its own; links to the others stay open."""
    page = find_chapter(name)
    folder = BUILD / "chapter" / Path(page).name
    folder.mkdir(parents=True, exist_ok=True)
    # The bibliography comes along, without it no citation could be resolved.
    toc = {"format": "jb-book", "root": page}
    if page != BIBLIOGRAPHY:  # a list of chapters must not be empty
        toc["chapters"] = [{"file": BIBLIOGRAPHY}]
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    arguments = ["--toc", str(folder / "_toc.yml"), "--path-output", str(folder)]
    code = run_book(*arguments, strict=False)
    result = folder / "_build" / "html" / f"{page}.html"
    if code or not result.exists():
        print(f"The chapter {page} was not built: the messages above say why.", file=sys.stderr)
        return code or 1
    print("Links to other chapters stay unresolved when one chapter is built alone.")
    print(f"The chapter is ready; open {result}")
    return 0


def serve(port: int) -> int:
    """Serve the built site on this machine only."""
    if not (SITE / "index.html").exists():
        raise Refusal("There is no site to serve yet: run `make book` first.")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise Refusal(
            f"Port {port} can't be used ({error.strerror}): choose another with "
            f"`make serve PORT={port + 1}`."
        ) from None
    with server:
        print(f"The site is at http://127.0.0.1:{port}/ (Ctrl-C ends it).", flush=True)
        server.serve_forever()
    return 0


def lab() -> int:
    """Open JupyterLab in the folder of the chapters, which open as notebooks."""
    env = environment()
    viewers = {"markdown": "Jupytext Notebook", "myst": "Jupytext Notebook"}
    settings = {"@jupyterlab/docmanager-extension:plugin": {"defaultViewers": viewers}}
    settings["@jupyterlab/apputils-extension:notification"] = {"fetchNews": "false"}
    folder = Path(env["JUPYTER_CONFIG_DIR"]) / "labconfig"
    folder.mkdir(exist_ok=True)
    (folder / "default_setting_overrides.json").write_text(json.dumps(settings), "utf-8")
    command = [
        *(sys.executable, "-m", "jupyterlab", f"--notebook-dir={ROOT / 'chapters'}"),
        *(f"--FileContentsManager.{when}={hook}" for when, hook in SAVING.items()),
    ]
    # The folder itself and not the last workspace: a newcomer must see the chapters.
    return subprocess.call([*command, *os.environ.get("LAB_OPTIONS", "").split()], env=env)
