"""Running Algorithm 1 on linear losses: one trajectory, or a whole grid of hyperparameters.

The only place with JAX loops over time. Everything is float64, whatever the caller's setting.
"""

from adam_and_beyond import compilation
from adam_and_beyond.simulate.every_round import History, history
from adam_and_beyond.simulate.slices import Interrupted
from adam_and_beyond.simulate.sweeps import Grid, sweep
from adam_and_beyond.simulate.trajectory import Trajectory, run

compilation.keep_compiled()

__all__ = ["Grid", "History", "Interrupted", "Trajectory", "history", "run", "sweep"]
