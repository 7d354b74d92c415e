"""The runs of the suite: lines, random lines, blocks of signs, curves, classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from adam_and_beyond import problems
from adam_and_beyond.audit import verdicts
from adam_and_beyond.audit.drifts import number_of
from adam_and_beyond.audit.lanes import Lane, Lanes, Player, Position, stack
from adam_and_beyond.audit.orbits import Orbit, observe
from adam_and_beyond.audit.stepped import SteppedPlayer
from adam_and_beyond.audit.suite import Challenge
from adam_and_beyond.audit.verdicts import Verdict

ALPHAS = (1.0, 0.1)  # step sizes, times what the optimizer was made with
_SEEDS = 4  # of random gradients
_TABLE = 4096  # rounds of random gradients at a time
_SURE = 4.0  # standard errors
_FIRST_BLOCK = 8  # signs change from round 2^8 on


def lines(
    given: Player, found: Sequence[Challenge], rate: float, alphas: Sequence[float], free: bool
) -> Iterator[Verdict]:
    """The verdicts on lines in a fixed order: one observation of all orbits, one array of runs.

    Args:
      given: the optimizer.
      found: challenges of the kind ``"line"``.
      rate: the learning rate of the optimizer.
      alphas: step sizes.
      free: whether its updates are free of x.

    Yields:
      A ``Verdict`` each.
    """
    if not found:
        return
    orbits = observe(given, [c.gradients[:, None] for c in found])
    lanes = [
        Lane(c.gradients[:, None], x=x, lower=c.lower, upper=c.upper, alpha=a, falling=True)
        for c in found
        for a in alphas
        for x in (c.lower, c.upper)
    ]
    run = _played(given, stack(lanes), given.run_steps)
    shape = (len(found), len(alphas), 2)
    ends, loss = run.x[:, 0].reshape(shape), run.loss.reshape(shape)
    for k, (challenge, orbit) in enumerate(zip(found, orbits, strict=True)):
        steps = int(run.t[0])
        regret = (loss[k] + steps * abs(challenge.gradients.mean())) / steps
        D, error = _drift(orbit, rate) if free else (np.nan, np.nan)
        if not free and not orbit.reason:
            orbit = orbit._replace(reason="on other problems its updates depend on the iterate")
        yield verdicts.of_line(challenge, orbit, D, error, ends[k], regret, alphas)


def _drift(orbit: Orbit, rate: float) -> tuple[float, float]:
    """D and how far it may be off, rounding included; nan where it does not apply."""
    if not orbit.settled:
        return np.nan, np.nan
    rounding = 8 * np.finfo(np.float64).eps * np.abs(orbit.moves).sum()
    return float(number_of(orbit, rate)[0]), (len(orbit.moves) * orbit.left + rounding) / rate


def _played(given: Player, lanes: Lanes, steps: int) -> Position:
    return given.advance(lanes, given.begin(lanes), np.full(len(lanes.rounds), steps))


def random_lines(
    given: Player, found: Sequence[Challenge], rate: float, alphas: Sequence[float], free: bool
) -> Iterator[Verdict]:
    """The verdicts on lines drawn at random: the mean update with its standard error, and runs.

    Args:
      given: the optimizer.
      found: challenges of the kind ``"random line"``.
      rate: the learning rate of the optimizer.
      alphas: step sizes.
      free: whether its updates are free of x, so that their mean decides.

    Yields:
      A ``Verdict`` each.
    """
    table = min(_TABLE, given.run_steps)
    chunks = max(2, given.run_steps // table)
    for challenge in found:
        draws = _draws(challenge, chunks * table)
        walk = {"lower": -math.inf, "upper": math.inf}
        runs = {"lower": challenge.lower, "upper": challenge.upper, "falling": True}
        shapes = [walk | {"x": 0.0}] * _SEEDS
        shapes += [runs | {"x": x, "alpha": a} for a in alphas for x in (-1.0, 1.0)]
        seeds = [*range(_SEEDS), *[0] * (2 * len(alphas))]
        position, seen = None, []
        for k in range(chunks):
            part = [draws[s][k * table : (k + 1) * table, None] for s in seeds]
            lanes = stack([Lane(g, **shape) for g, shape in zip(part, shapes, strict=True)])
            position = given.begin(lanes) if position is None else position
            position = given.advance(lanes, position, np.full(len(seeds), table))
            seen.append(position.x[:_SEEDS, 0])
        ends = position.x[_SEEDS:, 0].reshape(len(alphas), 2)
        yield _random_verdict(challenge, np.array(seen) / rate, table, ends, free, alphas)


def _draws(challenge: Challenge, steps: int) -> list[np.ndarray]:
    problem = problems.iid(challenge.gradients, challenge.probabilities)
    return [problem.sample(steps, seed) for seed in range(_SEEDS)]


def _random_verdict(
    challenge: Challenge,
    seen: np.ndarray,
    table: int,
    ends: np.ndarray,
    free: bool,
    alphas: Sequence[float],
) -> Verdict:
    """By the mean update where it differs from 0 by several standard errors, else by the runs."""
    batches = np.diff(seen, axis=0) / table  # the first chunk is for the averages to settle
    mean, error = batches.mean(), batches.std(ddof=1) / np.sqrt(batches.size)
    if free and np.isfinite(mean) and abs(mean) > _SURE * error:
        good = np.sign(mean) == np.sign(challenge.best)
        where = "towards the best point" if good else "towards the worst point"
        words = f"updates are {mean:+.3g} ± {error:.1g} on average: {where}"
        verdict = verdicts.CONVERGED if good else verdicts.FAILED
        return verdicts.said(challenge, verdict, words, mean=mean, error=error, ends=ends)
    told = verdicts.of_line(challenge, None, np.nan, np.nan, ends, None, alphas)
    return verdicts.said(challenge, told.verdict, told.sentence, mean=mean, error=error, ends=ends)


def blocks(given: Player, found: Sequence[Challenge], alphas: Sequence[float]) -> Iterator[Verdict]:
    """The verdicts where the slope is 1 or -1 and changes its sign at each power of two.

    Args:
      given: the optimizer.
      found: challenges of the kind ``"blocks"``.
      alphas: step sizes.

    Yields:
      A ``Verdict`` each.
    """
    last = int(math.log2(given.run_steps))
    first = min(_FIRST_BLOCK, last - 3)
    for challenge in found:
        position, total, worst = None, 0.0, []
        for block in range(first, last):
            sign = (-1.0) ** (block - first)
            box = {"lower": challenge.lower, "upper": challenge.upper, "falling": True}
            lanes = stack([Lane(np.full((1, 1), sign), alpha=a, **box) for a in alphas])
            position = given.begin(lanes) if position is None else position
            played = 1 << block
            position = given.advance(lanes, position, np.full(len(alphas), played))
            total += sign * played
            worst.append((position.loss + abs(total)) / position.t)
        yield verdicts.of_blocks(challenge, np.max(worst[len(worst) // 2 :], axis=0))


def curves(given: Player, found: Sequence[Challenge], alphas: Sequence[float]) -> Iterator[Verdict]:
    """The verdicts on Zhang et al.'s function and on a quadratic with skewed data.

    Args:
      given: the optimizer.
      found: challenges of the kind ``"curve"``.
      alphas: step sizes.

    Yields:
      A ``Verdict`` each.
    """
    if not found:
        return
    lanes = stack([_curve(challenge, a) for challenge in found for a in alphas])
    half = given.run_steps // 2
    middle = _played(given, lanes, half)
    # From the start of the averages on: what was visited before is taken away.
    end = given.advance(lanes, middle, np.full(len(lanes.rounds), half))
    rest = ((end.visited - middle.visited)[:, 0] / half).reshape(len(found), len(alphas))
    last = end.x[:, 0].reshape(rest.shape)
    for k, challenge in enumerate(found):
        if challenge.name == "zhang":
            yield verdicts.of_zhang(challenge, last[k])
        else:
            yield verdicts.of_skewed(challenge, rest[k])


def _curve(challenge: Challenge, alpha: float) -> Lane:
    box = {"lower": challenge.lower, "upper": challenge.upper, "falling": True}
    slopes = challenge.gradients[:, None]
    if challenge.name == "zhang":
        return Lane(slopes, alpha=alpha, bent=True, **box)
    return Lane(slopes, np.ones(slopes.shape), alpha=alpha / 10, **box)


def classes(
    given: Player, found: Sequence[Challenge], alphas: Sequence[float]
) -> Iterator[Verdict]:
    """The verdicts on a softmax whose classes have Zipf's frequencies, one draw at a time.

    Args:
      given: the optimizer.
      found: challenges of the kind ``"classes"``.
      alphas: step sizes.

    Yields:
      A ``Verdict`` each.
    """
    table = min(_TABLE, given.run_steps // 4)
    for challenge in found:
        p, rng = challenge.probabilities, np.random.default_rng(0)
        box = {"lower": challenge.lower, "upper": challenge.upper, "falling": True}
        position, shares = None, []
        for _ in range(given.run_steps // table):
            drawn = -np.eye(p.size)[rng.choice(p.size, table, p=p)]
            lanes = stack([Lane(drawn, alpha=a / 10, classes=True, **box) for a in alphas])
            position = given.begin(lanes) if position is None else position
            position = given.advance(lanes, position, np.full(len(alphas), table))
            x = position.x - position.x.max(axis=1, keepdims=True)
            q = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
            shares.append(q[:, -1] / p[-1])
        yield verdicts.of_classes(challenge, np.mean(shares[len(shares) // 2 :], axis=0))


def smallest_failing(
    given: Player, rarities: Sequence[int], rate: float, rounds: float = math.inf
) -> tuple[int | None, dict[int, float]]:
    """The smallest C of Theorem 2's family for which an optimizer fails, among those asked for.

    Side by side where that costs no more than one; else from the smallest C on, up to the first
    that fails.

    Args:
      given: the optimizer, its updates free of x.
      rarities: the values of C.
      rate: its learning rate.
      rounds: after how many no further C is looked at, where each has its own.

    Returns:
      ``(C, numbers)``: C, or None where none fails; and D by C, where there is one.
    """
    apart = isinstance(given, SteppedPlayer) and not given.together
    numbers: dict[int, float] = {}
    for part in [[C] for C in sorted(rarities)] if apart else [list(rarities)]:
        periods = [np.array([[float(C)]] + [[-1.0]] * (C - 1)) for C in part]
        for C, orbit in zip(part, observe(given, periods, two_starts=False), strict=True):
            rounds -= C * orbit.periods
            D, error = _drift(orbit, rate)
            if np.isfinite(D):
                numbers[C] = D if abs(D) > error else 0.0
        failing = [C for C, D in numbers.items() if D > 0]
        if failing or (apart and rounds < 0):
            break
    return (min(failing) if failing else None), numbers
