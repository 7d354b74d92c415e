"""Theorem 4: its steps proved, its inequalities watched along runs, its gap, and its looseness."""

import functools
import math

import numpy as np
import pytest
import steps
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Rational
from tries import tries

from adam_and_beyond import drift, methods, problems, regret, simulate
from adam_and_beyond.theorems.theorem_4 import proof as theorem
from adam_and_beyond.theorems.theorem_4.replay import distances, inequalities

TRIES = tries(40)
STEPS = {
    step.name: step
    for step in (
        *theorem.proof(),
        theorem.solve_for_gradient(),
        theorem.published_exchange(),
        theorem.geometric_sum(),
        theorem.adamx_scale(),
    )
}
SYNTHETIC = problems.figure_1_online()


test_every_step_is_shown = steps.test_of(STEPS)


q, s = sympy.symbols("q s", nonnegative=True)
d2, last2 = sympy.symbols("e_T^2 e_{T+1}^2", nonnegative=True)
n = sympy.Symbol("n", integer=True, positive=True)
PERTURBED = [
    ("projection", 0, Le((theorem.upper - theorem.star) ** 2, (theorem.upper - 1) ** 2)),
    ("expansion", 0, Eq(theorem.landed, theorem.x + theorem.a * theorem.m / theorem.w)),
    ("direct", 0, Eq(theorem.g - theorem.m, theorem.b * theorem.g)),
    ("direct", 2, Le((theorem.g - theorem.m_before) ** 2, theorem.g**2 + theorem.m_before**2)),
    (
        "Gamma",
        1,
        Ge(sympy.sqrt(theorem.t) * theorem.w, sympy.sqrt(theorem.t + 1) * theorem.w_before),
    ),
    ("Gamma", 0, Ge(theorem.v_before, theorem.beta2, evaluate=False)),
    ("moments", 1, Ge(theorem.beta2 * theorem.v_before, theorem.v_before)),
    (
        "constants",
        1,
        Gt(Rational(1, 2), (Rational(1, 2) + 2 * theorem.beta1) * (1 - theorem.beta1) ** 2),
    ),
    ("published", 0, Eq(theorem.m, theorem.m_before + (1 - theorem.b) * theorem.g)),
    ("exchange", 0, Le(q / (1 - theorem.beta1), q / (1 - theorem.b))),
    ("geometric sum", 1, Eq(n, n + 1)),
    ("geometric sum", 0, Le(theorem.t, sympy.sqrt(theorem.t))),
    ("AdamX", 1, Ge(theorem.v_before, sympy.Symbol("z_{t-1}", nonnegative=True), evaluate=False)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_something_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


# --- along runs ---
def run_of(gradients, kind="geometric", beta1=0.9, decay=0.99, alpha=0.5, beta2=0.99, x1=0.0):
    t = np.arange(1.0, len(gradients) + 1)
    beta1_t = methods.beta1_schedule(kind, beta1, t, decay)
    return simulate.history(
        methods.get("amsgrad", beta2=beta2), gradients, alpha, x1=x1, beta1=beta1_t
    )


SOUND = {
    "projection",
    "published sum",
    "direct sum",
    "Gamma",
    "telescope",
    "lemma, printed",
    "lemma, convex",
    "Cauchy-Schwarz",
}
values = st.lists(st.floats(-5, 5).filter(lambda g: abs(g) > 1e-3), min_size=50, max_size=50)


@TRIES
@given(
    values,
    st.sampled_from(methods.schedules.BETA1_SCHEDULES),
    st.floats(0, 0.94),
    st.floats(0.01, 20),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_every_sound_inequality_holds_along_random_runs(gs, kind, beta1, alpha, x1, rival):
    h = run_of(gs, kind, beta1, 0.7, alpha, 0.9, x1)
    found = inequalities(h, rival, 0.9)
    assert set(found) == SOUND | {"exchange"}
    for name in sorted(SOUND):
        assert np.all(found[name].holds()), name
    # The exchange is an equality for constant beta1, and otherwise nobody's guess.
    if kind == "constant":
        assert np.all(found["exchange"].holds())


@pytest.mark.parametrize("kind", methods.schedules.BETA1_SCHEDULES)
def test_every_sound_inequality_holds_on_the_synthetic_problem(kind):
    found = inequalities(run_of(SYNTHETIC.sample(100_000), kind), -1.0, 0.99)
    assert all(np.all(found[name].holds()) for name in sorted(SOUND))
    assert bool(np.all(found["exchange"].holds())) is (kind == "constant")


def test_without_the_lemma_the_other_inequalities_remain():
    found = inequalities(run_of(SYNTHETIC.sample(10)), -1.0)
    assert set(found) == SOUND - {"lemma, printed", "lemma, convex", "Cauchy-Schwarz"} | {
        "exchange"
    }


# --- Tran and Phong's example ---
def test_tran_and_phongs_example():
    h = run_of(SYNTHETIC.sample(50), beta1=0.9, decay=0.001, alpha=0.001, beta2=0.999, x1=1.0)
    assert h.x[1:3] == pytest.approx([0.99683772, 0.99705690], abs=5e-9)
    squares = (h.x + 1) ** 2
    assert -np.diff(squares)[:2] == pytest.approx([0.0126391, -0.0008754], abs=5e-8)
    A = distances(h, -1.0)
    assert A[0] > 0 > A[1]
    # Not only the terms: the sum of the published proof is broken too, from T = 2 on.
    exchange = inequalities(h, -1.0, 0.999)["exchange"]
    assert exchange.holds()[0] and not np.any(exchange.holds()[1:])
    assert exchange.left[1] / exchange.right[1] == pytest.approx(1.098, abs=1e-3)


def test_the_exchange_is_sound_where_the_distance_only_falls():
    # All gradients positive, the rival at the lower end: A_t >= 0 throughout.
    h = run_of(np.ones(50), decay=0.5, alpha=0.01, x1=1.0)
    assert np.all(distances(h, -1.0) >= 0)
    assert np.all(inequalities(h, -1.0)["exchange"].holds())


# --- what AMSGrad does ---
def test_the_limit_of_v_hat():
    closed = 100 * (0.01 * (101**2 - 1) / (1 - 0.99**101) + 1)
    assert closed == pytest.approx(16096.79, abs=5e-3)
    amsgrad = methods.get("amsgrad", beta1=0.9, beta2=0.99)
    assert drift.orbit(amsgrad, SYNTHETIC).sqrt_V ** 2 == pytest.approx(np.full(101, closed))
    h = simulate.history(amsgrad, SYNTHETIC.sample(101 * 40), 0.5)
    assert h.sqrt_V[-1] ** 2 == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize(
    ("alpha", "after_5_million", "limit"), [(0.01, 0.331, 0.3294), (0.1, 3.294, 3.294)]
)
def test_with_a_constant_step_the_average_regret_does_not_vanish(alpha, after_5_million, limit):
    amsgrad = methods.get("amsgrad", beta1=0.9, beta2=0.99)
    exact = drift.constant_step(amsgrad, SYNTHETIC, alpha).average_regret
    assert exact == pytest.approx(limit, abs=5.1e-4)
    run = simulate.run(amsgrad, SYNTHETIC, 5_000_000, alpha, "constant", record=1)
    assert run.average_regret[-1] == pytest.approx(after_5_million, abs=5.1e-4)
    falling = simulate.run(amsgrad, SYNTHETIC, 5_000_000, alpha, record=2).average_regret
    assert falling[-1] < falling[0] < 0.1  # alpha / sqrt(t) does make it vanish


def test_a_large_constant_step_makes_amsgrad_worse_than_adam():
    limit = {
        name: drift.constant_step(
            methods.get(name, beta1=0.9, beta2=0.99), SYNTHETIC, 0.1
        ).average_regret
        for name in ("adam", "amsgrad")
    }
    assert limit["amsgrad"] > limit["adam"] == pytest.approx(3.197, abs=5e-4)


def test_the_regret_grows_like_the_root_of_T_with_constant_beta1():
    amsgrad = methods.get("amsgrad", beta1=0.9, beta2=0.99)
    times = [10**4, 10**5, 10**6, 10**7]
    R = simulate.run(amsgrad, SYNTHETIC, times[-1], 0.5, record=times).regret
    ratio = R / np.sqrt(times)
    assert ratio[[0, 2]] == pytest.approx([43.8, 34.7], abs=0.05)
    assert ratio.max() < 50
    slope = np.polyfit(np.log(times[1:]), np.log(R[1:]), 1)[0]
    assert 0.45 < slope < 0.5


def alternating(T):
    """s_t = +-1 in turn on [2^k, 2^(k+1))."""
    return np.where(np.floor(np.log2(np.arange(1.0, T + 1))) % 2 == 0, 1.0, -1.0)


@functools.cache
def alternating_run():
    return simulate.history(
        methods.get("amsgrad", beta1=0.0, beta2=0.5), alternating(2**22 - 1), 1.0
    )


def test_regret_can_be_negative_for_ever():
    assert alternating(8).tolist() == [1, -1, -1, 1, 1, 1, 1, -1]
    h = alternating_run()
    T = h.gradients.size
    assert math.log2(T + 1) == 22
    slope = h.gradients.sum()
    loss = math.fsum(h.gradients * h.x[:-1])
    average = float(regret.of_sums(loss, slope, -1.0, 1.0)) / T
    assert average == pytest.approx(-0.6643, abs=5e-5)
    # The bound of the theorem holds all the same: it is an upper bound.
    bound = regret.theorem_4(h.gradients[:1000], h.sqrt_V[:1000], 1.0, 0.0, 0.5)
    first = regret.of_sequence(h.gradients[:1000], h.x[:1000])
    assert np.all(bound.total >= first) and first.min() < 0


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_for_a_constant_beta1_holds_in_every_round_of_random_problems(seed):
    rng = np.random.default_rng(seed)
    beta1, beta2 = rng.uniform(0, 0.99), rng.uniform(0, 0.999)
    gradients = rng.standard_t(3, 500) + rng.normal()
    alpha, D = 10 ** rng.uniform(-2, 1), 2.0
    run = simulate.history(methods.get("amsgrad", beta1=beta1, beta2=beta2), gradients, alpha)
    t, w, share = np.arange(1.0, 501), run.sqrt_V, beta1 / (1 - beta1)
    steps = np.cumsum(alpha / np.sqrt(t) * run.m**2 / w)
    bound = D**2 * w * np.sqrt(t) / (2 * alpha) + (0.5 + share) * steps + share * D * np.abs(run.m)
    assert np.all(run.regret <= bound)
    e = run.x[:-1] - run.x[0]  # any rival: the identity behind the proof
    parts = run.m[-1] * e[-1] - np.sum(run.m[:-1] * np.diff(e))
    assert np.sum(gradients * e) == pytest.approx(np.sum(run.m * e) + share * parts, abs=1e-8)
