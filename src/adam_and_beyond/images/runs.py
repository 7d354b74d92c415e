"""Runs of the experiments: trained once, kept, put into one table, run again.

Each finished run is stored at once, in a small file of its own, so that a grid grows over many
sittings; :func:`assemble` puts them into one table in ``results``.
"""

from __future__ import annotations

import dataclasses
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
from adam_and_beyond.images.grids import Grid
from adam_and_beyond.images.training import MEASURES, Run, Setting
from adam_and_beyond.simulate.devices import is_first, wait_for_all

WORKSHOP = results.FOLDER.parent / "_build" / "runs"  # finished runs and checkpoints


def reproduce(
    job: Experiment,
    some: Sequence[Sequence[Setting]],
    steps: int | None = None,
    resume: bool = True,
    folder: Path | None = None,
    root: str | os.PathLike | None = None,
    every: float = 120.0,
    tell: Callable[[Sequence[Setting], int, float], None] = lambda group, t, loss: None,
    say: Callable[[str], None] = lambda text: None,
    devices: int = 1,
) -> Grid:
    """Run what is not finished yet, and return all of it.

    Args:
      job: the experiment.
      some: groups of settings, from :func:`.experiments.groups`.
      steps: of each run; without, the experiment's.
      resume: whether finished runs and checkpoints count; without, these runs begin anew.
      folder: where finished runs and checkpoints lie; without, ``_build/runs``.
      root: folder of data, as for :func:`.datasets.load`.
      every: seconds between checkpoints.
      tell: called as ``tell(group, t, loss)`` after each stretch of steps, and with t = ``steps``
        for a group that was finished before.
      say: called with a message when a run is stopped.
      devices: over which each batch is split.

    Returns:
      The ``Grid`` of these runs.

    Raises:
      ValueError: as :func:`.training.train` and :func:`.datasets.load`.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    steps = job.steps if steps is None else steps
    here = (WORKSHOP if folder is None else Path(folder)) / f"{job.name}-{job.data}"
    done: list[Run] = []
    data = None
    for group in some:
        paths = [here / f"{_stem(s)}.json" for s in group]
        checkpoint = here / f"{_stem(group[0])}-of-{len(group)}.npz"
        if not resume:
            for path in (*paths, checkpoint):
                path.unlink(missing_ok=True)
        runs = [_read(path) for path in paths]
        if not all(run and (run.steps[-1:] >= steps or run.stopped) for run in runs):
            data = datasets.load(job.data, root) if data is None else data
            runs = training.train(
                job.task,
                data,
                group,
                steps,
                checkpoint,
                every,
                lambda t, loss, group=group: tell(group, t, loss),
                say,
                devices,
            )
            for path, run in zip(paths, runs, strict=True):
                if is_first():
                    _write(path, run, {**provenance(job, data.checksums), "devices": devices})
            wait_for_all("runs written")
            if job.together:  # others are kept: they can be trained further
                checkpoint.unlink(missing_ok=True)
        tell(group, steps, np.nan)
        done += runs
    return Grid.of_runs(done)


def _stem(s: Setting) -> str:
    beta2 = "" if s.beta2 is None else f"-beta2-{s.beta2:g}"
    return f"{s.method}-alpha-{s.alpha:g}{beta2}-seed-{s.seed}"


def _write(path: Path, run: Run, about: Mapping[str, Any]) -> None:
    """Store a run, whole or not at all."""
    record = {
        "setting": run.setting._asdict(),
        **{name: getattr(run, name).tolist() for name in ("steps", *MEASURES)},
        "stopped": run.stopped,
        "seconds": run.seconds,
        "about": about,
    }
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record), "utf-8")
    os.replace(part, path)


def _read(path: Path) -> Run | None:
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text("utf-8"))
        columns = [np.array(record[name], np.float64) for name in MEASURES]
        return Run(
            Setting(**record["setting"]),
            np.array(record["steps"], np.int64),
            *columns,
            record["stopped"],
            record["seconds"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error!r}): delete it, and it is run again") from None


def provenance(job: Experiment, checksums: Mapping[str, str]) -> dict[str, Any]:
    """What a stored run says of its making.

    Args:
      job: the experiment.
      checksums: of the data, sha256 by file.

    Returns:
      The task, versions, data checksums, device and date, as plain numbers and text.
    """
    packages = ("jax", "jaxlib", "numpy", "optax", "equinox", "scikit-learn")
    return {
        "experiment": job.name,
        "task": dataclasses.asdict(job.task),
        "data": {"name": job.data, "sha256": dict(checksums)},
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in packages},
        "device": f"{jax.devices()[0].platform}, {platform.machine()}",
        "date": datetime.date.today().isoformat(),
    }


def result_name(job: Experiment) -> str:
    """The name under which an experiment's runs are stored in ``results``.

    Args:
      job: the experiment.

    Returns:
      For example ``"figure-2-logistic-mnist"``.
    """
    return f"{job.name}-{job.data}"


def stored(job: Experiment, folder: Path | None = None) -> Grid:
    """The stored runs of an experiment.

    Args:
      job: the experiment.
      folder: where to look; without, the repository's ``results``.

    Returns:
      The ``Grid``.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return Grid.of_arrays(results.arrays(result_name(job), folder))


def run_again(
    job: Experiment, data: datasets.Dataset, setting: Setting
) -> dict[str, tuple[float, float]]:
    """Train one stored setting afresh up to the first recorded step.

    Args:
      job: the experiment, with runs stored.
      data: its data set.
      setting: a stored one.

    Returns:
      For each of ``training.MEASURES`` the number as found now, and as stored.

    Raises:
      ValueError: if nothing is stored, or the setting is not among the stored ones.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    grid = stored(job)
    rows = grid.rows(**setting._asdict())
    if not len(rows):
        raise ValueError(f"{setting} is not among the stored runs of {result_name(job)}")
    run = training.train(job.task, data, [setting], int(grid.steps[0]))[0]
    return {m: (getattr(run, m)[0], grid.measured[m][rows[0], 0]) for m in MEASURES}


def watched_name(job: Experiment) -> str:
    """The name under which what was watched in an experiment is stored in ``results``.

    Args:
      job: the experiment.

    Returns:
      For example ``"gamma-figure-2-logistic-mnist"``.
    """
    return f"gamma-{result_name(job)}"


def watched(job: Experiment) -> dict[str, watching.Watched]:
    """What was watched in the best runs of Adam and AMSGrad, as stored.

    Args:
      job: the experiment.

    Returns:
      Method -> what was watched.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return watching.of_arrays(results.arrays(watched_name(job)))


def watch_again(job: Experiment, data: datasets.Dataset) -> dict[str, tuple[float, float]]:
    """Watch the stored run of Adam afresh, for the first stretch.

    Args:
      job: the experiment, with runs watched and stored.
      data: its data set.

    Returns:
      For ``"falls"``, ``"rates"`` (the median) and ``"loss"`` the number as seen now, and as
      stored.

    Raises:
      ValueError: if nothing is stored, or it is damaged.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    before = watched(job)["adam"]
    settings = [Setting(**one) for one in results.read(watched_name(job))["settings"]]
    setting = next(s for s in settings if s.method == "adam")
    now = watching.watch(job.task, data, setting, int(before.steps[0]))
    return {
        "falls": (float(now.falls[0]), float(before.falls[0])),
        "rates": (float(now.rates[1, 0]), float(before.rates[1, 0])),
        "loss": (float(now.loss[0]), float(before.loss[0])),
    }


def assemble(job: Experiment, folder: Path | None = None, into: Path | None = None) -> Path:
    """Put every finished run, and what is stored already, into one table in ``results``.

    Args:
      job: the experiment.
      folder: where finished runs lie; without, ``_build/runs``.
      into: the folder of results; without, the repository's.

    Returns:
      The path of the JSON file; the arrays lie beside it.

    Raises:
      ValueError: if nothing is finished, or the runs were made from different data or tasks.
    """
    name = result_name(job)
    here = (WORKSHOP if folder is None else Path(folder)) / name
    records = [json.loads(p.read_text("utf-8")) for p in sorted(here.glob("*.json"))]
    runs = [_read(p) for p in sorted(here.glob("*.json"))]
    abouts = [r["about"] for r in records]
    into = results.FOLDER if into is None else Path(into)
    if (into / f"{name}.npz").exists():
        runs = stored(job, into).runs() + runs
        abouts = results.read(name, into)["about"] + abouts
    if not runs:
        raise ValueError(f"nothing to assemble: no run of {name} is finished in {here}")
    same = {json.dumps([a["task"], a["data"]], sort_keys=True) for a in abouts}
    if len(same) > 1:
        raise ValueError(f"the runs of {name} were made from different data or tasks")
    kinds = [json.loads(k) for k in sorted({json.dumps(a, sort_keys=True) for a in abouts})]
    grid = Grid.of_runs(runs)
    about = {
        "command": f"python -m adam_and_beyond reproduce {job.name} --dataset {job.data} --full",
        "runs": len(grid.settings),
        "runs_of_command": sum(map(len, groups(job))),
        "seconds": float(grid.seconds.sum()),
        "seeds": sorted({s.seed for s in grid.settings}),
        "about": kinds,
    }
    return results.write(name, about, grid.arrays(), into)
