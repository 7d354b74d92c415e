r"""What the paper's Figures 1 and 2 show, read off a copy of the published figures by eye.

The only numbers here that no code of ours can produce. Reading errors: about 0.0015 in R_t / t,
0.02 in x_t, 0.005 in losses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

REGRET_READING_ERROR = 0.0015  # units of loss
ITERATE_READING_ERROR = 0.02  # units of x
LOSS_READING_ERROR = 0.005  # nats


class ReadOff(NamedTuple):
    """Points of one published curve: steps and values, each of shape ``(n,)``."""

    t: np.ndarray
    y: np.ndarray


def _read_off(millions: list[float], values: list[float]) -> ReadOff:
    return ReadOff(np.round(np.array(millions) * 1e6).astype(np.int64), np.array(values))


_STEPS = [0.3, 0.5, 1, 2, 3, 4, 5, 6, 6.9]

# Figure 1, left: average regret on the online problem.
FIGURE_1_REGRET = {
    "adam": _read_off(_STEPS, [0.262, 0.248, 0.234, 0.224, 0.2195, 0.217, 0.2146, 0.2134, 0.2128]),
    "amsgrad": _read_off(_STEPS, [0.068, 0.052, 0.037, 0.026, 0.021, 0.018, 0.0165, 0.015, 0.014]),
}

# Figure 1, right: AMSGrad's iterate under random gradients, one seed. Adam's stays at 1 throughout.
FIGURE_1_RANDOM_AMSGRAD = _read_off(
    [0.1, 0.3, 1, 2, 3, 4, 6, 7, 9.9],
    [0.64, 0.48, -0.10, -0.32, -0.35, -0.42, -0.50, -0.73, -0.84],
)


def _losses(steps: list[float], adam: list[float], amsgrad: list[float]) -> dict[str, ReadOff]:
    t = np.array(steps, np.int64)
    return {"adam": ReadOff(t, np.array(adam)), "amsgrad": ReadOff(t, np.array(amsgrad))}


_ITERATIONS = [200, 500, 1000, 2000, 3000, 4000, 4950]

# Figure 2, top left and centre: softmax regression on MNIST.
FIGURE_2_LOGISTIC_TRAIN = _losses(
    _ITERATIONS,
    [0.480, 0.366, 0.315, 0.28, 0.267, 0.26, 0.254],
    [0.374, 0.301, 0.274, 0.260, 0.253, 0.250, 0.248],
)
FIGURE_2_LOGISTIC_TEST = _losses(
    _ITERATIONS,
    [0.455, 0.37, 0.32, 0.299, 0.287, 0.28, 0.279],
    [0.378, 0.315, 0.288, 0.275, 0.271, 0.268, 0.269],
)

# Figure 2, top right: one hidden layer on MNIST; no test loss is shown.
FIGURE_2_NETWORK_TRAIN = _losses(
    _ITERATIONS,
    [0.192, 0.123, 0.092, 0.059, 0.042, 0.031, 0.022],
    [0.182, 0.104, 0.068, 0.036, 0.026, 0.017, 0.012],
)

# Figure 2, bottom: CIFARNET on CIFAR-10; what an iteration is, the paper does not say.
FIGURE_2_CIFARNET_TRAIN = _losses(
    [1e5, 2e5, 5e5, 1e6, 1.5e6],
    [0.75, 0.65, 0.50, 0.46, 0.40],
    [0.73, 0.63, 0.47, 0.35, 0.31],
)
# Its test losses are noisy: between these values from 500 000 iterations on.
FIGURE_2_CIFARNET_TEST = {"adam": (0.62, 0.66), "amsgrad": (0.56, 0.63)}
