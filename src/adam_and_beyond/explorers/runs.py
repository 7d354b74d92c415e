"""What the explorers share that show runs against the step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adam_and_beyond import figures, simulate
from adam_and_beyond.explorers.base import Explorer


class RunExplorer(Explorer):
    """An explorer of JAX runs; a subclass has ``steps``, ``log_t`` and ``trajectories()``."""

    def trajectories(self) -> Mapping[str, simulate.Trajectory]:
        """The JAX runs for the present values, method -> run."""
        raise NotImplementedError

    def record_times(self, period: int, records: int) -> np.ndarray:
        """The steps to record: all of a short run, else about ``records`` ends of periods."""
        if self.steps <= max(records, 12 * period):
            return np.arange(1, self.steps + 1)
        if not self.log_t:
            return period * np.unique(np.linspace(1, self.steps // period, records).astype(int))
        # A logarithmic axis has room for each early step.
        early = np.arange(1, records // 8)
        late = period * np.unique(np.geomspace(1, self.steps // period, records).astype(int))
        return np.concatenate([early, late[late > early[-1]]])

    def curves(self, quantity: str) -> list[figures.Curve]:
        """What the picture shows of :meth:`trajectories`: ``"x"`` or ``"average_regret"``."""
        drawn = []
        for name, run in self.trajectories().items():
            # A thinned run is drawn at ends of periods; its very last step may lie inside one.
            inside = run.t[-1] > len(run.t) and run.t[-1] % run.problem.period
            end = -1 if inside else None
            values = getattr(run, quantity)[:end]
            drawn.append(figures.Curve(name, run.method.label, run.t[:end], values))
        return drawn

    def caption(self) -> str:
        """The present values, and where the runs end."""
        ends = "; ".join(
            f"{run.method.label} after {run.t[-1]} steps: x = {run.x[-1]:.6g}, "
            f"average regret {run.average_regret[-1]:.6g}"
            for run in self.trajectories().values()
        )
        return f"{self!r}\n{ends}"
