r"""Relatives of Adam that the paper only names, and those that answer it; each written once.

The conventions are those of :mod:`adam_and_beyond.methods.classic`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adam_and_beyond.methods.classic import MaxMoments, Moments, SecondMoment
from adam_and_beyond.methods.rule import Update


class PastUpdates(NamedTuple):
    """Adadelta's memory: averages of squared gradients, v_t, and of squared updates, u_t."""

    v: Any
    u: Any


class ScaledMaxMoments(NamedTuple):
    """AdamX's memory: Adam's, and the largest v_t / (1 - beta1_t)^2 so far."""

    m: Any
    v: Any
    z: Any


class BeliefMoments(NamedTuple):
    """AdaBelief's memory: the average m_t, and that of the squares of what it did not foresee."""

    m: Any
    s: Any


class WeightedMoments(NamedTuple):
    """NosAdam's memory: m_t, a weighted sum of all squared gradients, and the sum of weights."""

    m: Any
    s: Any
    w: Any


def nadam(xp, g, state, t, h):
    """Nadam (Dozat 2016) without bias correction: Adam that looks one step of momentum ahead."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(h.beta1 * m + (1 - h.beta1) * g, xp.sqrt(v), Moments(m, v))


def adadelta(xp, g, state, t, h):
    """Adadelta (Zeiler 2012): the size of past updates over the size of gradients scales a step.

    An update is the direction d_t before step size and projection, as in the libraries: with
    alpha_t = 1 and no walls it is Zeiler's.
    """
    v = h.rho * state.v + (1 - h.rho) * g**2
    d_squared = g**2 * (state.u + h.epsilon) / (v + h.epsilon)
    u = h.rho * state.u + (1 - h.rho) * d_squared
    m = g * xp.sqrt(state.u + h.epsilon)
    return Update(m, xp.sqrt(v + h.epsilon), PastUpdates(v, u))


def adamx(xp, g, state, t, h):
    r"""AdamX (Tran and Phong 2019): AMSGrad whose maximum knows that beta1_t changes.

    Their :math:`\hat v_t = \max\{(1-\beta_{1,t})^2 / (1-\beta_{1,t-1})^2\,\hat v_{t-1}, v_t\}`,
    with :math:`\hat v_1 = v_1`, is :math:`(1-\beta_{1,t})^2 z_t` for a plain running maximum z.
    """
    beta1_t = h.beta1 * h.decay ** (t - 1)
    m = beta1_t * state.m + (1 - beta1_t) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    z = xp.maximum(state.z, v / (1 - beta1_t) ** 2)
    return Update(m, (1 - beta1_t) * xp.sqrt(z), ScaledMaxMoments(m, v, z))


def adabelief(xp, g, state, t, h):
    """AdaBelief (Zhuang et al. 2020): the scale averages the squares of g - m, and forgets."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    s = h.beta2 * state.s + (1 - h.beta2) * (g - m) ** 2 + h.epsilon
    m_corrected = m / (1 - h.beta1**t)
    s_corrected = s / (1 - h.beta2**t)
    return Update(m_corrected, xp.sqrt(s_corrected) + h.epsilon, BeliefMoments(m, s))


def adashift(xp, g, state, t, h):
    """AdaShift (Zhou et al. 2019) with n = 1, no momentum: g_t is scaled by what came before it.

    v is the bias-corrected average of squares, by its own recursion; at t = 1 nothing came before,
    V is 0, and no step is taken.
    """
    share = (1 - h.beta2) / (1 - h.beta2**t)
    v = (1 - share) * state.v + share * g**2
    return Update(g, xp.sqrt(state.v), SecondMoment(v))


def adopt(xp, g, state, t, h):
    """ADOPT (Taniguchi et al. 2024) as published: normalise by the past, then average.

    Their g_0, which only starts v, is g_1 here: no step is taken at t = 1.
    """
    normalised = xp.where(t > 1, _by_the_past(xp, g, state, h), 0)
    return _average_normalised(xp, g, normalised, state, t, h)


def adopt_clipped(xp, g, state, t, h):
    """ADOPT (Taniguchi et al. 2024), later version: the normalised gradient is clipped to c_t.

    Their c_t = t^{1/4}, t from 0, is (t - 1)^{1/4} here: 0 at t = 1, where no step is taken.
    """
    c = (t - 1) ** 0.25
    normalised = xp.minimum(xp.maximum(_by_the_past(xp, g, state, h), -c), c)
    return _average_normalised(xp, g, normalised, state, t, h)


def _by_the_past(xp, g, state, h):
    return g / xp.maximum(xp.sqrt(state.v), h.epsilon)


def _average_normalised(xp, g, normalised, state, t, h):
    m = h.beta1 * state.m + (1 - h.beta1) * normalised
    v = xp.where(t > 1, h.beta2 * state.v + (1 - h.beta2) * g**2, g**2)
    return Update(m, 1, Moments(m, v))


def yogi(xp, g, state, t, h):
    """Yogi (Zaheer et al. 2018): v moves towards g^2 by a share of g^2, so it forgets slowly."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = state.v - (1 - h.beta2) * xp.sign(state.v - g**2) * g**2
    return Update(m, xp.sqrt(v) + h.epsilon, Moments(m, v))


def padam(xp, g, state, t, h):
    """Padam (Chen et al. 2020): AMSGrad with the power p of v_hat in place of its root."""
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    return Update(m, v_hat**h.p, MaxMoments(m, v, v_hat))


def nosadam(xp, g, state, t, h):
    """NosAdam-HH (Huang et al. 2019): V weighs g_k^2 with k^{-q}, the past at least as the present.

    Their beta_{2,t} = B_{t-1} / B_t, B_t the sum of the weights, makes v_t this weighted mean.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    s = state.s + g**2 / t**h.q
    w = state.w + 1 / t**h.q
    return Update(m, xp.sqrt(s / w), WeightedMoments(m, s, w))


def adabound(xp, g, state, t, h):
    r"""AdaBound (Luo et al. 2019): 1 / sqrt(v) clipped to an interval that closes around ``final``.

    Their bounds final (1 - 1/(kt + 1)) and final (1 + 1/(kt)) are final r and final / r for
    r = kt / (kt + 1), k their gamma.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    r = 1 - 1 / (h.closing * t + 1)
    root = xp.minimum(xp.maximum(xp.sqrt(v), r / h.final), 1 / (h.final * r))
    return Update(m, root, Moments(m, v))
