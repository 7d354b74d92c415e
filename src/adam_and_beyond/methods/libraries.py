r"""AMSGrad as libraries compute it, each form under its name.

By default all three libraries correct the bias of Adam's averages, which the paper's Algorithm 2
does not do, and add epsilon to the root. They differ in the order of correction and maximum, and
that decides whether the scale can fall: see :func:`amsgrad_torch`. Keras differs from PyTorch in
the place of epsilon alone, and optax can leave its corrections out. The averages m and v are those
of :func:`adam_and_beyond.methods.paper.adam`.
"""

from __future__ import annotations

from adam_and_beyond.methods.hyperparameters import BETA1, BETA2, EPSILON, KERAS_EPSILON
from adam_and_beyond.methods.method import Update, rule
from adam_and_beyond.methods.paper import MaxMoments

_FROM_THE_PAPER = "from Reddi, Kale and Kumar (2018), Algorithm 2"


@rule(
    "AMSGrad, PyTorch",
    MaxMoments,
    BETA1,
    BETA2,
    EPSILON,
    source="torch.optim.Adam with amsgrad=True of PyTorch 2.13, Paszke et al. (2019)",
    deviations=f"none from PyTorch; {_FROM_THE_PAPER}: both averages are corrected for bias, v "
    "after the maximum, and epsilon is added to the root",
    maxima=("v_hat",),
)
def amsgrad_torch(xp, g, state, t, h):
    r"""AMSGrad of PyTorch: the maximum of the raw v, divided by *today's* bias correction.

    .. math::
        \hat v_t = \max\{\hat v_{t-1}, v_t\}, \qquad
        \phi_t = \frac{m_t}{1 - \beta_1^t}, \quad
        \psi_t^{1/2} = \sqrt{\frac{\hat v_t}{1 - \beta_2^t}} + \epsilon

    The correction 1 - beta2^t grows to 1, so the scale falls wherever the maximum stays.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    m_corrected = m / (1 - h.beta1**t)
    root = xp.sqrt(v_hat / (1 - h.beta2**t))
    return Update(m_corrected, root + h.epsilon, MaxMoments(m, v, v_hat))


@rule(
    "AMSGrad, optax",
    MaxMoments,
    BETA1,
    BETA2,
    EPSILON,
    source="optax.amsgrad of optax 0.2.8 with its default settings, Babuschkin et al. (2020)",
    deviations=f"none from optax (its eps_root is 0); {_FROM_THE_PAPER}: both averages are "
    "corrected for bias, v before the maximum, and epsilon is added to the root",
    maxima=("v_hat",),
)
def amsgrad_optax(xp, g, state, t, h):
    r"""AMSGrad of optax by default: v corrected first, then the maximum, so the scale never falls.

    .. math::
        \hat v_t = \max\Big\{\hat v_{t-1}, \frac{v_t}{1 - \beta_2^t}\Big\}, \qquad
        \phi_t = \frac{m_t}{1 - \beta_1^t}, \quad
        \psi_t^{1/2} = \sqrt{\hat v_t} + \epsilon

    The first gradient alone gives v_1 / (1 - beta2) = g_1^2: if it is the largest, that stays.
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v / (1 - h.beta2**t))
    m_corrected = m / (1 - h.beta1**t)
    return Update(m_corrected, xp.sqrt(v_hat) + h.epsilon, MaxMoments(m, v, v_hat))


@rule(
    "AMSGrad, Keras",
    MaxMoments,
    BETA1,
    BETA2,
    KERAS_EPSILON,
    source="keras.optimizers.Adam with amsgrad=True of Keras 3.15, Chollet et al. (2015)",
    deviations=f"none from Keras; {_FROM_THE_PAPER}: both averages are corrected for bias, v after "
    "the maximum, and epsilon is added to the root before its correction, as in the formula before "
    "section 2.1 of Kingma and Ba (2015)",
    maxima=("v_hat",),
)
def amsgrad_keras(xp, g, state, t, h):
    r"""AMSGrad of Keras: PyTorch's, with an epsilon that today's bias correction divides too.

    .. math::
        \hat v_t = \max\{\hat v_{t-1}, v_t\}, \qquad
        \phi_t = \frac{m_t}{1 - \beta_1^t}, \quad
        \psi_t^{1/2} = \frac{\sqrt{\hat v_t} + \epsilon}{\sqrt{1 - \beta_2^t}}
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    m_corrected = m / (1 - h.beta1**t)
    # The correction inside the root: outside, its number would widen a float32.
    root = xp.sqrt((xp.sqrt(v_hat) + h.epsilon) ** 2 / (1 - h.beta2**t))
    return Update(m_corrected, root, MaxMoments(m, v, v_hat))


@rule(
    "AMSGrad, optax uncorrected",
    MaxMoments,
    BETA1,
    BETA2,
    EPSILON,
    source="optax.amsgrad of optax 0.2.8 with bias_correction_mu=False and "
    "bias_correction_nu=False, Babuschkin et al. (2020)",
    deviations=f"none from optax (its eps_root is 0); {_FROM_THE_PAPER}: epsilon is added to the "
    "root, and with epsilon 0 nothing is left",
    maxima=("v_hat",),
)
def amsgrad_optax_uncorrected(xp, g, state, t, h):
    r"""AMSGrad of optax without its corrections: the paper's Algorithm 2 with an epsilon.

    .. math::
        \hat v_t = \max\{\hat v_{t-1}, v_t\}, \qquad
        \phi_t = m_t, \quad \psi_t^{1/2} = \sqrt{\hat v_t} + \epsilon
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    v_hat = xp.maximum(state.v_hat, v)
    return Update(m, xp.sqrt(v_hat) + h.epsilon, MaxMoments(m, v, v_hat))
