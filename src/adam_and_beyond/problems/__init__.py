r"""Online problems with linear losses f_t(x) = g_t x on an interval, or on a box.

The gradients do not depend on x, so a problem *is* its sequence of gradients and its interval.

Gradients are 0 or of a size from 1e-140 to 1e140: methods square them, and JAX takes numbers below
2^-1022, about 2.2e-308, for 0 on processors.
"""

from adam_and_beyond.problems.draws import (
    BLOCK,
    IIDArguments,
    RareRounds,
    before_rare_rounds,
    first_rare_rounds,
    next_rare_rounds,
)
from adam_and_beyond.problems.kinds import (
    GivenProblem,
    IIDProblem,
    PeriodicProblem,
    Problem,
    check_problem,
    given,
    iid,
    periodic,
)
from adam_and_beyond.problems.named import (
    figure_1_online,
    figure_1_stochastic,
    theorem_1,
    theorem_2,
    theorem_3,
)

__all__ = [
    "BLOCK",
    "GivenProblem",
    "IIDArguments",
    "IIDProblem",
    "PeriodicProblem",
    "Problem",
    "RareRounds",
    "before_rare_rounds",
    "check_problem",
    "figure_1_online",
    "figure_1_stochastic",
    "first_rare_rounds",
    "given",
    "iid",
    "next_rare_rounds",
    "periodic",
    "theorem_1",
    "theorem_2",
    "theorem_3",
]
