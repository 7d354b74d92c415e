"""The catalogue: every method by name. A rule and what is said of it stand together elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from adam_and_beyond import checks
from adam_and_beyond.methods import epsilon, libraries, paper, successors
from adam_and_beyond.methods.method import Method


def _rules_of(module: ModuleType) -> tuple[Method, ...]:
    """The methods whose rules are written in a module, in the order in which they stand there."""
    found = (getattr(thing, "method", None) for thing in vars(module).values())
    return tuple(m for m in found if m is not None and m.rule.__module__ == module.__name__)


# The seven of the chapters on the paper: its own methods, and Adam as it was published.
PAPER: tuple[str, ...] = tuple(method.name for method in _rules_of(paper))

CATALOGUE: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for module in (paper, epsilon, libraries, successors)
        for method in _rules_of(module)
    }
)


def get(method: str | Method, **values: Any) -> Method:
    r"""A method by its name in the catalogue, or a method as it is, with the given values.

    Args:
      method: a key of ``CATALOGUE``, e.g. ``"amsgrad"``; or a ``Method``, such as one of your own.
      **values: hyperparameters by name, e.g. ``beta2=0.99``; floats, or arrays for a sweep. The
        others keep their values, in the catalogue the defaults.

    Returns:
      The ``Method``.

    Raises:
      ValueError: for an unknown method or hyperparameter, or a value outside its interval;
        the message lists what is allowed.

    References:
      Introduced in the chapter "Regret and the generic method".
    """
    if isinstance(method, Method):
        return method.replace(**values)
    if not isinstance(method, str) or method not in CATALOGUE:
        raise ValueError(
            f"unknown method {checks.short(method)}; the catalogue has: {', '.join(CATALOGUE)}"
        )
    return CATALOGUE[method].replace(**values)


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
