r"""The drift number as named steps: its closed form, why its sign decides, and what follows.

The problem is one gradient C followed by P - 1 gradients -1, over and over. The averages are those
of the rules in :mod:`adam_and_beyond.methods`, run on symbols; nothing of them is retyped.
"""

from __future__ import annotations

from typing import Any

import mpmath
import sympy
from sympy import Abs, Eq, Ge, Integer, Le, Lt, Max, Min, sqrt

from adam_and_beyond.methods import SYMBOLIC, direction, get, project
from adam_and_beyond.proofs.exact import exact
from adam_and_beyond.proofs.reasons import by_the_hypotheses
from adam_and_beyond.proofs.step import Claim, Step, by_identity

C, P = sympy.symbols("C P", positive=True)
beta1, beta2, eta = sympy.symbols("beta1 beta2 eta", positive=True)  # eta is 1 - beta2
i = sympy.Symbol("i", integer=True, nonnegative=True)  # rounds after the big gradient
m, v, g = sympy.symbols("m v g", real=True)
# Points and moves of a projected walk on [l, u]: shift S, ends L and U of the map so far, one move.
x, low, high, S, L, U, A, move = sympy.symbols("x l u S L U A delta", real=True)
alpha, rate, wobble, drift_i = sympy.symbols(r"alpha e r \bar{d}_i", real=True)


def one_round(gradient: Any, first: Any = m, second: Any = v, name: str = "adam") -> Any:
    """One round of a rule with symbolic betas: its ``Update``.

    Args:
      gradient: g, symbolic.
      first: m before the round.
      second: v before the round.
      name: ``"adam"``, or ``"amsgrad"`` before its first maximum.

    Returns:
      The rule's ``Update`` with SymPy expressions.
    """
    method = get(name).over(beta1=beta1, beta2=beta2)
    state = method.init(Integer(0))._replace(m=first, v=second)
    return method.update(gradient, state, None, SYMBOLIC)


def _average(field: str) -> tuple[Any, Any, Any, Any]:
    """Its symbol, its factor of a round, and what the gradients C and -1 add."""
    symbol = {"m": m, "v": v}[field]
    after = {key: getattr(one_round(key).state, field) for key in (C, Integer(-1))}
    factor = sympy.diff(after[C], symbol)
    return symbol, factor, after[C].subs(symbol, 0), after[Integer(-1)].subs(symbol, 0)


def orbit_of(field: str) -> sympy.Expr:
    """The periodic orbit of an average, i rounds after the big gradient, solved for.

    Args:
      field: ``"m"`` or ``"v"``.

    Returns:
      An expression in C, P, i and beta1 or beta2.

    References:
      Ours.
    """
    symbol, factor, big, small = _average(field)
    # Between two big gradients the average goes geometrically to its resting point.
    (rest,) = sympy.solve(Eq(symbol, factor * symbol + small), symbol)
    top = sympy.Symbol("y", real=True)  # right after the big gradient
    before_the_next = rest + factor ** (P - 1) * (top - rest)
    (found,) = sympy.solve(Eq(top, factor * before_the_next + big), top)
    return rest + factor**i * sympy.simplify(found - rest)


_ORBIT = {field: orbit_of(field) for field in ("m", "v")}
_m_bar, _v_bar = sympy.symbols(r"\bar{m}_{i} \bar{v}_{i}", real=True)


def orbit() -> Step:
    """The periodic orbit of Adam's averages in closed form; it obeys the rule in every round."""
    forms = {
        _m_bar: (1 - beta1) * (C + 1) * beta1**i / (1 - beta1**P) - 1,
        _v_bar: (1 - beta2) * (C**2 - 1) * beta2**i / (1 - beta2**P) + 1,
    }
    claims = [Claim(Eq(name, form), by_identity, "solved for") for name, form in forms.items()]
    definitions = {_m_bar: _ORBIT["m"], _v_bar: _ORBIT["v"]}
    for field in ("m", "v"):
        _, factor, big, small = _average(field)
        for text, begin, end, added in (
            ("the rule, gradient $-1$", i, i + 1, small),
            ("the rule, gradient $C$, closes the period", P - 1, Integer(0), big),
        ):
            old, new = (
                sympy.Symbol(rf"\bar{{{field}}}_{{{sympy.latex(k)}}}", real=True)
                for k in (begin, end)
            )
            definitions |= {old: _ORBIT[field].subs(i, begin), new: _ORBIT[field].subs(i, end)}
            claims.append(Claim(Eq(new, factor * old + added), by_identity, text))
    hypotheses = (Lt(beta1, 1), Lt(beta2, 1))
    return Step("orbit", "The periodic orbit", tuple(claims), hypotheses, definitions, "ours")


def drift_number() -> sympy.Expr:
    r"""The drift number of Adam on one gradient C and P - 1 gradients -1.

    .. math:: D = -\sum_{i=0}^{P-1} \bar m_i / \sqrt{\bar v_i}

    Returns:
      A SymPy sum over i in C, P, beta1 and beta2.

    References:
      Ours. Introduced in the chapter "How rare is too rare".
    """
    return -sympy.Sum(_direction_on_the_orbit(), (i, 0, P - 1))


def _direction_on_the_orbit() -> sympy.Expr:
    root = sympy.Symbol("root", positive=True)
    return direction(SYMBOLIC, _ORBIT["m"], root).subs(root, sqrt(_ORBIT["v"]))


def evaluate(C: Any, P: int, beta1: Any, beta2: Any, digits: int = 30) -> sympy.Float:
    """The drift number of :func:`drift_number` at exact numbers, to many digits.

    Args:
      C: the big gradient, an exact number (integer, fraction or SymPy number).
      P: the period, at least 2.
      beta1: exact, in [0, 1).
      beta2: exact, in [0, 1).
      digits: significant digits of the sum; its terms are worked out with 20 more.

    Returns:
      A ``sympy.Float``.

    Raises:
      TypeError: for a float, which is not an exact number.

    References:
      Ours. Introduced in the chapter "The exact boundary".
    """
    names = sympy.symbols("C P beta1 beta2", positive=True)
    with mpmath.workdps(digits + 20):
        values = [mpmath.mpf(q.p) / q.q for q in map(exact, (C, P, beta1, beta2))]
        term = sympy.lambdify((*names, i), _direction_on_the_orbit(), "mpmath")
        return sympy.Float(-mpmath.fsum(term(*values, k) for k in range(P)), digits)


# --- the lemma: a projected walk is a clamp-shift ---


def clip(point: Any, lower: Any, upper: Any) -> sympy.Expr:
    """The projection of the methods, on symbols.

    Args:
      point: where an unprojected step ends.
      lower: lower end.
      upper: upper end.

    Returns:
      A SymPy expression.

    References:
      Introduced in the chapter "The exact boundary".
    """
    return project(SYMBOLIC, point, lower, upper)


_NEAR_THE_ENDS = (Ge(U, high - A), Le(L, low + A))


def clamp_shifts_compose() -> Step:
    """A clamp-shift followed by a projected move is a clamp-shift: shifts add, ends are moved."""
    y, new_L, new_U = sympy.symbols("y L' U'", real=True)
    names = {
        y: clip(x + S, L, U),
        new_L: clip(L + move, low, high),
        new_U: clip(U + move, low, high),
    }
    one_clip = Eq(clip(y + move, low, high), clip(x + S + move, new_L, new_U), evaluate=False)
    definitions = (Eq(name, form, evaluate=False) for name, form in names.items())
    whys = (
        "the point before the move",
        "the lower end, moved and projected",
        "the upper end, moved and projected",
    )
    claims = (
        Claim(one_clip, by_the_hypotheses, "all orders of the points on the line"),
        *(Claim(d, by_identity, why) for d, why in zip(definitions, whys, strict=True)),
    )
    return Step("compose", "Clamp-shifts compose", claims, (), names, "ours")


def ends_stay_close() -> Step:
    """The ends of the composed map are no further from l and u than its moves are long."""
    given = (Le(L, U), *_NEAR_THE_ENDS, Ge(A, 0))
    moved_up, moved_down = clip(U + move, low, high), clip(L + move, low, high)
    claims = tuple(
        Claim(relation, by_the_hypotheses, why)
        for relation, why in (
            (Ge(moved_up, high - (A + Abs(move))), "the end moves at most as far as a point"),
            (Le(moved_down, low + (A + Abs(move))), "the same at the lower end"),
            (Le(moved_down, moved_up), "moving and projecting keep the order"),
        )
    )
    return Step("ends", "The ends stay close to l and u", claims, given, {}, "ours")


def block_climbs() -> Step:
    """A block with a positive sum of moves climbs, or ends within A of the upper end; mirrored."""
    after = clip(x + S, L, U)
    claims = (
        Claim(
            Ge(after, Min(x + S, high - A)),
            by_the_hypotheses,
            "the lower end can only push up",
        ),
        Claim(
            Le(after, Max(x + S, low + A)),
            by_the_hypotheses,
            "the upper end can only push down",
        ),
    )
    return Step("block", "A block climbs, or is near the end", claims, _NEAR_THE_ENDS, {}, "ours")


def move_of_a_round() -> Step:
    """How far a round's move is from that of the orbit with the step size of its block's start."""
    real = alpha * (1 + rate) * (drift_i + wobble)
    difference = sympy.Symbol(r"\Delta_i", real=True)
    form = alpha * (rate * (drift_i + wobble) + wobble)
    claims = (Claim(Eq(difference, form), by_identity, "multiplied out"),)
    why = "A round's move against the orbit's"
    return Step("move", why, claims, (), {difference: real - alpha * drift_i}, "ours")


# --- AMSGrad ---


def amsgrad_is_safe() -> Step:
    """AMSGrad on any periodic gradients: its drift has the sign of minus their sum."""
    total, mean, H, D = sympy.symbols("G M H D", real=True)
    factor = sympy.diff(one_round(g, name="amsgrad").m, m)
    gain = sympy.diff(one_round(g, name="amsgrad").m, g)
    over_a_period = Eq(mean, factor * mean + gain * total)
    root = sympy.Symbol("H", positive=True)
    claims = (
        Claim(
            Eq(mean, total), by_the_hypotheses, "the rule summed over a period, solved for the sum"
        ),
        Claim(
            Eq(D, -total / sqrt(root)),
            by_identity,
            r"on the orbit $\hat v$ is one constant $H > 0$",
        ),
    )
    scaled = direction(SYMBOLIC, sympy.Symbol("M", real=True), sympy.Symbol("w", positive=True))
    drift = -scaled.subs(sympy.Symbol("w", positive=True), sqrt(root))
    return Step(
        "amsgrad",
        "AMSGrad always drifts towards the best point",
        claims,
        (over_a_period, Lt(beta1, 1)),
        {D: drift.subs(sympy.Symbol("M", real=True), total)},
        "ours",
    )
