"""Certificates: all proved, every weakened one refuted by numbers that are put in and checked."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy
import z3
from sympy import Eq, Ge, Gt, Integer, Le, Rational, Symbol, sqrt

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.proofs import Implication, balls, solver
from adam_and_beyond.proofs import certificate as logic
from adam_and_beyond.theorems import certificates
from adam_and_beyond.theorems.theorem_1 import proof as theorem
from adam_and_beyond.theorems.theorem_2 import certificates as theorem_2
from adam_and_beyond.theorems.theorem_2.conditions import smallest_C
from adam_and_beyond.theorems.theorem_6 import certificates as theorem_6

ALL = {c.name: c for c in certificates.all_certificates()}
WEAKENED = {
    f"{name}: {weakening.what}": (certificate, weakening)
    for name, certificate in ALL.items()
    for weakening in certificate.weakened
}
x, y = sympy.symbols("x y", real=True)
n = Symbol("n", integer=True, nonnegative=True)


@pytest.fixture(scope="module")
def proofs():
    return {name: certificate.prove() for name, certificate in ALL.items()}


# --- all of them ---


@pytest.mark.parametrize("name", ALL)
def test_certificate_is_proved(name, proofs):
    result = proofs[name]
    assert result.status == "proved" and result.counterexample is None
    assert result.work >= len(ALL[name].implications)


def test_proofs_ask_few_questions_and_cut_few_boxes(proofs):
    work = {tool: sum(proofs[n].work for n in ALL if ALL[n].tool == tool) for tool in logic.TOOLS}
    print(work)
    assert work["z3"] < 250 and work["balls"] < 300  # half as much again as it is


@pytest.mark.parametrize("key", WEAKENED)
def test_weakened_certificate_is_refuted_by_exact_numbers(key):
    certificate, weakening = WEAKENED[key]
    result = certificate.refute(weakening)
    assert result.status == "refuted"
    values = result.counterexample
    assert set(values) == set(weakening.implication.unknowns)
    assert all(value.is_Rational for value in values.values())
    # Put in by hand, in 60 digits: hypotheses hold, the conclusion does not.
    margin = sympy.Float(10, 60) ** -50

    def holds(relation):
        left, right = weakening.implication.unfolded(relation)
        difference = (left - right).subs(values).evalf(60)
        close = abs(difference) < margin
        order = {"<": difference < 0, ">": difference > 0}.get(relation.rel_op[0], False)
        return (close and "=" in relation.rel_op) or (not close and bool(order))

    assert all(holds(h) for h in weakening.implication.hypotheses)
    assert not holds(weakening.implication.conclusion)
    for symbol, (low, high) in weakening.implication.ranges.items():
        assert low <= values[symbol] <= high


@pytest.mark.parametrize("name", ALL)
def test_certificate_has_weakened_versions_and_says_what_it_leaves_open(name):
    certificate = ALL[name]
    assert certificate.weakened and certificate.assumes and certificate.reader
    assert certificate.source == "ours" or certificate.source.startswith("paper, ")
    shown = certificate._repr_markdown_()
    assert r"\begin{aligned}" in shown and r"{align}" not in shown
    assert certificate.statement in shown and certificate.assumes in shown


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].tool == "z3"])
def test_hypotheses_of_a_certificate_can_be_met(name):
    # From hypotheses that contradict each other everything would follow.
    for implication in ALL[name].implications:
        absurd = implication._replace(conclusion=Gt(Symbol("o", real=True), 0, evaluate=False))
        assert solver.prove(absurd)[0] == "refuted"


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].tool == "z3"])
def test_no_line_of_a_certificate_survives_the_loss_of_a_hypothesis(name):
    for implication in ALL[name].implications:
        for k, hypothesis in enumerate(implication.hypotheses):
            proved = solver.follows(logic.without(implication, k))
            assert not proved, f"{implication.conclusion} does not need {hypothesis}"


def test_an_implication_is_kept_under_the_hypotheses_that_it_needs():
    claim = Implication(Ge(x, 0), (Ge(x, 1), Ge(y, 0)))
    assert claim.needing(0).hypotheses == (Ge(x, 1),) and claim.needing().hypotheses == ()
    assert solver.follows(claim.needing(0)) and not solver.follows(claim.needing(1))


def test_every_theorem_with_an_inequality_to_prove_has_certificates():
    places = [place for place, _ in itertools.groupby(c.place for c in ALL.values())]
    numbered = [f"Theorem {k}" for k in range(1, 7)]
    assert places == [numbered[0], "Projection lemma", *numbered[1:], "Three losses"]
    steps = {step.name: step for step in theorem.proof()}
    shown = {i.conclusion for c in ALL.values() for i in c.implications}
    inequalities = [
        relation
        for step in steps.values()
        if step.name not in ("update", "identity", "first moments", "first block")
        for relation in step.relations
        if relation.rel_op != "=="
    ]
    assert len(inequalities) == 19
    missing = [r for r in inequalities if r not in shown]
    assert missing == []


def test_table_lists_every_certificate_with_its_outcome(proofs):
    shown = certificates.table({ALL[name]: result for name, result in proofs.items()})
    lines = shown.splitlines()
    assert len(lines) == 2 + len(ALL)
    assert all("| proved |" in line for line in lines[2:])
    assert len({line.count("|") for line in lines}) == 1


def test_table_of_counterexamples_shows_numbers_and_never_hides_a_failure():
    certificate = ALL["cycle regret"]
    honest = [certificate.refute(w) for w in certificate.weakened]
    shown = certificates.counterexamples({certificate: honest}).splitlines()
    assert len(shown) == 2 + len(honest) and shown[-1].endswith("| $C = 2$ |")
    failed = [logic.Result("proved", 0.0, 1), *honest[1:]]
    assert "| proved |" in certificates.counterexamples({certificate: failed})


# --- what z3 is asked ---


def test_a_root_of_a_negative_number_is_not_taken_for_granted():
    # sqrt(x) >= 0 where it exists; but nothing here says that it exists.
    claim = Implication(Ge(sqrt(x) + 1, 0, evaluate=False))
    assert solver.prove(claim)[0] == "undecided"
    assert solver.prove(claim._replace(hypotheses=(Ge(x, 0),)))[0] == "proved"


def test_a_quotient_by_zero_is_not_taken_for_granted():
    claim = Implication(Eq(x / x**2 * x**2 + y / (y + 1), x + 1 - 1 / (y + 1)))
    assert solver.prove(claim)[0] == "undecided"
    assert solver.prove(claim._replace(hypotheses=(Gt(x, 0), Gt(y, 0))))[0] == "proved"


def test_z3_knows_the_declared_signs_and_that_integers_are_integers():
    assert solver.prove(Implication(Ge(n + 1, 1, evaluate=False)))[0] == "proved"
    status, _, values = solver.prove(Implication(Gt(n, Rational(3, 2), evaluate=False)))
    assert status == "refuted" and values == {n: 0}
    # Refuted by n = 3/2 alone, which is not an integer: no counterexample, and no proof either.
    assert solver.prove(Implication(sympy.Ne(2 * n, 3, evaluate=False)))[0] == "undecided"


def test_z3_refuses_what_it_cannot_translate():
    with pytest.raises(ValueError, match="know sums, products, roots"):
        solver.prove(Implication(Gt(sympy.exp(x), 0, evaluate=False)))


def test_substitution_has_the_last_word():
    claim = Implication(Gt(x, 1), (Ge(x, 0),))
    assert claim.refuted_by({x: Rational(1, 2)})
    assert not claim.refuted_by({x: 2}) and not claim.refuted_by({x: -1})
    liar = logic.settle((claim,), lambda implication: ("refuted", 1, {x: Integer(2)}))
    assert liar.status == "undecided" and liar.counterexample is None
    positive = Symbol("positive", positive=True)
    assert not Implication(Gt(positive, 1)).refuted_by({positive: 0})
    inside = Implication(Gt(x, 1), ranges={x: (0, 3)})
    assert inside.refuted_by({x: 0}) and not inside.refuted_by({x: -1})


def test_z3_itself_agrees_on_the_identity_written_by_hand():
    C, b = z3.Reals("C b")
    ask = z3.Solver()
    ask.add(b * C * C + 1 - b == 2 * (1 - b), b * (1 + C * C) != 1)
    assert ask.check() == z3.unsat


# --- ball arithmetic ---


def test_balls_contain_the_values_at_points_of_their_box():
    e = theorem_6.shortfall(Integer(3), theorem_6.epsilon)
    rng = np.random.default_rng(0)
    for low in rng.uniform(0, 0.9, 5):
        low, high = Rational(float(low)), Rational(float(low)) + Rational(1, 10)
        enclosed = balls.enclose(e, {theorem_6.epsilon: balls.ball(low, high)})
        for share in (0, Rational(1, 3), 1):
            value = e.subs(theorem_6.epsilon, low + share * (high - low)).evalf(40)
            assert float(enclosed.lower()) <= value <= float(enclosed.upper())


def test_covering_proves_up_to_a_zero_and_not_across_it():
    parabola = Gt(x**2 - 2 * x + Rational(999, 1000) + 0 * y, 0)
    touching = Implication(Gt(x**2 - 2 * x + 1, 0), ranges={x: (0, 2)})
    assert balls.prove(touching)[0] in ("refuted", "undecided")
    above = Implication(Gt(x**2 - 2 * x + Rational(1001, 1000), 0), ranges={x: (0, 2)})
    assert balls.prove(above)[0] == "proved"
    status, _, values = balls.prove(Implication(parabola, ranges={x: (0, 2)}))
    assert status == "refuted" and Implication(parabola, ranges={x: (0, 2)}).refuted_by(values)


def test_covering_refuses_what_is_not_its_business():
    with pytest.raises(ValueError, match="strict"):
        balls.prove(Implication(Ge(x, 0), ranges={x: (0, 1)}))
    with pytest.raises(ValueError, match="strict"):
        balls.prove(Implication(Gt(x, 0), (Gt(x, 1),), ranges={x: (0, 1)}))
    with pytest.raises(ValueError, match="range"):
        balls.prove(Implication(Gt(x + y, 0), ranges={x: (0, 1)}))
    with pytest.raises(ValueError, match="know sums"):
        balls.prove(Implication(Gt(sympy.exp(x), 0, evaluate=False), ranges={x: (0, 1)}))


def test_a_point_on_the_boundary_is_undecided_and_does_not_go_on_for_ever():
    on = Implication(Gt(sqrt(2) ** 2 * x - 2 * x * sqrt(2) / sqrt(x), 0), ranges={x: (2, 2)})
    assert balls.prove(on)[0] == "undecided"


# --- the certificates say what the runs do ---


def test_false_claim_of_theorem_6_shows_in_a_run():
    C = 3
    beta2 = float(theorem_6.BETA2.subs(theorem_6.C, C))
    low, high = (float(end) for end in theorem_6.bracket(C))
    for epsilon, pushed_back in ((low, True), (high, False), (1.0, False)):
        adam = methods.get("adam_epsilon_inside", beta1=0.0, beta2=beta2, epsilon=epsilon)
        alpha = 0.9 * np.sqrt(1 - beta2)
        run = simulate.run(adam, problems.theorem_1(C), 3, alpha, x1=1.0, record=3)
        assert bool(run.x[-1] == 1.0) is pushed_back
        if epsilon == 1.0:
            missing = float(theorem_6.shortfall(Integer(C), Integer(1)))
            assert round(missing, 4) == 0.0708
            assert abs(1 - run.x[-1] - alpha * missing) < 1e-14  # a few roundings near 1


def test_false_claim_of_theorem_6_needs_a_step_that_stays_inside():
    # With a step so long that -1 stops it, the steps up do reach 1: not "for every alpha".
    C = 3
    beta2 = float(theorem_6.BETA2.subs(theorem_6.C, C))
    adam = methods.get("adam_epsilon_inside", beta1=0.0, beta2=beta2, epsilon=1.0)
    down, up1, up2 = (
        float(s) for s in theorem_6.first_cycle(C, theorem_6.BETA2.subs(theorem_6.C, C), Integer(1))
    )
    for alpha, pushed_back in (
        (2 / down, False),
        (0.99 * 2 / (up1 + up2), False),
        (1.01 * 2 / (up1 + up2), True),
    ):
        run = simulate.run(adam, problems.theorem_1(C), 3, alpha, x1=1.0, record=3)
        assert bool(run.x[-1] == 1.0) is pushed_back


@pytest.mark.parametrize("C, published", [(3, 0.6356), (5, 0.6475), (10, 0.6495)])
def test_thresholds_of_epsilon(C, published):
    low, high = theorem_6.bracket(C)
    assert high - low == Rational(1, 10**6)
    assert abs(float(low) - published) < 5e-5 + 1e-6


def test_shortfall_as_a_function_of_one_over_C_is_the_one_of_the_rule():
    for C in (Rational(5, 2), Integer(3), Integer(40)):
        by_u = theorem_6.shortfall_by_u().subs(theorem_6.u, 1 / C)
        assert abs((by_u - theorem_6.shortfall(C, Integer(1))).evalf(40)) < 1e-35
    limit = theorem_6.shortfall_by_u().subs(theorem_6.u, 0)
    assert abs(limit - (1 - Rational(1, 2) - 1 / sqrt(6))).equals(0)


def test_projection_lemma_holds_in_random_sequences_and_fails_the_wrong_way():
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(500):
        count = rng.integers(1, 12)
        steps = rng.normal(size=count)
        change = rng.integers(0, count + 1)
        sizes = np.abs(steps)
        for first in (-1, 1):
            signed = np.where(np.arange(count) < change, first, -first) * sizes
            point = start = rng.uniform(-1, 1)
            for step in signed:
                point = methods.project(np, point + step, -1.0, 1.0)
            short = point < min(1.0, start + signed.sum()) - 1e-12
            if first == -1:
                assert not short
            wrong += short
    assert wrong > 50


def test_final_inequality_of_theorem_2_is_claimed_at_the_smallest_C():
    implications = ALL["the push is positive"].implications
    for pair, implication in zip(theorem_2.PAIRS, implications, strict=False):
        C = smallest_C(*pair).together
        assert implication.definitions[theorem_2.C] == C
        assert f"C = {C}" in implication.given()
    # Condition (ii) decides for the last pair: it holds at C, and not at the even number before.
    beta2, C = Fraction(theorem_2.PAIRS[-1][1]), smallest_C(*theorem_2.PAIRS[-1]).together
    assert beta2 ** (C // 2 - 1) * C**2 <= 1 < beta2 ** (C // 2 - 2) * (C - 2) ** 2


def test_push_of_theorem_2_is_a_bound_on_a_real_block():
    b1, b2 = "0.5", "0.9"
    C = smallest_C(b1, b2).together
    problem = problems.theorem_2(C)
    alpha, start = 0.001, 50 * C
    run = simulate.run(
        methods.get("adam", beta1=float(b1), beta2=float(b2)),
        problem,
        start + C,
        alpha,
        x1=-1.0,
        record=start + C,
    )
    assert -1 < run.x[start - 1] < run.x[start + C - 1] < 1  # nothing is projected at the ends
    moved = run.x[start + C - 1] - run.x[start - 1]
    values = {theorem_2.beta1: Rational(b1), theorem_2.beta2: Rational(b2)}
    final = theorem_2.final_at(C, {})
    left, right = final.unfolded(final.conclusion)
    bound = (left - right).subs(values).evalf() * alpha / np.sqrt(start + 1)
    assert 0 < bound < moved


def test_weakened_lemma_counterexample_is_a_real_run_of_the_projection():
    certificate = ALL["short sequences"]
    values = certificate.refute(certificate.weakened[0]).counterexample
    named = {symbol.name: value for symbol, value in values.items()}
    point = start = named["y_1"]
    steps = [named[f"delta_{k}"] for k in (1, 2)]
    for step in steps:
        point = min(max(point + step, named["a"]), named["b"])
    assert named["a"] <= start <= named["b"] and steps[0] > 0 > steps[1]
    assert point < min(named["b"], start + sum(steps))


def test_first_cycle_is_pushed_back_far_beyond_the_repair():
    # Proved on [0, 1]; the least value lies near 0.38 and is above 1.0097.
    F = sympy.lambdify(theorem.beta2, theorem.first_block_function())
    values = F(np.linspace(0, 1, 2001))
    assert 1.0097 < values.min() < 1.0099
    lower = Implication(
        Gt(theorem.first_block_function(), Rational(10097, 10**4)), ranges={theorem.beta2: (0, 1)}
    )
    assert balls.prove(lower)[0] == "proved"
    assert (
        balls.prove(lower._replace(conclusion=Gt(lower.conclusion.lhs, Rational(10099, 10**4))))[0]
        == "refuted"
    )


def test_le_and_ge_are_told_apart():
    claim = Implication(Le(x, 1), (Ge(x, 1),))
    assert solver.prove(claim)[0] == "refuted"
    assert solver.prove(claim._replace(hypotheses=(Eq(x, 1),)))[0] == "proved"


def test_counterexample_for_adam_is_a_learning_rate_that_grows_in_the_rule_itself():
    certificate = ALL["inverse learning rate"]
    values = certificate.refute(certificate.weakened[0]).counterexample
    at = {symbol.name: float(value) for symbol, value in values.items()}
    t = at["t"]
    squares = {}
    for name in ("adam", "amsgrad"):
        method = methods.get(name, beta1=0.0, beta2=at["beta2"])
        state = method.init()._replace(v=at["v"])
        inverse = []
        for step, g in ((t, at["g_t"]), (t + 1, at["g_{t+1}"])):
            state = method.update(g, state, step).state
            V = state.v_hat if name == "amsgrad" else state.v
            inverse.append(step * V)  # (root of V_t over alpha_t)^2 for alpha = 1
        squares[name] = inverse
    assert squares["adam"][1] < squares["adam"][0]
    assert squares["amsgrad"][1] >= squares["amsgrad"][0]


def test_positive_integers_are_at_least_one():
    k = Symbol("k", integer=True, positive=True)
    assert solver.prove(Implication(Ge(k, 1, evaluate=False)))[0] == "proved"
    real = Symbol("k", positive=True)
    assert solver.prove(Implication(Ge(real, 1)))[0] == "refuted"


def sample(symbol, rng, size):
    """Random numbers of the declared sign, decays mostly below 1."""
    if symbol.is_integer:
        return rng.integers(1 if symbol.is_positive else 0, 50, size).astype(float)
    sizes = np.exp(rng.normal(0, 1.5, size))
    if symbol.name.startswith("beta") or symbol.name in ("p", "q", "tau"):
        sizes = np.where(rng.uniform(size=size) < 0.9, rng.uniform(0, 1.5, size), sizes)
    return sizes if symbol.is_nonnegative else rng.choice([-1, 1], size) * sizes


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].tool == "z3"])
def test_no_random_numbers_violate_a_proved_line(name):
    rng, tried = np.random.default_rng(8), 0
    order = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    for implication in ALL[name].implications:
        unknowns = implication.unknowns
        values = [sample(symbol, rng, 20_000) for symbol in unknowns]
        allowed = np.ones(20_000, bool)
        with np.errstate(all="ignore"):
            for line in (*implication.hypotheses, implication.conclusion):
                sides = implication.unfolded(line)
                f = sympy.lambdify(unknowns, sides, "numpy")
                left, right = (np.broadcast_to(side, allowed.shape) for side in f(*values))
                close = np.abs(left - right) <= 1e-9 * (1 + np.abs(left) + np.abs(right))
                if line is not implication.conclusion:
                    # On an equation no random point lies; its certificate is tried elsewhere.
                    allowed &= close if line.rel_op == "==" else order[line.rel_op](left, right)
                elif line.rel_op == "==":
                    assert np.all(close | ~allowed)
                else:
                    assert np.all(order[line.rel_op](left, right) | close | ~allowed)
        tried += allowed.sum()
    lines = [h for i in ALL[name].implications for h in i.hypotheses]
    assert tried > 100 or any(line.rel_op == "==" for line in lines)
