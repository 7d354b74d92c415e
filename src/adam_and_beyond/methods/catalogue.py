"""The catalogue: every method by name, with the source of its rule and of its default values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from adam_and_beyond.methods import classic
from adam_and_beyond.methods.rule import BETA1, BETA2, Hyperparameter, Method


def _entry(
    rule: Any,
    label: str,
    state_type: type,
    state_symbols: tuple[str, ...],
    hyperparameters: tuple[Hyperparameter, ...],
    source: str,
    deviations: str = "",
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
    )


_PAPER = "Reddi, Kale and Kumar (2018)"

_ENTRIES = (
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

CATALOGUE: Mapping[str, Method] = MappingProxyType({entry.name: entry for entry in _ENTRIES})


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
