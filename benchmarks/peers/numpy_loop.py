"""NumPy: a Python loop over scalars, and a Python loop over all lanes at once."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run, hyperparameter_grid


def scalars(job: Job) -> Run:
    """One trajectory as it is mostly written: NumPy functions on single numbers."""
    period, amsgrad = np.array(PERIOD), job["method"] == "amsgrad"

    def run() -> np.ndarray:
        m = v = v_hat = x = loss = np.float64(0.0)
        every, recorded = job["steps"] // job["records"], []
        for t in range(1, job["steps"] + 1):
            g = period[(t - 1) % len(period)]
            loss += g * x
            m = BETA1 * m + (1 - BETA1) * g
            v = BETA2 * v + (1 - BETA2) * g**2
            v_hat = np.maximum(v_hat, v) if amsgrad else v
            x = np.clip(x - ALPHA / np.sqrt(t) * m / np.sqrt(v_hat), -1.0, 1.0)
            if t % every == 0:
                recorded.append(x)
        return np.array(recorded)

    return run


def vectorised(job: Job) -> Run:
    """Adam over a grid of hyperparameters, written into arrays that are there."""
    beta1, beta2 = hyperparameter_grid(job["lanes"])

    def run() -> np.ndarray:
        m, v, x, loss, work = (np.zeros(job["lanes"]) for _ in range(5))
        for t in range(job["steps"]):
            g = PERIOD[t % len(PERIOD)]
            np.multiply(x, g, out=work)
            np.add(loss, work, out=loss)
            # beta m + (1 - beta) g = g + beta (m - g): one pass less
            np.subtract(m, g, out=m)
            np.multiply(m, beta1, out=m)
            np.add(m, g, out=m)
            np.subtract(v, g * g, out=v)
            np.multiply(v, beta2, out=v)
            np.add(v, g * g, out=v)
            np.sqrt(v, out=work)
            np.divide(m, work, out=work)
            np.multiply(work, ALPHA / np.sqrt(t + 1.0), out=work)
            np.subtract(x, work, out=x)
            np.clip(x, -1.0, 1.0, out=x)
        return x

    return run
