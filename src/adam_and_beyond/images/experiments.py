"""The paper's three experiments on images: what is run, what is finished, what is stored.

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
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax
import numpy as np

from adam_and_beyond import methods, results
from adam_and_beyond.images import datasets, training
from adam_and_beyond.images.grids import Grid
from adam_and_beyond.images.training import MEASURES, Run, Setting, Task

WORKSHOP = results.FOLDER.parent / "_build" / "runs"  # finished runs and checkpoints
BETA2S = (0.99, 0.999)  # the paper's (section 5)
SEEDS = (0, 1, 2, 3, 4)
# The counts at which the paper's curves were read off.
RECORDS = (200, 500, 1000, 2000, 3000, 4000, 4950, 5000)


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One figure of the paper: the task, the data, and the grid of settings."""

    name: str
    data: str
    task: Task
    steps: int
    alphas: Mapping[str, tuple[float, ...]]  # method -> values tried
    seeds: tuple[int, ...] = SEEDS
    together: bool = True  # whether settings that differ in alpha are trained together


def _spread(methods_: Sequence[str], alphas: Sequence[float]) -> dict[str, tuple[float, ...]]:
    return dict.fromkeys(methods_, tuple(alphas))


# The AMSGrad of the libraries corrects biases, so Adam with corrections belongs beside it.
_CIFARNET_METHODS = ("adam", "adam_corrected", "amsgrad", "amsgrad_torch", "amsgrad_optax")
_ADAPTIVE = ("adam", "amsgrad", "rmsprop", "adamnc", "adagrad")
_LOGISTIC = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_NETWORK = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_CIFARNET = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_EPOCHS = (195, *range(390, 390 * 101, 390))  # half an epoch of CIFAR-10, then whole ones

EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "figure-2-logistic": Experiment(
            "figure-2-logistic",
            "mnist",
            Task("logistic", "inverse_sqrt", 50, RECORDS),
            5000,
            _spread(_ADAPTIVE, _LOGISTIC)
            | {"sgd": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)},
        ),
        "figure-2-network": Experiment(
            "figure-2-network",
            "mnist",
            Task("network", "constant", 50, RECORDS),
            5000,
            _spread(_ADAPTIVE, _NETWORK) | {"sgd": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)},
        ),
        "figure-2-cifarnet": Experiment(
            "figure-2-cifarnet",
            "cifar10",
            Task("cifarnet", "constant", 39, _EPOCHS, sample=10_000),
            7800,  # 20 epochs
            _spread(_CIFARNET_METHODS, _CIFARNET),
            seeds=(0, 1, 2),
            together=False,
        ),
    }
)


def experiment(name: str, data: str | None = None) -> Experiment:
    """An experiment of the paper, on its own or on other data.

    Args:
      name: ``"figure-2-logistic"``, ``"figure-2-network"`` or ``"figure-2-cifarnet"``.
      data: ``"digits"``, ``"mnist"`` or ``"cifar10"``; without, the paper's.

    Returns:
      An ``Experiment``; on digits one tenth of the steps, CIFARNET 78.

    Raises:
      ValueError: for an unknown experiment, or CIFARNET on images that don't fit.

    References:
      Reddi, Kale and Kumar (2018), section 5. Introduced in the chapter "Softmax regression on
      MNIST".
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"unknown experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    found = EXPERIMENTS[name]
    if data in (None, found.data):
        return found
    if name == "figure-2-cifarnet" and data == "mnist":
        raise ValueError("CIFARNET sees 32 x 32 pixels: take cifar10 or digits")
    if data != "digits":
        return dataclasses.replace(found, data=data)
    if name == "figure-2-cifarnet":
        task = dataclasses.replace(found.task, stride=13, records=13)
        return dataclasses.replace(found, data=data, task=task, steps=78)
    return dataclasses.replace(found, data=data, steps=500)


def groups(
    job: Experiment,
    only: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    quick: bool = False,
) -> list[list[Setting]]:
    """The settings of an experiment, in the groups in which they are trained, seed by seed.

    Args:
      job: the experiment.
      only: values to keep, by ``"method"``, ``"alpha"``, ``"beta2"`` or ``"seed"``; an alpha that
        is not in the grid is added to it.
      quick: only Adam and AMSGrad, three alphas, the smaller beta2 and one seed.

    Returns:
      Lists of settings that differ in alpha only.

    Raises:
      ValueError: if nothing is left.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    found = []
    for seed in only.get("seed", job.seeds[:1] if quick else job.seeds):
        for method in only.get("method", ("adam", "amsgrad") if quick else job.alphas):
            has_beta2 = "beta2" in methods.get(method).hyper._fields
            alphas = job.alphas.get(method, job.alphas["adam"])
            middle = len(alphas) // 2
            alphas = only.get("alpha", alphas[middle - 1 : middle + 2] if quick else alphas)
            beta2s = only.get("beta2", BETA2S[:1] if quick else BETA2S)
            for beta2 in beta2s if has_beta2 else (None,):
                some = [Setting(method, float(a), beta2, int(seed)) for a in alphas]
                found += [some] if job.together else [[s] for s in some]
    if not found:
        raise ValueError("no setting is left to run")
    return found


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
      some: groups of settings, from :func:`groups`.
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
                _write(path, run, job, data)
            if job.together:  # others are kept: they can be trained further
                checkpoint.unlink(missing_ok=True)
        tell(group, steps, np.nan)
        done += runs
    return Grid.of_runs(done)


def _stem(s: Setting) -> str:
    beta2 = "" if s.beta2 is None else f"-beta2-{s.beta2:g}"
    return f"{s.method}-alpha-{s.alpha:g}{beta2}-seed-{s.seed}"


def _write(path: Path, run: Run, job: Experiment, data: datasets.Dataset) -> None:
    """Store a run, whole or not at all."""
    record = {
        "setting": run.setting._asdict(),
        **{name: getattr(run, name).tolist() for name in ("steps", *MEASURES)},
        "stopped": run.stopped,
        "seconds": run.seconds,
        "about": provenance(job, data.checksums),
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

    References:
      Introduced in the chapter "Softmax regression on MNIST".
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

    References:
      Introduced in the chapter "Softmax regression on MNIST".
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

    References:
      Introduced in the chapter "Softmax regression on MNIST".
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
        "seconds": float(grid.seconds.sum()),
        "seeds": sorted({s.seed for s in grid.settings}),
        "about": kinds,
    }
    return results.write(name, about, grid.arrays(), into)


def command_line() -> str:
    """The command that this process was started with, for the record.

    Returns:
      The words, separated by blanks.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return " ".join(["python -m adam_and_beyond", *sys.argv[1:]])
