"""Where a sweep keeps its finished chunks: in memory, or in a folder from which it can go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

_FILES = ("x.npy", "average_regret.npy")
_DONE = "done.npy"
_ABOUT = "sweep.json"


def fingerprint(*inputs: Any) -> str:
    """A digest of everything that determines a sweep: names, numbers, shapes and arrays."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(inputs):
        array = np.asarray(leaf)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


class ChunkStore:
    """Two result arrays and a note of which chunks are finished."""

    def __init__(self, arrays: tuple[np.ndarray, ...], done: np.ndarray, chunk: int) -> None:
        self._arrays = arrays
        self._done = done
        self.chunk = chunk

    @classmethod
    def open(
        cls, folder: str | os.PathLike[str] | None, key: str, lanes: int, chunk: int
    ) -> ChunkStore:
        """Start, or continue what a folder holds.

        Args:
          folder: where to keep results, made if absent; ``None`` keeps them in memory.
          key: fingerprint of the sweep.
          lanes: how many runs.
          chunk: how many of them are finished at a time.

        Returns:
          The ``ChunkStore``.

        Raises:
          ValueError: if the folder holds another sweep, or files that are no sweep's.
        """
        chunks = -(-lanes // chunk)
        if folder is None:
            arrays = tuple(np.empty(lanes) for _ in _FILES)
            return cls(arrays, np.zeros(chunks, np.uint8), chunk)
        folder = Path(folder)
        if (folder / _ABOUT).exists():
            about = json.loads((folder / _ABOUT).read_text())
            chunk = about.pop("chunk", chunk)  # another kind of device would choose another
            if about != {"key": key, "lanes": lanes}:
                raise ValueError(
                    f"{folder} holds a sweep with other inputs; name another folder, or delete it"
                )
        else:
            cls._begin(folder, {"key": key, "lanes": lanes, "chunk": chunk}, chunks)
        *arrays, done = (np.load(folder / name, mmap_mode="r+") for name in (*_FILES, _DONE))
        return cls(tuple(arrays), done, chunk)

    @staticmethod
    def _begin(folder: Path, about: dict[str, Any], chunks: int) -> None:
        # What an interrupted beginning left behind is ours, and is begun again.
        ours = {*_FILES, _DONE, f"{_ABOUT}.part"}
        if folder.exists() and any(entry.name not in ours for entry in folder.iterdir()):
            raise ValueError(f"{folder} holds files that are no sweep's; name an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            np.lib.format.open_memmap(
                folder / name, mode="w+", dtype=np.float64, shape=(about["lanes"],)
            ).flush()
        np.save(folder / _DONE, np.zeros(chunks, np.uint8))
        # Last, and under its name only when complete: without it the folder counts as not begun.
        part = folder / f"{_ABOUT}.part"
        part.write_text(json.dumps(about))
        part.replace(folder / _ABOUT)

    def missing(self) -> list[tuple[int, int]]:
        """Lanes ``(start, stop)`` of each chunk that is not finished."""
        return list(self._missing())

    def _missing(self) -> Iterator[tuple[int, int]]:
        lanes = len(self._arrays[0])
        for k in np.flatnonzero(self._done == 0):
            yield int(k) * self.chunk, min(lanes, (int(k) + 1) * self.chunk)

    def put(self, start: int, stop: int, *values: np.ndarray) -> None:
        """Keep a finished chunk: first its values, then the note that they are there."""
        for array, value in zip(self._arrays, values, strict=True):
            array[start:stop] = value
            _flush(array)
        self._done[start // self.chunk] = 1
        _flush(self._done)

    def arrays(self) -> tuple[np.ndarray, ...]:
        """The results, one entry per lane."""
        return self._arrays


def _flush(array: np.ndarray) -> None:
    if isinstance(array, np.memmap):
        array.flush()
