"""How a run was made: by which command, from which commit, on which processor."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax

from adam_and_beyond import results

_PACKAGES = ("jax", "jaxlib", "numpy", "optax", "equinox", "scikit-learn")


def provenance(
    experiment: str, task: Mapping[str, Any], data: str, checksums: Mapping[str, str], command: str
) -> dict[str, Any]:
    """What a stored run says of its making.

    Args:
      experiment: name of what was run.
      task: as :meth:`.Task.plain` gives it.
      data: name of the data set.
      checksums: of the data, sha256 by file.
      command: that made it, or an empty text for a call from Python.

    Returns:
      These, the commit, versions, processor, cores, how runs were grouped, and the date, as plain
      numbers and text.
    """
    versions = {"python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {
        "experiment": experiment,
        "task": dict(task),
        "data": {"name": data, "sha256": dict(checksums)},
        "command": command,
        "commit": _commit(),
        "versions": versions,
        "device": f"{jax.devices()[0].platform}, {platform.machine()}",
        "processor": _processor(),
        "cores": _cores(),  # sums over a batch are shared out among them: CIFARNET's last bits
        "grouping": "each run by itself",
        "date": datetime.date.today().isoformat(),
    }


def _commit() -> str:
    """The commit of the repository, with "+" where files of ``src`` differ; empty without one."""
    home = results.home()

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(home), *words], capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout.strip()

    try:
        commit = git("rev-parse", "HEAD") if (home / ".git").exists() else ""
        return commit + ("+" if commit and git("status", "--porcelain", "--", "src") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
