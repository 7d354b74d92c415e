"""Running Algorithm 1 on linear losses: one trajectory, or a whole grid of hyperparameters.

The only place with JAX loops over time. Everything is float64, whatever the caller's setting.
"""

from adam_and_beyond import compilation
from adam_and_beyond.simulate.grid import Grid, sweep
from adam_and_beyond.simulate.rounds import History, history
from adam_and_beyond.simulate.single import Trajectory, run

compilation.keep_compiled()

__all__ = ["Grid", "History", "Trajectory", "history", "run", "sweep"]
