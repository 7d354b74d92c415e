r"""The methods of the paper, each written once (Reddi, Kale and Kumar 2018, section 2).

Every function takes the array namespace ``xp``, the gradient ``g`` at step ``t`` (from 1), the
``state`` left by step t - 1 and the hyperparameters ``h``, and returns ``Update(m, sqrt_V,
state)``: the pair phi_t, psi_t of Algorithm 1. The step itself is Algorithm 1's,

.. math:: x_{t+1} = \Pi_{\mathcal F}\big(x_t - \alpha_t\, \phi_t / \psi_t^{1/2}\big).

The paper's epsilon-free form is used throughout; :func:`.algorithm_1.direction` says what happens
at V = 0. Averages start at 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adam_and_beyond.methods.hyperparameters import BETA1, BETA2
from adam_and_beyond.methods.method import NoState, Update, rule

_PAPER = "Reddi, Kale and Kumar (2018)"


class SumState(NamedTuple):
    """AdaGrad's memory: s_t, the sum of squared gradients."""

    s: Any


class SecondMoment(NamedTuple):
    """RMSProp's memory: v_t, an average of squared gradients."""

    v: Any


class Moments(NamedTuple):
    """Adam's memory: m_t and v_t, averages of gradients and of their squares."""

    m: Any
    v: Any


class MaxMoments(NamedTuple):
    """AMSGrad's memory: Adam's, and the largest v so far."""

    m: Any
    v: Any
    v_hat: Any


@rule("SGD", NoState, source="Zinkevich (2003)")
def sgd(xp, g, state, t, h):
    r"""Online gradient descent (Zinkevich 2003): no averaging, no scaling.

    .. math:: \phi_t = g_t, \qquad \psi_t = 1
    """
    return Update(g, 1, state)


@rule(
    "AdaGrad",
    SumState,
    source=f"Duchi, Hazan and Singer (2011), in the form of {_PAPER}, section 2",
)
def adagrad(xp, g, state, t, h):
    r"""AdaGrad (Duchi, Hazan and Singer 2011): V_t is the plain average of all squared gradients.

    .. math:: s_t = s_{t-1} + g_t^2, \qquad \phi_t = g_t, \qquad \psi_t = s_t / t

    With :math:`\alpha_t = \alpha / \sqrt t` the step is :math:`\alpha g_t / \sqrt{s_t}`.
    """
    s = state.s + g**2
    return Update(g, xp.sqrt(s / t), SumState(s))


@rule(
    "RMSProp",
    SecondMoment,
    BETA2,
    source=f"Tieleman and Hinton (2012), in the form of {_PAPER}, section 2",
)
def rmsprop(xp, g, state, t, h):
    r"""RMSProp (Tieleman and Hinton 2012): V_t forgets old squared gradients exponentially.

    .. math:: v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \qquad \phi_t = g_t, \qquad \psi_t = v_t
    """
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(g, xp.sqrt(v), SecondMoment(v))


@rule(
    "Adam",
    Moments,
    BETA1,
    BETA2,
    source=f"Kingma and Ba (2015), in the form of {_PAPER}, section 2",
    deviations="no bias correction and no epsilon, as in the paper",
)
def adam(xp, g, state, t, h):
    r"""Adam (Kingma and Ba 2015) as the paper analyses it, without bias correction.

    .. math::
        m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \quad
        v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \qquad
        \phi_t = m_t, \quad \psi_t = v_t
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(m, xp.sqrt(v), Moments(m, v))


@rule(
    "Adam, bias-corrected",
    Moments,
    BETA1,
    BETA2,
    source="Kingma and Ba (2015), Algorithm 1",
    deviations="epsilon = 0",
)
def adam_corrected(xp, g, state, t, h):
    r"""Adam with the bias correction of Kingma and Ba (2015), Algorithm 1, and epsilon = 0.

    .. math:: \phi_t = m_t / (1 - \beta_1^t), \qquad \psi_t = v_t / (1 - \beta_2^t)

    The averages are those of :func:`adam`. Divided so, they are weighted means of what they met.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    m_corrected = m / (1 - h.beta1**t)
    v_corrected = v / (1 - h.beta2**t)
    return Update(m_corrected, xp.sqrt(v_corrected), Moments(m, v))


@rule(
    "AMSGrad",
    MaxMoments,
    BETA1,
    BETA2,
    source=f"{_PAPER}, Algorithm 2",
    deviations="beta1 constant, as in the paper's experiments; its theorem wants a decreasing "
    "beta1_t",
    maxima=("v_hat",),
)
def amsgrad(xp, g, state, t, h):
    r"""AMSGrad (Reddi, Kale and Kumar 2018, Algorithm 2): V_t is the largest v so far.

    .. math:: \hat v_t = \max\{\hat v_{t-1}, v_t\}, \qquad \phi_t = m_t, \qquad \psi_t = \hat v_t

    The averages are those of :func:`adam`. The learning rate :math:`\alpha_t / \hat v_t^{1/2}`
    never rises.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    return Update(m, xp.sqrt(v_hat), MaxMoments(m, v, v_hat))


@rule(
    "AdamNC",
    Moments,
    BETA1,
    source=f"{_PAPER}, Algorithm 3 and Corollary 2",
    deviations="beta2_t = 1 - 1/t fixed; beta1 constant, the corollary wants a decreasing beta1_t",
)
def adamnc(xp, g, state, t, h):
    r"""AdamNC (Reddi, Kale and Kumar 2018, Algorithm 3) with beta2_t = 1 - 1/t.

    .. math:: v_t = (1 - 1/t) v_{t-1} + g_t^2 / t, \qquad \phi_t = m_t, \qquad \psi_t = v_t

    So v_t is AdaGrad's plain average of all squared gradients, and m_t is Adam's.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = (1 - 1 / t) * state.v + g**2 / t
    return Update(m, xp.sqrt(v), Moments(m, v))
