"""The drift number's theorem: each step proved, made to fail on purpose, and tried at numbers."""

from fractions import Fraction

import numpy as np
import pytest
import reference
import steps
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Eq, Ge, Le, Rational
from tries import tries

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.theorems.boundary import laws
from adam_and_beyond.theorems.boundary import proof as theorem

PROOF = (
    theorem.orbit(),
    theorem.clamp_shifts_compose(),
    theorem.ends_stay_close(),
    theorem.block_climbs(),
    theorem.move_of_a_round(),
    theorem.amsgrad_is_safe(),
    laws.first_order(),
    laws.periodic_law(),
)
STEPS = {step.name: step for step in PROOF}
TRIES = tries(60)
x, S, L, U, A, move = theorem.x, theorem.S, theorem.L, theorem.U, theorem.A, theorem.move
low, high = theorem.low, theorem.high


test_every_step_is_shown = steps.test_of(STEPS)


COMPOSED = theorem.clip(theorem.clip(x + S, L, U) + move, low, high)
WRONG = [
    ("orbit", 0, Eq(theorem._m_bar, (1 - theorem.beta1) * theorem.C * theorem.beta1**theorem.i)),
    ("orbit", 1, Eq(theorem._v_bar, sympy.Integer(1))),
    # Without moving the ends along: what a naive sum of steps would do.
    ("compose", 0, Eq(COMPOSED, theorem.clip(x + S + move, L, U), evaluate=False)),
    ("compose", 1, Eq(sympy.Symbol("y", real=True), x + S, evaluate=False)),
    ("ends", 0, Ge(theorem.clip(U + move, low, high), high - A)),
    ("ends", 1, Le(theorem.clip(L + move, low, high), low + Abs(move))),
    ("block", 0, Ge(theorem.clip(x + S, L, U), x + S)),
    ("block", 1, Le(theorem.clip(x + S, L, U), high - A)),
    ("move", 0, Eq(sympy.Symbol(r"\Delta_i", real=True), theorem.alpha * theorem.rate)),
    ("amsgrad", 0, Eq(sympy.Symbol("M", real=True), 2 * sympy.Symbol("G", real=True))),
    ("first order", 1, Eq(laws._c0, laws.P - laws.C)),
    ("first order", 2, Eq(laws._c1, laws.C)),
    ("periodic law", 1, Eq(STEPS["periodic law"].claims[1].relation.lhs, 2)),
]


@pytest.mark.parametrize("name, index, relation", WRONG)
def test_a_step_fails_when_its_claim_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


# --- the orbit and the number ---
@pytest.mark.parametrize("C, P, beta1, beta2", [(3, 3, 0, "1/10"), (7, 5, "9/10", "99/100")])
def test_the_derived_number_is_the_oracles_and_the_packages(C, P, beta1, beta2):
    beta1, beta2 = Fraction(beta1), Fraction(beta2)
    exact = theorem.evaluate(C, P, beta1, beta2)
    assert float(exact) == pytest.approx(
        float(reference.drift_number(C, P, float(beta1), float(beta2))), abs=1e-13
    )
    method = methods.get("adam", beta1=float(beta1), beta2=float(beta2))
    problem = problems.periodic([C] + [-1.0] * (P - 1))
    assert float(exact) == pytest.approx(drift.number(method, problem), abs=1e-13)


def test_recorded_values_come_out_to_all_their_digits():
    nine_tenths = Rational(9, 10)
    value = theorem.evaluate(101, 101, nine_tenths, Rational(99, 100))
    assert abs(value - sympy.Float("1.90085474993102345", 30)) < 5e-18
    value = theorem.evaluate(3, 3, 0, Rational(1, 10))
    assert abs(value - sympy.Float("0.68094960199367182", 30)) < 5e-18
    value = theorem.evaluate(101, 101, nine_tenths, Rational(999, 1000))
    assert abs(value - sympy.Float("0.10502190", 30)) < 5e-9


def test_the_sum_itself_can_be_worked_out():
    numbers = {
        theorem.C: 3,
        theorem.P: 3,
        theorem.beta1: Rational(1, 2),
        theorem.beta2: Rational(1, 3),
    }
    exact = theorem.drift_number().subs(numbers).doit()
    assert abs(sympy.N(exact, 30) - theorem.evaluate(3, 3, Rational(1, 2), Rational(1, 3))) < 1e-28


def test_a_float_is_not_an_exact_number():
    with pytest.raises(TypeError, match="exact values only"):
        theorem.evaluate(3, 3, 0, 0.1)


# --- the lemma ---
@TRIES
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_a_clipped_walk_is_one_clip_whose_ends_are_close(moves, start, other):
    walks, ends = [start, other], (-1.0, 1.0)
    for step in moves:
        walks = [min(max(place + step, -1.0), 1.0) for place in walks]
        ends = tuple(min(max(end + step, -1.0), 1.0) for end in ends)
    total, length = sum(moves), sum(map(abs, moves))
    for begin, end in zip((start, other), walks, strict=True):
        assert end == pytest.approx(min(max(begin + total, ends[0]), ends[1]), abs=1e-12)
        assert end >= min(begin + total, 1 - length) - 1e-12
        assert end <= max(begin + total, -1 + length) + 1e-12
    assert 1 - length - 1e-12 <= ends[1] <= 1 and -1 <= ends[0] <= -1 + length + 1e-12


def test_the_lemma_is_sharp_where_the_moves_end_downwards():
    """With u - A replaced by anything larger the lemma is false: a walk up, then down."""
    place = 1.0
    for step in (0.5, -0.25):
        place = min(max(place + step, -1.0), 1.0)
    assert place == 0.75 < min(1.0 + 0.25, 1.0)  # below both x + S and u


# --- the laws ---
@pytest.mark.parametrize("C, P, beta1", [(101, 101, "9/10"), (60, 50, "1/2"), (500, 400, "9/10")])
def test_the_first_coefficients_are_the_drifts_value_and_slope_at_beta2_1(C, P, beta1):
    step = laws.first_order()
    at = {laws.C: C, laws.P: P, laws.beta1: Rational(beta1)}
    c0, c1 = (float(step.definitions[name].subs(at)) for name in (laws._c0, laws._c1))
    root = np.sqrt((C**2 + P - 1) / P)
    method = methods.get("adam", beta1=float(Rational(beta1)))
    problem = problems.periodic([float(C)] + [-1.0] * (P - 1))
    eta = 1e-4 / P
    D = [root * drift.number(method.replace(beta2=1 - k * eta), problem) for k in (1, 2)]
    assert 2 * D[0] - D[1] == pytest.approx(c0, rel=1e-4)
    # 1 - beta2^P is known to 1e-16 / (P eta) = 1e-12; the second order is 1e-4 of the first.
    assert (D[1] - D[0]) / eta == pytest.approx(c1, rel=2e-3)


def test_the_law_is_close_to_the_exact_root_and_exact_in_the_limit():
    for C, P, close in ((101, 101, 0.005), (50, 45, 0.05), (50, 20, 0.2)):
        problem = problems.periodic([float(C)] + [-1.0] * (P - 1))
        exact = drift.critical(methods.get("adam", beta1=0.0), problem, "beta2", (0.01, 1 - 1e-9))
        law = float(laws.law_without_momentum().subs({laws.C: C, laws.P: P}))
        assert law / (1 - exact) == pytest.approx(1, abs=close)
    at = {laws.C: 101, laws.P: 101, laws.beta1: Rational(1, 10**9)}
    plain = laws.law_without_momentum().subs(at)
    assert float(laws.law().subs(at) / plain) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("beta1, scaled", [(0.0, 4.0005), (0.9, 4.0080)])
def test_the_scaled_root_tends_to_four(beta1, scaled):
    C = 10_000
    method = methods.get("adam", beta1=beta1)
    root = drift.critical(method, problems.theorem_2(C), "beta2", (0.9, 1 - 1e-9))
    print((1 - root) * C**2)
    assert (1 - root) * C**2 == pytest.approx(scaled, abs=5e-3)


# --- AMSGrad ---
@TRIES
@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=10), st.floats(0, 0.95), st.floats(0, 0.99)
)
def test_amsgrad_drifts_against_the_sum_of_any_periodic_gradients(gradients, beta1, beta2):
    total = sum(gradients)
    D = drift.number(methods.get("amsgrad", beta1=beta1, beta2=beta2), problems.periodic(gradients))
    assert np.sign(D) == -np.sign(total) or (total == 0 and abs(D) < 1e-12)
