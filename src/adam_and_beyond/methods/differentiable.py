"""``jax.numpy`` for rules that are differentiated: roots and powers have no derivative at 0.

While a coordinate has met no gradient its scale is 0 and its step is 0 by convention
(:func:`.algorithm_1.direction`), whatever the hyperparameters. So the derivative of that step is 0,
where the chain rule alone would multiply 0 by the infinite derivative of a root.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def sqrt(a: Any) -> Any:
    """The square root; its derivative at 0 counts as 0."""
    still = a == 0
    return jnp.where(still, 0, jnp.sqrt(jnp.where(still, 1, a)))


def power(a: Any, p: Any) -> Any:
    """The power a^p of a number a >= 0 with p > 0; its derivatives at 0 count as 0."""
    still = a == 0
    return jnp.where(still, 0, jnp.where(still, 1, a) ** p)


class _Differentiable:
    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    sqrt = staticmethod(sqrt)
    power = staticmethod(power)


DIFFERENTIABLE = _Differentiable()
