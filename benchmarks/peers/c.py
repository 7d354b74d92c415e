"""The C reference, compiled on the spot and called through ctypes."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run, hyperparameter_grid

SOURCE = Path(__file__).resolve().parents[1] / "reference.c"
# sqrt must not set errno, or it can't be one vector instruction.
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")


class NoCompilerError(RuntimeError):
    """There is no C compiler here, or it refuses the reference."""


def compiler() -> str:
    """The path of the C compiler, ``$CC`` or ``cc``.

    Raises:
      NoCompilerError: if there is none; the message says what to install.
    """
    name = os.environ.get("CC", "cc")
    found = shutil.which(name)
    if not found:
        raise NoCompilerError(
            f"The benchmark measures against C and found no compiler under the name {name!r}: "
            "install one (on Debian or Ubuntu: sudo apt-get install gcc), or name it, as in "
            "CC=clang make bench."
        )
    return found


def compile_reference(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Compile the reference twice: plain, and with OpenMP for the sweep.

    Args:
      folder: where the two libraries go.

    Returns:
      Their paths, by ``"plain"`` and ``"openmp"``.

    Raises:
      NoCompilerError: if there is no compiler, or it fails; the message has its own words.
    """
    program, paths = compiler(), {}
    for name, extra in {"plain": (), "openmp": ("-fopenmp",)}.items():
        paths[name] = str(Path(folder) / f"{name}.so")
        command = [program, *FLAGS, *extra, str(SOURCE), "-o", paths[name], "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoCompilerError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return paths


def _array(values: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(values.ctypes.data)


def _trajectory(job: Job, function: str) -> Run:
    call = getattr(ctypes.CDLL(job["libraries"]["plain"]), function)
    call.restype = None
    period = np.array(PERIOD)
    x, loss = np.empty(job["records"]), np.empty(job["records"])
    real, whole = ctypes.c_double, ctypes.c_int64

    def run() -> np.ndarray:
        call(
            ctypes.c_int(job["method"] == "amsgrad"),
            whole(job["steps"]),
            whole(job["records"]),
            _array(period),
            whole(len(period)),
            *map(real, (ALPHA, BETA1, BETA2, 0.0)),
            _array(x),
            _array(loss),
        )
        return x

    return run


def tuned(job: Job) -> Run:
    """One trajectory, one root and one division a step."""
    return _trajectory(job, "tuned")


def textbook(job: Job) -> Run:
    """One trajectory, two roots, two divisions and a remainder a step."""
    return _trajectory(job, "textbook")


def sweep(job: Job) -> Run:
    """Adam over a grid of hyperparameters, with OpenMP over the cores of this process."""
    call = ctypes.CDLL(job["libraries"]["openmp"]).sweep
    call.restype = None
    period, lanes = np.array(PERIOD), job["lanes"]
    beta1, beta2 = hyperparameter_grid(lanes)
    x, loss = np.empty(lanes), np.empty(lanes)
    real, whole = ctypes.c_double, ctypes.c_int64

    def run() -> np.ndarray:
        call(
            whole(lanes),
            whole(job["steps"]),
            _array(period),
            whole(len(period)),
            real(ALPHA),
            *map(_array, (beta1, beta2, x, loss)),
        )
        return x

    return run
