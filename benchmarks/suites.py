"""What is measured: four suites, each a list of groups of cases that run interleaved."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

METHODS = {"adam": "Adam", "amsgrad": "AMSGrad"}
# Packages compute variants, which the library has under names of their own.
_VARIANTS = {
    "optax": {"adam": "adam_corrected", "amsgrad": "amsgrad_optax"},
    "torch": {"adam": "adam_corrected", "amsgrad": "amsgrad_torch"},
}
# Largest distance of iterates from the general simulator's. The order of roundings differs,
# and over millions of steps the differences add up between two visits to an end of the interval.
_TOLERANCE, _CLOSE = 1e-9, 1e-12


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much work each suite does; the tests make it small."""

    steps: int = 5_000_000
    records: int = 1000
    slow_steps: Mapping[str, int] = dataclasses.field(
        default_factory=lambda: {"numpy": 50_000, "torch": 20_000}
    )
    lanes: int = 65_536
    sweep_steps: int = 8000
    # The first of each is the fixed cost of a call.
    growth_steps: tuple[int, ...] = (1, 10**4, 10**5, 10**6, 10**7)
    growth_records: int = 10  # few, or the cost of records would count as a cost of short runs
    growth_lanes: tuple[int, ...] = (1, 10, 10**2, 10**3, 10**4, 10**5)
    growth_lane_steps: int = 2000

    @classmethod
    def full(cls) -> Sizes:
        """The sizes of ``--full``: one more power of ten each way."""
        some = cls()
        return dataclasses.replace(
            some,
            growth_steps=(*some.growth_steps, 10**8),
            growth_lanes=(*some.growth_lanes, 10**6),
        )


@dataclasses.dataclass(frozen=True)
class Case:
    """One peer on one job."""

    peer: str
    title: str  # the heading that it stands under
    job: Mapping[str, Any]
    check: Mapping[str, Any] | None  # the job of ours whose result this one must reproduce
    tolerance: float = _TOLERANCE

    @property
    def work(self) -> int:
        """Steps, times lanes if there are any."""
        return self.job["steps"] * self.job.get("lanes", 1)

    @property
    def cores(self) -> int:
        """How many cores the process may use."""
        return self.job["cores"]


def _trajectory_case(peer: str, method: str, steps: int, records: int) -> Case:
    job = {"peer": peer, "method": method, "steps": steps, "records": records, "cores": 1}
    same = _VARIANTS.get(peer.split("_")[0], {}).get(method, method)
    check = {**job, "peer": "general", "method": same}
    if peer == "general":
        check = {**job, "peer": "c_tuned"}
    tolerance = _CLOSE if peer in ("steady", "parallel") else _TOLERANCE
    return Case(peer, METHODS[method], job, check, tolerance)


def trajectory(sizes: Sizes) -> list[list[Case]]:
    """One run with records, by everyone."""
    fast = ("c_tuned", "c_textbook", "general", "parallel", "steady")
    fast += ("numba", "optax_bridge", "optax_scan")
    groups = []
    for method in METHODS:
        group = [_trajectory_case(peer, method, sizes.steps, sizes.records) for peer in fast]
        group += [
            _trajectory_case(peer, method, steps, steps // 100)
            for peer, steps in sizes.slow_steps.items()
        ]
        groups.append(group)
    return groups


def iid(sizes: Sizes) -> list[list[Case]]:
    """One run with independent gradients, beside numba."""
    groups = []
    for method in METHODS:
        job = {"method": method, "steps": sizes.steps, "records": sizes.records, "seed": 0}
        job |= {"cores": 1}
        ours = {**job, "peer": "stochastic"}
        checks = {"numba_stochastic": ours, "stochastic": None, "parallel_stochastic": ours}
        checks["numba_coins"] = None
        groups.append(
            [
                Case(peer, METHODS[method], {**job, "peer": peer}, check)
                for peer, check in checks.items()
            ]
        )
    return groups


def _sweep_case(peer: str, title: str, lanes: int, steps: int, cores: int) -> Case:
    job = {"peer": peer, "lanes": lanes, "steps": steps, "cores": cores}
    return Case(peer, title, job, {**job, "peer": "c_sweep" if peer == "sweep" else "sweep"})


def sweep(sizes: Sizes) -> list[list[Case]]:
    """Many runs at once, on one core and on two."""
    size = (sizes.lanes, sizes.sweep_steps)
    one = [_sweep_case(p, "1 core", *size, 1) for p in ("c_sweep", "sweep", "numpy_sweep")]
    two = [_sweep_case(p, "2 cores", *size, 2) for p in ("c_sweep", "sweep")]
    return [one, two]


def growth(sizes: Sizes) -> list[list[Case]]:
    """How the cost grows, with steps and with lanes."""
    peers = ("c_tuned", "general", "steady")
    steps = [
        dataclasses.replace(
            _trajectory_case(p, "adam", n, min(n, sizes.growth_records)), title="steps"
        )
        for p in peers
        for n in sizes.growth_steps
        if p != "steady" or n >= 10**5  # below, the method has hardly settled
    ]
    lanes = [
        _sweep_case(p, "lanes", n, sizes.growth_lane_steps, 1)
        for p in ("c_sweep", "sweep")
        for n in sizes.growth_lanes
    ]
    return [steps, lanes]


SUITES: Mapping[str, Callable[[Sizes], list[list[Case]]]] = {
    "trajectory": trajectory,
    "iid": iid,
    "sweep": sweep,
    "growth": growth,
}
