"""Many runs of one task as a table: chosen from, averaged over seeds, compared in pairs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from adam_and_beyond.images.tasks import MEASURES, Setting, TrainingRun


@dataclasses.dataclass(frozen=True)
class RunTable:
    """Runs of one task: settings, and measurements ``(runs, steps)``, NaN where none was made."""

    settings: tuple[Setting, ...]
    steps: np.ndarray
    measured: Mapping[str, np.ndarray]
    stopped: np.ndarray
    seconds: np.ndarray

    @classmethod
    def of_runs(cls, runs: Iterable[TrainingRun]) -> RunTable:
        """The table of some runs; of two with one setting the longer counts."""
        longest: dict[Setting, TrainingRun] = {}
        for run in runs:
            known = longest.get(run.setting)
            if known is None or len(run.steps) > len(known.steps):
                longest[run.setting] = run
        found = sorted(longest.values(), key=lambda r: _order(r.setting))
        steps = np.unique(np.concatenate([r.steps for r in found] or [np.zeros(0, np.int64)]))
        measured = {name: np.full((len(found), len(steps)), np.nan) for name in MEASURES}
        for row, run in enumerate(found):
            at = np.searchsorted(steps, run.steps)
            for name in MEASURES:
                measured[name][row, at] = getattr(run, name)
        return cls(
            tuple(r.setting for r in found),
            steps,
            measured,
            np.array([r.stopped for r in found], np.int64),
            np.array([r.seconds for r in found]),
        )

    def runs(self) -> list[TrainingRun]:
        """The runs, each up to its last measurement or to where it was stopped."""
        found = []
        for row, setting in enumerate(self.settings):
            stopped = int(self.stopped[row])
            known = np.isfinite(self.measured["train_loss"][row])
            upto = len(self.steps) if stopped else int(np.flatnonzero(known).max(initial=-1)) + 1
            values = [self.measured[name][row, :upto] for name in MEASURES]
            found.append(
                TrainingRun(setting, self.steps[:upto], *values, stopped, float(self.seconds[row]))
            )
        return found

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays to be stored."""
        return {
            "method": np.array([s.method for s in self.settings]),
            "alpha": np.array([s.alpha for s in self.settings]),
            "beta2": np.array([np.nan if s.beta2 is None else s.beta2 for s in self.settings]),
            "seed": np.array([s.seed for s in self.settings], np.int64),
            "replicate": np.array([s.replicate for s in self.settings], np.int64),
            "steps": self.steps,
            "stopped": self.stopped,
            "seconds": self.seconds,
            **self.measured,
        }

    @classmethod
    def of_arrays(cls, stored: Mapping[str, np.ndarray]) -> RunTable:
        """From stored arrays; what was not measured when they were made is NaN."""
        count = len(stored["method"])
        replicates = stored.get("replicate", np.zeros(count, np.int64))
        columns = *(stored[key] for key in ("method", "alpha", "beta2", "seed")), replicates
        rows = zip(*(column.tolist() for column in columns), strict=True)
        settings = tuple(Setting(m, a, None if b != b else b, s, r) for m, a, b, s, r in rows)
        nothing = np.full((count, len(stored["steps"])), np.nan)
        measured = {name: stored.get(name, nothing) for name in MEASURES}
        return cls(settings, stored["steps"], measured, stored["stopped"], stored["seconds"])

    def methods(self) -> list[str]:
        """The methods, each once, in the order of the settings."""
        return list(dict.fromkeys(s.method for s in self.settings))

    def families(self) -> list[tuple[str, float | None]]:
        """The pairs of method and beta2, each once."""
        return list(dict.fromkeys((s.method, s.beta2) for s in self.settings))

    def rows(self, **wanted: Any) -> np.ndarray:
        """Numbers of the runs whose settings have the wanted values, e.g. ``method="adam"``.

        A tuple of values stands for each of them.
        """
        each = {n: value if isinstance(value, tuple) else (value,) for n, value in wanted.items()}
        return np.array(
            [
                k
                for k, s in enumerate(self.settings)
                if all(getattr(s, name) in values for name, values in each.items())
            ],
            int,
        )

    def only(self, **wanted: Any) -> RunTable:
        """The runs whose settings have the wanted values, e.g. ``seed=0``, as a table."""
        rows = self.rows(**wanted)
        return RunTable(
            tuple(self.settings[k] for k in rows),
            self.steps,
            {name: values[rows] for name, values in self.measured.items()},
            self.stopped[rows],
            self.seconds[rows],
        )

    def at(self, step: int) -> int:
        """The column of a recorded step."""
        found = np.flatnonzero(self.steps == step)
        if not found.size:
            raise ValueError(f"step {step} was not recorded; recorded: {self.steps.tolist()}")
        return int(found[0])

    def curves(self, measure: str, method: str, alpha: float, beta2: float | None) -> np.ndarray:
        """A measure of one setting over its seeds, in their order: ``(seeds, steps)``."""
        rows = self.rows(method=method, alpha=alpha, beta2=beta2, replicate=0)
        return self.measured[measure][rows]

    def replicates(self, measure: str, setting: Setting) -> np.ndarray:
        """A measure of a setting and of its rounding replicates: ``(replicates, steps)``."""
        wanted = setting._asdict()
        del wanted["replicate"]
        return self.measured[measure][self.rows(**wanted)]

    def sensitivity(
        self, measure: str, method: str, beta2: float | None, step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """A measure at a step against alpha: alphas ``(n,)`` and values ``(seeds, n)``."""
        column = self.at(step)
        rows = self.rows(method=method, beta2=beta2, replicate=0)
        alphas = sorted({self.settings[k].alpha for k in rows})
        seeds = sorted({self.settings[k].seed for k in rows})
        values = np.full((len(seeds), len(alphas)), np.nan)
        for k in rows:
            s = self.settings[k]
            values[seeds.index(s.seed), alphas.index(s.alpha)] = self.measured[measure][k, column]
        return np.array(alphas), values

    def chosen(self, method: str, step: int, measure: str = "train_loss") -> Setting:
        """The alpha and beta2 with the least mean over seeds at a step; seed 0 stands for all.

        A setting with a run that has no finite value there is not chosen.
        """
        best = None
        for name, beta2 in self.families():
            if name != method:
                continue
            alphas, values = self.sensitivity(measure, method, beta2, step)
            means = np.where(np.isfinite(values).all(axis=0), values.mean(axis=0), np.inf)
            k = int(np.argmin(means))
            if np.isfinite(means[k]) and (best is None or means[k] < best[0]):
                best = means[k], Setting(method, float(alphas[k]), beta2, 0)
        if best is None:
            raise ValueError(f"no setting of {method!r} has a finite {measure} at step {step}")
        return best[1]


def _order(s: Setting) -> tuple:
    return s.method, s.beta2 or 0.0, s.alpha, s.seed, s.replicate


def paired(first: np.ndarray, second: np.ndarray, confidence: float = 0.95) -> dict[str, float]:
    r"""Compare two methods run with the same seeds, by Student's interval for the mean difference.

    .. math:: \bar d \pm t_{n-1} \, s_d / \sqrt n, \qquad d_i = a_i - b_i

    Args:
      first: a measure of one method, one value a seed, shape ``(n,)``, n at least 2.
      second: of the other, same seeds in the same order.
      confidence: of the interval, in (0, 1).

    Returns:
      ``mean``, ``low`` and ``high`` of the difference first - second, and ``wins``: in how many
      seeds the first is the smaller one.

    Raises:
      ValueError: unless both have the same shape ``(n,)``, n at least 2.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.shape != second.shape or first.ndim != 1 or first.size < 2:
        raise ValueError(
            f"a paired comparison needs two values a seed and two seeds, got shapes {first.shape} "
            f"and {second.shape}"
        )
    d = first - second
    interval = stats.ttest_rel(first, second).confidence_interval(confidence)
    return {
        "mean": float(d.mean()),
        "low": float(interval.low),
        "high": float(interval.high),
        "wins": int(np.sum(d < 0)),
    }
