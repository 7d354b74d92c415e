"""The whole suite against one optimizer: ``audit.run``."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import numpy as np

from adam_and_beyond import checks, methods
from adam_and_beyond.audit import runs, verdicts
from adam_and_beyond.audit.drifts import couples
from adam_and_beyond.audit.lanes import Crash, Player
from adam_and_beyond.audit.orbits import observe
from adam_and_beyond.audit.players import Optimizer, player
from adam_and_beyond.audit.reports import Report
from adam_and_beyond.audit.stepped import SteppedPlayer
from adam_and_beyond.audit.suite import CHALLENGES, Challenge, chosen
from adam_and_beyond.audit.verdicts import Verdict
from adam_and_beyond.progress import bar as progress_bar

RARITIES = tuple(range(2, 81))
# Looking for the smallest failing C, of an optimizer whose coordinates couple and whose steps
# Python takes: each C has runs of its own.
_ROUNDS = 50_000
_PROBE = np.array([[3.0], [-1.0], [-1.0]])  # gradients that tell what an optimizer looks at


class _Nature(NamedTuple):
    """What an optimizer looks at."""

    looks_at_x: bool
    couples: bool
    settles: bool


def run(
    optimizer: Optimizer,
    learning_rate: float = 1.0,
    problems: Iterable[str] | None = None,
    rarities: Sequence[int] | None = None,
    alphas: Sequence[float] = runs.ALPHAS,
    label: str | None = None,
    progress: bool | None = None,
) -> Report:
    r"""Audit an optimizer: the suite, a verdict with its evidence for each problem, a report.

    Lines in a fixed order are decided by the sign of D where there is one, lines at random by the
    mean update and its standard error, the rest by projected runs from both ends with several step
    sizes, divided by sqrt(t). What the optimizer raises, and what is not a number, is a verdict.

    Args:
      optimizer: as :func:`drift` takes it.
      learning_rate: with which it was made, or, for a method or a function, will be.
      problems: names of the suite, as ``SUITE`` lists them; all of them without.
      rarities: the C of Theorem 2's family at which D is looked at, each from 2 on; without, 2 to
        80 for what runs in JAX, none for what takes its steps in Python.
      alphas: step sizes, times the learning rate.
      label: how the report calls it; without, the name of the function that made it.
      progress: whether to show a progress bar; without, where standard error is a terminal.

    Returns:
      A ``Report``: prints in a terminal and in a notebook, and has ``to_json`` and ``to_html``.

    Raises:
      ValueError: for what is no optimizer, an unknown problem, or a rarity below 2.

    References:
      Ours; after Schaul, Antonoglou and Silver (2013), unit tests for stochastic optimization.
      Introduced in the chapter "Audit your optimizer".
    """
    methods.ALPHA.check(learning_rate, "audit.run")
    given, wanted = player(optimizer, learning_rate), chosen(problems)
    alphas = tuple(checks.real(alphas, "alphas").ravel().tolist())
    if rarities is None:
        rarities = RARITIES if given.run_steps >= 1 << 14 else ()
    rarities = _rarities(rarities)
    with progress_bar(total=len(wanted) + 1, desc=given.label, shown=progress) as bar:
        nature = _nature(given)
        given = _sharing(given, nature)
        found: dict[str, Verdict] = {}
        for kind, work in _works(given, nature, learning_rate, alphas).items():
            part = [c for c in wanted if c.kind == kind]
            for one in _guarded(part, work):
                found[one.name] = one
            bar.update(len(part))
        C, numbers = _smallest(given, nature, rarities, learning_rate)
        bar.update(1)
    return Report(
        label or given.label,
        tuple(found[c.name] for c in CHALLENGES if c.name in found),
        nature.looks_at_x if nature else None,
        nature.couples if nature else None,
        C,
        tuple(numbers),
        learning_rate,
        given.run_steps,
        versions(),
        tuple(numbers.values()),
    )


def _rarities(values: Sequence[int]) -> tuple[int, ...]:
    given = checks.real(list(values), "rarities")
    if not np.all((given >= 2) & (given == np.round(given)) & np.isfinite(given)):
        raise ValueError(f"rarities must be whole numbers from 2 on, got {checks.short(values)}")
    return tuple(int(C) for C in given)


def _nature(given: Player) -> _Nature | None:
    try:
        (orbit,) = observe(given, [_PROBE])
        coupled = couples(given, _PROBE)
    except Crash:
        return None
    return _Nature(orbit.looks_at_x, coupled, orbit.settled)


def _sharing(given: Player, nature: _Nature | None) -> Player:
    """The optimizer with its lanes as coordinates of one vector, where it keeps them apart."""
    apart = nature is not None and not nature.couples
    return given.as_one() if apart and isinstance(given, SteppedPlayer) else given


def _works(
    given: Player, nature: _Nature | None, rate: float, alphas: Sequence[float]
) -> dict[str, Callable[[list[Challenge]], Iterator[Verdict]]]:
    """What is to be done for each kind of problem."""
    free = nature is not None and not nature.looks_at_x
    return {
        "line": lambda found: runs.lines(given, found, rate, alphas, free),
        "random line": lambda found: runs.random_lines(given, found, rate, alphas, free),
        "blocks": lambda found: runs.blocks(given, found, alphas),
        "curve": lambda found: runs.curves(given, found, alphas),
        "classes": lambda found: runs.classes(given, found, alphas),
    }


def _guarded(
    found: list[Challenge], work: Callable[[list[Challenge]], Iterator[Verdict]]
) -> Iterator[Verdict]:
    """The verdicts of a kind of problems; a crash is one for each of those that are left."""
    done = set()
    try:
        for one in work(found):
            done.add(one.name)
            yield one
    except Crash as error:
        for challenge in found:
            if challenge.name not in done:
                yield verdicts.said(challenge, verdicts.CRASHED, f"the optimizer raised: {error}")


def _smallest(
    given: Player, nature: _Nature | None, rarities: tuple[int, ...], rate: float
) -> tuple[int | None, dict[int, float]]:
    if nature is None or nature.looks_at_x or not nature.settles or not rarities:
        return None, {}
    try:
        return runs.smallest_failing(given, rarities, rate, _ROUNDS)
    except Crash:
        return None, {}


def versions() -> dict[str, str]:
    """The versions of what an audit rests on.

    Returns:
      Name to version, of what is installed.
    """
    found = {"python": platform.python_version()}
    for name in ("adam-and-beyond", "jax", "optax", "torch", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def assert_not_defeated(
    optimizer: Optimizer, rarities: Iterable[int] = range(2, 81), learning_rate: float = 1.0
) -> dict[int, float]:
    r"""Fail unless an optimizer survives Theorem 2's family for each of the given rarities.

    For use in a test. Every C asked for needs a drift number, and it must not be positive.

    Args:
      optimizer: as :func:`drift` takes it.
      rarities: the C of the family, whole numbers from 2 on.
      learning_rate: as :func:`run` takes it.

    Returns:
      The drift numbers by C.

    Raises:
      ValueError: for what is no optimizer, or a rarity below 2.
      AssertionError: if it is defeated, or has no drift number; the message names the C and D.

    References:
      Ours. Introduced in the chapter "Audit your optimizer".
    """
    wanted, given = _rarities(list(rarities)), player(optimizer, learning_rate)
    try:
        (orbit,) = observe(given, [_PROBE])
        if orbit.looks_at_x:
            raise AssertionError(
                f"{given.label} has no drift number: {orbit.reason}. Without weight decay and the "
                "like it may have one; audit.run decides by runs"
            )
        apart = not couples(given, _PROBE)
        given = given.as_one() if apart and isinstance(given, SteppedPlayer) else given
        C, numbers = runs.smallest_failing(given, wanted, learning_rate)
    except Crash as error:
        raise AssertionError(f"{given.label} raised: {error}") from error
    if C is not None:
        raise AssertionError(
            f"{given.label} is defeated by a gradient {C} once in {C} rounds, else -1: "
            f"D = {numbers[C]:+.4g} > 0, so it goes to the worst point"
        )
    missing = [C for C in wanted if C not in numbers]
    if missing:
        raise AssertionError(
            f"{given.label} has no drift number at C = {missing[0]}: its state does not come back"
        )
    return numbers
