r"""Independent gradients: the stationary mean of a method's direction, as an exact integral.

For averages :math:`m_t = \sum a_k g_{t-k}` and :math:`V_t = V_0 + \sum w_k g_{t-k}^2`, from
:math:`V^{-1/2} = \pi^{-1/2} \int_0^\infty s^{-1/2} e^{-sV} ds`:

.. math::
  E[-m / V^{1/2}] = -\pi^{-1/2} \int_0^\infty s^{-1/2} e^{-s V_0}
    \prod_k E[e^{-s w_k g^2}] \sum_k a_k \rho(s w_k) \, ds, \qquad
  \rho(y) = \frac{E[g e^{-y g^2}]}{E[e^{-y g^2}]}

With :math:`s = e^u` the trapezoid rule converges faster than any power of its step. The weights
fall geometrically, :math:`w_k = w_0 q^k`. On a grid whose step divides :math:`\log(1/q)` the
product is therefore a running product and the sum a recursion: one exponential a node in all.

A gradient may be 0 with probability :math:`p_0 < 1`. Then V = 0 has probability 0 and needs no
convention, but V may be small: after k zeros m has shrunk by :math:`p^k` and the root of V by
:math:`q^{k/2}`. The mean exists if :math:`p_0 |p| < \sqrt q`, for Adam :math:`p_0 \beta_1 <
\sqrt{\beta_2}`; the integrand then falls for large s like a power of s.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any, NamedTuple

import flint
import numpy as np
import scipy.signal
import sympy

from adam_and_beyond import methods, problems

_STEP = 0.05  # largest step of the grid in u: the error of the trapezoid rule is below e^{-100}
_MOST_NODES = 2 * 10**7  # beyond that memory runs out
_FARTHEST = 600.0  # the largest u = log s: beyond that e^u is no number any more
_GUARD = 15  # digits beyond those asked for


class Memory(NamedTuple):
    """Weights of a method's averages: a_0; a_1, a_1 p, ...; w_0, w_0 q, ...; and V_0."""

    a0: Any
    a1: Any
    p: Any
    w0: Any
    q: Any
    V0: Any


def _responses(method: methods.Method, number: Any, impulse: int) -> tuple[list, list]:
    """m and V of four rounds with gradients ``impulse``, 0, 0, 0, from zero, by the rule."""
    method = method.over(number)
    state, ms, Vs = method.init(number(0)), [], []
    for g in (impulse, 0, 0, 0):
        m, sqrt_V, state = method.update(number(g), state, np.inf)
        ms.append(m)
        Vs.append(sqrt_V**2)
    return ms, Vs


def memory_of(method: methods.Method, number: Any = np.float64) -> Memory:
    """The weights, read off the rule by its response to a single gradient.

    Raises:
      ValueError: if the averages are not of the form that the integral needs.
    """
    refusal = ValueError(
        f"the exact integral needs averages of gradients and of their squares that fade "
        f"geometrically, with nothing added to the root; {method.label} has others"
    )
    if not method.affine_state or method.maxima or "v" not in method.state_type._fields:
        raise refusal
    m, V = _responses(method, number, 1)
    _, V_still = _responses(method, number, 0)
    V0 = V_still[0]
    w = [value - V0 for value in V]
    p = m[2] / m[1] if float(m[1]) else number(0)
    memory = Memory(m[0], m[1], p, w[0], w[1] / w[0], V0)
    m_two, V_two = (np.array(list(map(float, part))) for part in _responses(method, number, -2))
    a, w = np.array(list(map(float, m))), np.array(list(map(float, w)))
    geometric = [w[2] - w[1] * float(memory.q), a[3] - a[2] * float(p), *(m_two + 2 * a)]
    if np.abs([*geometric, *(V_two - float(V0) - 4 * w)]).max() > 1e-12 or not memory.q > 0:
        raise refusal
    return memory


def _prepare(problem: Any, number: Any) -> tuple[list, list]:
    problems.check_problem(problem)
    if not isinstance(problem, problems.IIDProblem) or problem.shape:
        raise ValueError(
            "the stationary drift needs a problem with independent gradients on an interval"
        )
    if not np.any(problem.gradients[problem.probabilities > 0] ** 2 > 0):
        raise ValueError("the stationary drift needs gradients of which not all are 0")
    p = [number(value) for value in problem.probabilities]
    total = sum(p[1:], p[0])  # 1, to the last digit also where tenths were rounded to binary
    return [number(g) for g in problem.gradients], [value / total for value in p]


def _geometric_sum(values: np.ndarray, factor: Any, first: Any) -> np.ndarray:
    """y_i = values_i + factor y_{i-1} along the first axis, with y_{-1} = first."""
    if values.dtype != object:
        start = np.full((1, values.shape[1]), factor * first)
        return scipy.signal.lfilter([1.0], [1.0, -factor], values, axis=0, zi=start)[0]
    rows = itertools.accumulate(values, lambda y, row: row + factor * y, initial=first)
    return np.stack(list(rows)[1:])


def _integral(memory: Memory, g: list, p: list, digits: int, number: Any) -> Any:
    squares = [value * value for value in g]
    least, most = min(squares), max(squares)
    mean = sum((b * a for a, b in zip(g[1:], p[1:], strict=True)), g[0] * p[0])
    log_ratio = -_log(memory.q)
    columns = math.ceil(float(log_ratio) / _STEP)
    h = log_ratio / columns
    # From where s V is nothing, to where e^{-s V} is: in units of the largest and least V.
    u0 = -math.log(float(most)) - (digits + 3) * math.log(10)
    u1 = _upper_end(memory, squares, p, digits)
    rows = math.ceil((u1 - u0) / float(log_ratio)) + 1
    if rows * columns > _MOST_NODES:
        raise ValueError(
            f"the integral would need {rows * columns:.1e} nodes, more than {_MOST_NODES:.0e}: "
            "beta2 is too close to 1 (the nodes are about 80 / (1 - beta2))"
        )
    index = np.arange(rows * columns).reshape(rows, columns)
    u = (index if number is np.float64 else index.astype(object)) * h + number(u0)
    root = np.exp(u / 2)
    s = root * root
    y = s * memory.w0
    weights = [b * np.exp(-y * (square - least)) for b, square in zip(p, squares, strict=True)]
    total = functools.reduce(np.add, weights)
    log_product = np.cumsum(np.log(total) - y * least, axis=0)
    rho = functools.reduce(np.add, (a * w for a, w in zip(g, weights, strict=True))) / total
    tail = memory.a1 / (1 - memory.p) * mean
    past = _geometric_sum(memory.a1 * rho, memory.p, tail)
    before = np.concatenate([np.broadcast_to(tail, (1, columns)), past[:-1]])
    values = root * np.exp(log_product - s * memory.V0) * (memory.a0 * rho + before)
    # Below u0 the product is 1 and rho the mean: a geometric series in e^{h/2}.
    below = root.flat[0] / (root.flat[1] / root.flat[0] - 1)
    sums = np.sum(values) + below * (memory.a0 * mean + tail)
    return -sums * h


def _upper_end(memory: Memory, squares: list, p: list, digits: int) -> float:
    """The u beyond which the integrand is less than all digits."""
    nothing = (digits + 3) * math.log(10)
    smallest = min(float(square) for square in squares if float(square) > 0)
    end = -math.log(smallest) + math.log(nothing)
    p0 = sum(float(b) for b, square in zip(p, squares, strict=True) if float(square) == 0)
    if not p0:
        return end  # V is never less than the smallest square
    end -= math.log(float(memory.w0))  # the last gradient alone
    if float(memory.V0):
        return max(end, math.log(nothing) - math.log(float(memory.V0)))
    decay = abs(float(memory.p)) if float(memory.a1) else 0.0
    if not decay:
        return end
    # k zeros have probability p0^k, and s w_k is about 1: the integrand falls like a power of s.
    fall = math.log(p0 * decay) / math.log(float(memory.q)) - 0.5
    if fall <= 0:
        raise ValueError(
            "the mean of m / sqrt(v) does not exist: the probability of a gradient 0 times beta1 "
            f"must be less than sqrt(beta2), got {p0:.6g} * {decay:.6g} and "
            f"{math.sqrt(float(memory.q)):.6g}"
        )
    end += nothing / fall
    if end > _FARTHEST:
        raise ValueError(
            "the mean of m / sqrt(v) exists, but its integral converges too slowly: the "
            f"probability {p0:.6g} of a gradient 0 times beta1 is too close to sqrt(beta2)"
        )
    return end


def _log(value: Any) -> Any:
    return value.log() if hasattr(value, "log") else math.log(value)


def stationary(
    method: str | methods.Method, problem: problems.IIDProblem, digits: int | None = None
):
    r"""The stationary drift of a method on independent gradients, per round, exactly.

    .. math:: E[-m / V^{1/2}]

    Args:
      method: one that averages gradients and their squares with geometric weights: RMSProp, Adam,
        bias-corrected or not, with or without epsilon inside the root, Nadam. Scalar
        hyperparameters, beta2 > 0.
      problem: an i.i.d. problem. Gradients may be 0 with probability p_0 < 1, without epsilon for
        :math:`p_0 \beta_1 < \sqrt{\beta_2}`; v = 0 then has probability 0.
      digits: ``None`` for float64. A number asks for so many correct digits; hyperparameters,
        gradients and probabilities then count as the decimals that they print as, and rounding is
        bounded by ball arithmetic.

    Returns:
      The drift, dimensionless; a float, or a ``sympy.Float`` of ``digits`` digits. Its sign says
      where x goes, like that of :func:`number`.

    Raises:
      ValueError: for another kind of method or problem, for beta2 within about 4e-6 of 1, or where
        zeros are so likely that the mean does not exist, or nearly so.

    References:
      Ours. Introduced in the chapter "Random gradients".
    """
    method = methods.get(method)
    if digits is None:
        g, p = _prepare(problem, float)
        found = _integral(memory_of(method), g, p, 16, np.float64)
        return float(found) / math.sqrt(math.pi)
    with flint.ctx.workdps(digits + _GUARD):
        g, p = _prepare(problem, decimal)
        found = integral(memory_of(method, decimal), g, p, digits)
        return sympy.Float(found.str(digits, radius=False), digits)


def integral(memory: Memory, g: list, p: list, digits: int) -> flint.arb:
    """The mean of -m / sqrt V in balls, at the working precision of the caller.

    Args:
      memory: weights of the averages, balls.
      g: values of the gradient, balls.
      p: their probabilities, balls with sum 1.
      digits: to which the integral is cut off.

    Returns:
      The mean, a ball that tells of rounding.

    References:
      Ours.
    """
    return _integral(memory, g, p, digits, decimal) / flint.arb.pi().sqrt()


def decimal(value: Any) -> flint.arb:
    """The decimal that a float prints as, exactly: 0.1 is a tenth."""
    return flint.arb(str(value) if isinstance(value, str) else repr(float(value)))
