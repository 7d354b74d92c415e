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


def parallel(job: Job) -> Run:
    """One trajectory cut into blocks of time that run side by side."""
    return _trajectory(job, "parallel in time")


def _stochastic(job: Job, path: str) -> Run:
    method = methods.get(job["method"], beta1=BETA1, beta2=BETA2)
    problem = problems.figure_1_stochastic()

    def run():
        options = {"record": job["records"], "seed": job["seed"], "path": path}
        return simulate.run(method, problem, job["steps"], ALPHA, **options).x

    return run


def stochastic(job: Job) -> Run:
    """One trajectory with independent gradients, by the loop that runs any method."""
    return _stochastic(job, "general")


def parallel_stochastic(job: Job) -> Run:
    """One trajectory with independent gradients, cut into blocks of time."""
    return _stochastic(job, "parallel in time")


def sweep(job: Job) -> Run:
    """Adam over a grid of hyperparameters."""
    problem = problems.periodic(PERIOD)
    beta1, beta2 = hyperparameter_grid(job["lanes"])

    def run():
        return simulate.sweep(
            "adam", problem, job["steps"], ALPHA, beta1=beta1, beta2=beta2, progress=False
        ).x

    return run
