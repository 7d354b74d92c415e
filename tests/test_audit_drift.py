"""The drift number of any optimizer, by watching it; each trap with the naive answer beside it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tries import NIGHT

from adam_and_beyond import audit, drift, methods, optax_bridge, problems

LOOSE = "optax's transformations mix whole and real numbers"

FIGURE_1 = problems.periodic([101.0] + [-1.0] * 100)
THREE = problems.periodic([3.0, -1.0, -1.0])
FAST = {"beta1": 0.5, "beta2": 0.9}  # forgets within a few rounds, so that tests are quick


def has_number(name):
    try:
        drift.number(methods.get_sharing(name, **FAST), THREE)
    except ValueError:
        return False
    return True


# --- agreement ---
# All go through the same program. In a build it is tried on one of each kind of state: none, an
# average, two, a maximum, bounds that close, gradients kept for later, averages of steps; every
# night on each.
OF_EACH_KIND = ("sgd", "rmsprop", "adam", "amsgrad", "adabound", "adashift", "adadelta", "adopt")
OF_EACH_KIND += ("adagrad", "nosadam")
TRIED = list(methods.CATALOGUE) if NIGHT else OF_EACH_KIND


@pytest.mark.parametrize("name", [name for name in TRIED if has_number(name)])
def test_a_method_of_the_catalogue_has_the_drift_of_its_rule(name):
    method = methods.get_sharing(name, **FAST)
    found = audit.drift(method, THREE)
    assert found.settled and not found.looks_at_x and not found.couples
    assert pytest.approx(drift.number(method, THREE), abs=1e-9, rel=1e-9) == found.D
    # AdaBound's bounds close like 1/t: too slow to be watched, so its rule says it.
    assert found.path == ("orbit of the rule" if name == "adabound" else "observed period")


@pytest.mark.parametrize("name", [name for name in TRIED if not has_number(name)])
def test_a_method_that_never_forgets_is_refused_in_words(name):
    found = audit.drift(methods.get_sharing(name, **FAST), THREE)
    assert not found.settled and np.isnan(found.D) and found.reason
    assert found.path == "projected run" and found.ends.shape == (2,)


# As computed once by an independent program, gradients 101 and a hundred times -1.
TABLE = {
    "nadam": (optax.nadam(1.0, b2=0.99), 1.939),
    "radam": (optax.radam(1.0, b2=0.99), 1.901),
    "adabelief": (optax.adabelief(1.0, b2=0.99), 2.018),
    "adamax": (optax.adamax(1.0, b2=0.99), 0.614),
    "amsgrad": (optax.amsgrad(1.0, b2=0.99), -0.0099),
    "lion": (optax.lion(1.0, weight_decay=0.0), 25),
    "signum": (optax.signum(1.0), 55),
    "signSGD": (optax.sign_sgd(1.0), 99),
    "SGD": (optax.sgd(1.0), -1),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_an_independent_program_comes_out(name):
    optimizer, expected = TABLE[name]
    found = audit.drift(optimizer, FIGURE_1)
    assert found.settled
    assert pytest.approx(expected, rel=1e-3, abs=1e-4) == found.D


def test_a_box_has_a_drift_for_each_coordinate():
    box = problems.periodic([[3.0, 1.0], [-1.0, -2.0], [-1.0, 0.5]], [-1, -1], [1, 1])
    adam = methods.get("adam", **FAST)
    found = audit.drift(adam, box)
    assert np.allclose(found.D, drift.number(adam, box), atol=1e-9)


def test_the_learning_rate_is_divided_out():
    one = audit.drift(optax.adam(1.0, b2=0.9), THREE)
    small = audit.drift(optax.adam(1e-3, b2=0.9), THREE, learning_rate=1e-3)
    assert pytest.approx(one.D, rel=1e-9) == small.D
    by_function = audit.drift(lambda rate: optax.adam(rate, b2=0.9), THREE, learning_rate=1e-3)
    assert pytest.approx(one.D, rel=1e-9) == by_function.D


# --- traps ---
def test_signs_that_repeat_are_no_state_that_has_come_back():
    lion = optax.lion(1.0, weight_decay=0.0)
    found = audit.drift(lion, THREE)
    naive, moves = moves_when_updates_repeat(lion, THREE.gradients)
    assert (naive, moves, found.D) == (2, 1.0, -3.0)  # even the sign is wrong
    assert found.periods > 100 * naive  # updates repeat long before the average has settled


def moves_when_updates_repeat(tx, gradients):
    """Stop as soon as two periods have the same updates: too early for signs of an average."""
    x, state, last, k = jnp.zeros(()), tx.init(jnp.zeros(())), None, 0
    while True:
        moves = []
        for g in gradients:
            u, state = tx.update(jnp.asarray(g), state, x)
            moves.append(float(u))
        k += 1
        if moves == last:
            return k, sum(moves)
        last = moves


@pytest.mark.parametrize(
    "optimizer",
    [
        optax.adamw(1.0, weight_decay=0.1),
        optax.contrib.prodigy(1.0),
        optax.lamb(1.0),
    ],
    ids=["weight decay", "Prodigy", "LAMB"],
)
def test_updates_that_look_at_x_have_no_drift(optimizer):
    found = audit.drift(optimizer, THREE)
    assert found.looks_at_x and not found.settled and np.isnan(found.D)
    assert found.reason == "its updates depend on the iterate" and found.path == "projected run"


@pytest.mark.parametrize(
    "optimizer",
    [
        optax.novograd(1.0),
        optax.chain(optax.clip_by_global_norm(20.0), optax.sgd(1.0)),
        optax.lamb(1.0),
    ],
    ids=["NovoGrad", "global clipping", "LAMB"],
)
def test_coordinates_that_couple_are_found_out(optimizer):
    assert audit.drift(optimizer, THREE).couples


def test_global_clipping_that_the_problem_does_not_reach_couples_all_the_same():
    clipped = optax.chain(optax.clip_by_global_norm(5.0), optax.sgd(1.0))
    found = audit.drift(clipped, THREE)
    assert found.couples and pytest.approx(-1) == found.D


def test_a_schedule_that_goes_on_falling_is_refused_and_one_that_ends_is_not():
    falling = optax.sgd(lambda count: 1 / jnp.sqrt(count + 1.0))
    found = audit.drift(falling, THREE)
    assert not found.settled
    assert found.reason == "its updates do not repeat, though its state does"
    ends = optax.adam(optax.linear_schedule(1.0, 0.25, 50), b1=0.5, b2=0.9)
    expected = 0.25 * audit.drift(optax.adam(1.0, b1=0.5, b2=0.9), THREE).D
    assert pytest.approx(expected, rel=1e-6) == audit.drift(ends, THREE).D  # float32 at its end


def test_an_optimizer_with_a_counter_of_its_own_returns_after_several_periods():
    every_second = optax.MultiSteps(optax.sgd(1.0), every_k_schedule=2).gradient_transformation()
    found = audit.drift(every_second, THREE)
    assert found.settled and pytest.approx(-0.5) == found.D


def test_a_state_so_large_that_it_absorbs_each_change_has_not_come_back():
    """Its sum of gradients is the same number after each period, and grows all the same."""

    def rule(start):
        return optax.GradientTransformation(
            lambda params: jnp.full_like(params, start),
            lambda g, total, params=None: (-0.1 * jnp.sign(g), total + 1 + g * 0),
        )

    found = audit.drift(rule(1e40), THREE)
    assert not found.settled and np.isnan(found.D) and "grown" in found.reason
    fixed = optax.GradientTransformation(
        lambda params: jnp.full_like(params, 1e3),
        lambda g, total, params=None: (-0.1 * jnp.sign(g), total),
    )
    assert audit.drift(fixed, THREE).settled


def test_a_random_key_in_the_state_never_comes_back():
    found = audit.drift(optax.noisy_sgd(1.0, key=jax.random.key(0)), THREE)
    assert not found.settled and "its state does not come back" in found.reason


def test_a_state_of_whole_numbers_may_count_but_not_wander():
    class Counted(NamedTuple):
        count: jax.Array

    def update(updates, state, params=None):
        return updates, Counted(state.count * 3 + 1)

    wandering = optax.GradientTransformation(lambda p: Counted(jnp.zeros((), jnp.int32)), update)
    found = audit.drift(wandering, THREE)
    assert not found.settled and "count" in found.reason


def test_what_is_not_a_number_is_said():
    def update(updates, state, params=None):
        return jax.tree.map(lambda g: jnp.where(g > 2, jnp.nan, -g), updates), state

    broken = optax.GradientTransformation(lambda p: optax.EmptyState(), update)
    found = audit.drift(broken, THREE)
    assert not found.settled and "not a finite number" in found.reason


def test_what_an_optimizer_raises_is_said_in_its_own_words():
    def update(updates, state, params=None):
        raise RuntimeError("no such luck")

    broken = optax.GradientTransformation(lambda p: optax.EmptyState(), update)
    with pytest.raises(ValueError, match="RuntimeError: 'no such luck'"):
        audit.drift(broken, THREE)


def test_an_update_of_another_shape_is_said():
    def update(updates, state, params=None):
        return jax.tree.map(jnp.sum, updates), state

    wrong = optax.GradientTransformation(lambda p: optax.EmptyState(), update)
    with pytest.raises(ValueError, match=r"an update of shape \(\) for parameters of shape \(1,\)"):
        audit.drift(wrong, THREE)


# --- what is handed over ---
def test_a_rule_of_five_lines_is_audited():
    @methods.rule("Sign descent", methods.NoState, source="a test")
    def sign_descent(xp, g, state, t, h):
        return methods.Update(xp.sign(g), 1, state)

    found = audit.drift(sign_descent, THREE)
    assert found.D == 1 and found.label == "Sign descent"
    assert audit.drift(sign_descent.method, THREE).D == 1


def test_an_optax_transformation_that_was_made_a_method_is_taken_back():
    method = optax_bridge.from_optax(optax.sign_sgd(1.0), label="signs")
    assert audit.drift(method, THREE).D == 1


@pytest.mark.parametrize(
    ("optimizer", "said"),
    [
        (3, "the audit takes an optax transformation, a name of the catalogue"),
        ("adamm", "unknown method 'adamm'"),
        (lambda rate: rate, "the audit takes"),
        (lambda: None, "makes no optimizer"),
    ],
)
def test_what_is_no_optimizer_is_refused_with_what_is_allowed(optimizer, said):
    with pytest.raises(ValueError, match=said):
        audit.drift(optimizer, THREE)


def test_what_is_no_single_periodic_problem_is_refused():
    with pytest.raises(ValueError, match="needs a periodic problem"):
        audit.drift("adam", problems.figure_1_stochastic())
    with pytest.raises(ValueError, match="not a family"):
        audit.drift("adam", problems.theorem_1(np.array([3.0, 4.0])))
