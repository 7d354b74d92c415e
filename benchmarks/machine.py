"""The machine and the versions that a measurement belongs to."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.peers.c import FLAGS, compiler

_PACKAGES = ("jax", "jaxlib", "numpy", "optax", "numba", "torch")


def _model() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _vectors() -> str:
    """The widest vectors of the processor, where the system tells."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return ""
    return next((name for name in ("avx512f", "avx2", "asimd", "sse2") if name in text), "")


def describe() -> dict[str, Any]:
    """Processor, cores, system and compiler."""
    version = subprocess.run([compiler(), "--version"], capture_output=True, text=True).stdout
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpu": _model(),
        "vectors": _vectors(),
        "cores": cores,
        "load_at_start": load,
        "system": f"{platform.system()} {platform.machine()}",
        "compiler": (version.splitlines() or ["unknown"])[0],
        "compiler_flags": " ".join(FLAGS),
    }


def versions() -> dict[str, str]:
    """Python and the packages that were measured."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
