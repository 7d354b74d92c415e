"""Where a training run stands, on disk: written whole or not at all, read back bit for bit."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import jax
import numpy as np

from adam_and_beyond.simulate.devices import is_first


def write(path: Path, place: Any, identity: str) -> None:
    """Write a place, so that a crash at any moment leaves the old file or the new one.

    Of several processes the first writes; the others do nothing.

    Args:
      path: of the file.
      place: a ``training.Place``.
      identity: what the run is, compared when it is read.

    References:
      Introduced in the chapter "CIFARNET on CIFAR-10".
    """
    if not is_first():
        return
    leaves = {f"leaf{k}": np.asarray(a) for k, a in enumerate(jax.tree.leaves(place))}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        np.savez(file, identity=np.array(identity), **leaves)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def read(path: Path, start: Any, identity: str) -> Any:
    """The place in a file, or the start if there is no file.

    Args:
      path: of the file.
      start: the place at step 0: the tree into which the leaves are put.
      identity: what the run is.

    Returns:
      A place like ``start``.

    Raises:
      ValueError: if the file is damaged, or of another run.

    References:
      Introduced in the chapter "CIFARNET on CIFAR-10".
    """
    if not path.exists():
        return start
    leaves, tree = jax.tree.flatten(start)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            same = str(stored["identity"]) == identity
            found = [stored[f"leaf{k}"] for k in range(len(leaves))] if same else []
    except Exception as error:  # a damaged archive can raise nearly anything
        raise ValueError(
            f"{path} is damaged ({error}): delete it, and the run begins anew"
        ) from None
    if not same:
        raise ValueError(f"{path} belongs to another run, or to another task: delete it")
    place = jax.tree.unflatten(tree, found)
    return place._replace(t=int(place.t), seconds=float(place.seconds))
