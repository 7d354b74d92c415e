"""Hyperparameters of single methods; those that many share are in :mod:`.rule`."""

from __future__ import annotations

import math

from adam_and_beyond.methods.rule import BETA2, EPSILON, Hyperparameter, Interval

RHO = Hyperparameter(
    name="rho",
    symbol=r"\rho",
    default=0.95,
    interval=Interval(0.0, 1.0),
    unit="dimensionless",
    meaning="decay of the averages of squared gradients and squared updates",
    source="Zeiler (2012), experiments on MNIST",
)
CONDITIONING = Hyperparameter(
    name="epsilon",
    symbol=r"\epsilon",
    default=1e-6,
    # With 0 the first update, and so every later one, would be 0.
    interval=Interval(0.0, math.inf, low_closed=False),
    unit="units of the gradient squared under one root, of the update squared under the other",
    meaning="what is added to both averages, inside the roots",
    source="Zeiler (2012), experiments on MNIST",
)
UNDER_THE_ROOT = Hyperparameter(
    name="epsilon",
    symbol=r"\epsilon",
    default=1e-8,
    interval=Interval(0.0, math.inf),
    unit="units of the gradient squared, (loss / x)^2",
    meaning="what is added to V under the root",
    source="the value of Kingma and Ba (2015), Algorithm 1, who add it to the root",
)
LAMBDA = Hyperparameter(
    name="decay",
    symbol=r"\lambda",
    default=1.0,
    interval=Interval(0.0, 1.0, low_closed=False, high_closed=True),
    unit="dimensionless",
    meaning="factor by which beta1_t falls each step; 1 keeps it constant, which gives AMSGrad",
    source="the constant beta1 of the experiments of Reddi, Kale and Kumar (2018)",
)

BELIEF_EPSILON = EPSILON._replace(
    default=1e-16,
    meaning="what is added to s in every step, and to the root of V",
    source="Zhuang et al. (2020), their code; the default of optax",
)
ADOPT_BETA2 = BETA2._replace(default=0.9999, source="Taniguchi et al. (2024), their code")
ADOPT_EPSILON = EPSILON._replace(
    default=1e-6,
    interval=Interval(0.0, math.inf, low_closed=False),  # with 0 the first step would be 0/0
    meaning="least value of the root that a gradient is divided by",
    source="Taniguchi et al. (2024), their code",
)
YOGI_EPSILON = EPSILON._replace(default=1e-3, source="Zaheer et al. (2018), experiments")
P = Hyperparameter(
    name="p",
    symbol="p",
    default=0.125,
    interval=Interval(0.0, 0.5, low_closed=False, high_closed=True),
    unit="dimensionless",
    meaning="power of v_hat that scales a step; 1/2 gives AMSGrad",
    source="Chen et al. (2020), experiments",
)
Q = Hyperparameter(
    name="q",
    symbol="q",
    default=0.1,
    interval=Interval(0.0, 1.0, high_closed=True),
    unit="dimensionless",
    meaning="power with which the weight of the k-th squared gradient falls, k^{-q}; 0 gives "
    "AdamNC, and beyond 1 the first gradients would decide for ever",
    source="Huang et al. (2019), experiments (their gamma)",
)
FINAL = Hyperparameter(
    name="final",
    symbol=r"\eta",
    default=100.0,
    interval=Interval(0.0, math.inf, low_closed=False),
    unit="x / loss, one over a gradient",
    meaning="what becomes of the scale 1 / sqrt(V): the final learning rate over alpha",
    source="Luo et al. (2019), their code: final learning rate 0.1 at alpha = 0.001",
)
CLOSING = Hyperparameter(
    name="closing",
    symbol=r"\kappa",
    default=1e-3,
    interval=Interval(0.0, math.inf, low_closed=False),
    unit="one over a step",
    meaning="speed with which the bounds close (their gamma)",
    source="Luo et al. (2019), their code",
)
