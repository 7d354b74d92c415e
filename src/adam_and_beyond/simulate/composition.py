r"""Whether the rounds of a method compose, read from its rule.

A run can be cut into blocks of rounds that are computed side by side if the state at the end of a
block is a simple function of the state at its start. Two kinds of state have that:

.. math:: s_t = a_t s_{t-1} + b_t, \qquad s_t = \max\{s_{t-1}, e_t\},

with :math:`a_t`, :math:`b_t` and :math:`e_t` functions of t, gradients, hyperparameters and those
fields of the state whose starts are known already. A block of the first maps s to A s + B, a block
of the second to max{s, E}. Nothing is taken on trust: a rule, of the catalogue or of a reader, is
traced by JAX, and what it does with its state is read off operation by operation. What is not
understood does not compose, and runs step by step.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Literal, jaxprs_in_params

from adam_and_beyond import methods

# Elementwise, and without jumps where their arguments have none.
_SMOOTH = {"max", "min", "sqrt", "rsqrt", "cbrt", "pow", "integer_pow", "square", "abs"}
_SMOOTH |= {"exp", "exp2", "expm1", "log", "log1p", "tanh", "logistic", "sin", "cos"}
# Elementwise, with jumps: a rounding in their argument may decide about everything.
_JUMPS = {"lt", "le", "gt", "ge", "eq", "ne", "sign", "floor", "ceil", "round", "is_finite"}
_LOGICAL = {"and", "or", "not", "xor"}
_SUMS = {"add", "sub", "neg", "add_any"}
_SAME = {"convert_element_type", "copy"}
_CALLS = {"jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call"}


class Field(NamedTuple):
    """A variable of the state, and what its recursion is."""

    name: str
    is_maximum: bool  # s = max(s, e), else s = a s + b
    fixed: bool  # whether the coefficient a depends on hyperparameters alone
    timeless: bool  # whether nothing of it depends on t
    needs: frozenset[str]  # other fields that e, a or b, or what they are made of, look at


@dataclasses.dataclass(frozen=True, eq=False)  # two results are the same only if they are one
class _Result:
    """An intermediate result: what it depends on, and how it came about."""

    inputs: frozenset[str] = frozenset()  # "g", "t" and fields of the state
    linear: frozenset[str] = frozenset()  # fields in which it is affine
    moving: frozenset[str] = frozenset()  # of those, where the coefficient is no function of h
    operation: str = ""
    operands: tuple[_Result, ...] = ()


class _UnknownError(Exception):
    """An operation that this reading does not understand."""


def stages(method: methods.Method) -> tuple[tuple[Field, ...], ...] | None:
    """The fields of the state in the order in which their starts can be found.

    Args:
      method: any method.

    Returns:
      Stages: a field needs only fields of earlier stages. None if the rounds do not compose.
    """
    if type(method) is not methods.Method or method.needs_x:
        return None
    with jax.enable_x64(True):
        return _stages(method.over(lambda value: 0.5))


@functools.lru_cache(256)
def _stages(method: methods.Method) -> tuple[tuple[Field, ...], ...] | None:
    waiting = _fields(method)
    found, known = [], {}
    while waiting:
        ready = [field for field in waiting if field.needs <= known.keys()]
        if not ready:
            return None  # they wait for one another
        stage = tuple(_with_all_needs(field, known) for field in ready)
        known |= {field.name: field for field in stage}
        waiting = [field for field in waiting if field.name not in known]
        found.append(stage)
    return None if waiting is None else tuple(found)


def _with_all_needs(field: Field, known: dict[str, Field]) -> Field:
    """What it looks at, and what that looks at."""
    return field._replace(needs=field.needs.union(*(known[name].needs for name in field.needs)))


def _fields(method: methods.Method) -> list[Field] | None:
    names = method.state_type._fields
    number = jax.ShapeDtypeStruct((), jnp.float64)

    def update(method, g, t, *state):
        return method.update(g, method.state_type(*state), t, jnp)

    try:
        closed = jax.make_jaxpr(update)(
            jax.tree.map(lambda _: number, method), number, number, *(number for _ in names)
        )
        return _read(closed.jaxpr, names)
    except (_UnknownError, TypeError, ValueError, jax.errors.JAXTypeError):
        return None


def _read(jaxpr, names) -> list[Field] | None:
    fields = [_Result(frozenset([name]), frozenset([name])) for name in names]
    clocks = [_Result(frozenset([name])) for name in ("g", "t")]
    values = [_Result() for _ in jaxpr.invars[: -2 - len(names)]]
    outputs = _follow(jaxpr, [*values, *clocks, *fields])
    pairs = zip(names, fields, outputs[len(outputs) - len(names) :], strict=True)
    found = [_field(name, before, after, frozenset(names)) for name, before, after in pairs]
    return None if None in found else found


def _field(name: str, before: _Result, after: _Result, names: frozenset[str]) -> Field | None:
    needs, timeless = (after.inputs & names) - {name}, "t" not in after.inputs
    if name not in after.inputs or name in after.linear:
        return Field(name, False, name not in after.moving, timeless, needs)
    others = [operand for operand in after.operands if operand is not before]
    if after.operation == "max" and len(others) == 1 and name not in others[0].inputs:
        return Field(name, True, True, timeless, needs)
    return None


def _follow(jaxpr, arguments: list[_Result]) -> list[_Result]:
    """Read every operation, those of nested functions included: what comes out."""
    known = dict(zip(jaxpr.invars, arguments, strict=True))
    known |= {var: _Result() for var in jaxpr.constvars}

    def of(atom):
        return _Result() if isinstance(atom, Literal) else known[atom]

    for equation in jaxpr.eqns:
        operands = [of(atom) for atom in equation.invars]
        nested = list(jaxprs_in_params(equation.params))
        if not nested:
            narrow = equation.outvars[0].aval.dtype not in (jnp.float64, jnp.bool_)
            results = [_result(equation.primitive.name, operands, narrow)]
        elif len(nested) == 1 and equation.primitive.name in _CALLS:
            results = _follow(nested[0], operands)
        else:
            raise _UnknownError
        known |= zip(equation.outvars, results, strict=True)
    return [of(atom) for atom in jaxpr.outvars]


def _result(name: str, parts: list[_Result], narrow: bool) -> _Result:
    inputs = frozenset().union(*(part.inputs for part in parts))
    state = inputs - {"g", "t"}
    if state and (name in _JUMPS or narrow):
        raise _UnknownError
    if name in _SUMS or name in _SAME:
        linear = _affine_in_all(parts, state)
        moving = _moving(parts) & linear
    elif name in ("mul", "div"):
        linear, moving = _scaled(name, parts)
    elif name == "select_n":
        linear = _affine_in_all(parts[1:], state - parts[0].inputs)
        moving = linear if parts[0].inputs else _moving(parts[1:]) & linear
    elif name in _SMOOTH | _JUMPS | _LOGICAL:
        linear = moving = frozenset()
    else:
        raise _UnknownError
    return _Result(inputs, linear, moving, name, tuple(parts))


def _moving(parts) -> frozenset[str]:
    return frozenset().union(*(part.moving for part in parts))


def _affine_in_all(parts, state) -> frozenset[str]:
    return frozenset(
        f for f in state if all(f in part.linear for part in parts if f in part.inputs)
    )


def _scaled(name: str, parts: list[_Result]) -> tuple[frozenset[str], frozenset[str]]:
    """A product is affine in what one factor is affine in and the other does not look at."""
    one, other = parts
    linear, moving = set(), set()
    for factor, rest in ((one, other), (other, one))[: 2 if name == "mul" else 1]:
        found = factor.linear - rest.inputs
        linear |= found
        moving |= found if rest.inputs else found & factor.moving
    return frozenset(linear), frozenset(moving)
