"""Stored results of long runs: small files in ``results/``, which chapters read.

Results belong to the repository. A package that was installed by itself has none; what it makes
goes into the user's folder, never beside the package.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pooch

from adam_and_beyond import files


def home(package: Path | None = None) -> Path:
    """The folder in which results and unfinished runs lie.

    Args:
      package: the folder of the package; without, where it is.

    Returns:
      The repository, if the package lies in its ``src``, as in an editable install; else
      ``adam-and-beyond`` in the user's cache.
    """
    package = Path(__file__).resolve().parent if package is None else package
    repository = package.parents[1]
    is_clone = package.parent.name == "src" and (repository / "pyproject.toml").is_file()
    return repository if is_clone else Path(pooch.os_cache("adam-and-beyond"))


FOLDER = home() / "results"


def read(name: str, folder: Path | None = None) -> dict[str, Any]:
    """A stored result.

    Args:
      name: of the result, e.g. ``"benchmark"``, without an ending.
      folder: where to look; without, :data:`FOLDER`, the repository's ``results``.

    Returns:
      What was stored (numbers, text, lists and dictionaries).

    Raises:
      ValueError: if there is no such result, or its file is damaged.

    References:
      Introduced in the appendix "How fast, and why".
    """
    folder = _folder(folder)
    path = folder / f"{name}.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        stored = ", ".join(sorted(p.stem for p in folder.glob("*.json"))) or "nothing"
        raise ValueError(
            f"no stored result {name!r}: {path} is missing (stored: {stored}). Results belong to "
            "the repository, so install the package from a clone, as `make` does"
        ) from None
    except ValueError as error:
        raise ValueError(
            f"{path} is damaged ({error}): restore it from the repository, or make it afresh"
        ) from None


def write(
    name: str,
    about: Mapping[str, Any],
    arrays: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Path:
    """Store a result: text and numbers as JSON, arrays beside it, each file whole or not at all.

    Args:
      name: of the result, without an ending.
      about: what is stored as JSON; by habit with the command, parameters, seeds, versions, data
        checksums, device and duration.
      arrays: numpy arrays by name, stored as ``.npz``.
      folder: where; without, :data:`FOLDER`, the repository's ``results``.

    Returns:
      The path of the JSON file.
    """
    folder = _folder(folder)
    path = folder / f"{name}.json"
    if arrays:
        with files.whole(path.with_suffix(".npz")) as part, part.open("wb") as file:
            np.savez_compressed(file, **arrays)
    with files.whole(path) as part:
        part.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    return path


def arrays(name: str, folder: Path | None = None) -> dict[str, np.ndarray]:
    """The arrays of a stored result.

    Args:
      name: of the result, without an ending.
      folder: where to look; without, :data:`FOLDER`, the repository's ``results``.

    Returns:
      The arrays by name.

    Raises:
      ValueError: if there are none, or the file is damaged.
    """
    path = _folder(folder) / f"{name}.npz"
    if not path.exists():
        raise ValueError(f"no stored arrays {name!r}: {path} is missing")
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return dict(stored)
    except Exception as error:  # a damaged archive can raise nearly anything
        raise ValueError(
            f"{path} is damaged ({error}): restore it from the repository, or make it afresh"
        ) from None


def _folder(folder: Path | None) -> Path:
    return FOLDER if folder is None else Path(folder).expanduser()
