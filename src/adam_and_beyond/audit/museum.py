"""The museum of bugs: published faults of implementations, as mutated rules.

Each has what it was meant to be, its public report, and the number of the audit that tells the two
apart. A fault that the drift number cannot see is shown with what can.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import optax

from adam_and_beyond import methods, optax_bridge
from adam_and_beyond.audit.lanes import Lane, stack
from adam_and_beyond.audit.players import player
from adam_and_beyond.methods.hyperparameters import BETA1, BETA2, EPSILON
from adam_and_beyond.methods.method import Method, Update, rule
from adam_and_beyond.methods.paper import MaxMoments, Moments

_STEPS = 2_000  # of the usual test
_FIRST = 100  # rounds of the first steps
_DECAY = 0.01  # of the weights, times the learning rate, in a round
_STEEP = 100.0  # gradients that no decay should notice


class Exhibit(NamedTuple):
    """A fault: the rule as it was written, the rule as it was meant."""

    title: str
    written: Method
    meant: Method
    report: str  # address of the public thread
    seen_by: str  # which number tells them apart


@rule("ADOPT with today's v", Moments, BETA1, BETA2, source="a mutation of ADOPT (2024)")
def adopt_today(xp, g, state, t, h):
    r"""ADOPT that divides by an average which has the present gradient in it already.

    .. math:: \phi_t = \beta_1 m_{t-1} + (1 - \beta_1) \frac{g_t}{\sqrt{v_t}}, \qquad \psi_t = 1
    """
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    m = h.beta1 * state.m + (1 - h.beta1) * g / xp.sqrt(v)
    return Update(m, 1, Moments(m, v))


@rule("AMSGrad that stores no maximum", MaxMoments, BETA1, BETA2, source="of AMSGrad (2018)")
def amsgrad_forgetful(xp, g, state, t, h):
    r"""AMSGrad whose maximum is taken in every round and written back in none.

    .. math:: \psi_t = \max\{0, v_t\} = v_t
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(m, xp.sqrt(xp.maximum(state.v_hat, v)), MaxMoments(m, v, state.v_hat))


@rule("Adam corrected in place", Moments, BETA1, BETA2, source="a mutation of Adam (2015)")
def adam_in_place(xp, g, state, t, h):
    r"""Adam whose bias correction is written into the averages, and so accumulates.

    .. math:: m_t = \frac{\beta_1 m_{t-1} + (1 - \beta_1) g_t}{1 - \beta_1^t}, \quad
        v_t = \frac{\beta_2 v_{t-1} + (1 - \beta_2) g_t^2}{1 - \beta_2^t}
    """
    m = (h.beta1 * state.m + (1 - h.beta1) * g) / (1 - h.beta1**t)
    v = (h.beta2 * state.v + (1 - h.beta2) * g**2) / (1 - h.beta2**t)
    return Update(m, xp.sqrt(v), Moments(m, v))


@rule("Adam, scaled epsilon", Moments, BETA1, BETA2, EPSILON, source="a mutation of Adam (2015)")
def adam_scaled_epsilon(xp, g, state, t, h):
    r"""Adam whose epsilon is divided by the root of today's bias correction.

    .. math:: \psi_t^{1/2} = \frac{\sqrt{v_t} + \epsilon}{\sqrt{1 - \beta_2^t}}
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    root = (xp.sqrt(v) + h.epsilon) / xp.sqrt(1 - h.beta2**t)
    return Update(m / (1 - h.beta1**t), root, Moments(m, v))


@rule("Adam, epsilon after", Moments, BETA1, BETA2, EPSILON, source="Kingma and Ba (2015)")
def adam_with_epsilon(xp, g, state, t, h):
    r"""Adam as its Algorithm 1 has it: epsilon is added to the corrected root.

    .. math:: \psi_t^{1/2} = \sqrt{\frac{v_t}{1 - \beta_2^t}} + \epsilon
    """
    m = h.beta1 * state.m + (1 - h.beta1) * g
    v = h.beta2 * state.v + (1 - h.beta2) * g**2
    return Update(m / (1 - h.beta1**t), xp.sqrt(v / (1 - h.beta2**t)) + h.epsilon, Moments(m, v))


def adam_with_decay(beta1: float, beta2: float, decoupled: bool) -> Method:
    """Adam with weight decay: of the weights, or added to the gradient before it is normalised.

    Args:
      beta1: decay of the average of gradients.
      beta2: decay of the average of squared gradients.
      decoupled: whether the decay stays out of the gradient.

    Returns:
      The ``Method``; it looks at the iterate.

    References:
      Loshchilov and Hutter (2019).
    """
    adam = optax.scale_by_adam(beta1, beta2)
    decay = optax.add_decayed_weights(_DECAY)
    parts = (adam, decay) if decoupled else (decay, adam)
    label = "AdamW" if decoupled else "Adam, decay in the gradient"
    return optax_bridge.from_optax(optax.chain(*parts, optax.scale(-1.0)), label=label)


def exhibits(beta1: float = 0.9, beta2: float = 0.99) -> tuple[Exhibit, ...]:
    """The faults that are shown.

    Args:
      beta1: of every rule.
      beta2: of every rule.

    Returns:
      An ``Exhibit`` each.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    betas, github = {"beta1": beta1, "beta2": beta2}, "https://github.com/"

    def exhibit(title: str, written, meant: Method, report: str, seen_by: str) -> Exhibit:
        written = written if isinstance(written, Method) else written.method.replace(**betas)
        return Exhibit(title, written, meant, github + report, seen_by)

    corrected = methods.get("adam_corrected", **betas)
    return (
        exhibit(
            "ADOPT divides by today's v", adopt_today, methods.get("adopt", **betas),
            "kozistr/pytorch_optimizer/issues/346", "D",
        ),
        exhibit(
            "the maximum is never stored", amsgrad_forgetful, methods.get("amsgrad", **betas),
            "chainer/chainer/pull/7661", "D",
        ),
        exhibit(
            "the maximum after the correction", methods.get_sharing("amsgrad_optax", **betas),
            methods.get_sharing("amsgrad_torch", **betas),
            "google-deepmind/optax/issues/1389", "size of D",
        ),
        exhibit(
            "decay in the gradient", adam_with_decay(beta1, beta2, False),
            adam_with_decay(beta1, beta2, True), "keras-team/keras/issues/19051", "decay",
        ),
        exhibit(
            "bias corrected in place", adam_in_place, corrected,
            "frgfm/holocron/issues/1", "first steps",
        ),
        exhibit(
            "epsilon scaled by the correction", adam_scaled_epsilon,
            adam_with_epsilon.method.replace(**betas), "pytorch/pytorch/pull/22628", "small steps",
        ),
    )  # fmt: skip


def usual_test(method: Method, alpha: float = 0.1) -> float:
    r"""How far a method ends from the minimiser of (x - 1)^2 / 2: what most tests look at.

    Args:
      method: the method.
      alpha: of the step size alpha / sqrt(t).

    Returns:
      |x - 1| after 2000 steps from 0.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    bowl = Lane(-np.ones((1, 1)), np.ones((1, 1)), lower=-9.0, upper=9.0, alpha=alpha, falling=True)
    lanes, given = stack([bowl]), player(method)
    position = given.advance(lanes, given.begin(lanes), np.array([_STEPS]))
    return float(abs(position.x[0, 0] - 1))


def first_steps(method: Method, gradient: float = -1.0) -> float:
    """The mean of the first hundred updates on a constant gradient; Adam's is 1.

    Args:
      method: the method.
      gradient: the constant one; small ones see epsilon.

    Returns:
      The mean, in units of the learning rate.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    walk = Lane(np.full((1, 1), gradient), lower=-np.inf, upper=np.inf)
    lanes, given = stack([walk]), player(method)
    position = given.advance(lanes, given.begin(lanes), np.array([_FIRST]))
    return float(position.x[0, 0] / _FIRST)


def decayed(method: Method) -> float:
    """What a hundred rounds leave of x, once gradients 100 and -100, which tell nothing, are known.

    Args:
      method: the method.

    Returns:
      The quotient of x a hundred rounds apart, for the step size 0.1: 0.905 where weights decay by
      0.01 times the step size, 1 where nothing decays.

    References:
      Introduced in the chapter "Audit your optimizer".
    """
    turns = np.array([[_STEEP], [-_STEEP]])
    walk = Lane(turns, x=1.0, lower=-np.inf, upper=np.inf, alpha=0.1)
    lanes, given = stack([walk]), player(method)
    known = given.advance(lanes, given.begin(lanes), np.array([_STEPS]))
    later = given.advance(lanes, known, np.array([_FIRST]))
    return float(later.x[0, 0] / known.x[0, 0])
