r"""Theorem 5 (Reddi, Kale and Kumar 2018): AdamNC, its two conditions, and what a T for a t does.

One coordinate. S is the sum of squared gradients before round t, so that with beta2_t = 1 - 1/t
the average is v_t = (S + g_t^2) / t. Rules and step sizes come from
:mod:`adam_and_beyond.methods`.
"""

from __future__ import annotations

import types

import flint
import numpy as np
import sympy
from sympy import Eq, Ge, Integer, Le, sqrt

from adam_and_beyond.methods import SYMBOLIC, direction, get, get_schedule, projected_step
from adam_and_beyond.proofs.step import Claim, Step, by_identity, by_signs, by_squares

alpha, zeta = sympy.symbols("alpha zeta", positive=True)
g = sympy.Symbol("g_t", real=True)
S = sympy.Symbol("S_{t-1}", positive=True)  # sum of the squares before round t
v, v_before = sympy.symbols("v_t v_{t-1}", nonnegative=True)
t = sympy.Symbol("t", integer=True, positive=True)
T = sympy.Symbol("T", integer=True, positive=True)

_r = sympy.Symbol("r", nonnegative=True)
_k = sympy.Symbol("k", integer=True, nonnegative=True)
_LATER = {t: 2 + _k}


def _alpha_at(step):
    return get_schedule("inverse_sqrt")(SYMBOLIC, alpha, step)


def _adamnc(state_v, step):
    method = get("adamnc").over(beta1=Integer(0))
    return method.update(g, method.init(Integer(0))._replace(v=state_v), step, SYMBOLIC)


def plain_average() -> Step:
    """With beta2_t = 1 - 1/t the average of squares is the plain one: AdaGrad's scale."""
    adagrad = get("adagrad")
    theirs = adagrad.update(g, adagrad.state_type(s=S), t, SYMBOLIC)
    first = sympy.Symbol("v_1", nonnegative=True)
    claims = (
        Claim(Eq(first, g**2), by_identity, "the first round forgets $v_0$"),
        Claim(
            Eq(v, (S + g**2) / t),
            by_identity,
            r"from $v_{t-1} = S_{t-1}/(t-1)$, for $t \ge 2$",
            _LATER,
            (Ge(t, 2),),
        ),
        Claim(
            Eq(sqrt((S + g**2) / t), theirs.sqrt_V, evaluate=False),
            by_identity,
            "the scale of AdaGrad, read from its rule",
        ),
    )
    names = {
        first: _adamnc(Integer(0), Integer(1)).state.v,
        v: _adamnc(v_before, t).state.v,
        v_before: S / (t - 1),
    }
    return Step("plain average", "beta2_t = 1 - 1/t gives AdaGrad's V", claims, (), names)


def conditions() -> Step:
    """Both conditions for beta2_t = 1 - 1/t: the first holds as an equality, with zeta = alpha."""
    inverse, before = sympy.symbols(r"\rho_t \rho_{t-1}", positive=True)
    total = S + g**2
    claims = (
        Claim(
            Eq(inverse, sqrt(total) / alpha),
            by_identity,
            r"$\sqrt{v_t}/\alpha_t$: condition 1 with $\zeta = \alpha$ and $=$",
        ),
        Claim(Ge(inverse, before), by_squares, "condition 2: a sum of squares grows", _LATER),
    )
    names = {
        inverse: sqrt(total / t) / _alpha_at(t),
        before: sqrt(S / (t - 1)) / _alpha_at(t - 1),
    }
    return Step("conditions", "zeta = alpha, with equality", claims, (Ge(t, 2),), names)


def sum_of_steps() -> Step:
    r"""Auer and Gentile's sum: g_t^2 / sqrt(S_t) adds up to at most 2 sqrt(S_T)."""
    new, old = sympy.symbols(r"\sqrt{S_t} \sqrt{S_{t-1}}", positive=True)
    claims = (
        Claim(
            Le((new**2 - old**2) / new, 2 * (new - old)),
            by_signs,
            r"$g_t^2 = S_t - S_{t-1}$; summed over $t$ the right side telescopes",
            {new: old + _r},
        ),
    )
    return Step("sum of steps", "g^2 / sqrt(S) against 2 sqrt(S)", claims, (Ge(new, old),))


def constants() -> Step:
    """Our constants are below the printed ones, whatever beta1 is."""
    beta1, p = sympy.Symbol("beta1", nonnegative=True), sympy.Symbol("p", nonnegative=True)
    c = 1 - beta1
    below_1 = {beta1: p / (1 + p)}
    claims = (
        Claim(Le(sympy.Rational(1, 2), 1 / (2 * c)), by_signs, "first term", below_1),
        Claim(Le(sympy.Rational(1, 2), 1 / c**2), by_signs, "second term", below_1),
        Claim(Le((1 + 2 * beta1) / c + 2 * beta1, 2 / c**3), by_signs, "third term", below_1),
    )
    return Step("constants", "direct <= final", claims, (sympy.Lt(beta1, 1),), {}, "ours")


# --- what goes wrong with alpha_T in condition 1 ---


def fading_beta2(horizon, step):
    r"""Our beta2_t = 1 - 1/(T - t + 1): with gradients of size 1 it makes v_t = t / T.

    Args:
      horizon: T, a number or a symbol.
      step: t, from 1 to T; a number, an array or a symbol.

    Returns:
      beta2_t, in [0, 1).

    References:
      Ours. Introduced in the chapter "AdamNC".
    """
    return 1 - 1 / (horizon - step + 1)


def printed_conditions() -> Step:
    """With alpha_T in condition 1 the fading beta2_t passes, with zeta = alpha."""
    method = get("adam").over(beta1=Integer(0), beta2=fading_beta2(T, t))
    state = method.init(Integer(0))._replace(v=(t - 1) / T)
    v_t = method.update(Integer(1), state, t, SYMBOLIC).state.v
    printed, inverse, rate = sympy.symbols(r"\rho_t^{(T)} \rho_t \eta_t", positive=True)
    names = {
        v: v_t,
        printed: sqrt(t / T) / _alpha_at(T),
        inverse: sqrt(t / T) / _alpha_at(t),
        rate: _alpha_at(t) / sqrt(t / T),
    }
    claims = (
        Claim(
            Eq(v, t / T),
            by_identity,
            r"the rule with $g_t^2 = 1$, $v_{t-1} = (t-1)/T$",
            {T: t + _k},
        ),
        Claim(
            Eq(printed, sqrt(t) / alpha),
            by_identity,
            r"$\sqrt{v_t}/\alpha_T$: condition 1 as printed, $\zeta = \alpha$, with $=$",
        ),
        Claim(
            Eq(inverse, t / (alpha * sqrt(T))),
            by_identity,
            r"$\sqrt{v_t}/\alpha_t$: condition 2, it grows with $t$",
        ),
        Claim(
            Eq(rate, alpha * sqrt(T) / t),
            by_identity,
            r"the steps $\alpha_t/\sqrt{v_t}$; their sum is about $\alpha\sqrt T\,\log T$",
        ),
    )
    given = (Le(t, T),)
    return Step("printed conditions", "They admit steps like 1/t", claims, given, names, "ours")


def adversary(horizon: int, scale: float) -> np.ndarray:
    r"""Gradients of size 1 that always point away from 0: the sign of x_t, against fading beta2_t.

    The method is deterministic, so this is one fixed sequence of losses :math:`\pm x`, known
    before the first round.

    Args:
      horizon: T, the number of rounds.
      scale: alpha, the scale of the step size.

    Returns:
      g_1, ..., g_T, each 1.0 or -1.0, for a run from x_1 = 0 on [-1, 1].

    Raises:
      ValueError: for a horizon below 1 or a scale that is not positive.

    References:
      Ours. Introduced in the chapter "AdamNC".
    """
    if horizon < 1 or not scale > 0:
        raise ValueError(f"horizon must be at least 1, scale positive, got {horizon}, {scale}")
    method, schedule = get("adam"), get_schedule("inverse_sqrt")
    state, x = method.init(np.float64(0.0)), np.float64(0.0)
    gradients = np.ones(horizon)
    for step in range(1, horizon + 1):
        gradients[step - 1] = 1.0 if x >= 0 else -1.0
        now = method.over(beta1=0.0, beta2=fading_beta2(horizon, step))
        m, root, state = now.update(gradients[step - 1], state, step, np)
        d = direction(np, m, root)
        x = projected_step(np, x, d, schedule(np, scale, step), -1.0, 1.0)
    return gradients


def _ball(number) -> flint.arb:
    return number if isinstance(number, flint.arb) else flint.arb(number)


def _where(still, one, other):
    return one if still else other


_BALLS = types.SimpleNamespace(
    sqrt=lambda ball: ball.sqrt(),
    minimum=lambda one, other: _ball(one).min(_ball(other)),
    maximum=lambda one, other: _ball(one).max(_ball(other)),
    where=_where,
)


def certified(horizon: int, scale: int, digits: int = 40) -> tuple[flint.arb, flint.arb]:
    r"""Regret against the :func:`adversary` and the printed bound on it, as balls.

    The run is done in ball arithmetic, on the gradients that the adversary chose in double
    precision: every rounding is accounted for, so that "regret > bound" is a proof for this
    sequence of losses. With alpha = zeta, v_T = 1 and gradients of size 1 the printed bound is
    :math:`(2/\alpha + 2\alpha) \sqrt T`.

    Args:
      horizon: T, the number of rounds.
      scale: alpha, a whole number.
      digits: working precision.

    Returns:
      ``(regret, bound)``, two balls of python-flint.

    Raises:
      ArithmeticError: if so few digits cannot tell that V_t is positive.

    References:
      Ours. Introduced in the chapter "AdamNC".
    """
    gradients = adversary(horizon, float(scale)).astype(int).tolist()
    method, schedule = get("adam"), get_schedule("inverse_sqrt")
    zero = flint.arb(0)
    with flint.ctx.workdps(digits):
        state, x, paid = method.init(zero), zero, zero
        for step, gradient in enumerate(gradients, start=1):
            paid += gradient * x
            fading = 1 - flint.arb(1) / (horizon - step + 1)
            now = method.over(beta1=zero, beta2=fading)
            m, root, state = now.update(flint.arb(gradient), state, flint.arb(step), _BALLS)
            # A comparison of balls is false also where it is undecided.
            if not root > 0:
                raise ArithmeticError("too few digits to tell that V is positive")
            alpha_t = schedule(_BALLS, flint.arb(scale), flint.arb(step))
            x = projected_step(_BALLS, x, direction(_BALLS, m, root), alpha_t, -1, 1)
        regret = paid + abs(sum(gradients))
        return regret, (flint.arb(2) / scale + 2 * scale) * flint.arb(horizon).sqrt()


def proof() -> tuple[Step, ...]:
    """What Theorem 5 needs besides the steps of :mod:`.theorem_4`.

    Returns:
      Steps.

    References:
      Reddi, Kale and Kumar (2018), Theorem 5. Introduced in the chapter "AdamNC".
    """
    return (plain_average(), conditions(), sum_of_steps(), constants())
