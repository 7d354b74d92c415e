"""Running Algorithm 1 on linear losses: one trajectory, or a whole grid of hyperparameters.

The only place with JAX loops over time. Everything is float64, whatever the caller's setting.

* Ctrl-C is answered within a second or two, by an :class:`Interrupted` whose ``so_far`` holds what
  was done until then. A sweep with a ``store`` goes on from there.
* On processors JAX takes subnormal numbers, those below 2^-1022 (about 2.2e-308), for 0. Problems
  refuse gradients whose squares come near that; iterates and step sizes so small are yours to
  avoid.
* JAX runs threads, which a forked process does not inherit: it may hang. Where you start processes
  of your own after a run, start them afresh: ``multiprocessing.get_context("spawn")``. A sweep
  uses all cores by itself.
"""

from adam_and_beyond import compilation
from adam_and_beyond.simulate.every_round import History, history
from adam_and_beyond.simulate.slices import Interrupted
from adam_and_beyond.simulate.sweeps import Grid, sweep
from adam_and_beyond.simulate.trajectory import Trajectory, run

compilation.keep_compiled()

__all__ = ["Grid", "History", "Interrupted", "Trajectory", "history", "run", "sweep"]
