"""What came after the paper: by hand, against optax, and on the paper's problem (PAPER 9)."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import reference
from hypothesis import given
from test_catalogue_more import (
    FIGURE_1,
    assert_close,
    both,
    numpy_directions,
    sequences,
    unprojected,
)
from test_catalogue_more import TRIES as tries

from adam_and_beyond import drift, methods, optax_bridge, problems, simulate

LOOSE = "optax mixes whole and real numbers"

BETAS = {"beta1": 0.9, "beta2": 0.99}
ONLINE = problems.figure_1_online()
NAMES = (
    "adabelief",
    "adashift",
    "adopt",
    "adopt_clipped",
    "yogi",
    "padam",
    "nosadam",
    "adabound",
)


# --- by hand: gradients 3, then 1; beta1 = beta2 = 1/2 ---
HALVES = {"beta1": 0.5, "beta2": 0.5}


def test_adabelief_by_hand():
    # m = 1.5, 1.25; g - m = 1.5, -0.25; s = 1.125, 0.59375; corrections 1/2, 3/4.
    found = numpy_directions(methods.get("adabelief", **HALVES, epsilon=0.0), [3, 1])
    expected = [3 / math.sqrt(2.25), (1.25 / 0.75) / math.sqrt(0.59375 / 0.75)]
    assert found == pytest.approx(expected, rel=1e-14)


def test_adashift_by_hand():
    # Nothing before 3; 9 before 1; the weighted mean (0.5 * 9 + 1 * 1) / 1.5 before -2.
    found = numpy_directions(methods.get("adashift", beta2=0.5), [3, 1, -2])
    assert found == pytest.approx([0, 1 / 3, -2 / math.sqrt(5.5 / 1.5)], rel=1e-14)


def test_adopt_by_hand():
    # v = 9 after the first; 1/3 averaged; v = 5; -2 / sqrt(5) averaged.
    found = numpy_directions(methods.get("adopt", **HALVES), [3, 1, -2])
    assert found == pytest.approx([0, 1 / 6, 1 / 12 - 1 / math.sqrt(5)], rel=1e-14)


def test_adopts_clip_is_the_fourth_root_of_the_step():
    # 50 / 1 is clipped to 1; v = (1 + 2500) / 2, so -1e4 / sqrt(v) = -282 is clipped to -2^(1/4).
    found = numpy_directions(methods.get("adopt_clipped", **HALVES), [1, 50, -1e4])
    assert found == pytest.approx([0, 0.5, 0.25 - 2**0.25 / 2], rel=1e-14)


def test_yogi_by_hand():
    # v = 4.5, then down by 0.5 * 1, then up by 0.5 * 16; m = 1.5, 1.25, 2.625.
    found = numpy_directions(methods.get("yogi", **HALVES, epsilon=1.0), [3, 1, 4])
    roots = [math.sqrt(v) + 1 for v in (4.5, 4, 12)]
    assert found == pytest.approx(np.array([1.5, 1.25, 2.625]) / roots, rel=1e-14)


def test_padam_by_hand():
    found = numpy_directions(methods.get("padam", **HALVES, p=0.25), [3, 1])
    assert found == pytest.approx([1.5 / 4.5**0.25, 1.25 / 4.5**0.25], rel=1e-14)


def test_nosadam_by_hand():
    # Weights 1 and 1/2: v = 9, (9 + 1/2) / (3/2).
    found = numpy_directions(methods.get("nosadam", beta1=0.5, q=1.0), [3, 1])
    assert found == pytest.approx([0.5, 1.25 / math.sqrt(19 / 3)], rel=1e-14)


def test_adabound_by_hand():
    # closing = 1: r = 1/2, 2/3. final = 1: 1/sqrt(4.5) = 0.47 is below 1/2, 0.60 below 2/3.
    found = numpy_directions(methods.get("adabound", **HALVES, final=1.0, closing=1.0), [3, 1])
    assert found == pytest.approx([1.5 / 2, 1.25 * 2 / 3], rel=1e-14)
    # final = 1/10: 0.47 is above 2/10, and 0.60 above 3/20.
    found = numpy_directions(methods.get("adabound", **HALVES, final=0.1, closing=1.0), [3, 1])
    assert found == pytest.approx([1.5 * 0.2, 1.25 * 0.15], rel=1e-14)


# --- identities ---
@tries
@given(sequences, both)
def test_padam_with_the_root_is_amsgrad(gradients, values):
    betas = {key: values[key] for key in BETAS}
    amsgrad = numpy_directions(methods.get("amsgrad", **betas), gradients)
    assert_close(numpy_directions(methods.get("padam", **betas, p=0.5), gradients), amsgrad)


@tries
@given(sequences, both)
def test_nosadam_with_equal_weights_is_adamnc(gradients, values):
    adamnc = numpy_directions(methods.get("adamnc", beta1=values["beta1"]), gradients)
    nosadam = methods.get("nosadam", beta1=values["beta1"], q=0.0)
    assert_close(numpy_directions(nosadam, gradients), adamnc)


def test_adabound_with_bounds_far_away_is_adam():
    adam = numpy_directions(methods.get("adam", **BETAS), FIGURE_1)
    wide = methods.get("adabound", **BETAS, final=1e-3, closing=1e-9)
    # Upper bound 1e-3 / (1e-9 t) > 1e4, lower below 1e-10.
    assert_close(numpy_directions(wide, FIGURE_1), adam)


def test_adabound_becomes_sgd_with_momentum():
    method = methods.get("adabound", **BETAS, final=0.02, closing=1.0)
    state = method.init(np.float64(0))
    for t, g in enumerate(ONLINE.sample(5050), start=1):
        _, root, state = method.update(g, state, t, np)
    assert root == pytest.approx(50, rel=1e-3)  # the bounds are 1 / 5050 apart


def test_adopt_without_clipping_is_clipped_adopt_while_quotients_are_small():
    gradients = [1.0, -1.0, 0.5, 1.0, -0.7, 0.9]
    plain = numpy_directions(methods.get("adopt", **BETAS), gradients)
    assert numpy_directions(methods.get("adopt_clipped", **BETAS), gradients) == plain
    plain, clipped = (
        numpy_directions(methods.get(name, **BETAS), [1.0, 9.0]) for name in NAMES[2:4]
    )
    assert plain[1] == pytest.approx(9 * clipped[1])


# --- peers ---
def optax_points(transformation, gradients):
    with jax.enable_x64(True):
        x = jnp.zeros(())
        state, points = transformation.init(x), []
        for g in gradients:
            update, state = transformation.update(jnp.asarray(g), state, x)
            x = optax.apply_updates(x, update)
            points.append(float(x))
    return points, state


GRADIENTS = np.random.default_rng(1).normal(size=24) * np.where(np.arange(24) % 5, 1, 10)
ADOPT = {"b1": 0.8, "b2": 0.95, "eps": 1e-6}
OURS = {"beta1": 0.8, "beta2": 0.95}
PEERS = {
    "adabelief": (optax.adabelief(0.125, b1=0.8, b2=0.95, eps=0.01, eps_root=0.01), 0.01),
    "adopt": (optax.contrib.adopt(0.125, **ADOPT, use_clipping=False), 1e-6),
    "adopt_clipped": (optax.contrib.adopt(0.125, **ADOPT), 1e-6),
}


@pytest.mark.parametrize("name", PEERS)
def test_methods_equal_optaxs(name):
    transformation, epsilon = PEERS[name]
    points, _ = optax_points(transformation, GRADIENTS)
    found = unprojected(methods.get(name, **OURS, epsilon=epsilon), GRADIENTS, 0.125)
    assert np.abs(found - points).max() <= 1e-12 * np.abs(points).max()


def test_yogis_averages_equal_optaxs_which_corrects_their_bias():
    transformation = optax.scale_by_yogi(0.8, 0.95, initial_accumulator_value=0.0)
    _, state = optax_points(transformation, GRADIENTS)
    yogi = methods.get("yogi", **OURS)
    memory = yogi.init(np.float64(0))
    for t, g in enumerate(GRADIENTS, start=1):
        _, _, memory = yogi.update(g, memory, t, np)
    assert [memory.m, memory.v] == pytest.approx([float(state.mu), float(state.nu)], rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_as_an_optax_transformation_a_method_does_what_it_does_in_a_run(name):
    method = methods.get(name, beta2=0.95) if name == "adashift" else methods.get(name)
    values = method.hyper._asdict()
    transformation = optax_bridge.as_optax(name, 0.125, "inverse_sqrt", **values)
    points, _ = optax_points(transformation, GRADIENTS)
    problem = problems.periodic(GRADIENTS, -1e6, 1e6)
    run = simulate.run(method, problem, GRADIENTS.size, 0.125, record=GRADIENTS.size)
    assert np.abs(run.x - points).max() <= 1e-12 * max(1, np.abs(points).max())
    back = optax_bridge.from_optax(optax_bridge.as_optax(name, 1.0, **values))
    again = simulate.run(back, problem, GRADIENTS.size, 0.125, record=GRADIENTS.size)
    assert np.abs(run.x - again.x).max() <= 1e-12 * max(1, np.abs(points).max())


# --- the scoreboard: PAPER 9.11, half a unit of its last digit ---
SCORES = {
    "adabelief": (1.0000, 0.2126),
    "adopt": (-0.9986, 0.0205),
    "adashift": (-0.9979, 0.0253),
    "yogi": (-0.8946, 0.0198),
    "adamnc": (-0.9986, 0.0246),
    "amsgrad": (-0.9989, 0.0151),
}


@pytest.mark.parametrize("name", SCORES)
def test_the_scoreboard_is_the_notes(name):
    run = simulate.run(methods.get_sharing(name, **BETAS), ONLINE, 5_000_000, 0.5, record=1)
    assert run.x[-1] == pytest.approx(SCORES[name][0], abs=5.1e-5)
    assert run.average_regret[-1] == pytest.approx(SCORES[name][1], abs=5.1e-5)


def test_padam_needs_its_own_alpha():
    padam, scale = methods.get("padam", **BETAS), math.sqrt(16096.79)  # of AMSGrad in the long run
    same = simulate.run(padam, ONLINE, 5_000_000, 0.5, record=1)
    assert same.x[-1] == pytest.approx(-0.957, abs=5e-4)
    assert same.average_regret[-1] == pytest.approx(0.55, abs=5e-3)
    own = simulate.run(padam, ONLINE, 5_000_000, 0.5 * scale ** (2 * 0.125 - 1), record=1)
    assert own.x[-1] == pytest.approx(-0.9989, abs=5.1e-5)


# --- the steady cycle: taken where it is exact, and only there ---
@pytest.mark.parametrize("name", ["adashift", "padam"])
def test_the_fast_path_is_exact(name):
    arguments = (methods.get_sharing(name, **BETAS), ONLINE, 300_000, 0.5)
    fast, general = (simulate.run(*arguments, path=path) for path in ("steady cycle", "general"))
    assert np.abs(fast.x - general.x).max() <= 1e-12


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"adashift", "padam"}))
def test_the_fast_path_is_not_taken_by_states_that_do_not_settle(name):
    method = methods.get_sharing(name, **BETAS)
    assert simulate.run(method, ONLINE, 100_000, 0.5, record=1).path == "general"
    # Bounds that have yet to be met are no steady cycle either.
    late = methods.get("adabound", **BETAS, final=1e-2, closing=1e-6)
    assert simulate.run(late, ONLINE, 100_000, 0.5, record=1).path == "general"


# --- why they end where they do (ours) ---
def test_net_update_factors_of_adam():
    # PAPER 9.5, in units of the small gradient.
    scaled = problems.periodic([101.0] + [-1.0] * 100)
    orbit = drift.orbit(methods.get("rmsprop", beta2=0.99), scaled)
    big, *small = 1 / orbit.sqrt_V
    assert [big, np.mean(small)] == pytest.approx([0.07882, 0.10240], abs=5.1e-6)
    assert np.mean(small) / big == pytest.approx(1.299, abs=5e-4)


def shifted_drift(gradients, beta2):
    """Minus the sum of g_i / sqrt(v_{i-1}) over a period, by a loop until v repeats."""
    v, total, periods = 0.0, 0.0, 5000 // len(gradients) + 1  # 0.99^5000 is 1e-22
    for round_ in range(periods * len(gradients)):
        g = gradients[round_ % len(gradients)]
        if round_ >= (periods - 1) * len(gradients):
            total -= g / math.sqrt(v)
        v = beta2 * v + (1 - beta2) * g * g
    return total


@pytest.mark.parametrize("C, P", [(101, 101), (3, 3), (10, 10), (40, 21)])
@pytest.mark.parametrize("beta2", [0.3, 0.9, 0.99])
def test_adashift_never_fails_on_the_papers_family(C, P, beta2):
    gradients = [float(C)] + [-1.0] * (P - 1)
    found = drift.number(methods.get("adashift", beta2=beta2), problems.periodic(gradients))
    assert found == pytest.approx(shifted_drift(gradients, beta2), rel=1e-9)
    least = (1 - beta2) * (C * C - 1) * beta2 ** (P - 1) / (1 - beta2**P) + 1
    assert found <= -(C - P + 1) / math.sqrt(least) < 0


MIRROR = problems.periodic([-80.0] + [1.0] * 100)  # the rare gradient points the wrong way


@pytest.mark.parametrize("name", ["adashift", "adopt"])
def test_in_cyclic_order_adashift_and_adopt_fail_where_adam_does_not(name):
    assert MIRROR.best_fixed_point == -1
    assert drift.number(methods.get("adashift", beta2=0.99), MIRROR) == pytest.approx(
        0.2004, abs=1e-4
    )
    assert shifted_drift(MIRROR.gradients, 0.99) == pytest.approx(0.2004, abs=1e-4)
    run = simulate.run(methods.get_sharing(name, **BETAS), MIRROR, 2_000_000, 0.5, record=1)
    assert run.x[-1] > 0.99 and run.average_regret[-1] > 0.37
    for other in ("adam", "amsgrad", "adamnc"):
        run = simulate.run(methods.get_sharing(other, **BETAS), MIRROR, 200_000, 0.5, record=1)
        assert run.x[-1] < -0.99


@pytest.mark.parametrize("name", ["adashift", "adopt"])
def test_in_random_order_they_do_not(name):
    shuffled = problems.iid([1.0, -80.0], [100 / 101, 1 / 101])
    for seed in range(3):
        method = methods.get_sharing(name, **BETAS)
        run = simulate.run(method, shuffled, 2_000_000, 0.5, record=1, seed=seed)
        assert run.x[-1] < -0.5


def test_adopt_takes_no_first_step():
    run = simulate.run(methods.get("adopt"), ONLINE, 1, 0.5, x1=0.25, record=1)
    assert run.x[0] == 0.25
    assert reference.directions("adopt", [3.0], beta1=0.9, beta2=0.99, epsilon=1e-6) == [0.0]
