"""The catalogue: every method by name, with the source of its rule and of its default values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from adam_and_beyond.methods import classic, damped, libraries, successors
from adam_and_beyond.methods import hyperparameters as spec
from adam_and_beyond.methods.classic import Moments, SecondMoment
from adam_and_beyond.methods.rule import (
    BETA1,
    BETA2,
    EPSILON,
    Hyperparameter,
    Method,
)


def _entry(
    rule: Any,
    label: str,
    state_type: type,
    state_symbols: tuple[str, ...],
    hyperparameters: tuple[Hyperparameter, ...],
    source: str,
    deviations: str = "",
    affine_state: bool = True,
    maxima: tuple[str, ...] = (),
) -> Method:
    values = tuple(spec.default for spec in hyperparameters)
    return Method(
        rule.__name__,
        label,
        rule,
        state_type,
        state_symbols,
        hyperparameters,
        values,
        source,
        deviations,
        affine_state,
        maxima,
    )


_PAPER = "Reddi, Kale and Kumar (2018)"

_CLASSIC_ENTRIES = (
    _entry(classic.sgd, "SGD", classic.NoState, (), (), "Zinkevich (2003)"),
    _entry(
        classic.adagrad,
        "AdaGrad",
        classic.SumState,
        ("s",),
        (),
        f"Duchi, Hazan and Singer (2011), in the form of {_PAPER}, section 2",
    ),
    _entry(
        classic.rmsprop,
        "RMSProp",
        classic.SecondMoment,
        ("v",),
        (BETA2,),
        f"Tieleman and Hinton (2012), in the form of {_PAPER}, section 2",
    ),
    _entry(
        classic.adam,
        "Adam",
        classic.Moments,
        ("m", "v"),
        (BETA1, BETA2),
        f"Kingma and Ba (2015), in the form of {_PAPER}, section 2",
        "no bias correction and no epsilon, as in the paper",
    ),
    _entry(
        classic.adam_corrected,
        "Adam, bias-corrected",
        classic.Moments,
        ("m", "v"),
        (BETA1, BETA2),
        "Kingma and Ba (2015), Algorithm 1",
        "epsilon = 0",
    ),
    _entry(
        classic.amsgrad,
        "AMSGrad",
        classic.MaxMoments,
        ("m", "v", r"\hat v"),
        (BETA1, BETA2),
        f"{_PAPER}, Algorithm 2",
        "beta1 constant, as in the paper's experiments; its theorem wants a decreasing beta1_t",
        maxima=("v_hat",),
    ),
    _entry(
        classic.adamnc,
        "AdamNC",
        classic.Moments,
        ("m", "v"),
        (BETA1,),
        f"{_PAPER}, Algorithm 3 and Corollary 2",
        "beta2_t = 1 - 1/t fixed; beta1 constant, the corollary wants a decreasing beta1_t",
    ),
)

_MORE_ENTRIES = (
    _entry(
        libraries.amsgrad_torch,
        "AMSGrad, PyTorch",
        classic.MaxMoments,
        ("m", "v", r"\hat v"),
        (BETA1, BETA2, EPSILON),
        "torch.optim.Adam with amsgrad=True of PyTorch 2.13, Paszke et al. (2019)",
        f"none from PyTorch; from {_PAPER}, Algorithm 2: both averages are corrected for bias, v "
        "after the maximum, and epsilon is added to the root. Keras does the same with its epsilon "
        "before the correction",
        maxima=("v_hat",),
    ),
    _entry(
        libraries.amsgrad_optax,
        "AMSGrad, optax",
        classic.MaxMoments,
        ("m", "v", r"\hat v"),
        (BETA1, BETA2, EPSILON),
        "optax.amsgrad of optax 0.2.8 with its default settings, Babuschkin et al. (2020)",
        f"none from optax (its eps_root is 0); from {_PAPER}, Algorithm 2: both averages are "
        "corrected for bias, v before the maximum, and epsilon is added to the root",
        maxima=("v_hat",),
    ),
    _entry(
        successors.nadam,
        "Nadam",
        classic.Moments,
        ("m", "v"),
        (BETA1, BETA2),
        f"Dozat (2016), in the form of {_PAPER}, section 2, which names it",
        "no bias correction, no epsilon and a constant beta1, like the paper's other rules; "
        "Dozat's own algorithm corrects the bias of both averages and of the gradient, lets beta1 "
        "follow a schedule and has an epsilon",
    ),
    _entry(
        successors.adadelta,
        "Adadelta",
        successors.PastUpdates,
        ("v", "u"),
        (spec.RHO, spec.CONDITIONING),
        "Zeiler (2012), Algorithm 1",
        "a step size alpha_t (Zeiler's is 1) and a projection, which the memory of past updates "
        "leaves out, as in PyTorch and optax; that memory puts it outside the paper's Algorithm 1 "
        "in the strict sense",
        affine_state=False,  # u_t is multiplied by a number that depends on v_t
    ),
    _entry(
        successors.adamx,
        "AdamX",
        successors.ScaledMaxMoments,
        ("m", "v", "z"),
        (BETA1, BETA2, spec.LAMBDA),
        "Tran and Phong (2019), section 5",
        "beta1_t = beta1 lambda^(t - 1) is the one schedule here; v_hat is kept divided by "
        "(1 - beta1_t)^2, which changes nothing but rounding",
        maxima=("z",),
    ),
    _entry(
        damped.adam_epsilon,
        "Adam, epsilon beside the root",
        classic.Moments,
        ("m", "v"),
        (BETA1, BETA2, EPSILON),
        "Kingma and Ba (2015), Algorithm 1",
        "no bias correction, as in the paper on Adam's convergence",
    ),
    _entry(
        damped.adam_epsilon_inside,
        "Adam, epsilon under the root",
        classic.Moments,
        ("m", "v"),
        (BETA1, BETA2, spec.UNDER_THE_ROOT),
        f"{_PAPER}, update (3) and Theorem 6",
        "beta1 constant",
    ),
    _entry(
        successors.adabelief,
        "AdaBelief",
        successors.BeliefMoments,
        ("m", "s"),
        (BETA1, BETA2, spec.BELIEF_EPSILON),
        "Zhuang et al. (2020), Algorithm 2",
        "one epsilon in both places, as in the paper; optax has one for each",
        affine_state=False,  # s_t contains the square of m_t
    ),
    _entry(
        successors.adashift,
        "AdaShift",
        SecondMoment,
        ("v",),
        (BETA2,),
        "Zhou et al. (2019), with n = 1",
        "n = 1: no momentum, and v is the average of g_1^2, ..., g_{t-1}^2, corrected for bias; "
        "their phi (a maximum over a block of weights) is the identity, and epsilon is 0: while "
        "all earlier gradients are 0, as at t = 1, no step is taken",
    ),
    _entry(
        successors.adopt,
        "ADOPT",
        Moments,
        ("m", "v"),
        (BETA1, spec.ADOPT_BETA2, spec.ADOPT_EPSILON),
        "Taniguchi et al. (2024), as published at NeurIPS, without clipping",
        "their step t is t + 1 here: the first gradient only starts v; the scale stands inside the "
        "average, so that V is 1",
        affine_state=False,  # m_t averages quotients of g_t and the root of v_{t-1}
    ),
    _entry(
        successors.adopt_clipped,
        "ADOPT, clipped",
        Moments,
        ("m", "v"),
        (BETA1, spec.ADOPT_BETA2, spec.ADOPT_EPSILON),
        "Taniguchi et al. (2024), the clipping of the later version, c_t = t^(1/4)",
        "their step t is t + 1 here: the first gradient only starts v, and the clip is "
        "(t - 1)^(1/4); the scale stands inside the average, so that V is 1",
        affine_state=False,
    ),
    _entry(
        successors.yogi,
        "Yogi",
        Moments,
        ("m", "v"),
        (BETA1, BETA2, spec.YOGI_EPSILON),
        "Zaheer et al. (2018), Algorithm 2",
        "v starts at 0; optax and the authors' code correct the bias of both averages, and optax "
        "starts both at 1e-6",
        affine_state=False,  # the sign of v_{t-1} - g_t^2 decides
    ),
    _entry(
        successors.padam,
        "Padam",
        classic.MaxMoments,
        ("m", "v", r"\hat v"),
        (BETA1, BETA2, spec.P),
        "Chen et al. (2020), Algorithm 1",
        "constant beta1 and no epsilon; alpha has the units of x times those of the gradient to "
        "the power 2p - 1",
        maxima=("v_hat",),
    ),
    _entry(
        successors.nosadam,
        "NosAdam",
        successors.WeightedMoments,
        ("m", "s", "w"),
        (BETA1, spec.Q),
        "Huang et al. (2019), with the hyperharmonic weights of NosAdam-HH",
        "constant beta1 and no epsilon",
    ),
    _entry(
        successors.adabound,
        "AdaBound",
        Moments,
        ("m", "v"),
        (BETA1, BETA2, spec.FINAL, spec.CLOSING),
        "Luo et al. (2019), Algorithm 2, with the bounds of the authors' code",
        "the bounds are divided by alpha, which multiplies outside: with alpha_t = alpha / sqrt(t) "
        "it is the paper's, with a constant alpha the code's, which also corrects the bias of both "
        "averages and has an epsilon of 1e-8",
    ),
)

CATALOGUE: Mapping[str, Method] = MappingProxyType(
    {entry.name: entry for entry in (*_CLASSIC_ENTRIES, *_MORE_ENTRIES)}
)
# The seven of the chapters on the paper: its own methods, and Adam as it was published.
CLASSIC: tuple[str, ...] = tuple(entry.name for entry in _CLASSIC_ENTRIES)


def get(name: str, **values: Any) -> Method:
    r"""A method of the catalogue, with the given hyperparameters (others keep their defaults).

    Args:
      name: a key of ``CATALOGUE``, e.g. ``"amsgrad"``.
      **values: hyperparameters by name, e.g. ``beta2=0.99``; floats, or arrays for a sweep.

    Returns:
      The ``Method``.

    Raises:
      ValueError: for an unknown method or hyperparameter, or a value outside its interval;
        the message lists what is allowed.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    if name not in CATALOGUE:
        raise ValueError(f"unknown method {name!r}; the catalogue has: {', '.join(CATALOGUE)}")
    return CATALOGUE[name].replace(**values)


def get_sharing(name: str, **values: Any) -> Method:
    r"""A method of the catalogue with those of the given hyperparameters that it has.

    Args:
      name: a key of ``CATALOGUE``.
      **values: hyperparameters that several methods share, e.g. ``beta1=0.9, beta2=0.99``.

    Returns:
      The ``Method``.

    Raises:
      ValueError: for an unknown method, or a value outside its interval.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    known = get(name).hyper._fields
    return get(name, **{key: value for key, value in values.items() if key in known})
