r"""Our methods as optax transformations, and any optax transformation as a method of ours.

.. math:: \text{optax: } x \leftarrow x + u_t, \qquad
    \text{ours: } x_{t+1} = \Pi(x_t - \alpha_t d_t), \qquad u_t = -\alpha_t d_t

An optax transformation does not project; ``optax.projections`` has the projections.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adam_and_beyond import checks, methods
from adam_and_beyond.methods.method import as_pytree

# A schedule may start or end at 0, and with it what optax.inject_hyperparams makes of alpha.
_ALPHA = methods.ALPHA._replace(interval=methods.ALPHA.interval._replace(low_closed=True))


class BridgeState(NamedTuple):
    """State of a method as an optax transformation."""

    count: jax.Array  # steps taken so far, int32; the step to come is t = count + 1
    memory: Any  # the method's state, each field a tree like the parameters


def as_optax(
    method: str | methods.Method, alpha: Any, schedule: Any = "constant", **hyper: Any
) -> optax.GradientTransformationExtraArgs:
    r"""A method as an optax transformation, without projection: one of ours, or your own.

    .. math:: u_t = -\alpha_t\, m_t / \sqrt{V_t}

    Differs from :func:`adam_and_beyond.simulate.run`: no projection, and the default schedule is
    constant, as is usual in training. Weight decay is not included: chain it. Each leaf of the tree
    keeps its dtype, state and update alike; bfloat16 and float16 are computed in float32 and
    rounded when stored, so that averages with a beta near 1 stall in them. A ``None`` among the
    gradients is passed on and its state left as it is. A gradient that is not a number stays one.
    Extra arguments of ``update`` are ignored, as optax's own transformations do.

    Args:
      method: a key of ``methods.CATALOGUE``, or a ``Method``, such as that of a rule of your own.
      alpha: scale of the step size, not negative; or, as in optax, a function of the count of steps
        taken so far, which starts at 0. (The paper's t starts at 1: count = t - 1.)
      schedule: ``"constant"`` or ``None`` (alpha_t = alpha), ``"inverse_sqrt"`` (alpha / sqrt(t),
        t from 1), or a function of the count, such as a schedule of optax, that multiplies alpha.
      **hyper: hyperparameters by name, single numbers; others keep the method's values.

    Returns:
      An ``optax.GradientTransformationExtraArgs``; works under ``jit``, ``vmap`` and ``scan``, in
      ``optax.chain`` and ``optax.masked``. For ``optax.inject_hyperparams`` use :func:`factory`.

    Raises:
      ValueError: for an unknown method, hyperparameter or schedule, a value outside its range, or,
        when the state is made, parameters that are not real floating-point numbers.

    References:
      Reddi, Kale and Kumar (2018), Algorithm 1. Introduced on the page "How to use this book".
    """
    given = methods.get(method)
    if given.needs_x:
        raise ValueError(f"{given.label} is an optax transformation already")
    unknown = {key: value for key, value in hyper.items() if key not in given.hyper._fields}
    given.replace(**unknown)  # raises, and says what there is
    values = given.hyper._asdict() | hyper
    method = given.over(**{key: _number(value, key, given) for key, value in values.items()})
    alpha = alpha if callable(alpha) else _number(alpha, "alpha", method)
    schedule = _schedule(schedule)

    def init(params: Any) -> BridgeState:
        jax.tree_util.tree_map_with_path(_check_leaf, params)
        fields = method.state_type._fields
        memory = method.state_type(*(jax.tree.map(jnp.zeros_like, params) for _ in fields))
        return BridgeState(jnp.zeros((), jnp.int32), memory)

    def update(
        updates: Any, state: BridgeState, params: Any = None, **extra: Any
    ) -> tuple[Any, BridgeState]:
        del params, extra
        leaves, tree = jax.tree.flatten(updates, is_leaf=lambda leaf: leaf is None)
        memories = [tree.flatten_up_to(field) for field in state.memory]
        step = _Step(method, alpha, schedule, state.count)
        moved = []
        for k, g in enumerate(leaves):
            if g is None:
                moved.append(None)
                continue
            u, new = step(jnp.asarray(g), [field[k] for field in memories])
            moved.append(u)
            for field, value in zip(memories, new, strict=True):
                field[k] = value
        memory = method.state_type(*(tree.unflatten(field) for field in memories))
        return tree.unflatten(moved), BridgeState(optax.safe_increment(state.count), memory)

    return optax.GradientTransformationExtraArgs(init, update)


def factory(method: str | methods.Method) -> Callable[..., optax.GradientTransformation]:
    r"""The function that makes a method's transformation, its hyperparameters spelled out.

    ``optax.inject_hyperparams`` reads the arguments off a function, so it wants this one:
    ``optax.inject_hyperparams(factory("adam"))(alpha=1e-3, beta2=0.99)`` keeps ``alpha``,
    ``beta1`` and ``beta2`` in the state. It replaces any function, also one given as ``schedule``,
    by its value at the present count.

    Args:
      method: a key of ``methods.CATALOGUE``, or a ``Method``.

    Returns:
      A function of ``alpha``, ``schedule`` and the method's hyperparameters, with their defaults,
      that returns what :func:`as_optax` does.

    Raises:
      ValueError: for an unknown method; and, when called, as :func:`as_optax`.
    """
    method = methods.get(method)

    def make(alpha: Any, schedule: Any = "constant", **hyper: Any) -> optax.GradientTransformation:
        return as_optax(method, alpha, schedule, **hyper)

    *given, _ = inspect.signature(make).parameters.values()
    own = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=value)
        for key, value in method.hyper._asdict().items()
    ]
    make.__signature__ = inspect.Signature([*given, *own])
    make.__name__ = make.__qualname__ = method.name
    make.__doc__ = f"{method.label} as an optax transformation: ``as_optax({method.name!r}, ...)``."
    return make


class _Step(NamedTuple):
    """One step of a method on one leaf of a tree."""

    method: methods.Method
    alpha: Any
    schedule: Callable[[Any, Any, Any], Any]
    count: jax.Array

    def __call__(self, g: jax.Array, memory: list[jax.Array]) -> tuple[jax.Array, list[jax.Array]]:
        # In bfloat16 0.999 is 1 and t = 257 is 256: no precision below float32 for the arithmetic.
        dtypes = (jnp.dtype(jnp.float32), g.dtype, *(s.dtype for s in memory))
        dtype = max(dtypes, key=lambda dtype: jnp.finfo(dtype).bits)

        def real(value: Any) -> Any:
            # A Python float takes the precision of what it meets, and 1 - 0.999 is exact to 1e-16.
            return value if isinstance(value, float) else jnp.asarray(value, dtype)

        t = self.count.astype(dtype) + 1  # the paper counts from 1
        state = self.method.state_type(*(s.astype(dtype) for s in memory))
        xp, method = methods.DIFFERENTIABLE, self.method.over(real)
        m, sqrt_V, state = method.update(g.astype(dtype), state, t, xp)
        alpha = real(self.alpha(self.count) if callable(self.alpha) else self.alpha)
        alpha_t = self.schedule(alpha, t, self.count)
        u = -alpha_t * methods.direction(xp, m, sqrt_V)
        return u.astype(g.dtype), [
            new.astype(old.dtype) for new, old in zip(state, memory, strict=True)
        ]


def _number(value: Any, key: str, method: methods.Method) -> Any:
    """A checked Python float; a traced value is passed through, unchecked."""
    if isinstance(value, jax.core.Tracer):
        return value
    if np.ndim(value):
        raise ValueError(
            f"as_optax takes a single {key}; for arrays, vmap over it, got {checks.short(value)}"
        )
    if key == "alpha":
        _ALPHA.check(value, method.name)
    else:
        method.replace(**{key: value})
    return float(value)


def _schedule(schedule: Any) -> Callable[[Any, Any, Any], Any]:
    """A function (alpha, t, count) -> alpha_t."""
    if schedule is None or isinstance(schedule, str):
        named = methods.get_schedule(schedule or "constant")
        return lambda alpha, t, count: named(jnp, alpha, t)
    if callable(schedule):
        return lambda alpha, t, count: alpha * jnp.asarray(schedule(count), t.dtype)
    if np.ndim(schedule) == 0 and np.issubdtype(jnp.result_type(schedule), np.number):
        # inject_hyperparams has evaluated it
        return lambda alpha, t, count: alpha * jnp.asarray(schedule, t.dtype)
    raise ValueError(
        f"schedule must be one of {', '.join(methods.SCHEDULES)}, None, or a function of the count "
        f"of steps, got {checks.short(schedule)}"
    )


def _check_leaf(path: Any, leaf: Any) -> None:
    dtype = jnp.result_type(leaf)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ValueError(
            f"parameters must be real floating-point numbers, got {dtype} at "
            f"{jax.tree_util.keystr(path) or 'the root'}; leave others out with optax.masked"
        )


def step(tx: optax.GradientTransformation, g: Any, state: Any, x: Any) -> tuple[Any, Any]:
    """One step of an optax transformation on the loss g x, its extra arguments supplied.

    Args:
      tx: the transformation; if it asks for more than gradient and iterate, it gets the loss:
        ``value`` = g x, ``grad``, ``value_fn``.
      g: the gradient.
      state: what its ``init`` gave, or the step before.
      x: the iterate, of the shape of ``g``.

    Returns:
      ``(update, state)``; the arrays of the state keep their kinds of numbers, as a loop wants.
    """

    def loss(y: Any) -> Any:
        return jnp.sum(g * y)

    tx = optax.with_extra_args_support(tx)
    u, new = tx.update(g, state, x, value=loss(x), grad=g, value_fn=loss)
    return u, jax.tree.map(_as_before, new, state)


def _as_before(new: Any, old: Any) -> Any:
    kind = jnp.result_type(old)
    return new if jnp.issubdtype(kind, jax.dtypes.extended) else jnp.asarray(new).astype(kind)


class _Foreign(NamedTuple):
    """An optax transformation as a rule; equal for the same transformation, so compiled once."""

    tx: optax.GradientTransformation

    @property
    def needs_x(self) -> bool:
        return True  # weight decay looks at the parameters

    def __call__(self, xp, g, state, t, h, x=None) -> methods.Update:
        if xp is np or xp is methods.SYMBOLIC:
            raise ValueError(
                "an optax transformation runs in JAX only: it has no equations, no JavaScript and "
                "no drift number"
            )

        # optax's update is added, Algorithm 1's direction subtracted; V is the identity.
        u, kept = step(self.tx, g, state, x)
        return methods.Update(-u, 1, kept)


@as_pytree
@dataclasses.dataclass(frozen=True, repr=False)
class OptaxMethod(methods.Method):
    """An optax transformation in the place of a method; made by :func:`from_optax`."""

    def init(self, like: Any = 0.0) -> Any:
        """The state of the transformation before step 1, for parameters ``like``."""
        return jax.tree.map(jnp.asarray, self.rule.tx.init(jnp.asarray(like)))

    def __repr__(self) -> str:
        return f"optax_bridge.from_optax(..., label={self.label!r})"


def from_optax(tx: optax.GradientTransformation, label: str | None = None) -> OptaxMethod:
    r"""Any optax transformation as a method for ``simulate.run`` and ``simulate.sweep``.

    .. math:: m_t = -u_t, \quad V_t = 1, \qquad x_{t+1} = \Pi(x_t + \alpha_t u_t)

    The simulator multiplies the update by its own alpha_t and projects. So either build ``tx``
    with learning rate 1 and give alpha and schedule to the simulator, or build it with its own
    learning rate, number or schedule, and simulate with ``alpha=1, schedule="constant"``. The
    simulator's alpha_t multiplies the whole update, decoupled weight decay included.

    Args:
      tx: the transformation; its ``update`` gets the gradient, its state and the iterate, and if
        it asks for more, the loss: ``value`` = g x, ``grad``, ``value_fn``. One object is compiled
        once: keep it, rather than making an equal one for each run.
      label: how figures and tables call it.

    Returns:
      A ``Method`` without hyperparameters. It runs by the general simulator in float64; it has no
      equations and no drift number, which say so with a ``ValueError``.

    Raises:
      ValueError: if ``tx`` is not an optax transformation, or cannot take a step on a number: it
        wants pairs of parameters (lookahead), parameters with axes (sm3), or arguments that a
        linear loss does not give (sophia).

    References:
      Introduced on the page "How to use this book".
    """
    if not (callable(getattr(tx, "init", None)) and callable(getattr(tx, "update", None))):
        raise ValueError(
            f"from_optax takes an optax.GradientTransformation, got {checks.short(tx)}"
        )
    method = OptaxMethod(
        name="optax",
        label=label or "optax transformation",
        rule=_Foreign(tx),
        state_type=methods.NoState,  # the state is optax's own
        hyperparameters=(),
        values=(),
        source="the transformation that was given",
        affine_state=False,
    )
    try:
        with jax.enable_x64(True):
            jax.eval_shape(lambda x: method.update(x, method.init(x), 1.0, jnp, x), 0.0)
    except Exception as error:  # whatever the transformation raises
        raise ValueError(
            f"from_optax: this transformation takes no step on a number x with loss g x "
            f"({type(error).__name__}: {checks.short(str(error))})"
        ) from error
    return method
