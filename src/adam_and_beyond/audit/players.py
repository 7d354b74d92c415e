"""Whatever a reader hands over, as a player."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optax

from adam_and_beyond import checks, methods, optax_bridge
from adam_and_beyond.audit.compiled import CompiledPlayer
from adam_and_beyond.audit.lanes import Player
from adam_and_beyond.audit.stepped import SteppedPlayer

_ALLOWED = (
    "an optax transformation, a name of the catalogue, a Method, a rule of your own, "
    "audit.from_torch(...), or a function of a learning rate that returns one of these"
)
Optimizer = str | methods.Method | optax.GradientTransformation | SteppedPlayer | Callable[..., Any]


def player(optimizer: Any, learning_rate: float = 1.0) -> Player:
    """Whatever a reader hands over, as a player.

    Args:
      optimizer: see :func:`adam_and_beyond.audit.drift`.
      learning_rate: with which methods and functions are made; of what is made already, its own.

    Returns:
      The ``Player``.

    Raises:
      ValueError: for anything else, with what is allowed.
    """
    if isinstance(optimizer, (CompiledPlayer, SteppedPlayer)):
        return optimizer
    if isinstance(getattr(optimizer, "method", None), methods.Method):
        optimizer = optimizer.method  # a rule
    if isinstance(optimizer, (str, methods.Method)):
        return _of_method(methods.get(optimizer), learning_rate)
    if callable(getattr(optimizer, "init", None)) and callable(getattr(optimizer, "update", None)):
        return CompiledPlayer(optimizer, label_of(optimizer))
    if hasattr(optimizer, "param_groups"):
        raise ValueError(
            "an optimizer of PyTorch is made afresh for each run: hand over "
            "audit.from_torch(lambda params: ...)"
        )
    if callable(optimizer):
        return _of_function(optimizer, learning_rate)
    raise ValueError(f"the audit takes {_ALLOWED}; got {checks.short(optimizer)}")


def _of_method(method: methods.Method, learning_rate: float) -> CompiledPlayer:
    if method.needs_x:
        return CompiledPlayer(method.rule.tx, method.label)
    return CompiledPlayer(optax_bridge.as_optax(method, alpha=learning_rate), method.label)


def _of_function(make: Callable[..., Any], learning_rate: float) -> Player:
    try:
        made = make(learning_rate)
    except Exception as error:
        raise ValueError(
            f"{label_of(make)}({learning_rate:g}) makes no optimizer ({type(error).__name__}: "
            f"{checks.short(str(error))}); the audit takes {_ALLOWED}"
        ) from error
    if callable(made) and not hasattr(made, "update") and not hasattr(made, "method"):
        raise ValueError(f"the audit takes {_ALLOWED}; {label_of(make)} made {checks.short(made)}")
    found = player(made, learning_rate)
    found.label = label_of(make)
    return found


def label_of(thing: Any) -> str:
    """What to call an optimizer: a function's name, or that of the function that made it.

    Args:
      thing: a function, or an optax transformation.

    Returns:
      The name.
    """
    if hasattr(thing, "__qualname__"):
        return thing.__qualname__
    made_by = getattr(getattr(thing, "update", None), "__qualname__", "")
    name = made_by.partition(".")[0]
    return name if name and name not in ("chain", "named_chain") else "optax transformation"
