r"""Certificates for Theorem 4, the bound on the regret of AMSGrad: its lemmas, and its gap.

Rules and schedule are those that the book runs, read with symbols.
"""

from __future__ import annotations

from sympy import Ge, Gt, Le, Lt, Rational, Symbol, sqrt, symbols

from adam_and_beyond.methods import SYMBOLIC, get, get_schedule, project
from adam_and_beyond.proofs.certificate import Certificate, Weakening, without
from adam_and_beyond.proofs.implication import Implication

_PLACE = "Theorem 4"
alpha = Symbol("alpha", positive=True)
beta1, beta2 = (Symbol(f"beta{k}", nonnegative=True) for k in (1, 2))
t = Symbol("t", integer=True, positive=True)
g, g_next, m = symbols("g_t g_{t+1} m", real=True)
v, v_hat, s = symbols(r"v \hat{v} s", nonnegative=True)
_STATE = {"m": m, "v": v, "v_hat": v_hat, "s": s}


def growth(name: str) -> Implication:
    r"""That the inverse learning rate of a method does not shrink from round t to t + 1.

    .. math:: \Gamma_{t+1} = \sqrt{V_{t+1}} / \alpha_{t+1} - \sqrt{V_t} / \alpha_t \ge 0

    Args:
      name: of the method.

    Returns:
      The implication; its unknowns are the state before round t and two gradients.

    References:
      Reddi, Kale and Kumar (2018), equation (2).
    """
    method = get(name)
    names = method.hyper._fields
    method = method.over(**{key: Symbol(key, nonnegative=True) for key in names})
    state = method.state_type(*(_STATE[field] for field in method.state_type._fields))
    schedule = get_schedule("inverse_sqrt")
    inverses = []
    for gradient, step in ((g, t), (g_next, t + 1)):
        update = method.update(gradient, state, step, SYMBOLIC)
        state = update.state
        inverses.append(update.sqrt_V / schedule(SYMBOLIC, alpha, step))
    now, later = inverses
    below_1 = (Lt(beta2, 1),) if "beta2" in names else ()
    return Implication(Ge(later, now, evaluate=False), below_1)


def inverse_learning_rate() -> Certificate:
    """Gamma is not negative for SGD, AdaGrad, AMSGrad and AdamNC; for Adam it can be."""
    names = ("sgd", "adagrad", "amsgrad", "adamnc")
    return Certificate(
        "inverse learning rate",
        _PLACE,
        r"For SGD, AdaGrad, AMSGrad and AdamNC, in this order, the inverse learning rate "
        r"$V_t^{1/2} / \alpha_t$ never shrinks, whatever the gradients are. The state "
        r"before round $t$ is $s$, $v$, $\hat v$.",
        tuple(growth(name).needing() for name in names),
        "the rules and the schedule, read from the functions that the book runs",
        "that the telescoping sum needs no more",
        "z3",
        (Weakening("AMSGrad replaced by Adam", growth("adam")),),
        "paper, section 2 and Theorem 4",
    )


def projection() -> Certificate:
    """A projection brings no point farther from a feasible one."""
    a, b, z, best = symbols(r"a b z x^*", real=True)
    nearer = Implication(
        Le((project(SYMBOLIC, z, a, b) - best) ** 2, (z - best) ** 2), (Le(a, best), Le(best, b))
    )
    return Certificate(
        "projection",
        _PLACE,
        "In one dimension the projected point is at least as near to any feasible point.",
        (nearer,),
        "nothing",
        "that a box with diagonal weights is a product of intervals",
        "z3",
        (Weakening(r"$x^* \le b$ dropped", without(nearer, 1)),),
        "paper, proof of Theorem 4",
    )


def lemmas() -> Certificate:
    """The inequalities that the terms of the bound come from, one round of each."""
    a, b, c = symbols("a b c", real=True)
    weight = Symbol("w", positive=True)
    y, total = symbols("y S", nonnegative=True)
    square = Implication(
        Le((beta1 * m + (1 - beta1) * g) ** 2, beta1 * m**2 + (1 - beta1) * g**2), (Le(beta1, 1),)
    )
    young = Implication(Le(a * b, weight * a**2 / 2 + b**2 / (2 * weight)))
    root = Implication(
        Le(y / sqrt(total + y), 2 * (sqrt(total + y) - sqrt(total))), (Gt(total + y, 0),)
    )
    return Certificate(
        "lemmas of the bound",
        _PLACE,
        r"The square of an average is at most the average of the squares; Young's inequality with "
        r"a weight; and one round of $\sum_i y_i / \sqrt{y_1 + \dots + y_i} \le 2 \sqrt{\sum_i "
        r"y_i}$.",
        (square, young, root),
        "nothing",
        "the sums over the rounds",
        "z3",
        (
            Weakening(
                r"weights squared in the first line",
                square._replace(
                    conclusion=Le(square.conclusion.lhs, beta1**2 * m**2 + (1 - beta1) ** 2 * g**2)
                ),
            ),
            Weakening(
                "2 replaced by 1.9 in the last line",
                root._replace(
                    conclusion=Le(root.conclusion.lhs, Rational(19, 20) * root.conclusion.rhs)
                ),
            ),
            Weakening(
                "the halves of Young's inequality replaced by quarters",
                young._replace(conclusion=Le(a * b, young.conclusion.rhs / 2)),
            ),
        ),
        "paper, proof of Theorem 4",
    )


def gap() -> Certificate:
    """The step of the first published proof that needs a sign that it does not have."""
    now = Symbol("beta_1t", nonnegative=True)
    difference = Symbol("d", real=True)
    bound = Implication(
        Le(difference / (1 - now), difference / (1 - beta1)),
        (Le(now, beta1), Lt(beta1, 1), Ge(difference, 0)),
    )
    return Certificate(
        "the gap",
        _PLACE,
        r"$1/(1 - \beta_{1t})$ may be replaced by $1/(1 - \beta_1)$ in front of a difference $d$ "
        "of squared distances that is not negative.",
        (bound,),
        "nothing",
        "whether the difference is negative: in a run it can be",
        "z3",
        (Weakening(r"$d \ge 0$ dropped, as in the first published proof", without(bound, 2)),),
        "paper, proof of Theorem 4; the gap was found by Tran and Phong (2019)",
    )


def corollary() -> Certificate:
    """The middle term of Corollary 1, round by round, and the factor that it lacks."""
    weight, G, D = symbols(r"q G_\infty D_\infty", positive=True)
    factor = D**2 / (alpha * (1 - beta1) ** 2)
    term = Implication(
        Le(
            factor * beta1 * weight * sqrt(t) * sqrt(v_hat),
            factor * beta1 * G * weight * t,
        ),
        (Le(v_hat, G**2), Lt(beta1, 1)),
    )
    return Certificate(
        "middle term of Corollary 1",
        _PLACE,
        r"With $\beta_{1t} = \beta_1 q$, $q = \lambda^{t-1}$, a round adds at most "
        r"$t \lambda^{t-1}$ times $\beta_1 D_\infty^2 G_\infty / (\alpha (1 - \beta_1)^2)$ to the "
        "middle term, for each of the $d$ coordinates.",
        (term,),
        "Theorem 4",
        r"$\sum_t t \lambda^{t-1} = (1 - \lambda)^{-2}$, and the sum over the coordinates",
        "z3",
        (
            Weakening(
                r"$1/\alpha$ left out on the right, as printed",
                term._replace(
                    conclusion=Le(term.conclusion.lhs, alpha * term.conclusion.rhs, evaluate=False)
                ),
            ),
            Weakening(r"$\hat v_t \le G_\infty^2$ dropped", without(term, 0)),
        ),
        "paper, Corollary 1, with a factor that is missing in print",
    )


def certificates() -> tuple[Certificate, ...]:
    """Theorem 4: what keeps the learning rate from growing, the lemmas, the gap, Corollary 1."""
    return inverse_learning_rate(), projection(), lemmas(), gap(), corollary()
