"""Files that are whole or not there: written beside their place, moved into it at the end."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A place to write a file, which gets its name only when everything is on the disk.

    Readers see the old file or the new one, also where two processes write the same one, the power
    fails or the disk is full.

    Args:
      path: of the file; its folder is made if it is absent.

    Yields:
      The path of an empty file in the same folder. If the block ends well it replaces ``path``;
      otherwise it is removed and ``path`` is as before.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.chmod(0o666 & ~_umask())  # a temporary file is for its owner alone
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
