"""Fixtures that need a program besides Python: the built site, a browser, Node.

Without the program the test is skipped and says why; where `ADAM_AND_BEYOND_REQUIRE_ALL=1` is set
(as on the build server) it fails instead.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import jax
import pytest

from book_build import digest, tasks

pytest.register_assert_rewrite("processes", "steps")

# What one test file has compiled the next one need not compile: half of the time. Tests that
# count compilations count JAX's own, in memory.
os.environ.setdefault("ADAM_AND_BEYOND_CACHE", str(tasks.COMPILED))

REQUIRE_ALL = os.environ.get("ADAM_AND_BEYOND_REQUIRE_ALL", "") not in ("", "0")
SUB_PATH = "some/where"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host can be reached
]

# A page of the site rests: its explorers stand, and its formulas are set.
SETTLED = """!document.querySelector('.explorer[aria-busy], .formulas-coming') &&
  [...document.querySelectorAll('.math')].every((e) => e.querySelector('mjx-container'))"""

# Some tests press Ctrl-C. Python would not hear it where a script started them in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)


MOST_MEMORY = 2 * 2**30  # bytes that a worker keeps from one module to the next

# JAX's strictest rules: no array gets another rank or another type without being told so.
STRICT = {"jax_numpy_rank_promotion": "raise", "jax_numpy_dtype_promotion": "strict"}


@pytest.fixture(scope="module", autouse=True)
def strict(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every test to them, in any thread; `LOOSE` in a module says why it can't be."""
    if getattr(request.module, "LOOSE", ""):
        yield
        return
    before = {name: getattr(jax.config, name) for name in STRICT}
    for name, value in STRICT.items():
        jax.config.update(name, value)
    yield
    for name, value in before.items():
        jax.config.update(name, value)


@pytest.fixture(scope="module", autouse=True)
def room() -> Iterator[None]:
    """Give compiled functions back after a module, where a worker holds much of the memory."""
    yield
    statistics = Path("/proc/self/statm")
    if statistics.exists():  # Linux
        pages = int(statistics.read_text().split()[1])
        if pages * os.sysconf("SC_PAGE_SIZE") > MOST_MEMORY:
            jax.clear_caches()
            gc.collect()


def absent(reason: str) -> NoReturn:
    """Skip the test for want of a program, or fail where everything is required."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def site_folder() -> Path:
    """The folder of the built site, made from the present sources."""
    if not (tasks.SITE / "index.html").exists():
        absent("the site isn't built: run `make book` first")
    if digest.read_stamp("book").get("digest") != digest.of_book():
        absent("the site was built from other sources: run `make book` first")
    return tasks.SITE


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A plain file server that doesn't report each request."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site_url(site_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site on a plain file server, under a sub-path, ending in a slash."""
    root = tmp_path_factory.mktemp("server")
    place = root / SUB_PATH
    place.parent.mkdir(parents=True)
    place.symlink_to(site_folder, target_is_directory=True)
    handler = functools.partial(QuietHandler, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{SUB_PATH}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        found = found or playwright.chromium.executable_path
        if not Path(found).exists():
            absent("no Chromium was found (Debian: apt-get install chromium)")
        chromium = playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_page(browser):
    """A browser page that reaches 127.0.0.1 and files only; any complaint fails the test.

    `page.problems` lists console errors, script errors, failed requests and requests to other
    hosts as they come; a test that provokes one on purpose clears it.
    """
    with watched_page(browser) as page:
        yield page


@contextlib.contextmanager
def watched_page(browser, width: int = 1280, height: int = 900):
    """A page of a context of its own; what was wrong with it is said at the end."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.problems = []
    watch(page)
    try:
        yield page
    finally:
        context.close()
    assert page.problems == []


def watch(page) -> None:
    """Record what goes wrong on a page, and each request to another host."""
    problems = page.problems

    # Asked of the requests, not on their way: holding each up would cost as much as the page.
    def ask(request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("file", "data", "blob") and address.hostname != "127.0.0.1":
            problems.append(f"request to another host: {request.url}")

    page.on("request", ask)
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    # A request that a new page cuts short is no failure.
    page.on(
        "requestfailed",
        lambda request: (
            problems.append(f"failed: {request.url}")
            if request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )


def without_formulas(page) -> None:
    """Leave the formulas of the site's pages as they are written: setting them is most of a load.

    For tests of what stands beside them.
    """
    page.route("**/mathjax/**", lambda route: route.fulfill(body=""))


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node: the system's, or the one that comes with Playwright."""
    found = shutil.which("node")
    if found:
        return found
    from playwright._impl._driver import compute_driver_executable

    bundled = Path(compute_driver_executable()[0])
    if not bundled.exists():
        absent("no Node was found (Debian: apt-get install nodejs)")
    return str(bundled)


@pytest.fixture
def ask_node(node, tmp_path):
    """A function that puts questions to the modules of an explorer, in one Node process."""

    from adam_and_beyond import methods
    from adam_and_beyond.explorers.module import modules

    def ask(entry: str, names: Iterable[str] = methods.PAPER, **questions) -> dict:
        folder, given = tmp_path / "browser", tmp_path / "ask.json"
        for path, source in modules(entry, names).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(source, "utf-8")
        (folder / "package.json").write_text('{ "type": "module" }', "utf-8")
        given.write_text(json.dumps(questions), "utf-8")
        driver = Path(__file__).with_name("explorer_driver.mjs")
        command = [node, str(driver), str(folder), str(given)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask
