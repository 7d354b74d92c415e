"""The same gradients through optax and torch: equal where the algorithms coincide, and only there.

Neither library projects, so these runs have an interval that is never reached.
"""

import json
import math

import jax
import jax.numpy as jnp
import make_torch_reference
import numpy as np
import optax
import pytest

from adam_and_beyond import methods, problems, simulate

LOOSE = "optax and the other peers mix whole and real numbers"

STEPS = 60
ALPHA = 0.125
BETAS = {"beta1": 0.8, "beta2": 0.95}
WIDE = 1e6
GRADIENTS = np.where(np.arange(STEPS) % 7 == 0, 9.0, -1.0) + np.random.default_rng(3).normal(
    0, 0.3, STEPS
)


def ours(name, gradients, schedule="constant", alpha=ALPHA, **values):
    problem = problems.periodic(gradients, -WIDE, WIDE)
    method = methods.get(name, **values)
    steps = len(gradients)
    return simulate.run(method, problem, steps, alpha, schedule, record=steps).x


def optax_points(optimiser, gradients=GRADIENTS):
    with jax.enable_x64(True):
        x = jnp.zeros(())
        state = optimiser.init(x)

        def step(carry, g):
            x, state = carry
            update, state = optimiser.update(g, state, x)
            x = optax.apply_updates(x, update)
            return (x, state), x

        points = jax.lax.scan(step, (x, state), jnp.asarray(gradients))[1]
        assert points.dtype == np.float64
        return np.asarray(points)


def largest_difference(found, expected):
    return np.max(np.abs(found - expected))


# Sixty steps of size 1 at most, a few roundings of 1e-16 each; powers of beta may differ by more.
TOLERANCE = 1e-12


def test_sgd_is_optaxs():
    found = ours("sgd", GRADIENTS)
    assert largest_difference(found, optax_points(optax.sgd(ALPHA))) <= TOLERANCE


def test_adam_with_bias_correction_is_optaxs_adam_without_epsilon():
    theirs = optax_points(optax.adam(ALPHA, b1=0.8, b2=0.95, eps=0.0))
    assert largest_difference(ours("adam_corrected", GRADIENTS, **BETAS), theirs) <= TOLERANCE


def test_adam_as_the_paper_has_it_is_not_optaxs_adam():
    theirs = optax_points(optax.adam(ALPHA, b1=0.8, b2=0.95, eps=0.0))
    assert largest_difference(ours("adam", GRADIENTS, **BETAS), theirs) > 0.01


def test_rmsprop_is_optaxs_without_epsilon():
    theirs = optax_points(optax.rmsprop(ALPHA, decay=0.95, eps=0.0))
    assert largest_difference(ours("rmsprop", GRADIENTS, beta2=0.95), theirs) <= TOLERANCE


def test_adagrad_with_the_papers_schedule_is_optaxs_with_a_constant_rate():
    # alpha/sqrt(t) over sqrt(sum/t) is alpha over sqrt(sum): the roots of t cancel.
    theirs = optax_points(optax.adagrad(ALPHA, initial_accumulator_value=0.0, eps=0.0))
    found = ours("adagrad", GRADIENTS, schedule="inverse_sqrt")
    assert largest_difference(found, theirs) <= TOLERANCE


def test_amsgrad_is_optaxs_with_both_bias_corrections_off():
    settings = {"b1": 0.8, "b2": 0.95, "eps": 0.0}
    found = ours("amsgrad", GRADIENTS, **BETAS)
    off = optax.amsgrad(ALPHA, **settings, bias_correction_mu=False, bias_correction_nu=False)
    assert largest_difference(found, optax_points(off)) <= TOLERANCE
    default = optax_points(optax.amsgrad(ALPHA, **settings))
    assert largest_difference(found, default) > 0.1  # optax corrects, then takes the maximum


def test_a_schedule_of_optax_gives_our_inverse_square_root():
    schedule = optax.adam(lambda count: 0.5 / jnp.sqrt(count + 1.0), b1=0.8, b2=0.95, eps=0.0)
    found = ours("adam_corrected", GRADIENTS, schedule="inverse_sqrt", alpha=0.5, **BETAS)
    assert largest_difference(found, optax_points(schedule)) <= TOLERANCE


# --- torch, through a small stored file ---
STORED = json.loads(make_torch_reference.TARGET.read_text("utf-8"))
SAME = {
    "sgd": ("constant", {}),
    "adagrad": ("inverse_sqrt", {}),
    "rmsprop": ("constant", {"beta2": 0.9}),
    "adam_corrected": ("constant", BETAS),
}


def test_the_stored_file_says_how_it_was_made():
    assert STORED["made_by"] == "tests/make_torch_reference.py"
    assert STORED["torch"].startswith("2.")
    assert (STORED["seed"], STORED["alpha"]) == (
        make_torch_reference.SEED,
        make_torch_reference.ALPHA,
    )
    assert STORED["gradients"] == make_torch_reference.gradients()
    assert {
        name: (case["optimiser"].removeprefix("torch.optim."), case["settings"])
        for name, case in STORED["cases"].items()
    } == make_torch_reference.CASES


@pytest.mark.parametrize("name", SAME)
def test_methods_equal_torchs(name):
    schedule, values = SAME[name]
    found = ours(name, STORED["gradients"], schedule, STORED["alpha"], **values)
    assert largest_difference(found, STORED["cases"][name]["x"]) <= TOLERANCE


def torch_amsgrad(gradients, alpha, beta1, beta2):
    """What torch calls AMSGrad: the maximum of the raw v, then today's bias correction."""
    x = m = v = v_max = 0.0
    points = []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        v_max = max(v_max, v)
        x -= alpha * (m / (1 - beta1**t)) / math.sqrt(v_max / (1 - beta2**t))
        points.append(x)
    return points


def test_torchs_amsgrad_is_not_the_papers_but_corrects_bias_after_the_maximum():
    gradients, alpha = STORED["gradients"], STORED["alpha"]
    theirs = np.array(STORED["cases"]["amsgrad"]["x"])
    papers = ours("amsgrad", gradients, alpha=alpha, **BETAS)
    assert largest_difference(papers, theirs) > 0.1
    again = torch_amsgrad(gradients, alpha, **BETAS)
    assert largest_difference(again, theirs) <= TOLERANCE


@pytest.mark.parametrize("name", make_torch_reference.CASES)
def test_the_stored_file_is_what_torch_computes(name):
    pytest.importorskip("torch")
    fresh = make_torch_reference.trajectory(
        *make_torch_reference.CASES[name], make_torch_reference.gradients()
    )
    # Another version of torch may order the operations otherwise.
    assert largest_difference(np.array(fresh), STORED["cases"][name]["x"]) <= TOLERANCE
