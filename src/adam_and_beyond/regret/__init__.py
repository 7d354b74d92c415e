r"""Regret of a run on linear losses f_t(x) = g_t x over an interval, and the paper's bounds on it.

.. math:: R_T = \sum_{t=1}^T g_t x_t - \min_{x \in [l, u]} x \sum_{t=1}^T g_t
"""

from adam_and_beyond.regret.adamnc import corollary_2, theorem_5
from adam_and_beyond.regret.bounds import (
    adamx_theorem_5_1,
    corollary_1,
    theorem_4,
    tran_phong_theorem_4_1,
)
from adam_and_beyond.regret.linear import fit_inverse_sqrt, of_sequence, of_sums, per_cycle
from adam_and_beyond.regret.terms import Bound

__all__ = [
    "Bound",
    "adamx_theorem_5_1",
    "corollary_1",
    "corollary_2",
    "fit_inverse_sqrt",
    "of_sequence",
    "of_sums",
    "per_cycle",
    "theorem_4",
    "theorem_5",
    "tran_phong_theorem_4_1",
]
