"""Files of data sets: found, checked, decoded, and refused with a sentence."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

_MOST = 50_000_000  # bytes of an unpacked part; the largest, of MNIST, has 47 040 016


class DataError(ValueError):
    """A file of a data set is missing or is not what it should be; the message says which."""


def checksum(content: bytes) -> str:
    """The sha256 of some bytes, in hexadecimal digits.

    Args:
      content: the bytes.

    Returns:
      64 characters.
    """
    return hashlib.sha256(content).hexdigest()


def find(folder: Path, source: Any) -> dict[str, list[Path]]:
    """Where the parts of a data set may lie, whatever the files contain.

    Args:
      folder: the folder of data.
      source: a ``datasets.Source``.

    Returns:
      Part -> the files of its name, and the archives that may hold it, likely places first. A part
      that has none is missing.
    """
    found = {}
    for part in source.parts:
        # Some redistributors write a full stop before "idx".
        names = [part, f"{part}.gz", part.replace("-idx", ".idx")]
        names += [source.archive] if source.archive else []
        paths = [folder / place / name for place in source.folders for name in dict.fromkeys(names)]
        found[part] = [path for path in paths if path.is_file()]
    return found


def contents(name: str, folder: Path, source: Any) -> dict[str, bytes]:
    """The checked content of each part of a data set.

    The checksum decides which of several files of one name is genuine: a bad one hides no good one.

    Args:
      name: of the data set, for messages.
      folder: the folder of data.
      source: a ``datasets.Source``.

    Returns:
      Part -> its bytes, uncompressed.

    Raises:
      DataError: if a part is missing, cut short or altered.
    """
    places = find(folder, source)
    if missing := [part for part, paths in places.items() if not paths]:
        raise DataError(
            f"{name} is not in {folder}: expected {', '.join(source.parts)} there or in "
            f"{', '.join(source.folders[1:])}; not found: {', '.join(missing)}. Download it with "
            f"`python -m adam_and_beyond fetch {name}`, or let the environment variable "
            "ADAM_AND_BEYOND_DATA name the folder that has it"
        )
    read = _Reader(name, source)
    return {part: _genuine(read, paths, part)[1] for part, paths in places.items()}


def whole(name: str, folder: Path, source: Any) -> Path | None:
    """The folder in which a data set lies already, as :func:`contents` would read it.

    Args:
      name: of the data set.
      folder: the folder of data.
      source: a ``datasets.Source``.

    Returns:
      The folder of its first part, or None if a part is missing or not what it should be.
    """
    places, read = find(folder, source), _Reader(name, source)
    try:
        found = {part: _genuine(read, paths, part)[0] for part, paths in places.items()}
    except (DataError, IndexError):
        return None
    return next(iter(found.values())).parent


def _genuine(read: _Reader, paths: Sequence[Path], part: str) -> tuple[Path, bytes]:
    """The first file that is what it should be, and its content; or the first one's fault."""
    faults = []
    for path in paths:
        try:
            return path, read(path, part)
        except DataError as error:
            faults.append(error)
    others = f" (nor is any of {len(faults) - 1} others of that name)" if len(faults) > 1 else ""
    raise DataError(f"{faults[0]}{others}. {read.advice}")


class _Reader:
    """Reads parts from files and archives, each archive once, and checks what they contain."""

    def __init__(self, name: str, source: Any) -> None:
        self._name, self._source = name, source
        self._unpacked: dict[Path, dict[str, bytes]] = {}
        self.advice = (
            f"Run `python -m adam_and_beyond fetch {name}`: what it downloads is then taken instead"
        )

    def __call__(self, path: Path, part: str) -> bytes:
        """The content of a part in a file, if its checksum is right."""
        if path.name == self._source.archive:
            if path not in self._unpacked:
                self._unpacked[path] = _unpack(path, self._source)
            content = self._unpacked[path].get(part)
            if content is None:
                raise DataError(f"{path} lacks {part}: it is cut short or another archive")
        else:
            content = _read(path)
        expected = self._source.parts[part]
        if checksum(content) != expected:
            raise DataError(
                f"{path}: the content of {part} is not {self._name}'s ({len(content)} bytes, "
                f"sha256 {checksum(content)[:12]}..., expected {expected[:12]}...): the file is "
                f"cut short or altered, or another data set's{self._source.namesakes}"
            )
        return content


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror})") from None
    if path.suffix != ".gz":
        return content
    try:
        with gzip.open(io.BytesIO(content)) as unpacked:
            found = unpacked.read(_MOST + 1)
        if len(found) > _MOST:
            raise DataError(f"{path} unpacks to more than {_MOST} bytes: no data set here does")
        return found
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} can't be decompressed ({error}): it is cut short or altered"
        ) from None


def _unpack(path: Path, source: Any) -> dict[str, bytes]:
    """The parts in an archive, read in memory: nothing is extracted, so no path can escape."""
    wanted = {f"{source.inside}/{part}": part for part in source.parts}
    found = {}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                if member.name in wanted and member.isfile():
                    if member.size > _MOST:
                        raise DataError(
                            f"{path} holds {member.name} of {member.size} bytes: more than {_MOST} "
                            "has no data set here"
                        )
                    found[wanted[member.name]] = archive.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} can't be unpacked ({error}): it is cut short or altered") from None
    return found


def check_writable(folder: Path) -> None:
    """Make a folder, and see that a file can be written there, before anything is downloaded.

    Args:
      folder: for the files of a data set.

    Returns:
      Nothing.

    Raises:
      DataError: if that fails; the message says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataError(
            f"nothing can be written into {folder} ({error.strerror}): name another folder with "
            "--data, or by the environment variable ADAM_AND_BEYOND_DATA"
        ) from None


def download(addresses: Sequence[str], path: Path, sha256: str, progress: bool) -> None:
    """Download a file from the first address that gives the right one.

    Args:
      addresses: of the file, in order of preference; more than once to try again.
      path: where to put it; what is there and right is kept.
      sha256: of the right file.
      progress: whether to show a bar.

    Returns:
      Nothing.

    Raises:
      DataError: if no address gives it.
    """
    import pooch

    reasons = {}
    for address in addresses:
        try:
            pooch.retrieve(
                address,
                f"sha256:{sha256}",
                path.name,
                path.parent,
                downloader=pooch.HTTPDownloader(progressbar=progress, timeout=60),
            )
            return
        except (OSError, ValueError) as error:  # no network, a bad answer, a wrong checksum
            reasons[address] = f"{type(error).__name__}: {error}"
    told = "; ".join(f"{address} ({reason})" for address, reason in reasons.items())
    raise DataError(
        f"{path.name} could not be downloaded: {told}. Try again later, or put the file into "
        f"{path.parent} by hand"
    )


def idx(content: bytes, name: str) -> np.ndarray:
    """The array in an IDX file of MNIST.

    Args:
      content: the bytes: two zeros, the type (8: uint8), the number of dimensions, each dimension
        as a big-endian 32-bit integer, then the values.
      name: of the file, for messages.

    Returns:
      uint8, of the shape that the file states.

    Raises:
      DataError: if the header is of another format, or the length does not fit the shape.

    References:
      LeCun et al. (1998).
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(f"{name} is no IDX file of bytes: it begins with {content[:4]!r}")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{name} ends within its header")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    expected = int(np.prod(shape, dtype=object))
    if len(content) - start != expected:
        raise DataError(
            f"{name} states the shape {shape}, {expected} values, but holds {len(content) - start}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


class _OnlyArrays(pickle.Unpickler):
    """Unpickles what CIFAR-10's batches consist of and refuses anything else."""

    _ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        """The function or class of that name, if it is one of the few that batches need."""
        try:
            return self._ALLOWED[module, name]
        except KeyError:
            raise DataError(
                f"the file asks for {module}.{name}, which no batch of CIFAR-10 needs: it is not "
                "genuine and was not read"
            ) from None


def cifar_batch(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of one batch of CIFAR-10.

    Args:
      content: the bytes of the pickle, a dictionary with ``data`` (uint8, ``(n, 3072)``: the red,
        green and blue planes row by row) and ``labels`` (a list of n classes).
      name: of the file, for messages.

    Returns:
      ``(images, labels)``, uint8, shapes ``(n, 32, 32, 3)`` and ``(n,)``.

    Raises:
      DataError: if the file is no such pickle, or asks for anything that a batch doesn't need.

    References:
      Krizhevsky (2009).
    """
    try:
        batch = _OnlyArrays(io.BytesIO(content), encoding="latin1").load()
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise DataError(f"{name} can't be read as a batch of CIFAR-10 ({error})") from None
    if not isinstance(batch, dict) or not {"data", "labels"} <= set(batch):
        raise DataError(f"{name} is no batch of CIFAR-10: it has no 'data' and 'labels'")
    data, labels = batch["data"], np.asarray(batch["labels"])
    right = isinstance(data, np.ndarray) and data.dtype == np.uint8
    if not right or data.shape != (len(labels), 3072) or labels.ndim != 1:
        shape = getattr(data, "shape", type(data).__name__)
        raise DataError(
            f"{name}: data must be uint8 of shape ({len(labels)}, 3072), one row a label, got "
            f"{shape}"
        )
    planes = data.reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels.astype(np.uint8)
