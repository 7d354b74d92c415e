"""Edges of the bridge: nans, zero coordinates, warm-ups, optimizers that want more."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

from adam_and_beyond import methods, optax_bridge, problems, simulate
from adam_and_beyond.methods import NoState, Update

LOOSE = "optax and the other peers mix whole and real numbers"

NAMES = tuple(methods.CATALOGUE)
FIGURE_1 = problems.figure_1_online()


@methods.rule("Sign descent", NoState, source="five lines, of a reader")
def sign_descent(xp, g, state, t, h):
    """A rule that no catalogue has."""
    return Update(xp.sign(g), 1, state)


def trained(tx, gradients, x=(1.0, 1.0)):
    x = jnp.asarray(x)
    state = tx.init(x)
    for g in gradients:
        u, state = tx.update(jnp.asarray(g), state, x)
        x = optax.apply_updates(x, u)
    return np.asarray(x)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_that_is_no_number_shows_and_does_not_freeze_the_coordinate(name, bad):
    # A scale of nan was taken for 0, and the step with it: x stayed finite and still for ever.
    gradients = [[1.0, 1.0], [-2.0, 1.0], [bad, 1.0], [1.0, 1.0], [1.0, 1.0]]
    x = trained(optax_bridge.as_optax(name, 0.1), gradients)
    if name == "adopt_clipped" and np.isinf(bad):
        return  # clipped to the size of any other gradient, as its authors want it
    assert not np.isfinite(x[0])
    assert np.isfinite(x[1])


@pytest.mark.parametrize("name", NAMES)
def test_0_over_0_is_no_step(name):
    x = trained(optax_bridge.as_optax(name, 0.1), [[0.0, 1.0]] * 3)
    assert x[0] == 1.0 and np.isfinite(x[1])


@pytest.mark.parametrize("name", NAMES)
def test_hyperparameters_have_derivatives_where_a_coordinate_never_moved(name):
    """Meta-gradients: through a root at 0 they were nan, for all coordinates."""
    start = methods.get(name)

    def end(values):
        tx = optax_bridge.as_optax(start.over(**values["hyper"]), values["alpha"])
        x = jnp.ones(2)
        state = tx.init(x)
        for g in ([0.0, 3.0], [0.0, -1.0], [0.0, 2.0]):
            u, state = tx.update(jnp.asarray(g), state, x)
            x = x + u
        return jnp.sum(x**2)

    with jax.enable_x64(True):
        values = {"alpha": 0.1, "hyper": start.hyper._asdict()}
        slopes = jax.grad(end)(values)
        assert all(np.isfinite(leaf) for leaf in jax.tree.leaves(slopes))
        step = 1e-6
        one, other = ({**values, "alpha": 0.1 + h} for h in (step, -step))
        expected = (end(one) - end(other)) / (2 * step)
        assert slopes["alpha"] == pytest.approx(float(expected), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", ["adam", "sgd", "amsgrad"])
@pytest.mark.parametrize(
    "schedule",
    [
        optax.warmup_cosine_decay_schedule(0.0, 0.1, 2, 5, 0.0),
        optax.linear_schedule(0.0, 0.1, 4),
        optax.cosine_decay_schedule(0.1, 4),
    ],
)
def test_schedules_that_start_or_end_at_0_can_be_injected(name, schedule):
    injected = optax.inject_hyperparams(optax_bridge.factory(name))(alpha=schedule)
    plain = optax_bridge.as_optax(name, schedule)
    gradients = [[1.0, -2.0]] * 8
    np.testing.assert_allclose(
        trained(injected, gradients), trained(plain, gradients), rtol=2e-3, atol=3e-5
    )  # what is injected is kept in float32, and 1 - 0.999 with it
    with pytest.raises(ValueError, match=r"alpha of 'adam' .* must lie in \[0, inf\), got -0.1"):
        optax_bridge.as_optax("adam", -0.1)


def test_extra_arguments_are_accepted_and_ignored_as_by_optax():
    tx = optax_bridge.as_optax("adam", 0.1)
    x, g = jnp.ones(2), jnp.array([1.0, -1.0])
    plain, _ = tx.update(g, tx.init(x), x)
    more, _ = tx.update(g, tx.init(x), x, value=3.0, grad=g, value_fn=None)
    assert np.array_equal(plain, more)
    chained = optax.chain(optax_bridge.as_optax("adam", 0.1), optax.contrib.reduce_on_plateau())
    u, _ = chained.update(g, chained.init(x), x, value=jnp.asarray(1.0))
    assert np.array_equal(u, plain)


def test_a_rule_of_ones_own_is_run_swept_and_trains():
    method = sign_descent.method
    run = simulate.run(method, FIGURE_1, 1000, 0.5)
    assert run.x[-1] == 1.0  # a hundred small steps up against one down
    grid = simulate.sweep(method, FIGURE_1, 1000, alpha=np.array([0.1, 0.5]))
    assert np.all(grid.x == 1.0)
    theirs = optax.sign_sgd(0.1)
    gradients = [[3.0, -1.0], [-2.0, 0.0]]
    ours = optax_bridge.as_optax(method, 0.1)
    assert np.array_equal(trained(ours, gradients), trained(theirs, gradients))


@pytest.mark.parametrize(
    "tx",
    [
        optax.polyak_sgd(0.5),
        optax.contrib.momo(0.5),
        optax.contrib.momo_adam(0.5),
        optax.lbfgs(0.5, linesearch=None),
        optax.lbfgs(),
        optax.chain(optax.sgd(0.5), optax.contrib.reduce_on_plateau(patience=3)),
        optax.adamw(0.5),
    ],
    ids=["polyak_sgd", "momo", "momo_adam", "lbfgs", "lbfgs_search", "plateau", "adamw"],
)
def test_optimizers_that_want_the_loss_get_it(tx):
    method = optax_bridge.from_optax(tx)
    run = simulate.run(method, FIGURE_1, 300, alpha=1.0, schedule="constant", x1=0.9)
    assert np.all(np.isfinite(run.x)) and np.any(run.x != 0.9)


@pytest.mark.parametrize(
    "tx", [optax.lookahead(optax.sgd(0.1), 5, 0.5), optax.contrib.sophia(0.1), optax.sm3(0.1)]
)
def test_optimizers_that_want_something_else_are_refused_in_one_sentence(tx):
    with pytest.raises(ValueError, match="takes no step on a number x with loss g x") as refusal:
        optax_bridge.from_optax(tx)
    assert len(str(refusal.value)) < 250 and "\n" not in str(refusal.value)


@pytest.mark.parametrize("wrong", ["0.5", True, 1j, [[0.1], [0.1, 0.2]], None])
def test_what_only_looks_like_a_number_is_refused(wrong):
    with pytest.raises(ValueError, match="alpha of 'adam'|takes a single alpha|inhomogeneous"):
        optax_bridge.as_optax("adam", wrong)
    with pytest.raises(ValueError, match="beta1 of 'adam'"):
        methods.get("adam", beta1=wrong)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_a_step_promotes_neither_ranks_nor_dtypes(name, dtype):
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        tx = optax_bridge.as_optax(name, 0.1, "inverse_sqrt")
        x = {"w": jnp.ones((2, 3), dtype), "b": jnp.ones(3, dtype), "s": jnp.ones((), dtype)}
        state = tx.init(x)
        for _ in range(2):
            u, state = jax.jit(tx.update)(x, state, x)
    assert all(leaf.dtype == dtype for leaf in jax.tree.leaves(u))
