r"""First-order laws beside the exact numbers: where Adam rests, and what it makes of a rare class.

Each says what is proved of it and what is only measured.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.special

from adam_and_beyond import methods


def kappa(method: str | methods.Method) -> float:
    r"""The factor by which Adam couples its two averages.

    .. math:: \kappa = \frac{(1-\beta_1)(1-\beta_2)}{1-\beta_1\beta_2}

    Args:
      method: its name, or a method, with beta2 and perhaps beta1.

    Returns:
      kappa, dimensionless, in (0, 1].

    Raises:
      ValueError: if the method has no beta2.

    References:
      Ours. Introduced in the chapter "Where Adam stops".
    """
    method = methods.get(method)
    decays = method.hyper._asdict()
    if "beta2" not in decays:
        raise ValueError(f"kappa needs a method with beta2, and {method.label} has none")
    beta1, beta2 = decays.get("beta1", 0.0), decays["beta2"]
    return (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2)


def rest_point(method: str | methods.Method, data: Any, weights: Any = None) -> float:
    r"""Where Adam rests on the mean of (x - z)^2 / 2, to first order in 1 - beta2.

    .. math:: x^* = \bar z - \frac{\kappa}{2}\, \frac{\mu_3}{\mu_2}
        = \bar z - \frac{\kappa}{2}\, \text{skewness}\, \sigma

    The remainder is measured: of the order of kappa squared.

    Args:
      method: Adam or RMSProp, or a relative with beta2.
      data: the values z, shape ``(n,)``.
      weights: their probabilities, up to a factor; equal ones without.

    Returns:
      x*, units of z.

    Raises:
      ValueError: if the method has no beta2.

    References:
      Ours; for symmetric data the exact statement is the Adam symmetry theorem of Dereich, Do,
      Jentzen and von Wurstemberger (2025). Introduced in the chapter "Where Adam stops".
    """
    z = np.asarray(data, np.float64)
    w = np.ones_like(z) if weights is None else np.asarray(weights, np.float64)
    w = w / w.sum()
    mean = float(w @ z)
    second, third = (float(w @ (z - mean) ** k) for k in (2, 3))
    return mean - kappa(method) * third / (2 * second) if second else mean


def calibration(method: str | methods.Method, expected: Any, batch: float = math.inf) -> Any:
    r"""q / p of a class that is met ``expected`` times a step, to first order in 1 - beta2.

    .. math:: \frac qp = 1 - \frac{\kappa (1 - 2p)}{2r}, \qquad r = pB

    Args:
      method: Adam or RMSProp.
      expected: r, a number or an array.
      batch: B; infinity where p is small.

    Returns:
      q / p; below 0 where the law has ended.

    Raises:
      ValueError: if the method has no beta2.

    References:
      Ours. Introduced in the chapter "Large output spaces".
    """
    r = np.asarray(expected, np.float64)
    found = 1 - kappa(method) * (1 - 2 * r / batch) / (2 * r)
    return float(found) if found.ndim == 0 else found


def lost(method: str | methods.Method, expected: float) -> float:
    r"""The logarithm of q / p where the first-order law ends, and below, as beta2 tends to 1.

    With :math:`\eta = -\ln\beta_2`, :math:`\lambda = r/\eta` and :math:`Q = qB` it solves

    .. math::
        \Big(\frac{Q^2}{\eta}\Big)^\lambda
        \frac{e^{-\gamma_E\lambda}\, \Gamma(\tfrac12 - \lambda)}{\lambda\sqrt\pi}
        = E[Y^{-1/2}] \sqrt\eta\, \Big(\gamma + \frac{Q}{\eta(\frac12 - \lambda)}\Big),
        \qquad \gamma = \frac{1-\beta_1}{1-\beta_1/\sqrt{\beta_2}}

    where Y is 1 plus the sum of :math:`e^{-t}` over a Poisson process of rate lambda. Above
    lambda = 1/2 the left side dies out, and what is left is the first-order law to leading order.
    The equation is derived for single counts and small 1 - beta2; its remainder is measured: below
    2r = kappa within 0.07 of ln(q / p) at (0.9, 0.95), 0.01 + 0.001 |ln(q / p)| at (0.9, 0.99).

    Args:
      method: Adam or RMSProp, beta1 below the root of beta2.
      expected: r, positive.

    Returns:
      ln(q / p).

    Raises:
      ValueError: if the method has no beta2, or m remembers longer than the root of V.

    References:
      Ours; Y - 1 has the generalised Dickman law. Introduced in the chapter "Large output spaces".
    """
    decays = {"beta1": 0.0} | methods.get(method).hyper._asdict()
    kappa(method)  # refuses what has no beta2
    eta = -math.log(decays["beta2"])
    ratio = decays["beta1"] / math.sqrt(decays["beta2"])
    if ratio >= 1:
        raise ValueError("the law needs beta1 below the root of beta2")
    gain, rate = (1 - decays["beta1"]) / (1 - ratio), expected / eta
    if abs(rate - 0.5) < 1e-4:  # both sides have a pole there, and nothing happens
        sides = (lost(method, eta * (0.5 + off)) for off in (-2e-4, 2e-4))
        return sum(sides) / 2
    root = inverse_root_of_shots(rate)
    left = math.exp(-np.euler_gamma * rate) * scipy.special.gamma(0.5 - rate)
    left /= rate * math.sqrt(math.pi)

    def excess(log_Q: float) -> float:
        power = left * math.exp(rate * (2 * log_Q - math.log(eta)) - 0.5 * math.log(eta))
        return power - root * (gain + math.exp(log_Q) / (eta * (0.5 - rate)))

    low, high = math.log(expected) - 1.0, math.log(expected) + 0.5
    while excess(low) > 0:
        low -= 2 * (high - low)
    return scipy.optimize.brentq(excess, low, high, xtol=1e-12) - math.log(expected)


def inverse_root_of_shots(rate: float) -> float:
    r"""E[Y^{-1/2}] for Y = 1 plus the sum of e^{-t} over a Poisson process of a rate.

    .. math:: E[Y^{-1/2}] = \pi^{-1/2} \int_0^\infty s^{-1/2} e^{-s - \lambda \mathrm{Ein}(s)} ds

    Args:
      rate: lambda, at least 0.

    Returns:
      The mean, in (0, 1].

    References:
      Ours.
    """

    def integrand(root: float) -> float:  # s = root^2
        s = root * root
        ein = s if s < 1e-8 else scipy.special.exp1(s) + math.log(s) + np.euler_gamma
        return 2 * math.exp(-s - rate * ein)

    return scipy.integrate.quad(integrand, 0, 7, epsabs=1e-13)[0] / math.sqrt(math.pi)
