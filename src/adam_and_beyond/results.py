"""Stored results of long runs: small files in ``results/``, which chapters read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# In an editable install the package lies in ``src`` of the repository.
FOLDER = Path(__file__).resolve().parents[2] / "results"


def read(name: str, folder: Path | None = None) -> dict[str, Any]:
    """A stored result.

    Args:
      name: of the result, e.g. ``"benchmark"``, without an ending.
      folder: where to look; without, the repository's ``results``.

    Returns:
      What was stored (numbers, text, lists and dictionaries).

    Raises:
      ValueError: if there is no such result, or its file is damaged.

    References:
      Introduced in the appendix "How fast, and why".
    """
    folder = FOLDER if folder is None else Path(folder)
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
