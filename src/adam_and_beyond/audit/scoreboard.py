"""Every optimizer of a library against the suite, as a stored result."""

from __future__ import annotations

import datetime
import functools
import inspect
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

import optax
import optax.contrib

from adam_and_beyond import results
from adam_and_beyond.audit.audits import run, versions
from adam_and_beyond.audit.reports import plain
from adam_and_beyond.audit.stepped import from_torch
from adam_and_beyond.progress import bar as progress_bar

LIBRARIES = ("optax", "torch", "pytorch_optimizer")
PREFIX = "scoreboard-"
LINES = ("theorem-1", "three-losses", "theorem-2", "figure-1", "turned")  # what D decides
_BUDGET = 8_000  # rounds, of those whose steps Python takes: with these decays enough
DECAYS = (0.9, 0.99)  # beta1 and beta2, where an optimizer has both
# Decays that have other names or another number, and what would make updates look at x.
_SETTINGS: Mapping[str, Any] = {"b1": DECAYS[0], "b2": DECAYS[1], "weight_decay": 0.0}


class Entry(NamedTuple):
    """One optimizer of a library."""

    name: str
    settings: dict[str, Any]  # beside the learning rate
    make: Callable[[], Any]  # what the audit takes


def entries(library: str) -> list[Entry]:
    """The optimizers of a library.

    Args:
      library: one of ``LIBRARIES``.

    Returns:
      An ``Entry`` each, in alphabetical order.

    Raises:
      ValueError: for another library, or one that is not installed.
    """
    makers = {"optax": _of_optax, "torch": _of_torch, "pytorch_optimizer": _of_collection}
    if library not in makers:
        raise ValueError(f"library must be one of {', '.join(LIBRARIES)}, got {library!r}")
    try:
        return sorted(makers[library](), key=lambda entry: entry.name.lower())
    except ImportError as error:
        raise ValueError(f"{library} is not installed: {error}") from None


def _of_optax() -> Iterator[Entry]:
    for prefix, module in (("", optax), ("contrib.", optax.contrib)):
        for name, function in vars(module).items():
            made = inspect.isfunction(function) or isinstance(function, functools.partial)
            if name.startswith(("_", "scale_by")) or not made:
                continue
            parameters = inspect.signature(function).parameters
            if "learning_rate" not in parameters:
                continue
            given = {k: v for k, v in _SETTINGS.items() if k in parameters}
            if "b3" in parameters:
                given = {k: v for k, v in given.items() if k not in ("b1", "b2")}
            yield Entry(prefix + name, given, _bound(function, given))


def _bound(function: Callable[..., Any], given: dict[str, Any]) -> Callable[[], Any]:
    return lambda: function(1.0, **given)


def _of_torch() -> Iterator[Entry]:
    import torch

    torch.set_num_threads(1)
    for name, kind in vars(torch.optim).items():
        if (
            inspect.isclass(kind)
            and issubclass(kind, torch.optim.Optimizer)
            and name != "Optimizer"
        ):
            yield _of_class(name, kind)
    amsgrad = {"betas": DECAYS, "amsgrad": True}
    yield Entry("Adam, amsgrad", amsgrad, _from_class(torch.optim.Adam, amsgrad))


def _of_collection() -> Iterator[Entry]:
    import pytorch_optimizer
    import torch

    torch.set_num_threads(1)
    for name in pytorch_optimizer.get_supported_optimizers():
        yield _of_class(name, pytorch_optimizer.load_optimizer(name))


def _of_class(name: str, kind: type) -> Entry:
    parameters = inspect.signature(kind).parameters
    given: dict[str, Any] = {}
    betas = parameters.get("betas")
    if betas is not None and isinstance(betas.default, tuple) and len(betas.default) == 2:
        given["betas"] = DECAYS
    if "weight_decay" in parameters:
        given["weight_decay"] = 0.0
    return Entry(name, given, _from_class(kind, given))


def _from_class(kind: type, given: dict[str, Any]) -> Callable[[], Any]:
    def make(params: list) -> Any:
        return kind(params, lr=1.0, **given)

    return lambda: from_torch(make, kind.__name__, _BUDGET)


def row(entry: Entry, problems: tuple[str, ...] | None = None) -> dict[str, Any]:
    """What the audit says of one optimizer, as the stored result has it.

    Args:
      entry: the optimizer.
      problems: names of the suite; the whole of it without.

    Returns:
      Numbers and text by name; ``error`` says why there are none.
    """
    about: dict[str, Any] = {"name": entry.name, "settings": entry.settings}
    begun = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a library's own, about its own
            report = run(
                entry.make(), problems=problems, rarities=range(2, 81), label=entry.name,
                progress=False,
            )  # fmt: skip
    except Exception as error:  # whatever its function raises, as for want of an argument
        return about | {"error": f"{type(error).__name__}: {error}"}
    crashes = [one.sentence for one in report.verdicts if one.verdict == "crashed"]
    about |= {
        "looks_at_x": report.looks_at_x,
        "couples": report.couples,
        "smallest_failing_C": report.smallest_failing_C,
        "has_D": bool(report.rarities),
        # Those that were looked at: of an optimizer that fails, perhaps only up to the first.
        "rarities": report.rarities,
        "D_by_C": [float(f"{D:.6g}") for D in report.D_by_C],
        "verdicts": {one.name: one.verdict for one in report.verdicts},
        "sentences": {one.name: one.sentence for one in report.verdicts},
        "D": {one.name: one.evidence.get("D") for one in report.verdicts},
        "seconds": round(time.perf_counter() - begun, 1),
    }
    if len(crashes) == len(report.verdicts):
        about["error"] = crashes[0]
    return plain(about)


def regenerate(library: str, progress: bool | None = None) -> Any:
    """Audit every optimizer of a library and store the rows in the folder of results.

    Args:
      library: one of ``LIBRARIES``, installed.
      progress: whether to show a progress bar.

    Returns:
      The path of the stored result.

    Raises:
      ValueError: for another library, or one that is not installed.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    found, name = entries(library), PREFIX + library
    path = results.FOLDER / f"{name}.json"
    begun = time.perf_counter()
    about = {
        "command": f"python -m adam_and_beyond audit --scoreboard {library}",
        "library": library,
        "version": version(library.replace("_", "-")),
        "decays": DECAYS,
        "versions": versions(),
    }
    rows = _finished(name, about)
    for entry in progress_bar(found, progress, desc=library):
        if entry.name in rows:
            continue
        rows[entry.name] = row(entry, LINES)
        about["date"] = datetime.date.today().isoformat()
        about["seconds"] = round(time.perf_counter() - begun)
        # What is done stays done: an interrupted run goes on from here.
        path = results.write(name, about | {"rows": [rows[k] for k in sorted(rows, key=str.lower)]})
    return path


def _finished(name: str, about: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows that an interrupted run has stored, with the same versions."""
    try:
        before = results.read(name)
    except ValueError:
        return {}
    if before["versions"] != about["versions"] or before["version"] != about["version"]:
        return {}
    return {one["name"]: one for one in before["rows"]}


def stored() -> list[dict[str, Any]]:
    """All rows that are stored, with their library and its version.

    Returns:
      Dictionaries as :func:`row` makes them.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    found = []
    for library in LIBRARIES:
        if not (results.FOLDER / f"{PREFIX}{library}.json").exists():
            continue
        about = results.read(PREFIX + library)
        found += [one | {"library": library, "version": about["version"]} for one in about["rows"]]
    return found
