r"""Certificates of Theorem 2: from the three conditions on C to a push that is positive.

The proof needs :math:`\sum_{j<C} \delta_j > 0` over a block. Its algebra, with
:math:`\gamma = \beta_1 / \sqrt{\beta_2}`, is decided by z3; its final inequality, for given
:math:`(\beta_1, \beta_2)` and the smallest even C that meets the conditions, by ball arithmetic.
"""

from __future__ import annotations

from sympy import Ge, Gt, Integer, Le, Lt, Rational, Symbol, sqrt, symbols

from adam_and_beyond.methods import SYMBOLIC, get
from adam_and_beyond.proofs.certificate import Certificate, Weakening, without
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.theorems.theorem_2.conditions import (
    Terms,
    closed_sum,
    sides,
    smallest_C,
    terms,
)

_PLACE = "Theorem 2"
C = Symbol("C", positive=True)
beta1, beta2 = (Symbol(f"beta{k}", nonnegative=True) for k in (1, 2))
m, v = Symbol("m", real=True), Symbol("v", nonnegative=True)
# p = beta1^(j-1), q = beta2^(j-1) after the j-th step of a block, k its length less one
p, q = symbols("p q", nonnegative=True)
tau, t, k, h, gamma = symbols("tau t k h gamma", nonnegative=True)

LONGEST = Rational(3, 2)  # tau, the largest ratio of roots of step numbers in a block
PAIRS = (("0", "0.5"), ("0", "0.9"), ("0.5", "0.9"), ("0.9", "0.95"), ("0.9", "0.99"))


def _after_a_round(gradient):
    """m and v after one step of the rule, from m and v."""
    method = get("adam").over(beta1=beta1, beta2=beta2)
    return method.update(gradient, method.state_type(m, v), t, SYMBOLIC).state


def averages_in_a_block() -> Certificate:
    """Bounds on m and v along a block, by induction."""
    below_1 = Lt(beta2, 1)
    # At p = q = 1, the first step, the bounds read m <= (1 - beta1) C and v <= C^2 + 1.
    first, later = _after_a_round(C), _after_a_round(Integer(-1))

    def m_bound(power):
        return (1 - beta1) * power * C - (1 - power)

    lines = (
        Implication(Le(first.m, m_bound(1)), (Le(m, 0),)),
        Implication(Le(later.m, m_bound(p * beta1)), (Le(m, m_bound(p)),)),
        Implication(Le(first.v, C**2 + 1), (Le(v, C**2 + 1), below_1)),
        Implication(Le(later.v, q * beta2 * C**2 + 1), (Le(v, q * C**2 + 1),)),
        Implication(
            Ge(later.v, (1 - beta2) * q * beta2 * C**2), (Ge(v, (1 - beta2) * q * C**2), below_1)
        ),
        Implication(Le(v, 2), (Le(v, q * C**2 + 1), Le(q * C**2, 1))),
    )
    return Certificate(
        "averages in a block",
        _PLACE,
        "After the $j$-th step of a block, with $p = \\beta_1^{j-1}$ and $q = \\beta_2^{j-1}$: an "
        "upper bound on $m$, and two bounds on $v$, each carried one step on.",
        lines,
        "the formulas of $m$ and $v$, read from the rule of Adam",
        "the induction over a block and over the blocks, which condition (i) closes",
        "z3",
        (
            Weakening(r"$m_{kC} \le 0$ dropped", without(lines[0], 0)),
            Weakening(
                r"in the lower bound on $v$ the factor $\beta_2$ of the new step forgotten",
                lines[4]._replace(conclusion=Ge(later.v, (1 - beta2) * q * C**2)),
            ),
            Weakening(r"condition (ii) dropped", without(lines[5], 1)),
        ),
        "paper, proof of Theorem 2",
    )


def algebra() -> Certificate:
    """Why condition (iii) makes the push positive."""
    # k: what the first steps can push down, h: what the half without m < 0 costs.
    push = (C / 2 - h) / (tau * sqrt(2))
    condition = Lt(*sides(Terms(0, 0, 0, K=k, S=1, b=h), C).iii)
    window = (Ge(tau, 1), Le(tau, LONGEST))
    enough = Implication(Gt(push, k), (condition, *window))
    late = Implication(Le(t + C, tau**2 * t), (Ge(t, 4 * C / 5), Ge(tau, LONGEST)))
    return Certificate(
        "from condition (iii) to the push",
        _PLACE,
        r"Let $k = \frac{1 - \beta_1}{\sqrt{1 - \beta_2}} \sum_{j<C} \gamma^j$ and "
        r"$h = \beta_1^{C/2-1} / (1 - \beta_1)$. If $\frac32 k + h < \frac C3$, the push of a "
        r"block is positive as soon as the step sizes in it differ by at most a factor "
        r"$\tau = \frac32$, which they do from $t = \frac45 C$ on.",
        (enough, late),
        "the bounds on the averages",
        r"that $\frac32 k + h$ is the left side of condition (iii)",
        "z3",
        (
            Weakening(
                r"$\tau \le \frac32$ replaced by $\tau \le 2$",
                enough._replace(hypotheses=(condition, window[0], Le(tau, 2))),
            ),
            Weakening(
                r"$\frac32 k$ replaced by $k$",
                enough._replace(hypotheses=(Lt(k + h, C / 3), *window)),
            ),
            Weakening(
                r"$t \ge \frac45 C$ replaced by $t \ge \frac34 C$",
                late._replace(hypotheses=(Ge(t, 3 * C / 4), late.hypotheses[1])),
            ),
        ),
        "paper, proof of Theorem 2",
    )


def final_at(c: int, ranges) -> Implication:
    """The final inequality for blocks of length c, on a rectangle of hyperparameters or a point."""
    of = terms(beta1, beta2, C, sqrt, lambda _, length: closed_sum(gamma, length))
    names = {gamma: beta1 / sqrt(beta2), k: of.K * of.S, h: of.b, C: Integer(c)}
    return Implication(Gt((C / 2 - h) / (LONGEST * sqrt(2)), k), (), names, ranges)


def _point(pair: tuple[str, str]) -> dict:
    values = map(Rational, pair)
    return {s: (value, value) for s, value in zip((beta1, beta2), values, strict=True)}


def final_inequality() -> Certificate:
    """The push is positive at the theorem's C, for given pairs and on a whole rectangle."""
    periods = {pair: smallest_C(*pair).together for pair in PAIRS}
    worst = PAIRS[-1]
    ranges = {beta1: (0, Rational(worst[0])), beta2: (Rational(9, 10), Rational(worst[1]))}
    rectangle = final_at(periods[worst], ranges)
    short = smallest_C(*worst).iii // 2
    return Certificate(
        "the push is positive",
        _PLACE,
        "The proof's lower bound on the push of a block is positive at the smallest even $C$ that "
        "meets the three conditions, for five pairs of hyperparameters, and at the last of these "
        "$C$ on a whole rectangle.",
        (*(final_at(c, _point(pair)) for pair, c in periods.items()), rectangle),
        r"the algebra above, with $\tau = \frac32$",
        r"$\beta_1 < \sqrt{\beta_2}$, which holds on the rectangle",
        "balls",
        (
            Weakening(
                f"$C = {short}$, half of what condition (iii) asks for",
                final_at(short, _point(worst)),
            ),
            Weakening(
                r"$\beta_2 \le 0.99$ replaced by $\beta_2 \le 0.9999999$",
                rectangle._replace(
                    ranges=ranges | {beta2: (Rational(9, 10), 1 - Rational(1, 10**7))}
                ),
            ),
        ),
        "paper, proof of Theorem 2",
    )


def reach_and_persistence() -> Certificate:
    """The walks of the blocks add up beyond every bound; a condition once true stays true."""
    number, b, S, K = symbols("n b S K", nonnegative=True)
    root, next_root = (sqrt((number + shift) * C + 1) for shift in (0, 1))
    # p = beta1^(C-1) and q = gamma^(C-1); h is what condition (i) says is at most 1.
    now, later = p * (1 + (1 - beta1) * C), p * beta1 * (1 + (1 - beta1) * (C + 1))
    gain = Rational(2, 3) - Rational(3, 2) * K * q * gamma * (1 + gamma) + b
    least = Lt(K * q, Rational(2, 9))
    lines = (
        Implication(Ge(1 / root, 2 / C * (next_root - root))),
        Implication(Le(later, now)),
        Implication(least, (Lt(Rational(3, 2) * K * S + b, C / 3), Ge(S, C * q))),
        Implication(Gt(gain, 0), (least, Lt(gamma, 1))),
    )
    return Certificate(
        "reach and persistence",
        _PLACE,
        "The $n$-th guaranteed walk is at least a multiple of $r_{n+1} - r_n$, with "
        "$r_n = \\sqrt{nC + 1}$. With $p = \\beta_1^{C-1}$ the left side of condition (i), in the "
        "form $h_C \\le 1$, falls. With $q = \\gamma^{C-1}$ and $b = \\beta_1^{C/2-1}$ condition "
        "(iii) gives $Kq < \\frac29$, and then its room grows from $C$ to $C + 2$.",
        lines,
        r"$S \ge C \gamma^{C-1}$, as each of its $C$ terms is at least the last",
        "that the walks telescope; the inductions over $C$; condition (ii), whose logarithm is "
        "concave",
        "z3",
        (
            Weakening(
                r"2 replaced by 3 in the walk",
                lines[0]._replace(conclusion=Ge(1 / root, 3 / C * (next_root - root))),
            ),
            Weakening(r"$\gamma < 1$ dropped", without(lines[3], 1)),
            Weakening(
                r"$\frac C3$ replaced by $\frac C2$ in condition (iii)",
                lines[2]._replace(
                    hypotheses=(Lt(Rational(3, 2) * K * S + b, C / 2), lines[2].hypotheses[1])
                ),
            ),
        ),
        "ours",
    )


def certificates() -> tuple[Certificate, ...]:
    """Theorem 2: the averages, the algebra, the final inequality, reach and persistence."""
    return averages_in_a_block(), algebra(), final_inequality(), reach_and_persistence()
