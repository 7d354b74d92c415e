"""Runs of the experiments: trained once, kept, put into one table, run again.

Each group of runs is stored at once, in a file of its own (:mod:`.store`), so that a grid grows
over many sittings; :func:`assemble` puts all of them into one table in ``results``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adam_and_beyond import methods, results
from adam_and_beyond.images import datasets, training, watching
from adam_and_beyond.images.experiments import Experiment, groups
from adam_and_beyond.images.identity import identity
from adam_and_beyond.images.provenance import provenance
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
    command: str = "",
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
      command: that asked for it, to be stored with the runs.

    Returns:
      The ``RunTable`` of these runs.

    Raises:
      ValueError: as :func:`.training.train` and :func:`.datasets.load`, before anything is trained;
        if nothing would be measured; if another process trains one of the groups; or if the folder
        cannot be read or written.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    steps = experiment.steps if steps is None else steps
    check(experiment, settings, steps, devices)
    data = experiment.load(root)
    store = Store(_workshop(folder) / experiment.result_name)
    told = about(experiment, data, command) | {"devices": devices}
    done: list[TrainingRun] = []
    for group in settings:
        whole = identity(experiment.task, data, group, devices)
        runs = store.finished(whole, steps) if resume else None
        if runs is None:

            def tell(stretch: training.Stretch, group: Sequence[Setting] = group) -> None:
                progress(group, stretch.t, stretch.least_loss)

            with store.checkpoint(whole, told).alone() as checkpoint:
                if not resume:
                    checkpoint.path.unlink(missing_ok=True)
                runs = training.train(
                    experiment.task, data, group, steps, checkpoint, every, tell, warn, devices
                )
        progress(group, steps, np.nan)
        done += runs
    return RunTable.of_runs(done)


def about(experiment: Experiment, data: datasets.Dataset, command: str = "") -> dict[str, Any]:
    """What a run says of its making.

    Args:
      experiment: what is run.
      data: its data set.
      command: that asked for it.

    Returns:
      As :func:`.provenance.provenance`.
    """
    task, name = experiment.task.plain(), experiment.data_name
    return provenance(experiment.name, task, name, data.checksums, command)


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
      For each of ``tasks.MEASURES`` that is stored the number as found now, and as stored.

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
    before = {m: table.measured[m][rows[0], 0] for m in MEASURES}
    return {m: (getattr(run, m)[0], old) for m, old in before.items() if np.isfinite(old)}


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
    lie beside them. A run replaces the stored one of its setting, unless that is longer.

    Args:
      experiment: the one.
      folder: where runs lie; without, ``_build/runs``.
      into: the folder of results; without, the repository's.

    Returns:
      The path of the JSON file; the arrays lie beside it. There ``about`` has for each run the
      number of the entry of the JSON's ``about`` that says how it was made, or -1 for runs of a
      time when that was not kept.

    Raises:
      ValueError: if nothing was measured, the runs were made from different data or tasks, or the
        folder of results cannot be written.
    """
    name = experiment.result_name
    here = _workshop(folder) / name
    into = results.FOLDER if into is None else Path(into).expanduser()
    made: dict[Setting, tuple[TrainingRun, Any]] = {}
    for record in Store(here).records:
        if _is_current(record.identity, experiment):
            _add(made, record.runs(), [record.about] * len(record.identity.group))
    before: list[Any] = []
    if (into / f"{name}.npz").exists():
        arrays, before = results.arrays(name, into), results.read(name, into)["about"]
        rows = RunTable.of_arrays(arrays).runs()
        numbers = arrays.get("about", np.full(len(rows), -1))
        _add(made, rows, [before[k] if k >= 0 else None for k in numbers])
    if not made:
        raise ValueError(f"nothing to assemble: no run of {name} is measured in {here}")
    table = RunTable.of_runs(run for run, _ in made.values())
    abouts = [made[setting][1] for setting in table.settings]
    unknown = before if None in abouts else []  # one of these, it is not known which
    texts = {json.dumps(a, sort_keys=True): a for a in (*unknown, *abouts) if a is not None}
    kinds = [texts[text] for text in sorted(texts)]
    if len({json.dumps([a["task"], a["data"]], sort_keys=True) for a in kinds}) > 1:
        raise ValueError(f"the runs of {name} were made from different data or tasks")
    data = experiment.data_name
    about = {
        "command": f"python -m adam_and_beyond reproduce {experiment.name} --dataset {data} --full",
        "runs": len(table.settings),
        "runs_of_command": sum(map(len, groups(experiment))),
        "seconds": float(table.seconds.sum()),
        "seeds": sorted({s.seed for s in table.settings}),
        "about": kinds,
    }
    try:
        numbers = np.array([-1 if a is None else kinds.index(a) for a in abouts])
        return results.write(name, about, table.arrays() | {"about": numbers}, into)
    except OSError as error:
        raise ValueError(
            f"the results can't be written into {into} ({error.strerror}); the runs are kept in "
            f"{here}, and the same command stores them"
        ) from None


def _add(
    made: dict[Setting, tuple[TrainingRun, Any]], runs: Sequence[TrainingRun], abouts: Sequence[Any]
) -> None:
    """Put in what was measured; of two runs of a setting the longer stays, else the first."""
    for run, about in zip(runs, abouts, strict=True):
        known = made.get(run.setting)
        if len(run.steps) and (known is None or len(run.steps) > len(known[0].steps)):
            made[run.setting] = run, about


def _is_current(found: Identity, experiment: Experiment) -> bool:
    """Whether a run is of the experiment's task, and the present code would compute it."""
    task, one = experiment.task, found.group[0]
    if found.task.plain() != task.plain():
        return False
    if one.method not in methods.CATALOGUE:  # a method of one's own is known by its text
        own = {task.named(s).method: s for group in groups(experiment) for s in group}
        if one.method not in own:
            return False
        one = own[one.method]
    return found.program == experiment.program(one)
