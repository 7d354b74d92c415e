r"""Averaging over an orbit keeps sums: what a method averages after normalising keeps its drift.

With the recursion :math:`m_t = \beta m_{t-1} + (1 - \beta) n_t` the sums over a period, of the
averages before and after each round and of what is averaged, obey one line of the same form.
"""

from __future__ import annotations

import sympy
from sympy import Eq, Lt

from adam_and_beyond.proofs.reasons import by_the_hypotheses
from adam_and_beyond.proofs.step import Claim, Step

beta = sympy.Symbol("beta", real=True)
# Over a period: the sums of m_t, of m_{t-1} and of n_t; the average before and after it.
S_m, S_before, S_n = sympy.symbols(r"S_m S_{m-} S_n", real=True)
m_0, m_P = sympy.symbols("m_0 m_P", real=True)


def averaging_keeps_sums() -> Step:
    """Over a period at whose end the average is back, it adds up to what it averages."""
    hypotheses = (
        Eq(S_m, beta * S_before + (1 - beta) * S_n, evaluate=False),
        Eq(S_before, S_m + m_0 - m_P, evaluate=False),
        Eq(m_P, m_0, evaluate=False),
        Lt(beta, 1),
    )
    claims = (
        Claim(
            Eq((1 - beta) * S_m, (1 - beta) * S_n, evaluate=False),
            by_the_hypotheses,
            r"the recursion, summed; a period leads $m$ back, so that $S_{m-} = S_m$",
        ),
        Claim(
            Eq(S_m, S_n, evaluate=False),
            by_the_hypotheses,
            r"divided by $1 - \beta > 0$",
        ),
    )
    return Step("sums", "Averaging over an orbit keeps sums", claims, hypotheses, source="ours")
