"""One period of a rule's averages, and the state that a period brings back to itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from adam_and_beyond import methods
from adam_and_beyond.drift import contraction


def run(
    method: methods.Method,
    gradients: np.ndarray,
    state: Any,
    first: float = np.inf,
    lengths: Any = None,
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Run one period of the rule: the state after it, m and the root of V of its rounds.

    Args:
      method: its hyperparameters may be arrays, which broadcast against the gradients.
      gradients: shape ``(..., P)``.
      state: the state before the period.
      first: number t of its first round; infinity, where bias corrections have died out.
      lengths: of each problem's period, where they differ; its later rounds do not happen.

    Returns:
      ``(state, m, sqrt_V)``, the averages of shape ``(..., P)``.
    """
    ms, roots = [], []
    # A correction at t = infinity has no effect; it is no accident.
    with np.errstate(divide="ignore", invalid="ignore"):
        for j in range(gradients.shape[-1]):
            m, sqrt_V, new = method.update(gradients[..., j], state, first + j)
            if lengths is not None:
                pairs = zip(new, state, strict=True)
                new = type(new)(*(np.where(j < lengths, a, b) for a, b in pairs))
            state = new
            ms.append(m)
            roots.append(sqrt_V)
    m, sqrt_V = np.broadcast_arrays(
        np.stack(np.broadcast_arrays(*ms), axis=-1), np.stack(np.broadcast_arrays(*roots), axis=-1)
    )
    return state, np.asarray(m, np.float64), np.asarray(sqrt_V, np.float64)


def settled(
    method: methods.Method, gradients: np.ndarray, lengths: Any = None
) -> tuple[Any, np.ndarray]:
    """The state at the start of a period that the period brings back, and how well it does.

    Args:
      method: one whose averages forget.
      gradients: shape ``(..., P)``.
      lengths: as in :func:`run`.

    Returns:
      ``(state, rate)``: the state, and the factor by which a period shrinks what is left of the
      start, the largest of all averages; shape of the problems and hyperparameters.

    Raises:
      ValueError: if the memory never fades.
    """
    if method.affine_state:
        state, rate = _affine(method, gradients, lengths)
    else:
        state, rate = contraction.fixed_point(method, gradients)
    if not np.all(rate < 1):
        raise ValueError(
            f"{method.label} never forgets: its averages have no periodic orbit, "
            "so there is no drift number"
        )
    if method.maxima:
        state = _fill_maxima(method, gradients, state, lengths)
    return state, rate


def _affine(method: methods.Method, gradients: np.ndarray, lengths: Any) -> tuple[Any, Any]:
    """Each average obeys s -> a s + b over a period, so b / (1 - a) comes back."""
    zeros = method.init(np.float64(0.0))
    if not zeros:
        return zeros, np.zeros(())
    ones = type(zeros)(*(np.float64(1.0) for _ in zeros))
    offset, _, _ = run(method, gradients, zeros, lengths=lengths)
    # A round with gradient zero and not a + b less b, which loses a where gradients are big.
    faded, _, _ = run(method, np.zeros(1), ones)
    period = gradients.shape[-1] if lengths is None else lengths
    start, worst = [], np.zeros(())
    for name, round_factor, b in zip(zeros._fields, faded, offset, strict=True):
        if name in method.maxima:
            start.append(np.float64(0.0))
            continue
        decay = np.abs(round_factor)
        worst = np.maximum(worst, decay**period)
        # 1 - decay^P without its cancellation where the decay is close to 1.
        with np.errstate(divide="ignore"):
            forgotten = -np.expm1(period * np.log1p(decay - 1))
        start.append(b / np.where(forgotten > 0, forgotten, 1))
    return type(zeros)(*start), worst


def _fill_maxima(method: methods.Method, gradients: np.ndarray, state: Any, lengths: Any) -> Any:
    """Running maxima: the largest value of the orbit, or a larger one that the start has left.

    A maximum does not forget. Bias-corrected or not, the first rounds can hold it for ever, so the
    clock runs from round 1 until a period raises it no more.
    """

    def with_maxima(state: Any, of: Any) -> Any:
        return state._replace(**{name: getattr(of, name) for name in method.maxima})

    low = method.init(np.float64(0.0))
    peak, _, _ = run(method, gradients, with_maxima(state, low), lengths=lengths)
    now, first = with_maxima(low, peak), 1
    while True:
        after, _, _ = run(method, gradients, now, first, lengths)
        first = first + (gradients.shape[-1] if lengths is None else lengths)
        raised = any(np.any(getattr(after, n) > getattr(now, n)) for n in method.maxima)
        now = after
        if not raised:
            return with_maxima(state, now)
