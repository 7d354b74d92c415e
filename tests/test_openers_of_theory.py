"""What opens the chapters on regret, the exact boundary and AdamNC: their numbers against JAX's."""

from __future__ import annotations

import numpy as np
import pytest

from adam_and_beyond import drift, methods, problems
from adam_and_beyond.explorers import (
    ClipExplorer,
    GameExplorer,
    MeanStepExplorer,
    MemoryExplorer,
    RescueExplorer,
)

CLIPS = [
    {"beta2": 0.9, "alpha": 0.25, "x1": -0.9},
    {"beta2": 0.0, "alpha": 0.05, "x1": 1.0},
    {"beta2": 0.999, "alpha": 0.5, "x1": 0.0},
]


@pytest.mark.node
@pytest.mark.parametrize("values", CLIPS)
def test_the_clip_of_a_period_is_that_of_ten_clipped_steps(values, ask_node):
    live = ClipExplorer(**values)
    [found] = ask_node("clip.js", ("adam",), clips=[values])["clips"]
    np.testing.assert_allclose(found["clip"], live.clip(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["stairs"], live.stairs(), rtol=0, atol=1e-12)
    adam = methods.get("adam", beta1=0.0, beta2=values["beta2"])
    ten = problems.theorem_2(10)
    assert live.clip().shift == pytest.approx(values["alpha"] * drift.number(adam, ten), abs=1e-13)
    orbit = drift.orbit(adam, ten)
    x = 0.3
    for m, root in zip(orbit.m, orbit.sqrt_V, strict=True):
        x = np.clip(x - values["alpha"] * m / root, -1, 1)
    assert live.clip()(0.3) == pytest.approx(x, abs=1e-13)


@pytest.mark.node
def test_stairs_turn_where_the_drift_number_is_zero(ask_node):
    [found] = ask_node("clip.js", ("adam",), clips=[CLIPS[0]])["clips"]
    plain, ten = methods.get("adam", beta1=0.0), problems.theorem_2(10)
    turn = drift.critical(plain, ten, "beta2", (0.5, 0.999))
    assert found["turn"] == pytest.approx(turn, abs=1e-12)
    climbing, falling = (ClipExplorer(beta2=found["turn"] + off).caption() for off in (-1e-6, 1e-6))
    assert "climbs" in climbing and "falls" in falling


@pytest.mark.node
@pytest.mark.parametrize("x", [-1.0, 0.25, 1.0])
def test_players_pay_what_jax_says(x, ask_node):
    live = GameExplorer(x=x)
    [found] = ask_node("game.js", ("sgd", "adam", "amsgrad"), games=[{"x": x}])["games"]
    assert found["times"] == live.rounds().tolist()
    assert found["cost"] == pytest.approx(live.cost(), abs=1e-15)
    for along, average in zip(found["regrets"], live.average_regrets().values(), strict=True):
        np.testing.assert_allclose(along, average, rtol=1e-9)


def test_standing_still_costs_nothing_only_at_the_best_point():
    costs = [GameExplorer(x=x).cost() for x in (-1.0, 0.0, 1.0)]
    assert costs == pytest.approx([0.0, 10 / 101, 20 / 101])
    adam, amsgrad = GameExplorer().average_regrets().values()
    assert adam[-1] > 20 / 101 > amsgrad[-1] and amsgrad[-1] < amsgrad[len(amsgrad) // 2]


@pytest.mark.node
@pytest.mark.parametrize("beta2", [0.0, 0.9, 0.999])
def test_shares_are_those_of_the_rules(beta2, ask_node):
    expected = MemoryExplorer(beta2=beta2).shares()
    asked = [{"method": name, "values": {"beta2": beta2}, "rounds": 60} for name in expected]
    answers = ask_node("memory.js", tuple(expected), shares=asked)["shares"]
    for found, share in zip(answers, expected.values(), strict=True):
        np.testing.assert_allclose(found, share, rtol=0, atol=1e-14)
    ages = np.arange(59, -1, -1)
    np.testing.assert_allclose(expected["adam"], (1 - beta2) * beta2**ages, atol=1e-15)
    np.testing.assert_allclose(expected["adamnc"], 1 / 60, rtol=1e-12)


@pytest.mark.node
@pytest.mark.parametrize("epsilon", [1.0, 300.0, 5000.0])
def test_the_rescued_walk_where_jax_walks(epsilon, ask_node):
    live = RescueExplorer(epsilon=epsilon)
    asked = [{"epsilon": epsilon}]
    [found] = ask_node("rescue.js", ("adam", "adam_epsilon"), rescues=asked)["rescues"]
    assert found["D"] == pytest.approx(live.drift(), rel=1e-9)
    for xs, run in zip(found["xs"], live.trajectories().values(), strict=True):
        np.testing.assert_allclose(xs, run.x, rtol=0, atol=1e-9)
    assert np.sign(found["xs"][1][-1]) == np.sign(live.drift())


def test_epsilon_turns_adam_on_this_line():
    adam = methods.get("adam_epsilon", beta1=0.9, beta2=0.99)
    turn = drift.critical(adam, problems.figure_1_online(), "epsilon", (1.0, 1e5))
    assert turn == pytest.approx(2078.36, abs=0.01)
    above, below = (RescueExplorer(epsilon=turn + off).drift() for off in (1e-3, -1e-3))
    assert below > 0 > above


MEANS = [
    {"C": 100, "beta2": 0.99, "seed": 1},
    {"C": 10, "beta2": 0.9, "seed": 7},
    {"C": 5, "beta2": 0.999, "seed": 0},
]


@pytest.mark.node
@pytest.mark.parametrize("values", MEANS)
def test_mean_steps_are_those_of_python_and_settle_at_the_exact_drift(values, ask_node):
    live = MeanStepExplorer(**values)
    [found] = ask_node("mean_step.js", ("adam",), steps=[values])["steps"]
    np.testing.assert_allclose(found["means"], live.means(), rtol=0, atol=1e-9)
    assert found["exact"] == pytest.approx(live.drift(), rel=1e-4)
    assert live.means()[-1] == pytest.approx(live.drift(), abs=0.03)


def test_a_steeper_and_rarer_slope_turns_the_mean_step_round():
    steep, mild = (MeanStepExplorer(C=C, beta2=0.99) for C in (100, 10))
    assert steep.drift() > 0 > mild.drift()
    assert "away from" in steep.caption() and "towards" in mild.caption()
    assert steep.problem().gradients @ steep.problem().probabilities == pytest.approx(0.1)
