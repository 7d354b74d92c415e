"""The same loops compiled by numba."""

from __future__ import annotations

import math

import numba
import numpy as np

from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run


@numba.njit
def _step(amsgrad, g, t, m, v, v_hat, x):
    m = BETA1 * m + (1 - BETA1) * g
    v = BETA2 * v + (1 - BETA2) * g * g
    v_hat = max(v_hat, v) if amsgrad else v
    # One root and one division, as in the tuned C.
    x = min(max(x - ALPHA * m / math.sqrt(v_hat * t), -1.0), 1.0)
    return m, v, v_hat, x


@numba.njit
def _periodic(amsgrad, steps, period, x_at, loss_at):
    m = v = v_hat = x = loss = 0.0
    records, j, t = len(x_at), 0, 0
    for k in range(1, records + 1):
        stop = k * steps // records
        while t < stop:
            g = period[j]
            j = 0 if j + 1 == len(period) else j + 1
            t += 1
            loss += g * x
            m, v, v_hat, x = _step(amsgrad, g, float(t), m, v, v_hat, x)
        x_at[k - 1], loss_at[k - 1] = x, loss


@numba.njit
def _at_rounds(amsgrad, steps, rounds, x_at, loss_at):
    m = v = v_hat = x = loss = 0.0
    records, j, t = len(x_at), 0, 0
    for k in range(1, records + 1):
        stop = k * steps // records
        while t < stop:
            t += 1
            g = -10.0
            if t == rounds[j]:
                g, j = 1010.0, j + 1
            loss += g * x
            m, v, v_hat, x = _step(amsgrad, g, float(t), m, v, v_hat, x)
        x_at[k - 1], loss_at[k - 1] = x, loss


@numba.njit
def _draw_rounds(steps, rounds):
    t = j = 0
    while t <= steps:
        t += np.random.geometric(0.01)
        rounds[j] = t
        j += 1


@numba.njit
def _with_coins(amsgrad, steps, x_at, loss_at):
    m = v = v_hat = x = loss = 0.0
    records, t = len(x_at), 0
    for k in range(1, records + 1):
        stop = k * steps // records
        while t < stop:
            t += 1
            g = 1010.0 if np.random.random() < 0.01 else -10.0
            loss += g * x
            m, v, v_hat, x = _step(amsgrad, g, float(t), m, v, v_hat, x)
        x_at[k - 1], loss_at[k - 1] = x, loss


def trajectory(job: Job) -> Run:
    """One trajectory of the periodic problem."""
    period, amsgrad = np.array(PERIOD), job["method"] == "amsgrad"
    x, loss = np.empty(job["records"]), np.empty(job["records"])

    def run() -> np.ndarray:
        _periodic(amsgrad, job["steps"], period, x, loss)
        return x

    return run


def stochastic(job: Job) -> Run:
    """Independent gradients, drawn as we draw them: the waiting times between the rare ones.

    Its draws are not ours. So the same loop is also run, untimed, on our draws, and that is the
    result which is compared.
    """
    from adam_and_beyond import problems

    steps, amsgrad = job["steps"], job["method"] == "amsgrad"
    x, loss = np.empty(job["records"]), np.empty(job["records"])
    gradients = problems.figure_1_stochastic().sample(steps, job["seed"])
    ours = np.append(np.flatnonzero(gradients > 0) + 1, steps + 1)
    _at_rounds(amsgrad, steps, ours, x, loss)
    on_our_draws = x.copy()
    rounds = np.empty(steps // 50 + 1000, dtype=np.int64)  # twice what is expected

    def run() -> np.ndarray:
        _draw_rounds(steps, rounds)
        _at_rounds(amsgrad, steps, rounds, x, loss)
        return on_our_draws

    return run


def coins(job: Job) -> Run:
    """Independent gradients as one first writes them, a coin a step; no result to compare."""
    x, loss = np.empty(job["records"]), np.empty(job["records"])

    def run() -> None:
        _with_coins(job["method"] == "amsgrad", job["steps"], x, loss)

    return run
