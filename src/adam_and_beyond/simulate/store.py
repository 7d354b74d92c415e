"""Where a sweep keeps its finished chunks: in memory, and on request in a folder.

In the folder a chunk is one file, which gets its name only when all of it is on the disk. So there
is no second note of what is done that could be ahead of the values or behind them, and a file that
was damaged later is known by its checksum.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import os
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import numpy as np

from adam_and_beyond import checks, files

_VALUES = ("x", "average_regret")
_ABOUT = "sweep.json"
_LOCK = "lock"
_ROOMS = ("methods", "problems", "regret", "simulate")  # of the package: what computes a sweep


def fingerprint(rule: Callable[..., Any], *inputs: Any) -> str:
    """A digest of everything that determines a sweep.

    Args:
      rule: of the method.
      *inputs: names, numbers, shapes and arrays.

    Returns:
      The digest. Besides the inputs it knows the source of the rule and of the rooms that compute a
      sweep, and the versions of JAX and NumPy.

    Raises:
      ValueError: for a rule whose source is nowhere to be read.
    """
    digest = hashlib.sha256(_code().encode())
    try:
        digest.update(inspect.getsource(rule).encode())
    except (OSError, TypeError):
        raise ValueError(
            "store needs the source of the rule, to know the sweep again; write it in a file"
        ) from None
    for leaf in jax.tree.leaves(inputs):
        array = np.asarray(leaf)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _code() -> str:
    """What computes a sweep: our sources, and the versions of what they rest on."""
    package = Path(__file__).resolve().parents[1]
    sources = sorted(path for room in _ROOMS for path in (package / room).rglob("*.py"))
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sources]
    versions = [metadata.version(name) for name in ("jax", "jaxlib", "numpy")]
    return " ".join(versions + digests)


class ChunkStore:
    """The results of a sweep, chunk by chunk; with a folder, what is finished is kept there.

    Args:
      lanes: how many runs.
      chunk: how many of them are finished at a time.
      folder: of the finished chunks, or None.
      writes: whether this process is the one that writes.
    """

    def __init__(self, lanes: int, chunk: int, folder: Path | None = None, writes: bool = True):
        self.chunk = chunk
        self._folder = folder
        self._writes = writes
        self._arrays = tuple(np.full(lanes, np.nan) for _ in _VALUES)
        self._missing = [
            (start, min(lanes, start + chunk))
            for start in range(0, lanes, chunk)
            if folder is None or not self._read(start, min(lanes, start + chunk))
        ]

    def missing(self) -> list[tuple[int, int]]:
        """Lanes ``(start, stop)`` of each chunk that is not finished."""
        return list(self._missing)

    def put(self, start: int, stop: int, *values: np.ndarray) -> None:
        """Keep a finished chunk."""
        if self._folder is not None and self._writes:
            self._write(start, values)
        for array, value in zip(self._arrays, values, strict=True):
            array[start:stop] = value
        self._missing.remove((start, stop))

    def arrays(self) -> tuple[np.ndarray, ...]:
        """The results, one entry per lane, nan where it is missing; they can't be written to."""
        views = tuple(array.view() for array in self._arrays)
        for view in views:
            view.setflags(write=False)
        return views

    def _path(self, start: int) -> Path:
        return self._folder / f"chunk-{start // self.chunk:06d}.npz"

    def _write(self, start: int, values: tuple[np.ndarray, ...]) -> None:
        try:
            with files.whole(self._path(start)) as part, part.open("wb") as file:
                np.savez(file, **dict(zip(_VALUES, values, strict=True)))
        except OSError as error:
            raise OSError(
                f"a finished chunk could not be kept in {self._folder} ({error.strerror}); with "
                "room there, the same call goes on with the chunks before it"
            ) from None

    def _read(self, start: int, stop: int) -> bool:
        """Whether a chunk is there; if so, its values are now in the arrays."""
        path = self._path(start)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return False
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                values = [stored[name] for name in _VALUES]
            for array, value in zip(self._arrays, values, strict=True):
                if value.shape != (stop - start,) or value.dtype != np.float64:
                    raise ValueError("values of another shape")
                array[start:stop] = value
        except Exception:  # a damaged archive can raise nearly anything
            warnings.warn(f"{path} is damaged and is computed again", stacklevel=2)
            return False
        return True


@contextlib.contextmanager
def opened(
    folder: str | os.PathLike[str] | None, key: str, lanes: int, chunk: int, writes: bool = True
) -> Iterator[ChunkStore]:
    """Start, or continue what a folder holds; no other process may meanwhile.

    Args:
      folder: where to keep results, made if absent; ``None`` keeps them in memory.
      key: fingerprint of the sweep.
      lanes: how many runs.
      chunk: how many of them are finished at a time.
      writes: whether this process writes; the others of its group find the folder begun.

    Yields:
      The ``ChunkStore``.

    Raises:
      ValueError: if the folder holds another sweep, damaged files or files that are no sweep's, or
        is in use.
    """
    if folder is None:
        yield ChunkStore(lanes, chunk)
        return
    folder = Path(folder).expanduser()
    if writes:
        _begin(folder, {"key": key, "lanes": lanes, "chunk": chunk})
    with files.locked(folder / _LOCK, str(folder)) if writes else contextlib.nullcontext():
        about = _about(folder)
        chunk = about.pop("chunk")  # another kind of device would choose another
        if about != {"key": key, "lanes": lanes}:
            raise ValueError(
                f"{folder} holds a sweep with other inputs, or of another version of the code; "
                "name another folder, or delete it"
            )
        yield ChunkStore(lanes, chunk, folder, writes)


def _begin(folder: Path, about: dict[str, Any]) -> None:
    """Make the folder and say in it what it holds, unless that is said already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / _ABOUT).exists():
            return
        if not all(_is_ours(entry.name) for entry in folder.iterdir()):
            raise ValueError(f"{folder} holds files that are no sweep's; name an empty folder")
        with files.whole(folder / _ABOUT) as part:
            part.write_text(json.dumps(about), "utf-8")
    except OSError as error:
        raise ValueError(f"a sweep can't be kept in {folder}: {error.strerror}") from None


def _is_ours(name: str) -> bool:
    """Whether a file may lie in a folder that holds no sweep yet: an interrupted beginning."""
    return name == _LOCK or (name.startswith(".") and name.endswith(".part"))


def _about(folder: Path) -> dict[str, Any]:
    path = folder / _ABOUT
    try:
        about = json.loads(path.read_text("utf-8"))
        if not (isinstance(about, dict) and isinstance(about["chunk"], int) and about["chunk"] > 0):
            raise ValueError("not what a sweep writes")
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path} is damaged ({checks.short(str(error))}); delete the folder to begin again"
        ) from None
    return about
