r"""AMSGrad as libraries compute it: two algorithms that are not the paper's, each under its name.

Both correct the bias of Adam's averages, which the paper's Algorithm 2 does not do, and both add
epsilon to the root. They differ in the order of correction and maximum, and that decides whether
the scale can fall: see :func:`amsgrad_torch`.
"""

from __future__ import annotations

from adam_and_beyond.methods.classic import MaxMoments
from adam_and_beyond.methods.rule import Update


def amsgrad_torch(xp, g, state, t, h):
    """AMSGrad of PyTorch: the maximum of the raw v, divided by *today's* bias correction.

    The correction 1 - beta2^t grows to 1, so the scale falls wherever the maximum stays.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    m_corrected = m / (1 - h.beta1**t)
    root = xp.sqrt(v_hat / (1 - h.beta2**t))
    return Update(m_corrected, root + h.epsilon, MaxMoments(m, v, v_hat))


def amsgrad_optax(xp, g, state, t, h):
    """AMSGrad of optax by default: v corrected first, then the maximum, so the scale never falls.

    The first gradient alone gives v_1 / (1 - beta2) = g_1^2: if it is the largest, that stays.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v / (1 - h.beta2**t))
    m_corrected = m / (1 - h.beta1**t)
    return Update(m_corrected, xp.sqrt(v_hat) + h.epsilon, MaxMoments(m, v, v_hat))
