r"""Relatives of Adam that the paper only names, and those that answer it; each written once.

The conventions are those of :mod:`adam_and_beyond.methods.paper`, and so are the averages m and v
where no other recursion is given.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adam_and_beyond.methods import hyperparameters as spec
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2
from adam_and_beyond.methods.method import Update, rule
from adam_and_beyond.methods.paper import MaxMoments, Moments, SecondMoment


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


@rule(
    "Nadam",
    Moments,
    BETA1,
    BETA2,
    source="Dozat (2016), in the form of Reddi, Kale and Kumar (2018), section 2, which names it",
    deviations="no bias correction, no epsilon and a constant beta1, like the paper's other rules; "
    "Dozat's own algorithm corrects the bias of both averages and of the gradient, lets beta1 "
    "follow a schedule and has an epsilon",
)
def nadam(xp, g, state, t, h):
    r"""Nadam (Dozat 2016) without bias correction: Adam that looks one step of momentum ahead.

    .. math:: \phi_t = \beta_1 m_t + (1 - \beta_1) g_t, \qquad \psi_t = v_t
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(h.beta1 * m + (1 - h.beta1) * g, xp.sqrt(v), Moments(m, v))


@rule(
    "Adadelta",
    PastUpdates,
    spec.RHO,
    spec.CONDITIONING,
    source="Zeiler (2012), Algorithm 1",
    deviations="a step size alpha_t (Zeiler's is 1) and a projection, which the memory of past "
    "updates leaves out, as in PyTorch and optax; that memory puts it outside the paper's "
    "Algorithm 1 in the strict sense",
    affine_state=False,  # u_t is multiplied by a number that depends on v_t
)
def adadelta(xp, g, state, t, h):
    r"""Adadelta (Zeiler 2012): the size of past updates over the size of gradients scales a step.

    .. math::
        v_t = \rho v_{t-1} + (1 - \rho) g_t^2, \quad
        d_t = g_t \sqrt{\frac{u_{t-1} + \epsilon}{v_t + \epsilon}}, \quad
        u_t = \rho u_{t-1} + (1 - \rho) d_t^2

    An update is the direction d_t before step size and projection, as in the libraries: with
    alpha_t = 1 and no walls it is Zeiler's.
    """
    v = h.rho * state.v + (1 - h.rho) * g**2
    d_squared = g**2 * (state.u + h.epsilon) / (v + h.epsilon)
    u = h.rho * state.u + (1 - h.rho) * d_squared
    m = g * xp.sqrt(state.u + h.epsilon)
    return Update(m, xp.sqrt(v + h.epsilon), PastUpdates(v, u))


@rule(
    "AdamX",
    ScaledMaxMoments,
    BETA1,
    BETA2,
    spec.LAMBDA,
    source="Tran and Phong (2019), section 5",
    deviations="beta1_t = beta1 lambda^(t - 1) is the one schedule here; v_hat is kept divided by "
    "(1 - beta1_t)^2, which changes nothing but rounding",
    maxima=("z",),
)
def adamx(xp, g, state, t, h):
    r"""AdamX (Tran and Phong 2019): AMSGrad whose maximum knows that beta1_t changes.

    .. math::
        \beta_{1,t} = \beta_1 \lambda^{t-1}, \quad
        z_t = \max\Big\{z_{t-1}, \frac{v_t}{(1 - \beta_{1,t})^2}\Big\}, \qquad
        \phi_t = m_t, \quad \psi_t = (1 - \beta_{1,t})^2 z_t

    Their :math:`\hat v_t = \max\{(1-\beta_{1,t})^2 / (1-\beta_{1,t-1})^2\,\hat v_{t-1}, v_t\}`,
    with :math:`\hat v_1 = v_1`, is :math:`(1-\beta_{1,t})^2 z_t` for a plain running maximum z.
    """
    beta1_t = h.beta1 * h.decay ** (t - 1)
    m = beta1_t * state.m + (1 - beta1_t) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    z = xp.maximum(state.z, v / (1 - beta1_t) ** 2)
    return Update(m, (1 - beta1_t) * xp.sqrt(z), ScaledMaxMoments(m, v, z))


@rule(
    "AdaBelief",
    BeliefMoments,
    BETA1,
    BETA2,
    spec.BELIEF_EPSILON,
    source="Zhuang et al. (2020), Algorithm 2",
    deviations="one epsilon in both places, as in the paper; optax has one for each",
    affine_state=False,  # s_t contains the square of m_t
)
def adabelief(xp, g, state, t, h):
    r"""AdaBelief (Zhuang et al. 2020): the scale averages the squares of g - m, and forgets.

    .. math::
        s_t = \beta_2 s_{t-1} + (1 - \beta_2) (g_t - m_t)^2 + \epsilon, \qquad
        \phi_t = \frac{m_t}{1 - \beta_1^t}, \quad
        \psi_t^{1/2} = \sqrt{\frac{s_t}{1 - \beta_2^t}} + \epsilon
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    s = h.beta2 * state.s + (1 - h.beta2) * (g - m) ** 2 + h.epsilon
    m_corrected = m / (1 - h.beta1**t)
    s_corrected = s / (1 - h.beta2**t)
    return Update(m_corrected, xp.sqrt(s_corrected) + h.epsilon, BeliefMoments(m, s))


@rule(
    "AdaShift",
    SecondMoment,
    BETA2,
    source="Zhou et al. (2019), with n = 1",
    deviations="n = 1: no momentum, and v is the average of g_1^2, ..., g_{t-1}^2, corrected for "
    "bias; their phi (a maximum over a block of weights) is the identity, and epsilon is 0: while "
    "all earlier gradients are 0, as at t = 1, no step is taken",
)
def adashift(xp, g, state, t, h):
    r"""AdaShift (Zhou et al. 2019) with n = 1, no momentum: g_t is scaled by what came before it.

    .. math::
        v_t = (1 - \omega_t) v_{t-1} + \omega_t g_t^2, \quad
        \omega_t = \frac{1 - \beta_2}{1 - \beta_2^t}, \qquad
        \phi_t = g_t, \quad \psi_t = v_{t-1}

    v is the bias-corrected average of squares, by its own recursion; at t = 1 nothing came before,
    V is 0, and no step is taken.
    """
    share = (1 - h.beta2) / (1 - h.beta2**t)
    v = (1 - share) * state.v + share * g**2
    return Update(g, xp.sqrt(state.v), SecondMoment(v))


@rule(
    "ADOPT",
    Moments,
    BETA1,
    spec.ADOPT_BETA2,
    spec.ADOPT_EPSILON,
    source="Taniguchi et al. (2024), as published at NeurIPS, without clipping",
    deviations="their step t is t + 1 here: the first gradient only starts v; the scale stands "
    "inside the average, so that V is 1",
    affine_state=False,  # m_t averages quotients of g_t and the root of v_{t-1}
)
def adopt(xp, g, state, t, h):
    r"""ADOPT (Taniguchi et al. 2024) as published: normalise by the past, then average.

    .. math::
        m_t = \beta_1 m_{t-1} + (1 - \beta_1) \frac{g_t}{\max\{v_{t-1}^{1/2}, \epsilon\}}, \qquad
        \phi_t = m_t, \quad \psi_t = 1

    Their g_0, which only starts v, is g_1 here: no step is taken at t = 1.
    """
    normalised = xp.where(t > 1, _by_the_past(xp, g, state, h), 0)
    return _average_normalised(xp, g, normalised, state, t, h)


@rule(
    "ADOPT, clipped",
    Moments,
    BETA1,
    spec.ADOPT_BETA2,
    spec.ADOPT_EPSILON,
    source="Taniguchi et al. (2024), the clipping of the later version, c_t = t^(1/4)",
    deviations="their step t is t + 1 here: the first gradient only starts v, and the clip is "
    "(t - 1)^(1/4); the scale stands inside the average, so that V is 1",
    affine_state=False,
)
def adopt_clipped(xp, g, state, t, h):
    r"""ADOPT (Taniguchi et al. 2024), later version: the normalised gradient is clipped to c_t.

    .. math::
        m_t = \beta_1 m_{t-1} + (1 - \beta_1)
        \operatorname{clip}\Big(\frac{g_t}{\max\{v_{t-1}^{1/2}, \epsilon\}}, -c_t, c_t\Big), \qquad
        \phi_t = m_t, \quad \psi_t = 1

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


@rule(
    "Yogi",
    Moments,
    BETA1,
    BETA2,
    spec.YOGI_EPSILON,
    source="Zaheer et al. (2018), Algorithm 2",
    deviations="v starts at 0; optax and the authors' code correct the bias of both averages, and "
    "optax starts both at 1e-6",
    affine_state=False,  # the sign of v_{t-1} - g_t^2 decides
)
def yogi(xp, g, state, t, h):
    r"""Yogi (Zaheer et al. 2018): v moves towards g^2 by a share of g^2, so it forgets slowly.

    .. math::
        v_t = v_{t-1} - (1 - \beta_2) \operatorname{sign}(v_{t-1} - g_t^2)\, g_t^2, \qquad
        \phi_t = m_t, \quad \psi_t^{1/2} = v_t^{1/2} + \epsilon
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = state.v - (1 - h.beta2) * xp.sign(state.v - g**2) * g**2
    return Update(m, xp.sqrt(v) + h.epsilon, Moments(m, v))


@rule(
    "Padam",
    MaxMoments,
    BETA1,
    BETA2,
    spec.P,
    source="Chen et al. (2020), Algorithm 1",
    deviations="constant beta1 and no epsilon; alpha has the units of x times those of the "
    "gradient to the power 2p - 1",
    maxima=("v_hat",),
)
def padam(xp, g, state, t, h):
    r"""Padam (Chen et al. 2020): AMSGrad with the power p of v_hat in place of its root.

    .. math::
        \hat v_t = \max\{\hat v_{t-1}, v_t\}, \qquad
        \phi_t = m_t, \quad \psi_t = \hat v_t^{2p}
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    return Update(m, xp.power(v_hat, h.p), MaxMoments(m, v, v_hat))


@rule(
    "NosAdam",
    WeightedMoments,
    BETA1,
    spec.Q,
    source="Huang et al. (2019), with the hyperharmonic weights of NosAdam-HH",
    deviations="constant beta1 and no epsilon",
)
def nosadam(xp, g, state, t, h):
    r"""NosAdam-HH (Huang et al. 2019): V weighs g_k^2 with k^{-q}: the past as much at least.

    .. math::
        s_t = s_{t-1} + t^{-q} g_t^2, \quad w_t = w_{t-1} + t^{-q}, \qquad
        \phi_t = m_t, \quad \psi_t = s_t / w_t

    Their beta_{2,t} = B_{t-1} / B_t, B_t the sum of the weights, makes v_t this weighted mean.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    s = state.s + g**2 / t**h.q
    w = state.w + 1 / t**h.q
    return Update(m, xp.sqrt(s / w), WeightedMoments(m, s, w))


@rule(
    "AdaBound",
    Moments,
    BETA1,
    BETA2,
    spec.FINAL,
    spec.CLOSING,
    source="Luo et al. (2019), Algorithm 2, with the bounds of the authors' code",
    deviations="the bounds are divided by alpha, which multiplies outside: with alpha_t = alpha / "
    "sqrt(t) it is the paper's, with a constant alpha the code's, which also corrects the bias of "
    "both averages and has an epsilon of 1e-8",
)
def adabound(xp, g, state, t, h):
    r"""AdaBound (Luo et al. 2019): 1 / sqrt(v) clipped to an interval that closes around ``final``.

    .. math::
        \phi_t = m_t, \qquad
        \psi_t^{-1/2} = \operatorname{clip}\Big(v_t^{-1/2}, \eta r_t, \frac{\eta}{r_t}\Big), \quad
        r_t = 1 - \frac{1}{\omega t + 1}

    Their bounds final (1 - 1/(kt + 1)) and final (1 + 1/(kt)) are final r and final / r for
    r = kt / (kt + 1), k their gamma.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    r = 1 - 1 / (h.closing * t + 1)
    root = xp.minimum(xp.maximum(xp.sqrt(v), r / h.final), 1 / (h.final * r))
    return Update(m, root, Moments(m, v))
