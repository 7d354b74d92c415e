r"""The drift number on boxes of parameters, as balls that contain its every value there.

On a periodic orbit an average with decay :math:`\beta` weighs the k-th last gradient by

.. math:: p_k(\beta) = \beta^k / (1 + \beta + \dots + \beta^{P-1}), \qquad 0 \le k < P

so :math:`D = -\sum_i m_i w_i` with :math:`m_i = \sum_k p_k(\beta_1) g_{i-k}` and :math:`w_i` the
reciprocal root of V. Both sums of powers grow with :math:`\beta`, so on an interval the two ends
bound each weight. Everything here is ball arithmetic (Johansson 2017).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from numbers import Rational
from typing import Any, NamedTuple

import flint
import numpy as np
import sympy

from adam_and_beyond import methods, problems

arb = flint.arb
BITS = 80  # of the midpoints; the radii come from the widths of the boxes
Box = Mapping[str, tuple[float, float]]


class Reading(NamedTuple):
    """What a rule does with its averages on a periodic orbit, read from its expressions."""

    decay_m: sympy.Expr  # 0: the gradient itself
    decay_v: sympy.Expr
    sqrt_V: sympy.Expr  # of the symbol v, and of hyperparameters
    v: sympy.Symbol
    maximum: bool  # whether v stands for the largest v of the orbit


def _refusal(method: methods.Method) -> ValueError:
    return ValueError(
        "certified drift needs an average of gradients or the gradient itself, over a root of an "
        f"average of squared gradients or of its running maximum; {method.label} is none of these"
    )


def read(method: methods.Method) -> Reading:
    """Read a rule: its two averages and its root, in the limit of many rounds.

    Args:
      method: any.

    Returns:
      The ``Reading``.

    Raises:
      ValueError: if the rule is not of that form.

    References:
      Ours. Introduced in the chapter "The map, proved".
    """
    traced = methods.trace(method)

    def settled(e: Any) -> sympy.Expr:
        """Without bias corrections: beta^t is gone."""
        gone = (
            sympy.sympify(e).doit().replace(lambda a: a.is_Pow and a.exp == traced.t, lambda a: 0)
        )
        return sympy.sympify(gone).doit()

    state = {symbol.name: (symbol, settled(e)) for symbol, e in traced.state}
    previous = {symbol.name.removesuffix("_previous"): symbol for symbol in traced.previous}

    def decay(name: str, what: sympy.Expr) -> sympy.Expr:
        e = sympy.expand(state[name][1])
        factor = e.coeff(previous[name])
        if factor not in (0, *traced.hyperparameters):
            raise _refusal(method)
        if sympy.expand(e - factor * previous[name] - (1 - factor) * what) != 0:
            raise _refusal(method)
        return factor

    if "v" not in state:
        raise _refusal(method)
    v, direction, root = state["v"][0], settled(traced.m), settled(traced.sqrt_V)
    maximum = "v_hat" in state and root.has(state["v_hat"][0])
    written = {symbol.name: sympy.sympify(e).doit() for symbol, e in traced.state}
    if maximum and written["v_hat"] != sympy.Max(previous["v_hat"], v):
        raise _refusal(method)  # e.g. a corrected v, whose maximum the first rounds may hold
    in_root = state["v_hat"][0] if maximum else v
    averaged = "m" in state and direction == state["m"][0]
    if not (averaged or direction == traced.g) or not in_root.is_Symbol:
        raise _refusal(method)
    if not root.free_symbols <= {in_root, *traced.hyperparameters}:
        raise _refusal(method)
    decay_m = decay("m", traced.g) if averaged else sympy.Integer(0)
    return Reading(decay_m, decay("v", traced.g**2), root, in_root, maximum)


def ball(number: float | Rational) -> flint.arb:
    """The ball of one number: a float is that double, a fraction is that fraction."""
    if isinstance(number, Rational):
        return arb(flint.fmpq(int(number.numerator), int(number.denominator)))
    return arb(float(number))


def interval(ends: tuple[float, float]) -> flint.arb:
    """The ball that contains an interval."""
    low, high = ends
    return ball(low) if low == high else ball(low).union(ball(high))


def weights(ends: tuple[float, float], period: int) -> tuple[list, list]:
    r"""The weights :math:`p_k` of a periodic average on an interval of decays, and their slopes.

    Args:
      ends: the interval, within [0, 1]; a point where its ends agree.
      period: P.

    Returns:
      Two lists of P balls.

    References:
      Ours. Introduced in the chapter "The map, proved".
    """

    def powers(x: flint.arb) -> tuple[list, Any, Any]:
        values = [arb(1)]
        for _ in range(period - 1):
            values.append(values[-1] * x)
        slopes = [arb(0), *(k * values[k - 1] for k in range(1, period))]
        return values, slopes, (sum(values, arb(0)), sum(slopes, arb(0)))

    low, low_slopes, (low_sum, low_slope) = powers(ball(ends[0]))
    if ends[0] == ends[1]:
        ratio = low_slope / low_sum
        p = [a / low_sum for a in low]
        return p, [b / low_sum - a * ratio for a, b in zip(p, low_slopes, strict=True)]
    high, high_slopes, (high_sum, high_slope) = powers(ball(ends[1]))
    ratio = (low_slope / high_sum).union(high_slope / low_sum)
    p = [(a / high_sum).union(b / low_sum) for a, b in zip(low, high, strict=True)]
    slopes = [
        (a / high_sum).union(b / low_sum) - q * ratio
        for a, b, q in zip(low_slopes, high_slopes, p, strict=True)
    ]
    return p, slopes


def averages(p: list, values: list, rare: tuple[int, ...], common: int) -> list:
    """Periodic averages of a sequence of balls, all equal to one of them but for the rare ones."""
    base, period = values[common], len(values)
    excess = [(j, values[j] - base) for j in rare]
    return [sum((d * p[(i - j) % period] for j, d in excess), base) for i in range(period)]


class Enclosure:
    """The drift number of a method on a problem, or on a family linear in its parameter, on boxes.

    Args:
      method: its hyperparameters are numbers, fractions meant exactly; those on the axes are
        replaced by the box.
      problem: a periodic problem, or a function from a number to one.
      axes: the names that boxes have; a family's parameter has the name that is not a
        hyperparameter.
      ends: of the whole rectangle, by name.
    """

    def __init__(self, method: methods.Method, problem: Any, ends: Box) -> None:
        self.reading = read(method)
        if any(np.ndim(value) for value in method.values):
            raise ValueError(f"certified drift needs numbers as hyperparameters, got {method!r}")
        self.axes = tuple(ends)
        self.fixed = {k: (x,) * 2 for k, x in method.hyper._asdict().items()}
        self.parameter = next((name for name in ends if name not in self.fixed), None)
        self.offset, self.slope = _gradients(problem, self.parameter, ends)
        pairs = list(zip(self.offset, self.slope, strict=True))
        most = Counter(pairs).most_common(1)[0][0]
        self._common = pairs.index(most)
        self._rare = tuple(j for j, pair in enumerate(pairs) if pair != most)
        self._root = self._functions()
        # Boxes side by side share intervals; the caches end with the enclosure.
        self._weights = functools.cache(lambda ends: weights(ends, len(self.offset)))
        self._direction = functools.cache(self._direction)
        self._scale = functools.cache(self._scale)

    @property
    def period(self) -> int:
        """Rounds of a period."""
        return len(self.offset)

    def _functions(self) -> dict[str, Callable]:
        """The root of V and its derivatives as functions of balls."""
        reading = self.reading
        names = sorted(s.name for s in reading.sqrt_V.free_symbols - {reading.v})
        symbols = {s.name: s for s in reading.sqrt_V.free_symbols}
        of = [reading.v, *(symbols[name] for name in names)]
        wanted = {"": reading.sqrt_V, "v": reading.sqrt_V.diff(reading.v)}
        wanted |= {name: reading.sqrt_V.diff(symbols[name]) for name in names}
        self._root_names = tuple(names)
        roots = {"sqrt": lambda x: arb(x).sqrt()}
        return {name: sympy.lambdify(of, e, modules=[roots]) for name, e in wanted.items()}

    def _ends(self, name: str, box: Box) -> tuple[float, float]:
        return box[name] if name in box else self.fixed[name]

    def _decay(self, e: sympy.Expr, box: Box) -> tuple[str | None, tuple[float, float]]:
        return (None, (0.0, 0.0)) if e == 0 else (e.name, self._ends(e.name, box))

    def _sequences(self, ends: tuple[float, float] | None) -> tuple[list, list]:
        """The gradients, and their derivatives by the family's parameter."""
        C = arb(0) if ends is None else interval(ends)
        slopes = [arb(b) for b in self.slope]
        return [arb(a) + b * C for a, b in zip(self.offset, slopes, strict=True)], slopes

    def _averages(self, p: list, values: list) -> list:
        return averages(p, values, self._rare, self._common)

    def _slopes(self, dp: list, values: list) -> list:
        """Derivatives of averages by their decay: the slopes of the weights add up to 0."""
        base = values[self._common]
        return self._averages(dp, [value - base for value in values])

    def _direction(self, decay, parameter):
        """Rows: m over the period; its derivatives by its decay and by the parameter."""
        name, ends = decay
        g, slopes = self._sequences(parameter)
        p, dp = self._weights(ends)
        rows = {"": self._averages(p, g)}
        if name in self.axes:
            rows[name] = self._slopes(dp, g)
        if parameter is not None:
            rows[self.parameter] = self._averages(p, slopes)
        flat = [x for row in rows.values() for x in row]
        return tuple(rows), flint.arb_mat(len(rows), self.period, flat)

    def _scale(self, decay, parameter, others):
        """Columns: 1 / sqrt(V) over the period, and its derivatives."""
        name, ends = decay
        g, slopes = self._sequences(parameter)
        p, dp = self._weights(ends)
        squares = [x * x for x in g]
        v = self._averages(p, squares)
        arguments = [interval(e) for e in others]
        at = {key: [f(x, *arguments) for x in v] for key, f in self._root.items()}
        w = [1 / x for x in at[""]]
        minus_square = [-x * x for x in w]
        by_v = [s * d for s, d in zip(minus_square, at["v"], strict=True)]
        columns = {"": w}
        if name in self.axes:
            columns[name] = _products(by_v, self._slopes(dp, squares))
        if parameter is not None:
            of_squares = [2 * a * b for a, b in zip(g, slopes, strict=True)]
            columns[self.parameter] = _products(by_v, self._averages(p, of_squares))
        for key in self._root_names:
            if key in self.axes:
                columns[key] = _products(minus_square, at[key])
        flat = [columns[key][i] for i in range(self.period) for key in columns]
        return tuple(columns), flint.arb_mat(self.period, len(columns), flat)

    def __call__(self, box: Box) -> tuple[flint.arb, dict[str, flint.arb]]:
        """D on a box, and its partial derivatives there."""
        reading = self.reading
        parameter = None if self.parameter is None else box[self.parameter]
        decay_v = self._decay(reading.decay_v, box)
        others = tuple(self._ends(name, box) for name in self._root_names)
        if reading.maximum:
            return self._with_maximum(decay_v, parameter, others), {}
        rows, m = self._direction(self._decay(reading.decay_m, box), parameter)
        columns, w = self._scale(decay_v, parameter, others)
        product = m * w
        partial = {}
        for name in self.axes:
            terms = [product[rows.index(name), 0]] if name in rows else []
            terms += [product[0, columns.index(name)]] if name in columns else []
            partial[name] = -sum(terms, arb(0))
        return -product[0, 0], partial

    def _with_maximum(self, decay_v, parameter, others) -> flint.arb:
        """One scale for the whole period: D is minus the sum of the gradients, scaled."""
        g, _ = self._sequences(parameter)
        p, _ = self._weights(decay_v[1])
        v = self._averages(p, [x * x for x in g])
        largest = functools.reduce(lambda a, b: a.max(b), v)
        return -sum(g, arb(0)) / self._root[""](largest, *(interval(e) for e in others))


def _products(a: list, b: list) -> list:
    return [x * y for x, y in zip(a, b, strict=True)]


def _gradients(problem: Any, parameter: str | None, ends: Box) -> tuple[list, list]:
    """Gradients as offset + slope * parameter, floats."""
    if not callable(problem):
        if parameter is not None:
            raise ValueError(f"{parameter!r} is no hyperparameter, and the problem is no family")
        if not isinstance(problem, problems.PeriodicProblem) or problem.gradients.ndim != 1:
            raise ValueError(
                "certified drift needs one periodic problem, or a function that makes one"
            )
        return problem.gradients.tolist(), [0.0] * problem.period
    if parameter is None:
        raise ValueError("a family of problems needs its parameter among the axes")
    low, high = ends[parameter]
    points = np.array([low, (low + high) / 2, high])
    rows = [problem(float(x)).gradients for x in points]
    if len({row.shape for row in rows}) != 1:
        raise ValueError("the problems of a family need the same period")
    slope = np.round((rows[2] - rows[0]) / (high - low), 12)
    offset = rows[0] - slope * low
    # Up to rounding: what is certified is the linear family itself.
    if not np.allclose(rows, offset + np.outer(points, slope), rtol=1e-12, atol=1e-12):
        raise ValueError(f"the gradients of a family must be linear in {parameter}")
    return offset.tolist(), slope.tolist()
