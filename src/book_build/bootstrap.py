"""Make the virtual environment of the book, or say in one sentence why that can't be done.

Run by the system's own Python, whatever its version, before anything is installed: standard
library only, and nothing on the way to the check that an old Python would stumble over. An
environment counts as finished only when its stamp, written last, names what it was installed from.
"""

from __future__ import print_function

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 13)
STAMP = "book-environment.json"
UV = "uv==0.13.9"
RANGE = "Python %d.%d to %d.%d" % (OLDEST + NEWEST)

# The first pattern found in pip's log decides the sentence.
FAILURES = [
    (
        r"No space left on device",
        "The disk is full: free about 2 GB and run the same command again",
    ),
    (
        r"(command|process) '?\"?[^\n]*\b(cc|gcc|g\+\+|clang|cl)(\.exe)?'?\"? failed"
        r"|[Uu]nable to find vcvarsall|Microsoft Visual C\+\+|unable to execute '"
        r"|Unknown compiler|compiler not found"
        r"|No such file or directory: '[^']*(cc|gcc|g\+\+|clang)'"
        r"|CMAKE_C(XX)?_COMPILER|Python\.h: No such file",
        "A package has no ready-made build for this machine and needs a C compiler: install one "
        "(on Debian or Ubuntu: sudo apt-get install build-essential python3-dev) and run the same "
        "command again",
    ),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
        r"|ConnectionRefused|Connection refused|ConnectionReset"
        r"|Temporary failure in name resolution|Network is unreachable"
        r"|Max retries exceeded|[Cc]onnection broken|Could not fetch URL",
        "The packages could not be downloaded: connect to the internet (or set pip's proxy or "
        "index) and run the same command again",
    ),
]


class Refusal(Exception):
    """The environment can't be made; the message is the one sentence to show."""


def supported(version):
    """Say whether the book runs on this (major, minor) of Python."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def version_of(command):
    """Return the (major, minor) that a Python command reports, or None when it doesn't run."""
    code = "import sys; print('%d %d' % sys.version_info[:2])"
    try:
        with open(os.devnull, "w") as nowhere:
            output = subprocess.check_output([command, "-c", code], stderr=nowhere)
        major, minor = output.decode().split()
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return int(major), int(minor)


def find_python(running, explicit):
    """Return the Python to use: the running one, or another on PATH that truly runs.

    A name on PATH proves nothing (pyenv leaves shims that fail), so each candidate is run.
    """
    if supported(running):
        return sys.executable
    if not explicit:
        for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
            name = "python3.%d" % minor
            if supported(version_of(name) or (0, 0)):
                return name
    raise Refusal(
        "The book needs %s and %s is Python %d.%d: install one of these versions, or name it, "
        "as in `make book PYTHON=/usr/bin/python3.12`."
        % ((RANGE, sys.executable or "this") + tuple(running[:2]))
    )


def digest(root):
    """Return the digest of what an installation depends on: the pins and the package's metadata."""
    total = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        with io.open(os.path.join(root, name), encoding="utf-8") as file:
            text = file.read()
        if name == "pyproject.toml":
            # Settings of the linter and of the tests are no reason to install again.
            text = re.split(r"(?m)^\[tool\.(?:ruff|pytest)", text)[0]
        total.update(text.encode("utf-8"))
    return total.hexdigest()


def python_in(venv):
    """Return the path of the Python inside an environment."""
    return os.path.join(
        venv, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"])
    )


def is_finished(venv, wanted):
    """Say whether `venv` was installed to the end from the files with digest `wanted`."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            found = json.load(file)
    except (EnvironmentError, ValueError):
        return False
    # A moved or copied environment still points at its old place.
    return (
        found.get("digest") == wanted
        and found.get("place") == os.path.abspath(venv)
        and version_of(python_in(venv)) is not None
    )


def write_stamp(venv, wanted):
    """Declare `venv` finished: to a temporary name first, so that the stamp is whole or absent."""
    path = os.path.join(venv, STAMP)
    with open(path + ".part", "w") as file:
        json.dump({"digest": wanted, "place": os.path.abspath(venv)}, file)
    os.replace(path + ".part", path)


def explain(log_text, log_path):
    """Turn pip's log into one sentence that says what to do and where the whole log is."""
    for pattern, sentence in FAILURES:
        if re.search(pattern, log_text):
            return "%s (full log: %s)." % (sentence, log_path)
    lines = [line.strip() for line in log_text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    last = (errors or lines or ["nothing"])[-1]
    return "Installing the packages failed; pip ended with `%s` (full log: %s)." % (last, log_path)


def run_logged(command, log_path, root):
    """Run a command with its output in the log; raise the sentence when it fails."""
    start = os.path.getsize(log_path) if os.path.exists(log_path) else 0
    with open(log_path, "ab") as log:
        code = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=root)
    if code:
        with open(log_path, "rb") as log:
            log.seek(start)
            text = log.read().decode("utf-8", "replace")
        raise Refusal(explain(text, log_path))


def check_modules(python):
    """Refuse a Python without the modules that make environments (Debian ships them apart)."""
    code = "import venv, ensurepip"
    if subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL):
        name = "python%d.%d-venv" % (version_of(python) or OLDEST)
        raise Refusal(
            "%s lacks the modules venv and ensurepip: install them (on Debian or Ubuntu: "
            "sudo apt-get install %s) and run the same command again." % (python, name)
        )


def make(root, venv, python):
    """Create the environment afresh and install the pinned packages into it."""
    check_modules(python)
    log_path = os.path.join(root, "_build", "install.log")
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    if os.path.exists(log_path):
        os.remove(log_path)
    if os.path.isdir(venv):
        if os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
            raise Refusal(
                "%s exists and is no Python environment: move it away, or choose another "
                "folder with `make book VENV=folder`." % venv
            )
        # Half an environment can't be told from a whole one by looking; begin again.
        shutil.rmtree(venv)
    print("Installing the pinned packages into %s" % os.path.relpath(venv))
    print("(half a minute to a few minutes) ...")
    sys.stdout.flush()
    wanted = digest(root)
    run_logged([python, "-m", "venv", venv], log_path, root)
    if not installed_by_uv(venv, log_path, root):
        install = ["-m", "pip", "install", "--retries", "2", "-r", "requirements.txt"]
        run_logged([python_in(venv)] + install, log_path, root)
    write_stamp(venv, wanted)


def installed_by_uv(venv, log_path, root):
    """Try uv, which downloads side by side; say whether everything is installed.

    It comes into the environment through pip. Where it can't be had or can't install, pip does
    everything, and pip's log says what is wrong.
    """
    python = python_in(venv)
    try:
        run_logged([python, "-m", "pip", "install", "--retries", "2", UV], log_path, root)
        uv = [python, "-m", "uv", "--no-config", "pip", "install", "--python", python]
        # Compiled as by pip, so that no import warns about what a package's source has.
        run_logged(uv + ["--compile-bytecode", "-r", "requirements.txt"], log_path, root)
    except Refusal:
        return False
    return True


def main(arguments=None):
    """Make the environment unless it is already there and finished."""
    parser = argparse.ArgumentParser(description="Make the virtual environment of the book.")
    parser.add_argument("--venv", default=".venv")
    parser.add_argument("--explicit", action="store_true", help="use this Python and no other")
    options = parser.parse_args(arguments)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    venv = os.path.join(root, options.venv)
    try:
        if not is_finished(venv, digest(root)):
            make(root, venv, find_python(sys.version_info, options.explicit))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except EnvironmentError as error:
        print("The environment could not be made: %s." % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
