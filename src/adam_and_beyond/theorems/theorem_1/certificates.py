"""Certificates of Theorem 1: each inequality of its proof, taken from the steps of that proof."""

from __future__ import annotations

from sympy import Eq, Ge, Gt, Le, Lt, Rational, sqrt

from adam_and_beyond.proofs.certificate import Certificate, Weakening, lines_of, without
from adam_and_beyond.proofs.implication import Implication
from adam_and_beyond.theorems.theorem_1 import proof as theorem

C, alpha, beta2, t = theorem.C, theorem.alpha, theorem.beta2, theorem.t
_PLACE = "Theorem 1"
_RULE = "the formulas of $v$ and of the steps, read from the rule of Adam"


def moments() -> Certificate:
    """The second moment stays below C^2."""
    lines = lines_of(theorem.moments_stay_below(), (0,), (1, 3, 4), (2, 3, 4))
    small_C = without(lines[1], 1)  # C > 1
    return Certificate(
        "second moments",
        _PLACE,
        "If $v$ is at most $C^2$ before a step, so it is after it.",
        lines,
        _RULE,
        "the induction: $v_0 = 0$, and three lines carry it over a cycle",
        "z3",
        (
            Weakening("$C > 1$ dropped", small_C),
            Weakening(
                "$C^2$ replaced by $C$",
                lines[0]._replace(conclusion=Le(lines[0].conclusion.lhs, C)),
            ),
        ),
        "paper, Theorem 1",
    )


def big_step() -> Certificate:
    """The step down is shorter than 1."""
    lines = lines_of(theorem.big_step(), (0,), (0,), (0, 1))
    shorter = Le(theorem.T_1, Rational(99, 100) * theorem.T_max)
    return Certificate(
        "step down",
        _PLACE,
        "The big gradient moves the iterate by less than 1, however large $C$ is.",
        lines,
        _RULE,
        "that nothing is projected when a step shorter than 1 starts at 1",
        "z3",
        (
            Weakening(r"$\alpha < \sqrt{1 - \beta_2}$ dropped", without(lines[2], 1)),
            Weakening(r"$T_1^{\max}$ one per cent shorter", lines[1]._replace(conclusion=shorter)),
        ),
        "paper, Theorem 1",
    )


def small_steps() -> Certificate:
    """Each step up has a lower bound."""
    lines = lines_of(theorem.small_steps(), (0, 2), (1, 2))
    return Certificate(
        "steps up",
        _PLACE,
        "Each step up is at least what it would be with $v = C^2$.",
        lines,
        _RULE,
        "nothing further",
        "z3",
        (Weakening(r"$v_{3t+1} \le C^2$ dropped", without(lines[0], 0)),),
        "paper, Theorem 1",
    )


def identity() -> Certificate:
    """The identity that fixes beta2, in both directions."""
    meet = Eq(beta2 * C**2 + 1 - beta2, 2 * (1 - beta2))
    chosen = Eq(beta2, 1 / (1 + C**2))
    near = Eq(beta2, 1 / (2 + C**2))
    return Certificate(
        "identity",
        _PLACE,
        r"The two bounds meet if and only if $\beta_2 = 1/(1 + C^2)$.",
        (Implication(meet, (chosen,)), Implication(chosen, (meet,))),
        "nothing",
        "that the squared ratio of the bounds is the ratio of these two sides",
        "z3",
        (
            Weakening("$1 + C^2$ replaced by $2 + C^2$", Implication(meet, (near,))),
            Weakening(
                "equality replaced by $\\le$",
                Implication(chosen, (Le(beta2 * C**2 + 1 - beta2, 2 * (1 - beta2)),)),
            ),
        ),
        "paper, Theorem 1",
    )


def printed_inequality() -> Certificate:
    """The printed inequality (*), from the second cycle on."""
    step = theorem.printed_inequality()
    lines = lines_of(step, (), (0,))
    whole = Implication(
        Ge(1 / sqrt(3 * t + 2) + 1 / sqrt(3 * t + 3), sqrt(2) / sqrt(3 * t + 1)), step.hypotheses
    )
    return Certificate(
        "inequality (∗)",
        _PLACE,
        "The printed inequality holds from the second cycle on, term by term and as a sum.",
        (*lines, whole),
        "nothing",
        "nothing",
        "z3",
        (
            Weakening(r"$t \ge 1$ dropped, as printed", without(whole, 0)),
            Weakening("the same, second term alone", without(lines[1], 0)),
        ),
        "paper, Theorem 1",
    )


def push_back() -> Certificate:
    """From the second cycle on the iterate is pushed back to 1."""
    step = theorem.push_back()
    *bounds, total = lines_of(step, (2,), (0, 2), (1, 2, 3), ())
    # The last line is linear in the lengths: it follows from the three before it.
    names = {theorem.x4: step.definitions[theorem.x4]}
    total = Implication(total.conclusion, step.relations[:-1], names)
    first = without(bounds[2], 2)
    return Certificate(
        "push back",
        _PLACE,
        "From the second cycle on the two steps up undo the step down, for every "
        r"$\beta_2 \le 1/(1 + C^2)$.",
        (*bounds, total),
        _RULE,
        "that a projection at 1 in between changes nothing",
        "z3",
        (
            Weakening(r"$t \ge 1$ dropped", first),
            Weakening(
                r"$\beta_2 \le 1/(1 + C^2)$ replaced by $\beta_2 \le 1/C^2$",
                bounds[1]._replace(
                    hypotheses=tuple(
                        Le(beta2, 1 / C**2) if h.lhs == beta2 else h for h in step.hypotheses
                    )
                    + (Lt(beta2, 1),)
                ),
            ),
        ),
        "paper, Theorem 1",
    )


def first_block() -> Certificate:
    """The first cycle, by its exact moments, on the whole range of beta2."""
    F = theorem.first_block_function()
    everywhere = Implication(Gt(F, 1), ranges={beta2: (0, 1)})
    return Certificate(
        "first cycle",
        _PLACE,
        r"In the first cycle the steps up exceed the step down, for every $\beta_2$ in $[0, 1]$: "
        r"more than the repair needs, which is $\beta_2 \le \frac15$.",
        (everywhere,),
        r"$F$, from the exact moments of the step *first block*",
        r"that $\beta_2 = 1/(1 + C^2)$ lies in the range",
        "balls",
        (
            Weakening(
                "1 replaced by 1.01", everywhere._replace(conclusion=Gt(F, Rational(101, 100)))
            ),
            Weakening(
                "the second step up left out",
                everywhere._replace(conclusion=Gt(1 / sqrt(2 * (2 - beta2)), 1)),
            ),
        ),
    )


def smaller_beta2() -> Certificate:
    """A smaller beta2 only shrinks the later moments of the first cycle."""
    lines = lines_of(theorem.smaller_beta2(), (), (0,), (0,))
    return Certificate(
        "smaller beta2",
        _PLACE,
        r"For $\beta_2 \le 1/(1 + C^2)$ the moments of the first cycle are at most those at "
        "equality.",
        lines,
        _RULE,
        "that smaller moments make longer steps up",
        "z3",
        (Weakening(r"$\beta_2 \le 1/(1 + C^2)$ dropped", without(lines[1], 0)),),
    )


def cycle_regret() -> Certificate:
    """Every cycle costs at least 2C - 4."""
    step = theorem.cycle_regret()
    lines = lines_of(step, (0, 1), (), (2, 3), (3, 4))
    least = lines[2]
    positive = Implication(Gt(2 * C - 4, 0), (Gt(C, 2),))
    return Certificate(
        "cycle regret",
        _PLACE,
        "A cycle from $x = 1$ costs between $2C - 4$ and $2C - 4 + 2 T_1^{\\max}$ more than the "
        "point $-1$, and $2C - 4$ is positive.",
        (*lines, positive),
        "that the cycle starts and ends at 1",
        "that the regret is the sum over the cycles",
        "z3",
        (
            Weakening(
                "$2C - 4$ replaced by $2C - 3$",
                least._replace(conclusion=Ge(least.conclusion.lhs, 2 * C - 3)),
            ),
            Weakening(
                r"$C > 2$ replaced by $C \ge 2$, as the appendix prints it",
                positive._replace(hypotheses=(Ge(C, 2),)),
            ),
        ),
        "paper, Theorem 1",
    )


def certificates() -> tuple[Certificate, ...]:
    """All of Theorem 1, in the order of the argument."""
    return (
        moments(),
        big_step(),
        small_steps(),
        identity(),
        printed_inequality(),
        push_back(),
        first_block(),
        smaller_beta2(),
        cycle_regret(),
    )
