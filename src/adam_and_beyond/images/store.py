"""Where runs lie on disk: a file for each group that is trained together, named by what it is.

A file is the checkpoint of its group; a finished run is the checkpoint at its last step. Its first
line is JSON: the whole identity of the runs, how they were made, and what was measured. The arrays
of the models and optimizers follow, as equinox writes them. The name holds a digest of the
identity, so runs that differ in anything, be it the last bit of an alpha, never meet.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import equinox as eqx
import jax
import numpy as np

from adam_and_beyond import files
from adam_and_beyond.images.tasks import MEASURES, Setting, Task, TrainingRun, runs_of
from adam_and_beyond.simulate.devices import is_first

_SUFFIX = ".run"


class Identity(NamedTuple):
    """Everything that decides what a group of runs computes."""

    task: Task
    data: Mapping[str, str]  # what was read -> sha256 of its content
    program: str  # digest of the start and of one step: the network, the rule, its values
    devices: int  # over which each batch is split
    group: tuple[Setting, ...]

    def plain(self) -> dict[str, Any]:
        """As text, numbers, lists and dictionaries; numbers keep every bit."""
        return self._asdict() | {"task": self.task.plain(), "data": dict(self.data)}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Identity:
        """The inverse of :meth:`plain`, also after JSON has made lists of tuples."""
        task = dict(plain["task"])
        if isinstance(task["records"], list):
            task["records"] = tuple(task["records"])
        group = tuple(Setting(*one) for one in plain["group"])
        return cls(**{**plain, "task": Task(**task), "group": group})

    def text(self) -> str:
        """As JSON, the same for the same identity."""
        return json.dumps(self.plain(), sort_keys=True)

    def file_name(self) -> str:
        """What a person reads, then the digest."""
        one = self.group[0]
        alphas = f"{one.alpha:g}" if len(self.group) == 1 else f"{len(self.group)}-values"
        beta2 = "" if one.beta2 is None else f"-beta2-{one.beta2:g}"
        digest = hashlib.sha256(self.text().encode()).hexdigest()[:24]
        return f"{one.method}-alpha-{alphas}{beta2}-seed-{one.seed}-{digest}{_SUFFIX}"

    def single(self, setting: Setting) -> str:
        """The identity of one of the runs, whatever it was trained beside."""
        return self._replace(group=(setting,)).text()


class Record(NamedTuple):
    """What a file says of its group."""

    identity: Identity
    about: Mapping[str, Any]  # how the runs were made
    t: int  # steps done
    measured: np.ndarray  # (n, measures, group)
    stopped: np.ndarray  # (group,)
    seconds: float

    def runs(self, steps: int | None = None) -> list[TrainingRun]:
        """The runs up to a step; without one, as far as they are."""
        everything = self.identity.task, self.identity.group, self.t if steps is None else steps
        return runs_of(*everything, self.measured, self.stopped, self.seconds)

    def reaches(self, steps: int) -> np.ndarray:
        """Which of the runs have nothing more to do before that step."""
        return (self.t >= steps) | (self.stopped > 0)


class Checkpoint(NamedTuple):
    """The file of one group, there or not."""

    path: Path
    identity: Identity
    about: Mapping[str, Any]

    @contextlib.contextmanager
    def alone(self) -> Iterator[Checkpoint]:
        """Be the only process that trains this group; others may train others in the folder.

        Raises ``ValueError`` if another process does, or the folder cannot be written.
        """
        if not is_first():
            yield self
            return
        lock = self.path.with_name(f".{self.path.name}.lock")
        with contextlib.ExitStack() as stack:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(files.locked(lock, f"{self.path.name} in {self.path.parent}"))
            except OSError as error:
                raise _unusable(self.path.parent, error) from None
            yield self

    def write(self, state: Any) -> None:
        """Write a ``training.TrainingState``, whole or not at all; of many processes the first.

        Raises ``ValueError`` where that fails, as on a full disk.
        """
        if not is_first():
            return
        header = {
            "identity": self.identity.plain(),
            "about": self.about,
            "t": state.t,
            "measured": state.measured.tolist(),
            "stopped": state.stopped.tolist(),
            "seconds": state.seconds,
        }
        try:
            with files.whole(self.path) as part, part.open("wb") as file:
                file.write(json.dumps(header).encode() + b"\n")
                eqx.tree_serialise_leaves(file, (state.model, state.optimizer))
        except OSError as error:
            raise ValueError(
                f"step {state.t} of {self.path.name} can't be kept in {self.path.parent} "
                f"({error.strerror or error}); the checkpoint before it is whole, and the same "
                "command goes on from there"
            ) from None

    def read(self, start: Any) -> Any:
        """The state in the file, or the start if there is no file.

        Raises ``ValueError`` if the file is damaged, or of another group.
        """
        if not self.path.exists():
            return start
        with self.path.open("rb") as file:
            found = _header(self.path, file)
            if found is None or found.identity.text() != self.identity.text():
                raise ValueError(f"{self.path} belongs to another run: delete it")
            try:
                read = eqx.tree_deserialise_leaves(file, (start.model, start.optimizer))
            except Exception as error:  # a damaged file can raise nearly anything
                raise _damaged(self.path, error) from None
        model, optimizer = jax.tree.map(np.asarray, read)
        return start._replace(
            model=model,
            optimizer=optimizer,
            t=found.t,
            measured=found.measured,
            stopped=found.stopped,
            seconds=found.seconds,
        )


class Store:
    """The runs in a folder, as they were when it was opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.records = tuple(_records(folder))
        self._runs: dict[str, list[tuple[Record, int]]] = {}
        for record in self.records:
            for k, setting in enumerate(record.identity.group):
                self._runs.setdefault(record.identity.single(setting), []).append((record, k))

    def checkpoint(self, identity: Identity, about: Mapping[str, Any]) -> Checkpoint:
        """The file of a group."""
        return Checkpoint(self._folder / identity.file_name(), identity, about)

    def finished(self, identity: Identity, steps: int) -> list[TrainingRun] | None:
        """The runs of a group up to a step, if all of them are finished; or None.

        A run that was trained beside others than here counts: no bit of it depends on them.
        """
        found = []
        for setting in identity.group:
            some = self._runs.get(identity.single(setting), [])
            done = [record.runs(steps)[k] for record, k in some if record.reaches(steps)[k]]
            if not done:
                return None
            found.append(done[0])
        return found


def _records(folder: Path) -> Iterator[Record]:
    try:
        # Not glob, which passes over a folder that it may not read.
        names = sorted(os.listdir(folder)) if folder.exists() else []
        for name in names:
            if name.endswith(_SUFFIX):
                with (folder / name).open("rb") as file:
                    if (record := _header(folder / name, file)) is not None:
                        yield record
    except OSError as error:
        raise _unusable(folder, error) from None


def _unusable(folder: Path, error: OSError) -> ValueError:
    return ValueError(
        f"the runs in {folder} can't be read or written ({error.strerror or error}): give it the "
        "rights, or name another folder"
    )


def _header(path: Path, file: BinaryIO) -> Record | None:
    """The first line of a file; None for one from when settings were trained as one program."""
    try:
        plain = json.loads(file.readline())
        if any(len(one) < len(Setting._fields) for one in plain["identity"]["group"]):
            return None
        identity = Identity.of_plain(plain["identity"])
        shape = (-1, len(MEASURES), len(identity.group))
        return Record(
            identity,
            plain["about"],
            plain["t"],
            np.array(plain["measured"], np.float32).reshape(shape),
            np.array(plain["stopped"], np.int64),
            plain["seconds"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(f"{path} is damaged ({error!r}): delete it, and it is run again")
