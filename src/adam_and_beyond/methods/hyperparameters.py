"""Hyperparameters: what each is, where it may lie, and who recommends its default."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from adam_and_beyond import checks


class Interval(NamedTuple):
    """A real interval, with closed or open ends; prints as ``[0, 1)``."""

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = False

    def contains(self, values: Any) -> bool:
        """Whether every entry of ``values`` is finite and inside."""
        values = checks.real(values)
        above = values >= self.low if self.low_closed else values > self.low
        below = values <= self.high if self.high_closed else values < self.high
        return bool(np.all(np.isfinite(values) & above & below))

    def __str__(self) -> str:
        left = "[" if self.low_closed else "("
        right = "]" if self.high_closed else ")"
        return f"{left}{self.low:g}, {self.high:g}{right}"


class Hyperparameter(NamedTuple):
    """A named number of a method: what it is, where it may lie, and who recommends its default."""

    name: str  # as in code, e.g. "beta1"
    symbol: str  # as in LaTeX, e.g. r"\beta_1"
    default: float
    interval: Interval
    unit: str
    meaning: str
    source: str  # of the default

    def check(self, value: Any, method: str) -> Any:
        """The value if it is allowed, a list as an array; else a ``ValueError`` says what is."""
        try:
            allowed = self.interval.contains(value)
        except ValueError:
            allowed = False
        if not allowed:
            raise ValueError(
                f"{self.name} of {method!r} ({self.meaning}) must lie in {self.interval}, "
                f"got {checks.short(value)}"
            )
        return checks.real(value) if np.ndim(value) else value


BETA1 = Hyperparameter(
    name="beta1",
    symbol=r"\beta_1",
    default=0.9,
    interval=Interval(0.0, 1.0),
    unit="dimensionless",
    meaning="decay of the average of gradients",
    source="Kingma and Ba (2015), Algorithm 1",
)

BETA2 = Hyperparameter(
    name="beta2",
    symbol=r"\beta_2",
    default=0.999,
    interval=Interval(0.0, 1.0),
    unit="dimensionless",
    meaning="decay of the average of squared gradients",
    source="Kingma and Ba (2015), Algorithm 1",
)

EPSILON = Hyperparameter(
    name="epsilon",
    symbol=r"\epsilon",
    default=1e-8,
    interval=Interval(0.0, math.inf),
    unit="units of the gradient, loss / x",
    meaning="what is added to the root of V; 0 is the theory's, the default is the library's",
    source="Kingma and Ba (2015), Algorithm 1; the default of PyTorch and of optax",
)

ALPHA = Hyperparameter(
    name="alpha",
    symbol=r"\alpha",
    default=0.5,
    interval=Interval(0.0, math.inf, low_closed=False),
    unit="units of x (for SGD: units of x squared per unit of loss)",
    meaning="scale of the step size",
    source="inferred from Figure 1 of Reddi, Kale and Kumar (2018), which does not state it",
)

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

KERAS_EPSILON = EPSILON._replace(default=1e-7, source="Chollet et al. (2015), the default of Keras")
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
    symbol=r"\omega",
    default=1e-3,
    interval=Interval(0.0, math.inf, low_closed=False),
    unit="one over a step",
    meaning="speed with which the bounds close (their gamma)",
    source="Luo et al. (2019), their code",
)
