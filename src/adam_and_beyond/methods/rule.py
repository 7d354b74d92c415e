r"""What a method is: a rule, the state it carries, and hyperparameters with their allowed values.

A *rule* is one plain function ``rule(xp, g, state, t, h) -> Update``, written in ordinary
arithmetic against an array namespace ``xp``. The same function is run (``jax.numpy``, ``numpy``),
read and analysed (:data:`adam_and_beyond.methods.tracing.SYMBOLIC`) and turned into the JavaScript
of the explorers.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Update(NamedTuple):
    r"""What a rule returns: Algorithm 1's two averages at step t, and the next state."""

    m: Any  # phi_t(g_1, ..., g_t), the direction before scaling
    sqrt_V: Any  # psi_t(g_1, ..., g_t)^{1/2}, the scale of each coordinate (diagonal of V_t^{1/2})
    state: NamedTuple  # what step t + 1 needs


class Interval(NamedTuple):
    """A real interval, with closed or open ends; prints as ``[0, 1)``."""

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = False

    def contains(self, values: Any) -> bool:
        """Whether every entry of ``values`` is finite and inside."""
        values = np.asarray(values, dtype=np.float64)
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
        """Return ``value`` if it is allowed, else raise a ``ValueError`` that says what is."""
        try:
            allowed = self.interval.contains(value)
        except (TypeError, ValueError):
            allowed = False
        if not allowed:
            raise ValueError(
                f"{self.name} of {method!r} ({self.meaning}) must lie in {self.interval}, "
                f"got {value!r}"
            )
        return value


@dataclasses.dataclass(frozen=True)
class Method:
    r"""A method: a rule (Algorithm 1's pair phi, psi) and values for its hyperparameters.

    Args:
      name: key in :data:`adam_and_beyond.methods.CATALOGUE`.
      label: as printed in figures and tables, e.g. ``"AMSGrad"``.
      rule: ``rule(xp, g, state, t, h) -> Update``; t counts from 1, ``state`` starts at zero.
      state_type: ``NamedTuple`` class of the state; its fields are arrays shaped like the gradient.
      state_symbols: LaTeX of each field of the state, without the time index.
      hyperparameters: specifications, in the order of ``values``.
      values: the present value of each hyperparameter, floats (or arrays, for sweeps).
      source: paper and equation that the rule follows.
      deviations: every way in which it departs from that source, in words; empty if none.
      affine_state: whether each state variable follows an affine recursion driven by gradients
        alone, or is a running maximum; drift numbers and the steady-cycle path rest on that.
      maxima: those fields of the state that are running maxima, by name.
    """

    name: str
    label: str
    rule: Callable[..., Update]
    state_type: type
    state_symbols: tuple[str, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    values: tuple[Any, ...]
    source: str
    deviations: str = ""
    affine_state: bool = True
    maxima: tuple[str, ...] = ()

    @property
    def start(self) -> Callable[[Any], Any]:
        """The function from x_1 to the state before step 1, the same object for every value."""
        return _zeros(self.state_type)

    @property
    def hyper(self) -> NamedTuple:
        """The hyperparameters' values as a named tuple, the argument ``h`` of the rule."""
        names = tuple(spec.name for spec in self.hyperparameters)
        return _hyper_type(names)(*self.values)

    def initial_state(self, like: Any = 0.0) -> NamedTuple:
        """The state before step 1, for iterates shaped like ``like``: zeros."""
        return self.start(like)

    def replace(self, **values: Any) -> Method:
        """The same method with other hyperparameters.

        Args:
          **values: new values by name; scalars or arrays.

        Returns:
          A new ``Method``; the present one is unchanged.

        Raises:
          ValueError: for a name that the method does not have, or a value outside its interval.
        """
        specs = {spec.name: spec for spec in self.hyperparameters}
        unknown = sorted(set(values) - set(specs))
        if unknown:
            allowed = ", ".join(specs) or "none"
            raise ValueError(
                f"method {self.name!r} has no hyperparameter {unknown[0]!r}; it has: {allowed}"
            )
        merged = dict(zip(specs, self.values, strict=True)) | dict(values)
        checked = tuple(specs[name].check(value, self.name) for name, value in merged.items())
        return dataclasses.replace(self, values=checked)

    def __repr__(self) -> str:
        hyper = ", ".join(f"{k}={v!r}" for k, v in self.hyper._asdict().items())
        return f"methods.get({self.name!r}{', ' + hyper if hyper else ''})"


@functools.cache  # one object per class, so that compiled loops can be found by it
def _zeros(state_type: type) -> Callable[[Any], Any]:
    # The absolute value keeps a negative start from making a negative zero.
    return lambda like: state_type(*(abs(like) * 0.0 for _ in state_type._fields))


@functools.cache  # JAX compares pytree classes by identity: a fresh class per call would recompile
def _hyper_type(names: tuple[str, ...]) -> type:
    return collections.namedtuple("Hyper", names)


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
