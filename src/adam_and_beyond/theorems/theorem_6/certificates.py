r"""Certificates of Theorem 6, Adam with epsilon under the root: its identity, and its false claim.

The losses are those of Theorem 1, :math:`\beta_1 = 0` and
:math:`\beta_2 = 2 / ((1 + C^2) C^2)`. The first cycle is run with the rule of the book on symbols.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Rational,
    Symbol,
    cancel,
    floor,
    nsolve,
    sqrt,
    symbols,
)

from adam_and_beyond.methods import SYMBOLIC, get
from adam_and_beyond.proofs.certificate import Certificate, Weakening, without
from adam_and_beyond.proofs.implication import Implication

_PLACE = "Theorem 6"
C = Symbol("C", positive=True)
epsilon = Symbol("epsilon", positive=True)
alpha, decay = symbols("alpha beta2", positive=True)
t = Symbol("t", integer=True, nonnegative=True)  # number of the cycle, from 0
u = Symbol("u", nonnegative=True)  # 1 / C, which makes the range of C bounded
BETA2 = 2 / ((1 + C**2) * C**2)

_RARE = (3, 5, 10)  # gradients C whose threshold of epsilon is bracketed


def first_cycle(big, decay, added) -> tuple:
    r"""Lengths of the three steps of the first cycle over alpha, from the rule.

    Args:
      big: the gradient C of the first round; the others have gradient -1.
      decay: beta2.
      added: epsilon, under the root.

    Returns:
      ``(T_1, S_1, S_2)``, SymPy expressions.

    References:
      Reddi, Kale and Kumar (2018), Theorem 6. Introduced in the chapter "Certificates".
    """
    method = get("adam_epsilon_inside").over(beta1=Integer(0), beta2=decay, epsilon=added)
    state, lengths = method.init(Integer(0)), []
    for step, gradient in enumerate((big, Integer(-1), Integer(-1)), start=1):
        update = method.update(gradient, state, step, SYMBOLIC)
        state = update.state
        lengths.append(abs(gradient) / (sqrt(step) * update.sqrt_V))
    return tuple(lengths)


def shortfall(big, added):
    """By how much the steps up of the first cycle miss the step down.

    Args:
      big: C, a symbol or a number.
      added: epsilon, likewise.

    Returns:
      A SymPy expression, in units of alpha.
    """
    down, up1, up2 = first_cycle(big, 2 / ((1 + big**2) * big**2), added)
    return down - up1 - up2


def shortfall_by_u():
    r"""The shortfall at :math:`\epsilon = 1` as a function of u = 1/C, also at u = 0.

    Returns:
      A SymPy expression in ``u``: the lengths of :func:`first_cycle`, whose squares are rational.

    References:
      Reddi, Kale and Kumar (2018), Theorem 6.
    """
    lengths = first_cycle(C, BETA2, Integer(1))
    down, up1, up2 = (sqrt(cancel((length**2).subs(C, 1 / u))) for length in lengths)
    return down - up1 - up2


def bracket(value, digits=6):
    """Two neighbouring decimal fractions between which the threshold of epsilon lies.

    Args:
      value: C, a whole number.
      digits: how many digits the fractions have.

    Returns:
      ``(low, high)``, rational numbers.
    """
    missing = shortfall(Integer(value), epsilon)
    root = nsolve(missing, epsilon, (Rational(1, 2), Rational(9, 10)), solver="bisect")
    low = Rational(floor(root * 10**digits), 10**digits)
    return low, low + Rational(1, 10**digits)


def identity() -> Certificate:
    """The identity behind the choice of beta2, and the inequality that it gives."""
    up = (BETA2 * C**2 + 1 - BETA2 + epsilon) / 2
    down = 1 - BETA2 + epsilon / C**2
    difference = (C**2 - 2) * (epsilon - 1) / (2 * C**2)
    printed = (BETA2 * C**2 + 1 - BETA2) / 2
    enough = Implication(Le(up, down), (Gt(C, 2), Le(epsilon, 1)))
    return Certificate(
        "identity with epsilon",
        _PLACE,
        r"With $\beta_2 = 2/((1 + C^2) C^2)$ the two sides differ by a multiple of $\epsilon - 1$, "
        r"so the bound on the steps up reaches the one on the step down for $\epsilon \le 1$.",
        (Implication(Eq(up - down, difference)), enough),
        "nothing",
        "that the bounds are the reciprocal roots of the two sides",
        "z3",
        (
            Weakening(
                r"without $+\epsilon$ on the left, as printed",
                Implication(Eq(printed, down), (Gt(C, 2), Eq(epsilon, 1))),
            ),
            Weakening(
                r"$\epsilon \le 1$ replaced by $\epsilon \le 2$",
                enough._replace(hypotheses=(Gt(C, 2), Le(epsilon, 2))),
            ),
        ),
        "paper, Theorem 6",
    )


def counter_claim() -> Certificate:
    """The claim x_4 = 1 of the proof is false at epsilon = 1."""
    e = shortfall_by_u()
    positive = Implication(Gt(e, 0), ranges={u: (0, Rational(1, 2))})
    return Certificate(
        "first cycle falls short",
        _PLACE,
        r"For $\epsilon = 1$ and every $C \ge 2$ the steps up of the first cycle miss the step "
        r"down by a positive multiple of $\alpha$: $x_4 < 1$. With $u = 1/C$:",
        (positive,),
        "nothing: the lengths come from the rule",
        r"that nothing is projected at $-1$, where the step down is at most 2: so for every "
        r"$\alpha$ that the theorem allows",
        "balls",
        (
            Weakening(
                "shortfall above 0.08", positive._replace(conclusion=Gt(e, Rational(8, 100)))
            ),
            Weakening(r"$C \ge 2$ replaced by $C \ge 1$", positive._replace(ranges={u: (0, 1)})),
        ),
    )


def thresholds() -> Certificate:
    """From which epsilon on the first cycle falls short, for given C."""
    lines, e, brackets = [], epsilon, {value: bracket(value) for value in _RARE}
    for value, (low, high) in brackets.items():
        missing = shortfall(Integer(value), e)
        lines += [
            Implication(Lt(missing, 0), ranges={e: (0, low)}),
            Implication(Gt(missing, 0), ranges={e: (high, 1)}),
        ]
    missing = shortfall(Integer(3), e)
    low, high = brackets[3]
    return Certificate(
        "thresholds of epsilon",
        _PLACE,
        "The first cycle is pushed back for $\\epsilon$ below the bracket and falls short above "
        "it: "
        + ", ".join(f"$C = {c}$: [{float(p)}, {float(q)}]" for c, (p, q) in brackets.items())
        + ".",
        tuple(lines),
        "nothing: the lengths come from the rule",
        "nothing",
        "balls",
        (
            Weakening(
                "upper end of the bracket moved below the threshold",
                Implication(Gt(missing, 0), ranges={e: (low - Rational(2, 10**6), 1)}),
            ),
            Weakening(
                "lower end moved above it",
                Implication(Lt(missing, 0), ranges={e: (0, high + Rational(2, 10**6))}),
            ),
        ),
    )


def later_cycles() -> Certificate:
    """From the second cycle on the iterate is pushed back, also at epsilon = 1."""
    A, B = symbols("A B", positive=True)
    half = 1 / (2 * sqrt((3 * t + 1) * B))
    down = Implication(
        Lt(alpha * C / sqrt((1 - decay) * C**2 + 1), 1),
        (Lt(decay, 1), Lt(alpha, sqrt(1 - decay))),
    )
    ups = [
        Implication(Ge(1 / sqrt((3 * t + j) * A), half), (Le(A, 2 * B), *later))
        for j, later in ((2, ()), (3, (Ge(t, 1),)))
    ]
    return Certificate(
        "later cycles",
        _PLACE,
        "The step down stays inside, and from the second cycle on each step up is at least half of "
        r"it. Here $A = \beta_2 C^2 + 1 - \beta_2 + \epsilon$ and "
        r"$B = 1 - \beta_2 + \epsilon / C^2$ are what the roots of the bounds contain:",
        (down, *ups),
        r"$A \le 2B$, which is the inequality of *identity with epsilon*",
        "that the theorem follows from its cycles after the first one",
        "z3",
        (
            Weakening(r"$t \ge 1$ dropped, as printed", without(ups[1], 1)),
            Weakening(
                r"$A \le 2B$ replaced by $A \le 3B$",
                ups[1]._replace(hypotheses=(Le(A, 3 * B), Ge(t, 1))),
            ),
            Weakening(
                r"$\alpha < \sqrt{1 - \beta_2}$ replaced by $\alpha < 2\sqrt{1 - \beta_2}$",
                down._replace(hypotheses=(Lt(decay, 1), Lt(alpha, 2 * sqrt(1 - decay)))),
            ),
        ),
        "paper, Theorem 6",
    )


def certificates() -> tuple[Certificate, ...]:
    """Theorem 6: identity, counter-claim, thresholds, and why the theorem survives."""
    return identity(), counter_claim(), thresholds(), later_cycles()
