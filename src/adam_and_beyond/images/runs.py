"""Runs of the experiments: trained once, kept, put into one table, run again.

Each group of runs is stored at once, in a file of its own (:mod:`.store`), so that a grid grows
over many sittings; :func:`assemble` puts all of them into one table in ``results``.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from adam_and_beyond import results
from adam_and_beyond.images import datasets, training, watching
from adam_and_beyond.images.experiments import Experiment, groups
from adam_and_beyond.images.identity import identity, program
from adam_and_beyond.images.store import Identity, Store
from adam_and_beyond.images.tables import RunTable
from adam_and_beyond.images.tasks import MEASURES, Setting, TrainingRun

WORKSHOP = results.home() / "_build" / "runs"  # finished runs and checkpoints


def reproduce(
    experiment: Experiment,
    settings: Sequence[Sequence[Setting]],
    steps: int | None = None,
    resume: bool = True,
    folder: str | os.PathLike | None = None,
    root: str | os.PathLike | None = None,
    every: float = 120.0,
    progress: Callable[[Sequence[Setting], int, float], None] = lambda group, t, loss: None,
    warn: Callable[[str], None] = lambda text: None,
    devices: int = 1,
) -> RunTable:
    """Run what is not finished yet, and return all of it.

    A run counts as finished if one that agrees with it in everything is: task, method, every bit of
    its numbers, data, and what the compiler was given. One that went further is cut.

    Args:
      experiment: what is run.
      settings: groups of settings, from :func:`.experiments.groups`.
      steps: of each run; without, the experiment's.
      resume: whether finished runs and checkpoints count; without, these runs begin anew.
      folder: where finished runs and checkpoints lie; without, ``_build/runs``.
      root: folder of data, as for :func:`.datasets.load`.
      every: seconds between checkpoints.
      progress: called as ``progress(group, t, loss)`` after each stretch of steps, and with t =
        ``steps`` for a group that is finished.
      warn: called with a message when a run is stopped.
      devices: over which each batch is split.

    Returns:
      The ``RunTable`` of these runs.

    Raises:
      ValueError: as :func:`.training.train` and :func:`.datasets.load`, before anything is trained;
        or if nothing would be measured.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    steps = experiment.steps if steps is None else steps
    check(experiment, settings, steps, devices)
    data = datasets.load(experiment.data, root)
    store = Store(_workshop(folder) / experiment.result_name)
    about = {**provenance(experiment, data.checksums), "devices": devices}
    done: list[TrainingRun] = []
    for group in settings:
        whole = identity(experiment.task, data, group, devices)
        runs = store.finished(whole, steps) if resume else None
        if runs is None:
            checkpoint = store.checkpoint(whole, about)
            if not resume:
                checkpoint.path.unlink(missing_ok=True)

            def tell(stretch: training.Stretch, group: Sequence[Setting] = group) -> None:
                progress(group, stretch.t, stretch.least_loss)

            runs = training.train(
                experiment.task, data, group, steps, checkpoint, every, tell, warn, devices
            )
        progress(group, steps, np.nan)
        done += runs
    return RunTable.of_runs(done)


def check(
    experiment: Experiment, settings: Sequence[Sequence[Setting]], steps: int, devices: int = 1
) -> None:
    """Refuse, before anything is loaded or trained, what :func:`reproduce` could not run.

    Args:
      experiment: what is run.
      settings: groups of settings.
      steps: of each run.
      devices: over which each batch is split.

    Returns:
      Nothing.

    Raises:
      ValueError: as :func:`.training.check`; or if nothing would be measured in so few steps.
    """
    for group in settings:
        training.check(experiment.task, group, steps, devices)
    if not experiment.task.recorded(steps):
        records = experiment.task.records
        first = records if isinstance(records, int) else records[0]
        raise ValueError(f"runs are first measured at step {first}: take so many, got {steps}")


def _workshop(folder: str | os.PathLike | None) -> Path:
    return WORKSHOP if folder is None else Path(folder).expanduser()


def provenance(experiment: Experiment, checksums: Mapping[str, str]) -> dict[str, Any]:
    """What a stored run says of its making.

    Args:
      experiment: what was run.
      checksums: of the data, sha256 by file.

    Returns:
      The task, versions, data checksums, device and date, as plain numbers and text.
    """
    packages = ("jax", "jaxlib", "numpy", "optax", "equinox", "scikit-learn")
    return {
        "experiment": experiment.name,
        "task": experiment.task.plain(),
        "data": {"name": experiment.data, "sha256": dict(checksums)},
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in packages},
        "device": f"{jax.devices()[0].platform}, {platform.machine()}",
        "date": datetime.date.today().isoformat(),
    }


def stored(experiment: Experiment, folder: Path | None = None) -> RunTable:
    """The stored runs of an experiment.

    Args:
      experiment: the one.
      folder: where to look; without, the repository's ``results``.

    Returns:
      The ``RunTable``.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return RunTable.of_arrays(results.arrays(experiment.result_name, folder))


def run_again(
    experiment: Experiment, data: datasets.Dataset, setting: Setting
) -> dict[str, tuple[float, float]]:
    """Train one stored setting afresh up to the first recorded step.

    Args:
      experiment: one with runs stored.
      data: its data set.
      setting: a stored one.

    Returns:
      For each of ``training.MEASURES`` the number as found now, and as stored.

    Raises:
      ValueError: if nothing is stored, or the setting is not among the stored ones.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    table = stored(experiment)
    rows = table.rows(**setting._asdict())
    if not len(rows):
        raise ValueError(f"{setting} is not among the stored runs of {experiment.result_name}")
    run = training.train(experiment.task, data, [setting], int(table.steps[0]))[0]
    return {m: (getattr(run, m)[0], table.measured[m][rows[0], 0]) for m in MEASURES}


def watched_name(experiment: Experiment) -> str:
    """The name under which what was watched in an experiment is stored in ``results``.

    Args:
      experiment: the one.

    Returns:
      For example ``"gamma-figure-2-logistic-mnist"``.
    """
    return f"gamma-{experiment.result_name}"


def watched(experiment: Experiment) -> dict[str, watching.Watched]:
    """What was watched in the best runs of Adam and AMSGrad, as stored.

    Args:
      experiment: the one.

    Returns:
      Method -> what was watched.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return watching.of_arrays(results.arrays(watched_name(experiment)))


def watch_again(experiment: Experiment, data: datasets.Dataset) -> dict[str, tuple[float, float]]:
    """Watch the stored run of Adam afresh, for the first stretch.

    Args:
      experiment: one with runs watched and stored.
      data: its data set.

    Returns:
      For ``"falls"``, ``"rates"`` (the median) and ``"loss"`` the number as seen now, and as
      stored.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    before = watched(experiment)["adam"]
    settings = [Setting(**one) for one in results.read(watched_name(experiment))["settings"]]
    setting = next(s for s in settings if s.method == "adam")
    now = watching.watch(experiment.task, data, setting, int(before.steps[0]))
    return {
        "falls": (float(now.falls[0]), float(before.falls[0])),
        "rates": (float(now.rates[1, 0]), float(before.rates[1, 0])),
        "loss": (float(now.loss[0]), float(before.loss[0])),
    }


def assemble(experiment: Experiment, folder: Path | None = None, into: Path | None = None) -> Path:
    """Put every run, and what is stored already, into one table in ``results``.

    Runs count as far as they were measured, but not those of another task or of other code, which
    lie beside them.

    Args:
      experiment: the one.
      folder: where runs lie; without, ``_build/runs``.
      into: the folder of results; without, the repository's.

    Returns:
      The path of the JSON file; the arrays lie beside it.

    Raises:
      ValueError: if nothing was measured, or the runs were made from different data or tasks.
    """
    name = experiment.result_name
    here = _workshop(folder) / name
    records = [r for r in Store(here).records if _is_current(r.identity, experiment)]
    runs = [run for record in records for run in record.runs()]
    abouts = [record.about for record in records]
    into = results.FOLDER if into is None else Path(into).expanduser()
    if (into / f"{name}.npz").exists():
        runs = stored(experiment, into).runs() + runs
        abouts = results.read(name, into)["about"] + abouts
    runs = [run for run in runs if len(run.steps)]
    if not runs:
        raise ValueError(f"nothing to assemble: no run of {name} is measured in {here}")
    same = {json.dumps([a["task"], a["data"]], sort_keys=True) for a in abouts}
    if len(same) > 1:
        raise ValueError(f"the runs of {name} were made from different data or tasks")
    kinds = [json.loads(k) for k in sorted({json.dumps(a, sort_keys=True) for a in abouts})]
    table = RunTable.of_runs(runs)
    data = experiment.data
    about = {
        "command": f"python -m adam_and_beyond reproduce {experiment.name} --dataset {data} --full",
        "runs": len(table.settings),
        "runs_of_command": sum(map(len, groups(experiment))),
        "seconds": float(table.seconds.sum()),
        "seeds": sorted({s.seed for s in table.settings}),
        "about": kinds,
    }
    return results.write(name, about, table.arrays(), into)


def _is_current(found: Identity, experiment: Experiment) -> bool:
    """Whether a run is of the experiment's task, and the present code would compute it."""
    shape = datasets.SHAPES[experiment.data]
    if found.task != experiment.task:
        return False
    return found.program == program(found.task, found.group[0], shape)
