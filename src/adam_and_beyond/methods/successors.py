r"""Relatives of Adam that the paper only names, and those that answer it; each written once.

The conventions are those of :mod:`adam_and_beyond.methods.classic`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adam_and_beyond.methods.classic import Moments
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
