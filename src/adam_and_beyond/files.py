"""Files that are whole or not there, and folders in which one process works at a time."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


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


@contextlib.contextmanager
def locked(path: str | os.PathLike[str], what: str) -> Iterator[None]:
    """Be the only process that works on something; the system forgets a lock with its process.

    Args:
      path: of the file that is locked; it is made if it is absent, and stays.
      what: is worked on, as the sentence of an error begins.

    Yields:
      Nothing. Where the system or the file system knows no locks, nothing is locked.

    Raises:
      ValueError: if another process works on it.
      OSError: if the file cannot be made.
    """
    with Path(path).open("ab") as file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(
                f"{what} is in use by another process; wait for it, or name another folder"
            ) from None
        except OSError:
            pass  # a file system without locks: each file is whole in any case
        yield


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
