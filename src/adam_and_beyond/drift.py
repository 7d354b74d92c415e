r"""The drift number D: where a method ends on periodic linear losses, without running it.

The gradients do not depend on x, so the averages of a method settle on a periodic orbit, and the
sign of

.. math:: D = -\sum_{i=1}^{P} \frac{\bar m_i}{\sqrt{\bar V_i}}

over one period of that orbit decides: with vanishing step sizes x goes to the upper end if D > 0,
to the lower end if D < 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from adam_and_beyond import methods, problems


class Orbit(NamedTuple):
    """One period of the averages, from the first gradient on; float64, shape ``(P,)`` each."""

    m: np.ndarray  # phi
    sqrt_V: np.ndarray  # psi^{1/2}


def _cycle(method: methods.Method, gradients: np.ndarray, state: Any) -> tuple[Any, list, list]:
    ms, roots = [], []
    for g in gradients:
        # At t = infinity bias corrections have died out: beta**t is 0.
        m, sqrt_V, state = method.rule(np, g, state, np.inf, method.hyper)
        ms.append(m)
        roots.append(sqrt_V)
    return state, ms, roots


def orbit(method: methods.Method, problem: problems.PeriodicProblem) -> Orbit:
    r"""The periodic orbit of a method's averages on periodic gradients, computed with its own rule.

    Each average obeys s -> a s + b over one period. A period from s = 0 gives b, a period of zero
    gradients from s = 1 gives a, hence the fixed point b / (1 - a). A running maximum settles in
    one more period.

    Args:
      method: one whose averages forget (all of the catalogue but AdaGrad, AdamNC and Adadelta).
      problem: a periodic problem.

    Returns:
      The ``Orbit``.

    Raises:
      ValueError: if the method's memory never fades, so that there is no such orbit, if its
        state is not made of such averages (Adadelta, foreign rules), or the problem is not
        periodic.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    if not isinstance(problem, problems.PeriodicProblem) or problem.gradients.ndim != 1:
        raise ValueError("the drift number needs one periodic problem")
    if not method.affine_state:
        raise ValueError(
            f"{method.label} has no drift number: its state is not driven by gradients alone, "
            "through affine recursions and maxima"
        )
    gradients = problem.gradients
    zeros = method.initial_state(np.float64(0.0))
    ones = type(zeros)(*(np.float64(1.0) for _ in zeros))
    offset, _, _ = _cycle(method, gradients, zeros)
    # Zero gradients and not a + b less b, which would lose a to rounding where gradients are big.
    decay, _, _ = _cycle(method, np.zeros_like(gradients), ones)
    averages = type(zeros)._fields if zeros else ()
    start = []
    for name, a, b in zip(averages, decay, offset, strict=True):
        if name in method.maxima:  # it starts low and is full after one period
            start.append(np.float64(0.0))
            continue
        if not abs(a) < 1:
            raise ValueError(
                f"{method.label} never forgets: its averages have no periodic orbit, "
                "so there is no drift number"
            )
        start.append(b / (1 - a))
    settled, _, _ = _cycle(method, gradients, type(zeros)(*start))
    _, ms, roots = _cycle(method, gradients, settled)
    return Orbit(np.array(ms, np.float64), np.array(roots, np.float64) * np.ones(len(ms)))


def number(method: methods.Method, problem: problems.PeriodicProblem) -> float:
    r"""The drift number D of a method on a periodic problem: its sign says where the iterate goes.

    .. math:: D = -\sum_{i=1}^{P} \bar m_i / \bar V_i^{1/2}

    Args:
      method: one whose averages forget (all of the catalogue but AdaGrad, AdamNC and Adadelta).
      problem: a periodic problem.

    Returns:
      D, dimensionless (units loss / x for SGD). With :math:`\alpha_t \to 0`, :math:`\sum \alpha_t
      = \infty`: D > 0 means x tends to the upper end, D < 0 to the lower end.

    Raises:
      ValueError: if there is no periodic orbit, see :func:`orbit`.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """
    found = orbit(method, problem)
    with np.errstate(divide="ignore", invalid="ignore"):  # V = 0 has no direction, and no step
        directions = methods.direction(np, found.m, found.sqrt_V)
    return float(-np.sum(directions))


def critical(
    method: methods.Method,
    problem: problems.PeriodicProblem,
    hyperparameter: str,
    bracket: tuple[float, float],
) -> float:
    r"""The value of one hyperparameter at which the drift number D changes its sign.

    Args:
      method: the method; the other hyperparameters keep its values.
      problem: a periodic problem.
      hyperparameter: name of the one to vary, e.g. ``"beta2"``.
      bracket: two values between which D changes its sign.

    Returns:
      The root of D, to about 1e-15.

    Raises:
      ValueError: if D has the same sign at both ends of the bracket.

    References:
      Ours. Introduced in the chapter "Theorem 1".
    """

    def drift(value: float) -> float:
        return number(method.replace(**{hyperparameter: value}), problem)

    low, high = (drift(end) for end in bracket)
    if not low * high < 0:
        raise ValueError(
            f"D must change its sign over the bracket of {hyperparameter}: it is {low:.6g} at "
            f"{bracket[0]} and {high:.6g} at {bracket[1]}"
        )
    return float(scipy.optimize.brentq(drift, *bracket, xtol=1e-15, rtol=8.9e-16))
