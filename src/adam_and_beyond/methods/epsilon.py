r"""Adam with an epsilon in its denominator, which keeps the learning rate below alpha / epsilon.

The paper's update (3) has epsilon under the root, the libraries have it beside the root. The
averages are those of :func:`adam_and_beyond.methods.paper.adam`, without bias correction.
"""

from __future__ import annotations

from adam_and_beyond.methods.hyperparameters import BETA1, BETA2, EPSILON, UNDER_THE_ROOT
from adam_and_beyond.methods.method import Update, rule
from adam_and_beyond.methods.paper import Moments, adam


@rule(
    "Adam, epsilon beside the root",
    Moments,
    BETA1,
    BETA2,
    EPSILON,
    source="Kingma and Ba (2015), Algorithm 1",
    deviations="no bias correction, as in the paper on Adam's convergence",
)
def adam_epsilon(xp, g, state, t, h):
    r"""Adam with epsilon added to the root of V_t (Kingma and Ba 2015).

    .. math:: \phi_t = m_t, \qquad \psi_t^{1/2} = v_t^{1/2} + \epsilon
    """
    m, root, state = adam(xp, g, state, t, h)
    return Update(m, root + h.epsilon, state)


@rule(
    "Adam, epsilon under the root",
    Moments,
    BETA1,
    BETA2,
    UNDER_THE_ROOT,
    source="Reddi, Kale and Kumar (2018), update (3) and Theorem 6",
    deviations="beta1 constant",
)
def adam_epsilon_inside(xp, g, state, t, h):
    r"""Adam with epsilon added to V_t, under the root (Reddi, Kale and Kumar 2018, update (3)).

    .. math:: \phi_t = m_t, \qquad \psi_t = v_t + \epsilon
    """
    m, _, state = adam(xp, g, state, t, h)
    return Update(m, xp.sqrt(state.v + h.epsilon), state)
