r"""What a method is: a rule, the state that it carries, and values for its hyperparameters.

A *rule* is one plain function ``rule(xp, g, state, t, h) -> Update``, written in ordinary
arithmetic against an array namespace ``xp``. The same function is run (``jax.numpy``, ``numpy``),
read and analysed (:data:`adam_and_beyond.methods.read.symbols.SYMBOLIC`) and turned into the
JavaScript of the explorers. Above it, :func:`rule` says in its own words what it needs::

    @rule("Sign descent", state=NoState, source="a five-line example")
    def sign_descent(xp, g, state, t, h):
        return Update(xp.sign(g), 1, state)

``sign_descent.method`` is then the :class:`Method`, which can be stepped (:meth:`Method.init`,
:meth:`Method.update`), run, swept, analysed and turned into an optax transformation.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from adam_and_beyond.methods.hyperparameters import Hyperparameter


class Update(NamedTuple):
    r"""What a rule returns: Algorithm 1's two averages at step t, and the next state."""

    m: Any  # phi_t(g_1, ..., g_t), the direction before scaling
    sqrt_V: Any  # psi_t(g_1, ..., g_t)^{1/2}, the scale of each coordinate (diagonal of V_t^{1/2})
    state: NamedTuple  # what step t + 1 needs


class NoState(NamedTuple):
    """A method that remembers nothing."""


@dataclasses.dataclass(frozen=True)
class Method:
    r"""A method: a rule (Algorithm 1's pair phi, psi) and values for its hyperparameters.

    A method is a JAX pytree whose leaves are the values. A compiled function takes it as an
    ordinary argument, and other values do not compile it anew.

    Args:
      name: key in :data:`adam_and_beyond.methods.CATALOGUE`; the name of the rule.
      label: as printed in figures and tables, e.g. ``"AMSGrad"``.
      rule: ``rule(xp, g, state, t, h) -> Update``; t counts from 1, ``state`` starts at zero.
      state_type: ``NamedTuple`` class of the state; its fields are arrays shaped like the gradient.
      hyperparameters: specifications, in the order of ``values``.
      values: the present value of each hyperparameter, floats (or arrays, for sweeps).
      source: paper and equation that the rule follows.
      deviations: every way in which it departs from that source, in words; empty if none.
      affine_state: whether each state variable follows an affine recursion driven by gradients
        alone, or is a running maximum; drift numbers and the steady-cycle path rest on that.
      maxima: those fields of the state that are running maxima, by name.
    """

    name: str
    label: str = dataclasses.field(compare=False)
    rule: Callable[..., Update]
    state_type: type
    hyperparameters: tuple[Hyperparameter, ...]
    values: tuple[Any, ...]
    source: str = dataclasses.field(compare=False)
    deviations: str = dataclasses.field(default="", compare=False)
    affine_state: bool = True
    maxima: tuple[str, ...] = ()

    @property
    def hyper(self) -> NamedTuple:
        """The hyperparameters' values as a named tuple, the argument ``h`` of the rule."""
        names = tuple(spec.name for spec in self.hyperparameters)
        return _hyper_type(names)(*self.values)

    @property
    def fading(self) -> tuple[str, ...]:
        """The fields of the state that are no running maxima, by name."""
        return tuple(name for name in self.state_type._fields if name not in self.maxima)

    @property
    def needs_x(self) -> bool:
        """Whether the rule looks at the iterate."""
        return getattr(self.rule, "needs_x", False)

    def init(self, like: Any = 0.0) -> NamedTuple:
        """The state before step 1.

        Args:
          like: the first iterate, or anything shaped like it: a number of any kind, an array.

        Returns:
          The state, zeros of the kind and shape of ``like``.
        """
        # The absolute value keeps a negative start from making a negative zero.
        return self.state_type(*(abs(like) * 0.0 for _ in self.state_type._fields))

    def update(self, g: Any, state: Any, t: Any, xp: Any = None, x: Any = None) -> Update:
        r"""One step of the rule (Reddi, Kale and Kumar 2018, Algorithm 1): phi_t, psi_t, the state.

        Args:
          g: the gradient g_t; a number or an array, of the kind that ``xp`` works on.
          state: what :meth:`init` gave, or the step before.
          t: number of the step, from 1; infinity where bias corrections have died out.
          xp: the array namespace: ``jax.numpy``, ``methods.SYMBOLIC``; by default ``numpy``.
          x: the iterate x_t, for rules that look at it (:attr:`needs_x`).

        Returns:
          The ``Update``.
        """
        xp = np if xp is None else xp  # as a default, a module would print its file
        if self.needs_x:
            return self.rule(xp, g, state, t, self.hyper, x)
        return self.rule(xp, g, state, t, self.hyper)

    def over(self, number: Callable[[Any], Any] | None = None, **symbols: Any) -> Method:
        """The same method over another kind of number: its values converted, some replaced.

        Args:
          number: makes a number of the new kind from a value, e.g. ``sympy.Rational`` or
            ``jnp.float32``; by default values stay as they are.
          **symbols: by name, what takes the place of a value: a symbol, a ball, a traced array.
            These are taken as they are, without a check.

        Returns:
          A new ``Method``.

        Raises:
          ValueError: for a name that the method does not have.
        """
        self._refuse_unknown(symbols)
        number = number or (lambda value: value)
        values = (
            symbols[spec.name] if spec.name in symbols else number(value)
            for spec, value in zip(self.hyperparameters, self.values, strict=True)
        )
        return dataclasses.replace(self, values=tuple(values))

    def replace(self, **values: Any) -> Method:
        """The same method with other hyperparameters.

        Args:
          **values: new values by name; numbers or arrays.

        Returns:
          A new ``Method``; the present one is unchanged.

        Raises:
          ValueError: for a name that the method does not have, or a value outside its interval.
        """
        self._refuse_unknown(values)
        specs = {spec.name: spec for spec in self.hyperparameters}
        return self.over(**{key: specs[key].check(v, self.name) for key, v in values.items()})

    def _refuse_unknown(self, values: dict[str, Any]) -> None:
        names = [spec.name for spec in self.hyperparameters]
        unknown = sorted(set(values) - set(names))
        if unknown:
            raise ValueError(
                f"method {self.name!r} has no hyperparameter {unknown[0]!r}; it has: "
                f"{', '.join(names) or 'none'}"
            )

    def __repr__(self) -> str:
        hyper = ", ".join(f"{k}={v!r}" for k, v in self.hyper._asdict().items())
        return f"methods.get({self.name!r}{', ' + hyper if hyper else ''})"


def as_pytree(kind: type[Method]) -> type[Method]:
    """Register a class of methods with JAX: the values are leaves, the rest is fixed.

    What is only said of a method (label, source, deviations) takes no part in comparisons, so that
    another label compiles nothing anew.
    """
    jax.tree_util.register_pytree_node(
        kind,
        lambda method: (method.values, dataclasses.replace(method, values=())),
        lambda method, values: dataclasses.replace(method, values=tuple(values)),
    )
    return kind


as_pytree(Method)


@functools.cache  # JAX compares pytree classes by identity: a fresh class per call would recompile
def _hyper_type(names: tuple[str, ...]) -> type:
    return collections.namedtuple("Hyper", names)


def rule(
    label: str,
    state: type,
    *hyperparameters: Hyperparameter,
    source: str,
    deviations: str = "",
    affine_state: bool = True,
    maxima: tuple[str, ...] = (),
) -> Callable[[Callable[..., Update]], Callable[..., Update]]:
    r"""Say of a rule, where it is written, what it needs and where it comes from.

    Args:
      label: as printed in figures and tables.
      state: ``NamedTuple`` class of its state.
      *hyperparameters: in the order in which its values are kept.
      source: paper and equation that the rule follows.
      deviations: every way in which it departs from that source, in words; empty if none.
      affine_state: see :class:`Method`.
      maxima: those fields of the state that are running maxima, by name.

    Returns:
      A decorator. The function stays what it is; its attribute ``method`` is the ``Method``, with
      the hyperparameters' defaults.

    References:
      Introduced in the chapter "Regret and the generic method".
    """

    def say(function: Callable[..., Update]) -> Callable[..., Update]:
        function.method = Method(
            function.__name__,
            label,
            function,
            state,
            hyperparameters,
            tuple(spec.default for spec in hyperparameters),
            source,
            deviations,
            affine_state,
            maxima,
        )
        return function

    return say
