"""Our own engine."""

from __future__ import annotations

from adam_and_beyond import methods, problems, simulate
from benchmarks.peers import ALPHA, BETA1, BETA2, PERIOD, Job, Run, hyperparameter_grid


def _trajectory(job: Job, path: str) -> Run:
    method = methods.get(job["method"], beta1=BETA1, beta2=BETA2)
    problem = problems.periodic(PERIOD)

    def run():
        return simulate.run(
            method, problem, job["steps"], ALPHA, record=job["records"], path=path
        ).x

    return run


def general(job: Job) -> Run:
    """One trajectory by the loop that runs any method."""
    return _trajectory(job, "general")


def steady(job: Job) -> Run:
    """One trajectory by the steady cycle; the benchmark fails where that path doesn't apply."""
    return _trajectory(job, "steady cycle")


def stochastic(job: Job) -> Run:
    """One trajectory with independent gradients."""
    method = methods.get(job["method"], beta1=BETA1, beta2=BETA2)
    problem = problems.figure_1_stochastic()

    def run():
        return simulate.run(
            method, problem, job["steps"], ALPHA, record=job["records"], seed=job["seed"]
        ).x

    return run


def sweep(job: Job) -> Run:
    """Adam over a grid of hyperparameters."""
    problem = problems.periodic(PERIOD)
    beta1, beta2 = hyperparameter_grid(job["lanes"])

    def run():
        return simulate.sweep(
            "adam", problem, job["steps"], ALPHA, beta1=beta1, beta2=beta2, progress=False
        ).x

    return run
