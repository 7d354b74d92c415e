"""What the chapters read out of a table of runs: the curves, the sensitivities, the comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import figures, methods
from adam_and_beyond.images.tables import RunTable, paired
from adam_and_beyond.images.tasks import Setting
from adam_and_beyond.images.watching import Watched


def label(setting: Setting) -> str:
    """A setting in a figure, without its seed.

    Args:
      setting: method, alpha and beta2.

    Returns:
      For example "Adam, 0.2".
    """
    return f"{_name(setting.method)}, {setting.alpha:g}"


def _name(method: str) -> str:
    """What a method is called in figures; one of your own is called as tables call it."""
    return methods.CATALOGUE[method].label if method in methods.CATALOGUE else method


def bands(grid: RunTable, measure: str, settings: Sequence[Setting]) -> list[figures.Band]:
    """The curves of some settings over all their seeds, as far as every seed was measured.

    Args:
      grid: the runs.
      measure: ``"train_loss"``, ``"train_accuracy"``, ``"test_loss"`` or ``"test_accuracy"``.
      settings: what to draw; their seeds do not count.

    Returns:
      A ``figures.Band`` each.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    found = []
    for s in settings:
        y = grid.curves(measure, s.method, s.alpha, s.beta2)
        known = np.isfinite(y).all(axis=0)
        found.append(figures.Band(s.method, label(s), grid.steps[known], y[:, known]))
    return found


def falls_and_rates(
    seen: Mapping[str, Watched],
) -> tuple[list[figures.Curve], list[figures.Band]]:
    """What was watched, as :func:`.figures.falls_and_rates` draws it.

    Args:
      seen: method -> what was watched.

    Returns:
      The shares of coordinates with a negative Gamma, and the learning rates, one a method each.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    named = [(name, methods.CATALOGUE[name].label, w) for name, w in seen.items()]
    falls = [figures.Curve(name, text, w.steps, w.falls) for name, text, w in named]
    return falls, [figures.Band(name, text, w.steps, w.rates) for name, text, w in named]


def tried(grid: RunTable, measure: str, step: int) -> dict[str, list[figures.Tried]]:
    """A measure at a step for every method and alpha, by beta2.

    Args:
      grid: the runs.
      measure: as for :func:`bands`.
      step: a recorded one.

    Returns:
      Heading -> one ``figures.Tried`` a method; methods without beta2 stand under "no beta2".

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    found: dict[str, list[figures.Tried]] = {}
    for method, beta2 in grid.families():
        heading = r"no $\beta_2$" if beta2 is None else rf"$\beta_2 = {beta2:g}$"
        alphas, values = grid.sensitivity(measure, method, beta2, step)
        name = _name(method)
        found.setdefault(heading, []).append(figures.Tried(method, name, alphas, values))
    return dict(sorted(found.items(), key=lambda item: item[0]))


class End(NamedTuple):
    """A method's chosen setting, and means over its seeds at one step."""

    setting: Setting
    train_loss: float
    test_loss: float
    test_accuracy: float


def end(grid: RunTable, method: str, step: int) -> End:
    """Where a method ends at the setting with the least mean train loss.

    Args:
      grid: the runs.
      method: a name of the catalogue.
      step: a recorded one.

    Returns:
      An ``End``; losses in nats, accuracy as a share.

    Raises:
      ValueError: as :meth:`.RunTable.chosen`.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    best = grid.chosen(method, step)
    column = grid.at(step)
    return End(
        best,
        *(
            float(grid.curves(measure, method, best.alpha, best.beta2)[:, column].mean())
            for measure in End._fields[1:]
        ),
    )


def table(ends: Mapping[str, End]) -> str:
    """Where the methods end, the least train loss first, as a table in Markdown.

    Args:
      ends: method -> its ``End``.

    Returns:
      The lines of the table.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    rows = [
        r"| method | $\alpha$ | $\beta_2$ | train loss | test loss | test accuracy |",
        "| :--- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, one in sorted(ends.items(), key=lambda item: item[1].train_loss):
        beta2 = "" if one.setting.beta2 is None else f"{one.setting.beta2:g}"
        rows.append(
            f"| {_name(name)} | {one.setting.alpha:g} | {beta2} | "
            f"{one.train_loss:.4f} | {one.test_loss:.4f} | {one.test_accuracy:.2%} |"
        )
    return "\n".join(rows)


def difference(
    grid: RunTable,
    first: Setting,
    second: Setting,
    measure: str,
    step: int | Sequence[int],
    text: str,
    confidence: float = 0.95,
) -> figures.Difference:
    """The paired comparison of two settings at a step, or averaged over some, seed by seed.

    Args:
      grid: the runs.
      first: what is compared.
      second: with what; the same seeds were run.
      measure: as for :func:`bands`.
      step: a recorded one; or several, over which each run is averaged first.
      text: the name of the comparison.
      confidence: of the interval; where n comparisons are to hold together, 1 - 0.05 / n.

    Returns:
      A ``figures.Difference`` with the interval of first - second.

    Raises:
      ValueError: with fewer than two common seeds.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    columns = [grid.at(t) for t in ([step] if isinstance(step, int) else step)]
    a, b = (
        grid.curves(measure, s.method, s.alpha, s.beta2)[:, columns].mean(axis=1)
        for s in (first, second)
    )
    found = paired(a, b, confidence)
    return figures.Difference(text, a - b, found["mean"], found["low"], found["high"])


def reached(grid: RunTable, settings: Sequence[Setting]) -> dict[int, int]:
    """How far runs have come that are still being made.

    Args:
      grid: the runs.
      settings: what is compared; their seeds do not count.

    Returns:
      Seed -> the last step at which all of the settings were measured with it; seeds that one of
      them lacks are left out.

    References:
      Introduced in the chapter "CIFARNET on CIFAR-10".
    """
    found: dict[int, int] = {}
    for seed in sorted({s.seed for s in grid.settings}):
        known = []
        for s in settings:
            rows = grid.rows(**s._replace(seed=seed, replicate=0)._asdict())
            measured = np.isfinite(grid.measured["train_loss"][rows]).any(axis=0)
            known.append(int(grid.steps[measured].max(initial=0)))
        if min(known) > 0:
            found[seed] = min(known)
    return found


def wins(grid: RunTable, first: str, second: str, measure: str, step: int) -> tuple[int, int]:
    """In how many pairs of equal alpha, beta2 and seed the first method's measure is the smaller.

    Args:
      grid: the runs.
      first: a method.
      second: another one.
      measure: as for :func:`bands`.
      step: a recorded one.

    Returns:
      ``(wins, pairs)``; pairs without two finite values do not count.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    column, won, pairs = grid.at(step), 0, 0
    values = dict(zip(grid.settings, grid.measured[measure][:, column], strict=True))
    for s, value in values.items():
        other = values.get(s._replace(method=second), np.nan)
        if s.method == first and np.isfinite([value, other]).all():
            won, pairs = won + int(value < other), pairs + 1
    return won, pairs


def nearest(
    grid: RunTable, method: str, published: Mapping[str, Any], measure: str
) -> tuple[Setting, float]:
    """The setting whose mean curve comes nearest to the points read off the paper.

    Args:
      grid: the runs.
      method: of the setting.
      published: method -> points, with the steps ``t`` among the recorded ones.
      measure: as for :func:`bands`.

    Returns:
      The setting, and the largest distance over the points.

    Raises:
      ValueError: if no run of the method reaches all of the points.

    References:
      Ours. Introduced in the chapter "Softmax regression on MNIST".
    """
    points = published[method]
    columns = [grid.at(int(t)) for t in points.t]
    best = None
    for s in grid.settings:
        if s.method != method or s.seed != 0:
            continue
        mean = grid.curves(measure, s.method, s.alpha, s.beta2)[:, columns].mean(axis=0)
        distance = float(np.max(np.abs(mean - points.y)))
        if np.isfinite(distance) and (best is None or distance < best[1]):
            best = s, distance
    if best is None:
        raise ValueError(f"no run of {method!r} reaches all of the published points")
    return best


def published_curves(points: Mapping[str, Any]) -> list[figures.Curve]:
    """Points read off the paper, as curves of a figure.

    Args:
      points: method -> ``published.ReadOff``.

    Returns:
      A ``figures.Curve`` each.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    return [figures.Curve(name, name, p.t, p.y) for name, p in points.items()]
