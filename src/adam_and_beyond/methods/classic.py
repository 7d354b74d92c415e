r"""The methods of the paper, each written once (Reddi, Kale and Kumar 2018, section 2).

Every function takes the array namespace ``xp``, the gradient ``g`` at step ``t`` (from 1), the
``state`` left by step t - 1 and the hyperparameters ``h``, and returns ``Update(m, sqrt_V,
state)``: the pair phi_t, psi_t of Algorithm 1. The paper's epsilon-free form is used throughout;
:func:`.generic.direction` says what happens at V = 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adam_and_beyond.methods.rule import Update


class NoState(NamedTuple):
    """SGD remembers nothing."""


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


def sgd(xp, g, state, t, h):
    """Online gradient descent (Zinkevich 2003): no averaging, no scaling."""
    return Update(g, 1, state)


def adagrad(xp, g, state, t, h):
    """AdaGrad (Duchi, Hazan and Singer 2011): V_t is the plain average of all squared gradients."""
    s = state.s + g**2
    return Update(g, xp.sqrt(s / t), SumState(s))


def rmsprop(xp, g, state, t, h):
    """RMSProp (Tieleman and Hinton 2012): V_t forgets old squared gradients exponentially."""
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(g, xp.sqrt(v), SecondMoment(v))


def adam(xp, g, state, t, h):
    """Adam (Kingma and Ba 2015) as the paper analyses it, without bias correction."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(m, xp.sqrt(v), Moments(m, v))


def adam_corrected(xp, g, state, t, h):
    """Adam with the bias correction of Kingma and Ba (2015), Algorithm 1, and epsilon = 0."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    m_corrected = m / (1 - h.beta1**t)
    v_corrected = v / (1 - h.beta2**t)
    return Update(m_corrected, xp.sqrt(v_corrected), Moments(m, v))


def amsgrad(xp, g, state, t, h):
    """AMSGrad (Reddi, Kale and Kumar 2018, Algorithm 2): V_t is the largest v so far."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    return Update(m, xp.sqrt(v_hat), MaxMoments(m, v, v_hat))


def adamnc(xp, g, state, t, h):
    """AdamNC (Reddi, Kale and Kumar 2018, Algorithm 3) with beta2_t = 1 - 1/t."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = (1 - 1 / t) * state.v + g**2 / t
    return Update(m, xp.sqrt(v), Moments(m, v))
