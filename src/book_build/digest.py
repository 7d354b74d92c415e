"""Digests of folders: what was built or tested is known by the content of its sources.

Content and not dates, because a fresh clone, a `git checkout` and a restored cache all have new
dates on old files.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", "_build", "__pycache__", ".ruff_cache", ".pytest_cache", ".hypothesis"}
SKIPPED |= {".ipynb_checkpoints"}

# What the pages are made from.
BOOK_SOURCES = ("_config.yml", "_toc.yml", "requirements.txt", "chapters", "src", "results")


def files(places: Iterable[Path]) -> Iterator[Path]:
    """Yield every source file below the given files and folders, in a fixed order."""
    for place in places:
        if place.is_file():
            yield place
        elif place.is_dir() and not is_made(place):
            yield from files(sorted(place.iterdir()))


def is_made(folder: Path) -> bool:
    """Say whether a folder holds products and not sources; an environment may have any name."""
    known = folder.name in SKIPPED or folder.suffix == ".egg-info"
    return known or (folder / "pyvenv.cfg").exists()


def of_files(places: Iterable[Path], root: Path = ROOT) -> str:
    """Return the sha256 of the names and contents of the files below `places`."""
    total = hashlib.sha256()
    for path in files(places):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def of_packages() -> str:
    """Return a digest of the Python version and of every installed package with its version."""
    names = {f"{found.name}=={found.version}" for found in metadata.distributions()}
    text = "\n".join([sys.version, *sorted(names)])
    return hashlib.sha256(text.encode()).hexdigest()


def of_book(root: Path = ROOT) -> str:
    """Return the digest of everything that the site and the PDF depend on."""
    return of_files((root / name for name in BOOK_SOURCES), root)


def of_execution(root: Path = ROOT) -> str:
    """Return a digest of what a chapter's outputs depend on besides the chapter's own cells."""
    sources = of_files((root / "src" / "adam_and_beyond", root / "results"), root)
    return hashlib.sha256((sources + of_packages()).encode()).hexdigest()[:16]


def of_everything(root: Path = ROOT) -> str:
    """Return the digest of every source file, tests and configuration included."""
    return of_files([root], root)


def read_stamp(name: str, root: Path = ROOT) -> dict:
    """Return what the last successful task of this name left behind, or an empty record."""
    try:
        record = json.loads((root / "_build" / "stamps" / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_stamp(name: str, record: dict | None, root: Path = ROOT) -> None:
    """Leave a record of success, whole or not at all; None removes it."""
    path = root / "_build" / "stamps" / f"{name}.json"
    if record is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record), "utf-8")
    part.replace(path)
