"""Stored runs of a softmax at rest beside the prediction, with the error of what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import scipy.signal

from adam_and_beyond import results
from adam_and_beyond.drift import iid
from adam_and_beyond.field import stored
from adam_and_beyond.field.classes import log_slope

_CROWD = 10  # classes of a bin that tell its error
_FOUND = 1e-3  # share of a class that is not lost
_CHAIN, _STRETCH = 400_000, 8_000  # steps that tell the noise, and of one mean
_FORGOTTEN = 20  # memories of v before the first of them


class Compared(NamedTuple):
    """Predicted and measured shares q / p of bins of classes, shape ``(bins,)`` each."""

    r: np.ndarray  # mean frequency of a class of the bin, times the batch
    predicted: np.ndarray
    measured: np.ndarray
    error: np.ndarray  # its standard error


def compare(setting: stored.Setting) -> Compared:
    r"""What a stored run at rest keeps of its classes, beside what theory says.

    A logit's mean over T steps is off by the mean direction of these steps over the slope F' of its
    field. The directions of a frozen class have the variance :math:`\sigma^2` per step, those of
    other steps counted, and classes are nearly independent. So for S seeds and n classes a bin has
    the relative error

    .. math:: \frac{\sigma}{|F'| \sqrt{T S n}}

    and a bin of ten classes or more not less than the spread over its classes tells.

    Args:
      setting: one of ``stored.at_rest()``.

    Returns:
      The ``Compared``.

    Raises:
      ValueError: if it is not stored.

    References:
      Introduced in the chapter "Large output spaces".
    """
    found, p = stored.load(setting), stored.frequencies(setting.classes)
    edges = stored.bins(setting.classes)
    sizes, r, predicted = _bins(setting, found["predicted"])
    measured = found["binned"][len(found["binned"]) // 2 :].mean(axis=0)
    kept = measured / np.add.reduceat(p, edges[:-1])
    shares = found["late"] / found["predicted"]
    spread = [shares[a:b].std() / np.sqrt(b - a) for a, b in zip(edges, edges[1:], strict=False)]
    steps = setting.steps / 2 * setting.seeds * sizes
    relative = np.maximum(np.where(sizes >= _CROWD, spread, 0), found["noise"] / np.sqrt(steps))
    return Compared(r, predicted, kept, relative * kept)


def _bins(setting: stored.Setting, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each bin: how many classes it has, their mean frequency in a step, and q / p."""
    edges = stored.bins(setting.classes)
    sizes = np.diff(edges)
    p = stored.frequencies(setting.classes)
    in_bins, kept = (np.add.reduceat(a, edges[:-1]) for a in (p, q))
    return sizes, in_bins / sizes * setting.batch, kept / in_bins


def noise(setting: stored.Setting, q: np.ndarray, some: Iterable[int] | None = None) -> np.ndarray:
    r"""The noise of a logit per root of the number of steps: :math:`\sigma / |F'|`.

    From a chain of 400,000 steps with the law of the gradients frozen, for a class in the middle of
    each bin.

    Args:
      setting: the run.
      q: where its softmax rests, shape ``(classes,)``.
      some: the bins that are wanted; all without.

    Returns:
      The noise, shape ``(bins,)``; 0 for bins that are lost, or not wanted.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    _, r, share = _bins(setting, q)
    found = np.zeros_like(r)
    for k in np.flatnonzero(share > _FOUND) if some is None else some:
        Q = float(r[k] * share[k])
        slope = log_slope(setting.made(), float(r[k]), setting.batch, math.log(Q))
        found[k] = math.sqrt(_long_run_variance(setting, float(r[k]), Q, seed=k)) / abs(slope)
    return found


def _long_run_variance(setting: stored.Setting, r: float, Q: float, seed: int) -> float:
    """Of the direction, per step, by means over stretches of a chain."""
    memory = iid.memory_of(setting.made())
    before = int(_FORGOTTEN / (1 - memory.q))
    draws = np.random.default_rng(seed).binomial(setting.batch, r / setting.batch, _CHAIN + before)
    g = Q - draws
    m = scipy.signal.lfilter([memory.a0], [1, -memory.p], g)
    v = scipy.signal.lfilter([memory.w0], [1, -memory.q], g**2)
    means = (m / np.sqrt(v))[before:].reshape(-1, _STRETCH).mean(axis=1)
    return float(_STRETCH * means.var(ddof=1))


def add_noise() -> None:
    """Store the noise of every run at rest beside it."""
    arrays, about = results.arrays(stored.NAME), results.read(stored.NAME)
    for setting in (*stored.at_rest(), *stored.longer_steps()[1:]):
        arrays[f"{setting.key}/noise"] = noise(setting, arrays[f"{setting.key}/predicted"])
    about["noise"] = {"steps": _CHAIN, "seeds": "the number of the bin"}
    results.write(stored.NAME, about, arrays)
