r"""Adam with an epsilon in its denominator, which keeps the learning rate below alpha / epsilon.

The paper's update (3) has epsilon under the root, the libraries have it beside the root. The
averages are those of :func:`adam_and_beyond.methods.classic.adam`, without bias correction.
"""

from __future__ import annotations

from adam_and_beyond.methods.classic import adam
from adam_and_beyond.methods.rule import Update


def adam_epsilon(xp, g, state, t, h):
    """Adam with epsilon added to the root of V_t (Kingma and Ba 2015)."""
    m, root, state = adam(xp, g, state, t, h)
    return Update(m, root + h.epsilon, state)


def adam_epsilon_inside(xp, g, state, t, h):
    """Adam with epsilon added to V_t, under the root (Reddi, Kale and Kumar 2018, update (3))."""
    m, _, state = adam(xp, g, state, t, h)
    return Update(m, xp.sqrt(state.v + h.epsilon), state)
