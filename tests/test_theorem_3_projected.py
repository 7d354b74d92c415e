"""The projected case of Theorem 3: its inequalities, the companion of a run, the fading past."""

import numpy as np
import pytest
import steps
import sympy
from sympy import Eq, Ge, Gt, Le, Max, Min, Rational, sqrt

from adam_and_beyond import methods, problems
from adam_and_beyond.theorems.theorem_2.block import beta2
from adam_and_beyond.theorems.theorem_3 import projected

STEPS = {step.name: step for step in projected.proof()}
x, y, shift, v, fresh = projected.x, projected.y, projected.shift, projected.v, projected.v_fresh


test_every_step_is_shown = steps.test_of(STEPS)


lam, alpha, d, H = projected.lam, projected.alpha, projected.d, projected.H
PERTURBED = [
    ("comparison", 0, Ge(Max(-1, Min(1, x + shift)), Min(2, y + 2 * shift))),
    ("comparison", 1, Eq(Min(1, Min(projected.A, projected.B) + shift), projected.A + shift)),
    ("forgotten", 0, Le(1 / sqrt(v), 1)),
    ("forgotten", 1, Le(1 / sqrt(fresh) - 1 / sqrt(v), (v - fresh) / (3 * fresh * sqrt(fresh)))),
    ("exponential", 2, Eq(STEPS["exponential"].relations[2].lhs, 1 - sympy.exp(projected.z))),
    ("exponential", 3, Gt(1 - sympy.exp(Rational(1, 4)), 0, evaluate=False)),
    ("exponential", 4, Le(-lam * alpha * d / 2 + (lam * alpha * H) ** 2, -lam * alpha * d / 3)),
]


@pytest.mark.parametrize(("name", "index", "relation"), PERTURBED)
def test_check_fails_when_a_constant_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)


def test_inequalities_on_both_sides_of_their_hypotheses():
    at = {x: Rational(1, 2), shift: -3, projected.A: 2, projected.B: 1}
    assert STEPS["comparison"].at(at | {y: 0}) == (True, True)
    assert STEPS["comparison"].at(at | {shift: Rational(1, 4), y: 1}) == (False, False)
    at = {v: 2, fresh: 1, beta2: Rational(1, 2)}
    assert STEPS["forgotten"].at(at) == (True, True)
    assert STEPS["forgotten"].at(at | {v: Rational(1, 4)}) == (False, False)
    at = {alpha: 1, d: 1, H: 2, projected.z: 0}
    assert STEPS["exponential"].at(at | {lam: Rational(1, 16)}) == (True, True)
    assert STEPS["exponential"].at(at | {lam: Rational(1, 8)}) == (False, False)


def test_exponential_is_below_its_parabola_up_to_a_quarter_and_not_for_ever():
    z = np.linspace(-30, 0.25, 2001)
    assert np.all(np.exp(z) <= 1 + z + z**2)
    assert np.exp(2.0) > 1 + 2 + 4


@pytest.mark.parametrize("seed", range(4))
def test_projected_run_is_never_below_its_companion(seed):
    random = np.random.default_rng(seed)
    shifts = random.normal(0.02, 0.4, 5000)
    start = random.uniform(-1, 1)
    companion = projected.reflected(start, shifts)
    run, alone = start, start
    for move, value in zip(shifts, companion, strict=True):
        run = methods.project(np, run + move, -1.0, 1.0)
        alone = min(1.0, alone + move)
        assert value == pytest.approx(alone, abs=1e-10)  # thousands of roundings of sums near 100
        assert run >= value - 1e-10
    assert companion.min() < -1  # the lower end does interfere


def test_companion_is_projected_at_the_top_alone():
    assert projected.reflected(0.0, [-3.0, 1.0]).tolist() == [-3.0, -2.0]
    companion = projected.reflected(0.0, [3.0, -1.5])
    assert companion.tolist() == [1.0, -0.5]


def test_companion_starts_in_the_interval():
    with pytest.raises(ValueError, match="at most 1"):
        projected.reflected(1.5, [0.1])


@pytest.mark.parametrize(("b1", "b2"), [(0.0, 0.5), (0.5, 0.9), (0.9, 0.95)])
def test_two_pasts_are_forgotten_as_fast_as_the_proof_says(b1, b2):
    rarity = 20.0
    adam = methods.get("adam", beta1=b1, beta2=b2)
    coins = problems.theorem_3(rarity, 0.1).sample(400, seed=5).tolist()
    pasts = [adam.state_type(rarity, rarity**2), adam.state_type(-1.0, 1.0)]
    directions = []
    for state in pasts:
        found = []
        for t, g in enumerate(coins, start=1):
            m, root, state = adam.update(g, state, t, np)
            found.append(-m / root)
        directions.append(found)
    L = np.arange(1, 401)
    allowed = rarity * b1**L / np.sqrt(1 - b2) + rarity**3 * b2**L / (2 * (1 - b2) ** 1.5)
    difference = np.abs(np.subtract(*directions))
    assert np.all(difference <= 2 * allowed + 1e-12)
    assert difference[0] > 0.01 and np.max(np.abs(directions)) <= rarity / np.sqrt(1 - b2)
