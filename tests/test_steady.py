"""The steady-cycle fast path: equal to the general simulator, or not taken."""

from __future__ import annotations

import dataclasses
import logging

import jax
import numpy as np
import pytest
from tries import pairs

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.methods import paper
from adam_and_beyond.simulate import steady

PROBLEMS = {
    "figure 1": problems.figure_1_online(),
    "theorem 1": problems.theorem_1(3),
    "theorem 2": problems.theorem_2(30),
    "eight mixed": problems.periodic([3, -1, 2, -5, 0.5, 0, -1.5, 2.5]),
    "all of one sign": problems.periodic([1.0, 2.0]),
    "one": problems.periodic([-2.0]),
}
FORGETFUL = ("sgd", "rmsprop", "adam", "adam_corrected", "amsgrad")
NEVER_FORGET = ("adagrad", "adamnc")


def method_of(name: str, beta1: float = 0.9, beta2: float = 0.99) -> methods.Method:
    """A method with those of the betas that it has."""
    return methods.get_sharing(name, beta1=beta1, beta2=beta2)


@pytest.mark.parametrize(
    ("name", "which", "schedule"), pairs(FORGETFUL, list(PROBLEMS), ["inverse_sqrt", "constant"])
)
def test_fast_path_equals_the_general_one(name, which, schedule):
    problem = PROBLEMS[which]
    alpha = 0.01 if name == "sgd" else 0.5
    # Records in the run-in, at its end, inside cycles and at their ends.
    record = [1, 77, 100 * problem.period, 100 * problem.period + 1, 123_456, 202_000, 300_001]
    both = [
        simulate.run(
            method_of(name), problem, 400_007, alpha, schedule, x1=0.3, record=record, path=path
        )
        for path in ("general", "steady cycle")
    ]
    assert [run.path for run in both] == ["general", "steady cycle"]
    general, fast = both
    # Rounding of 4e5 steps of the general path, which adds them one by one.
    np.testing.assert_allclose(fast.x, general.x, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast.average_regret, general.average_regret, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", FORGETFUL)
def test_fast_path_is_chosen_by_itself_on_long_periodic_runs(name):
    alpha = 0.01 if name == "sgd" else 0.5
    run = simulate.run(method_of(name), problems.figure_1_online(), 1_000_000, alpha)
    assert run.path == "steady cycle"


@pytest.mark.parametrize("name", NEVER_FORGET)
def test_methods_that_never_forget_take_the_general_path(name):
    run = simulate.run(method_of(name), problems.figure_1_online(), 200_000, 0.5, record=1)
    assert run.path == "general"
    with pytest.raises(ValueError, match="method that forgets"):
        simulate.run(method_of(name), problems.figure_1_online(), 200_000, 0.5, path="steady cycle")


def test_short_runs_and_long_memories_take_another_path():
    problem = problems.figure_1_online()
    assert simulate.run(method_of("adam"), problem, 15_000, 0.5).path == "general"
    slow = method_of("adam", beta2=0.999999)
    assert simulate.run(slow, problem, 500_000, 0.5, record=1).path != "steady cycle"


def test_random_gradients_take_the_general_path():
    run = simulate.run(method_of("adam"), problems.figure_1_stochastic(), 50_000, 0.5, record=1)
    assert run.path == "general"


def test_an_unknown_path_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="'auto', 'general', 'steady cycle'"):
        simulate.run(method_of("adam"), problems.figure_1_online(), 10, 0.5, path="fast")


def slowly_changing(xp, g, state, t, h):
    """Adam whose direction never settles: it grows by a millionth of itself a step."""
    update = paper.adam(xp, g, state, t, h)
    return update._replace(m=update.m * xp.minimum(1 + 1e-6 * t, 1e12))


def test_a_direction_that_never_settles_is_noticed():
    changing = dataclasses.replace(method_of("adam"), rule=slowly_changing)
    run = simulate.run(changing, problems.figure_1_online(), 100_000, 0.5, record=1)
    assert run.path == "general"


def test_more_changes_of_direction_than_there_is_room_for_take_the_general_path():
    back_and_forth = problems.periodic([1.0, -1.0] * 40 + [0.5])
    run = simulate.run(methods.get("sgd"), back_and_forth, 100_000, 0.01, record=1)
    assert run.path == "general"


def test_sign_runs_join_rounds_that_do_not_move():
    ends = steady.sign_runs(np.array([1.0, 0.0, 2.0, -1.0, 0.0, -3.0]))
    assert ends.tolist() == [3, 6]
    assert steady.sign_runs(np.array([-1.0])).tolist() == [1, 1]


def test_acceptance_numbers_hold_on_the_fast_path():
    ends = {
        name: simulate.run(
            methods.get(name, beta1=0.9, beta2=0.99),
            problems.figure_1_online(),
            steps=5_000_000,
            alpha=0.5,
            path="steady cycle",
        )
        for name in ("adam", "amsgrad")
    }
    assert ends["adam"].x[-1] == 1.0
    assert ends["adam"].average_regret[-1] == pytest.approx(0.21145475, abs=1e-7)
    assert ends["amsgrad"].x[-1] == pytest.approx(-0.99887267, abs=1e-7)
    assert ends["amsgrad"].average_regret[-1] == pytest.approx(0.01508708, abs=1e-7)


def test_other_numbers_do_not_recompile_the_fast_path(caplog):
    def run(beta2, alpha, steps, x1):
        method = methods.get("adam", beta1=0.9, beta2=beta2)
        simulate.run(method, problems.figure_1_online(), steps, alpha, x1=x1, record=50)

    run(0.99, 0.5, 300_000, 0.0)
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        run(0.98, 0.4, 400_001, 0.2)
        assert "Compiling" not in caplog.text
        # The detector detects: another period is another program.
        simulate.run(method_of("adam"), problems.theorem_1(3), 300_000, 0.5, record=50)
        assert "Compiling" in caplog.text
