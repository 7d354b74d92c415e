"""Both ways over the bridge: our methods in optax, and optax's transformations in the simulator."""

import functools
import inspect
import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import reference

from adam_and_beyond import drift, methods, optax_bridge, problems, simulate
from adam_and_beyond.simulate import trajectory

LOOSE = "optax and the other peers mix whole and real numbers"

NAMES = tuple(methods.CATALOGUE)
ALL_HYPER = {**reference.HYPERPARAMETERS, **reference.MORE}
VALUES = {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.01, "rho": 0.9, "decay": 0.9}
VALUES |= {"p": 0.25, "q": 0.5, "final": 0.3, "closing": 0.1}
STEPS = 40
ALPHA = 0.125
# Forty steps of a few units, roundings of 1e-16; powers of beta may come out otherwise.
TOLERANCE = 1e-12


def own(name):
    return {key: VALUES[key] for key in ALL_HYPER[name]}


@pytest.fixture
def x64():
    with jax.enable_x64(True):
        yield


def tree(dtype=np.float64):
    """Nested dicts and lists, of a scalar, a vector, a matrix and an empty array."""
    leaf = jnp.asarray
    return {
        "b": leaf(0.5, dtype),
        "layers": [
            {"w": leaf([[1.0, -2.0], [0.0, 3.0]], dtype), "b": leaf([0.1, -0.2], dtype)},
            {"w": leaf(np.zeros((0, 2)), dtype), "nothing": None},
        ],
    }


def gradients(like, steps=STEPS):
    """A tree of gradients per step, a rare big one among them."""
    rng = np.random.default_rng(4)

    def one(t):
        big = 9.0 if t % 7 == 0 else -1.0
        return jax.tree.map(
            lambda leaf: jnp.asarray(big + rng.normal(0, 0.3, leaf.shape), leaf.dtype), like
        )

    return [one(t) for t in range(steps)]


def play(tx, params, given):
    """The trees x_2, x_3, ... and the last state."""
    update = jax.jit(tx.update)
    state, points = tx.init(params), []
    for g in given:
        updates, state = update(g, state, params)
        params = optax.apply_updates(params, updates)
        points.append(params)
    return points, state


def difference(one, other):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(np.max(np.abs(np.asarray(a) - np.asarray(b)), initial=0)) for a, b in pairs)


def oracle_directions(name, series):
    if name in reference.MORE:
        return reference.directions(name, series, **own(name))
    pairs = reference.moments(name, series, **own(name))
    return [m / math.sqrt(V) if V else 0.0 for m, V in pairs]


# --- as_optax ---
@pytest.mark.parametrize("schedule", ["constant", "inverse_sqrt"])
@pytest.mark.parametrize("name", NAMES)
def test_every_method_on_a_nested_tree_equals_the_oracle_leaf_by_leaf(name, schedule, x64):
    given = gradients(tree())
    tx = optax_bridge.as_optax(name, ALPHA, schedule, **own(name))
    points, state = play(tx, tree(), given)
    assert state.count == STEPS and state.count.dtype == jnp.int32
    for k, start in enumerate(jax.tree.leaves(tree())):
        of_leaf = [np.asarray(jax.tree.leaves(g)[k]).reshape(-1) for g in given]
        ends = np.asarray(jax.tree.leaves(points[-1])[k]).reshape(-1)
        for j, x1 in enumerate(np.asarray(start).reshape(-1)):
            along = oracle_directions(name, [float(g[j]) for g in of_leaf])
            expected = reference.iterates_along(along, ALPHA, schedule, x1, -1e9, 1e9)
            assert ends[j] == pytest.approx(expected[-1], abs=TOLERANCE)


PEERS = {
    "sgd": (optax.sgd(ALPHA), "constant", {}),
    "adagrad": (
        # alpha / sqrt(t) over sqrt(sum / t): the roots of t cancel.
        optax.adagrad(ALPHA, initial_accumulator_value=0.0, eps=0.0),
        "inverse_sqrt",
        {},
    ),
    "rmsprop": (optax.rmsprop(ALPHA, decay=0.95, eps=0.0), "constant", {"beta2": 0.95}),
    "adam_corrected": (
        optax.adam(ALPHA, b1=0.8, b2=0.95, eps=0.0, eps_root=0.0),
        "constant",
        {"beta1": 0.8, "beta2": 0.95},
    ),
    "amsgrad": (
        optax.amsgrad(
            ALPHA, 0.8, 0.95, eps=0.0, bias_correction_mu=False, bias_correction_nu=False
        ),
        "constant",
        {"beta1": 0.8, "beta2": 0.95},
    ),
    "amsgrad_optax": (
        optax.amsgrad(ALPHA, 0.8, 0.95, eps=1e-3),
        "constant",
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
    ),
    "adadelta": (
        optax.adadelta(ALPHA, rho=0.9, eps=1e-3),
        "constant",
        {"rho": 0.9, "epsilon": 1e-3},
    ),
}


@pytest.mark.parametrize("name", PEERS)
def test_methods_that_optax_has_equal_optaxs_on_a_nested_tree(name, x64):
    theirs, schedule, values = PEERS[name]
    given = gradients(tree())
    ours = optax_bridge.as_optax(name, ALPHA, schedule, **values)
    both = (play(tx, tree(), given)[0] for tx in (ours, theirs))
    for one, other in zip(*both, strict=True):
        assert difference(one, other) <= TOLERANCE


@pytest.mark.parametrize("name", PEERS)
def test_methods_that_optax_has_equal_optaxs_in_float32(name):
    theirs, schedule, values = PEERS[name]
    params = tree(np.float32)
    given = gradients(params)
    ours = optax_bridge.as_optax(name, ALPHA, schedule, **values)
    one, other = (play(tx, params, given)[0][-1] for tx in (ours, theirs))
    # 40 steps of up to 1 each (SGD: 9), in float32 with its 6e-8.
    assert difference(one, other) <= 5e-5


@pytest.mark.parametrize(
    "params", [0.5, {"a": {"w": [1.0, -2.0], "b": 0.1}}], ids=["scalar", "dict"]
)
@pytest.mark.parametrize("name", NAMES)
def test_every_method_in_float32_follows_float64(name, params, x64):
    ends = {}
    for dtype in (np.float32, np.float64):
        start = jax.tree.map(
            functools.partial(jnp.asarray, dtype=dtype),
            params,
            is_leaf=lambda leaf: isinstance(leaf, list),
        )
        tx = optax_bridge.as_optax(name, ALPHA, "inverse_sqrt", **own(name))
        points, _ = play(tx, start, gradients(start, 12))
        ends[dtype] = points[-1]
        assert all(leaf.dtype == dtype for leaf in jax.tree.leaves(points[-1]))
    # Twelve steps of up to 9 (SGD) and a rounding of 6e-8 in each of a few operations.
    assert difference(ends[np.float32], ends[np.float64]) <= 1e-4


def test_nadam_is_optaxs_only_after_the_bias_corrections_have_died_out(x64):
    x, given = jnp.zeros(()), gradients(jnp.zeros(()), 1500)
    ours = optax_bridge.as_optax("nadam", 1.0, beta1=0.8, beta2=0.95)
    theirs = optax.nadam(1.0, b1=0.8, b2=0.95, eps=0.0)
    one, other = (np.array(play(tx, x, given)[0]) for tx in (ours, theirs))
    gap = np.abs(np.diff(one) - np.diff(other))
    assert gap[0] > 0.01
    assert gap[-10:].max() < 1e-11  # 0.95^1500 = 4e-34; a difference of two sums remains


@pytest.mark.parametrize("name", NAMES)
def test_both_ways_over_the_bridge_is_the_method_itself(name):
    problem, values = problems.figure_1_online(), own(name)
    there = optax_bridge.from_optax(optax_bridge.as_optax(name, 1.0, **values))
    direct = methods.get(name, **values)
    found, expected = (
        simulate.run(m, problem, 3000, 0.3, record=500, path="general") for m in (there, direct)
    )
    assert np.abs(found.x - expected.x).max() <= TOLERANCE


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.float32, jnp.float64])
@pytest.mark.parametrize("schedule", ["inverse_sqrt", lambda count: 1 / (count + 1)])
@pytest.mark.parametrize("name", NAMES)
def test_every_leaf_keeps_its_dtype(name, schedule, dtype, x64):
    params = {"own": tree(dtype), "other": jnp.ones(3, jnp.float32)}
    tx = optax_bridge.as_optax(name, ALPHA, schedule, **own(name))
    state = tx.init(params)
    # Types are the same for all numbers, so nothing need be computed.
    updates, after = jax.eval_shape(tx.update, params, state, params)
    assert jax.tree.map(lambda a: a.dtype, updates) == jax.tree.map(lambda a: a.dtype, params)
    assert jax.tree.map(lambda a: a.dtype, after) == jax.tree.map(lambda a: a.dtype, state)
    assert jax.tree.structure(after) == jax.tree.structure(state)


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
@pytest.mark.parametrize("name", NAMES)
def test_steps_in_sixteen_bits_are_finite(name, dtype):
    params = {"own": tree(dtype), "other": jnp.ones(3, jnp.float32)}
    tx = optax_bridge.as_optax(name, ALPHA, "inverse_sqrt", **own(name))
    points, state = play(tx, params, gradients(params, 3))
    assert all(bool(jnp.all(jnp.isfinite(leaf))) for leaf in jax.tree.leaves(points))
    assert jax.tree.map(lambda a: a.dtype, state) == jax.tree.map(
        lambda a: a.dtype, tx.init(params)
    )


def test_bfloat16_follows_float32_to_its_own_precision():
    given = [jnp.asarray(g, jnp.bfloat16) for g in (3.0, -1.0, -1.0, 2.0)]
    tx = optax_bridge.as_optax("adam_corrected", 1.0, beta2=0.999)
    low, _ = play(tx, jnp.zeros((), jnp.bfloat16), given)
    high, _ = play(tx, jnp.zeros(()), [g.astype(jnp.float32) for g in given])
    assert low[-1].dtype == jnp.bfloat16
    # Four steps, two roundings of 2^-9 each, on states and points of size 2.
    assert abs(float(low[-1]) - float(high[-1])) < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_scan_and_vmap_give_what_a_loop_gives(name, x64):
    starts = jnp.asarray([0.0, 1.0, -2.0])
    given = jnp.asarray(np.random.default_rng(5).normal(size=(STEPS, 3)))
    tx = optax_bridge.as_optax(name, ALPHA, "inverse_sqrt", **own(name))

    def run(x, gs):
        def step(carry, g):
            x, state = carry
            u, state = tx.update(g, state, x)
            return (x + u, state), None

        return jax.lax.scan(step, (x, tx.init(x)), gs)[0][0]

    together = jax.jit(jax.vmap(run, in_axes=(0, 1)))(starts, given)
    looped, _ = play(tx, starts, list(given))
    assert difference(together, looped[-1]) <= TOLERANCE


def test_hyperparameters_may_be_traced(x64):
    given = gradients(jnp.zeros(()), 10)

    def end(alpha, beta2):
        tx = optax_bridge.as_optax("adam", alpha, beta1=0.8, beta2=beta2)
        x = jnp.zeros(())
        state = tx.init(x)
        for g in given:
            u, state = tx.update(g, state, x)
            x = x + u
        return x

    several = jax.jit(jax.vmap(end))(jnp.asarray([0.1, 0.2]), jnp.asarray([0.9, 0.99]))
    one_by_one = np.array([end(0.1, 0.9), end(0.2, 0.99)])
    assert difference(several, one_by_one) <= TOLERANCE


def test_none_among_parameters_and_gradients_is_passed_on():
    params = {"a": jnp.ones(2), "b": None, "c": jnp.ones(())}
    tx = optax_bridge.as_optax("amsgrad", ALPHA)
    state = tx.init(params)
    given = {"a": jnp.ones(2), "b": None, "c": None}
    updates, after = tx.update(given, state, params)
    assert updates["b"] is None and updates["c"] is None
    assert jax.tree.structure(after) == jax.tree.structure(state)
    assert after.memory.v["c"] == 0 and np.all(after.memory.v["a"] > 0)


def test_an_empty_tree_is_no_trouble():
    tx = optax_bridge.as_optax("adam", ALPHA)
    updates, state = tx.update({}, tx.init({}))
    assert updates == {} and state.count == 1


# --- in optax's wrappers ---
@pytest.mark.parametrize("name", NAMES)
def test_inject_hyperparams_exposes_every_hyperparameter(name, x64):
    params, given, values = tree(), gradients(tree()), own(name)
    injected = optax.inject_hyperparams(optax_bridge.factory(name))(alpha=ALPHA, **values)
    plain = optax_bridge.as_optax(name, ALPHA, **values)
    found, state = play(injected, params, given)
    assert set(state.hyperparams) == {"alpha", *values}
    assert difference(found[-1], play(plain, params, given)[0][-1]) <= TOLERANCE


def test_injected_hyperparameters_change_without_recompiling():
    injected = optax.inject_hyperparams(optax_bridge.factory("adam"))(alpha=0.1, beta2=0.9)
    traced = []

    @jax.jit
    def update(g, state, x):
        traced.append(1)
        return injected.update(g, state, x)

    x = jnp.zeros(())
    u, state = update(jnp.ones(()), injected.init(x), x)
    state.hyperparams["alpha"] = state.hyperparams["alpha"] * 3
    again, _ = update(jnp.ones(()), injected.init(x)._replace(hyperparams=state.hyperparams), x)
    assert float(again) == pytest.approx(3 * float(u), rel=1e-6)
    assert len(traced) == 1


def test_injected_schedules_follow_optaxs_count(x64):
    halving = optax.exponential_decay(0.5, 1, 0.5)
    given = [jnp.ones(())] * 3
    for make in (
        optax.inject_hyperparams(optax_bridge.factory("sgd"))(alpha=halving),
        optax.inject_hyperparams(optax_bridge.factory("sgd"))(alpha=1.0, schedule=halving),
        optax_bridge.as_optax("sgd", halving),
        optax_bridge.as_optax("sgd", 1.0, halving),
        optax_bridge.factory("sgd")(1.0, halving),
    ):
        points, _ = play(make, jnp.zeros(()), given)
        assert points == pytest.approx([-0.5, -0.75, -0.875], rel=1e-12)


def test_the_count_of_optax_starts_at_zero_and_the_papers_t_at_one(x64):
    given = [jnp.ones(())] * 4
    seen = optax_bridge.as_optax("sgd", lambda count: count + 0.0)
    assert play(seen, jnp.zeros(()), given)[0] == [0.0, -1.0, -3.0, -6.0]
    papers = optax_bridge.as_optax("sgd", 1.0, "inverse_sqrt")
    same = optax_bridge.as_optax("sgd", 1.0, lambda count: 1 / jnp.sqrt(count + 1.0))
    expected = -np.cumsum(1 / np.sqrt([1, 2, 3, 4]))
    for tx in (papers, same):
        assert play(tx, jnp.zeros(()), given)[0] == pytest.approx(expected, rel=1e-12)


def test_masked_leaves_are_left_alone():
    params = {"a": jnp.ones(2), "b": jnp.ones(2, jnp.int32)}
    tx = optax.masked(optax_bridge.as_optax("adam", ALPHA), {"a": True, "b": False})
    given = {"a": jnp.ones(2), "b": jnp.zeros(2, jnp.int32)}
    updates, state = jax.jit(tx.update)(given, tx.init(params), params)
    assert np.all(updates["a"] < 0) and np.all(updates["b"] == 0)
    assert len(jax.tree.leaves(state)) == 1 + 2  # the count, m and v of one leaf


def test_chained_with_decoupled_weight_decay_it_is_adamw(x64):
    params, given = tree(), gradients(tree())
    ours = optax.chain(
        optax_bridge.as_optax("adam_corrected", 1.0, beta1=0.8, beta2=0.95),
        optax.add_decayed_weights(-0.1),  # the update already points downhill
        optax.scale(ALPHA),
    )
    theirs = optax.adamw(ALPHA, b1=0.8, b2=0.95, eps=0.0, weight_decay=0.1)
    one, other = (play(tx, params, given)[0][-1] for tx in (ours, theirs))
    assert difference(one, other) <= TOLERANCE


def test_projection_is_the_callers(x64):
    tx = optax_bridge.as_optax("adam", 0.5, "inverse_sqrt", beta1=0.9, beta2=0.99)
    x = jnp.zeros(())
    state, points = tx.init(x), []
    for g in problems.figure_1_online().sample(500):
        u, state = tx.update(jnp.asarray(g), state)
        x = optax.projections.projection_box(optax.apply_updates(x, u), -1.0, 1.0)
        points.append(float(x))
    method = methods.get("adam", beta1=0.9, beta2=0.99)
    run = simulate.run(method, problems.figure_1_online(), 500, 0.5, record=500)
    assert np.abs(run.x - points).max() <= TOLERANCE


def test_the_factory_spells_out_the_hyperparameters():
    signature = inspect.signature(optax_bridge.factory("adamx"))
    defaults = {name: p.default for name, p in signature.parameters.items()}
    assert list(defaults) == ["alpha", "schedule", "beta1", "beta2", "decay"]
    assert defaults["decay"] == 1.0 and defaults["schedule"] == "constant"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("adan", 0.1), "unknown method 'adan'; the catalogue has: sgd"),
        (("adam", -0.1), r"alpha of 'adam' .* must lie in \[0, inf\), got -0.1"),
        (("adam", math.nan), "alpha of 'adam'"),
        (("adam", "fast"), "alpha of 'adam'"),
        (("adam", [0.1, 0.2]), "takes a single alpha"),
        (("adam", 0.1, "cosine"), "unknown schedule 'cosine'; the schedules are: constant"),
        (("adam", 0.1, [1, 2]), "schedule must be one of constant"),
    ],
)
def test_bad_arguments_are_refused_with_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        optax_bridge.as_optax(*arguments)


@pytest.mark.parametrize(
    "hyper, message",
    [
        ({"beta2": 1.0}, r"beta2 of 'adam' .* must lie in \[0, 1\), got 1.0"),
        ({"beta1": None}, "beta1 of 'adam'"),
        ({"rho": 0.5}, "'adam' has no hyperparameter 'rho'; it has: beta1, beta2"),
        ({"beta1": np.array([0.1, 0.2])}, "takes a single beta1"),
    ],
)
def test_bad_hyperparameters_are_refused_with_what_is_allowed(hyper, message):
    with pytest.raises(ValueError, match=message):
        optax_bridge.as_optax("adam", 0.1, **hyper)
    with pytest.raises(ValueError, match=message):
        optax_bridge.factory("adam")(0.1, **hyper)


def test_unknown_names_and_unfit_parameters_are_refused():
    with pytest.raises(ValueError, match="unknown method 'adan'"):
        optax_bridge.factory("adan")
    with pytest.raises(ValueError, match=r"floating-point numbers, got int32 at \['b'\]"):
        optax_bridge.as_optax("adam", 0.1).init({"a": jnp.ones(1), "b": jnp.arange(2)})
    with pytest.raises(ValueError, match="got complex64 at the root"):
        optax_bridge.as_optax("adam", 0.1).init(jnp.ones(1, jnp.complex64))


# --- from_optax ---
FIGURE_1 = problems.figure_1_online()


@pytest.mark.parametrize("schedule", ["constant", "inverse_sqrt"])
def test_optaxs_adam_in_the_simulator_is_the_corrected_adam(schedule):
    adam = optax_bridge.from_optax(optax.adam(1.0, b1=0.9, b2=0.99, eps=0.0), "optax's Adam")
    method = methods.get("adam_corrected", beta1=0.9, beta2=0.99)
    found, expected = (
        simulate.run(m, FIGURE_1, 20_000, 0.05, schedule, record=700, path="general")
        for m in (adam, method)
    )
    assert np.abs(found.x - expected.x).max() <= TOLERANCE
    size = np.abs(expected.average_regret).max()
    assert np.abs(found.average_regret - expected.average_regret).max() <= TOLERANCE * size
    assert found.method.label == "optax's Adam" and found.path == "general"


def test_a_transformation_with_its_own_schedule_runs_with_alpha_one():
    tx = optax.adam(lambda count: 0.5 / jnp.sqrt(count + 1.0), b1=0.9, b2=0.99, eps=0.0)
    found = simulate.run(optax_bridge.from_optax(tx), FIGURE_1, 5000, 1.0, "constant", record=99)
    method = methods.get("adam_corrected", beta1=0.9, beta2=0.99)
    expected = simulate.run(method, FIGURE_1, 5000, 0.5, record=99, path="general")
    assert np.abs(found.x - expected.x).max() <= TOLERANCE


def test_a_transformation_that_looks_at_the_iterate_gets_it():
    tx = optax.adamw(0.01, b1=0.9, b2=0.99, eps=0.0, weight_decay=0.3)
    run = simulate.run(optax_bridge.from_optax(tx), FIGURE_1, 200, 1.0, "constant", 0.7, 200)
    x, points = 0.7, []
    along = reference.moments("adam_corrected", FIGURE_1.sample(200), beta1=0.9, beta2=0.99)
    for m, V in along:
        x = reference.project(x - 0.01 * (m / math.sqrt(V) + 0.3 * x), -1.0, 1.0)
        points.append(x)
    assert np.abs(run.x - points).max() <= TOLERANCE


def test_transformations_with_any_state_run_in_float64_whatever_the_callers_setting():
    assert not jax.config.jax_enable_x64
    for tx in (
        optax.chain(optax.clip(100.0), optax.adabelief(0.1), optax.ema(0.5)),
        optax.inject_hyperparams(optax.adam)(0.1),
        optax.lion(0.01),
        optax.apply_if_finite(optax.yogi(0.1), 3),
        optax.contrib.schedule_free_adamw(0.1),
    ):
        run = simulate.run(optax_bridge.from_optax(tx), FIGURE_1, 300, 1.0, "constant", record=9)
        assert run.x.dtype == np.float64 and np.all(np.isfinite(run.x))
        assert np.all(np.abs(run.x) <= 1)


def test_a_sweep_takes_a_transformation():
    method = optax_bridge.from_optax(optax.adamw(1.0, b1=0.9, b2=0.99, eps=0.0))
    alphas, starts = np.array([0.1, 0.5]), np.array([[-0.5], [0.5]])
    grid = simulate.sweep(method, FIGURE_1, 2000, alpha=alphas, x1=starts)
    assert grid.x.shape == (2, 2)
    for i in range(2):
        for j in range(2):
            run = simulate.run(method, FIGURE_1, 2000, alphas[j], x1=starts[i, 0], record=1)
            assert grid.x[i, j] == pytest.approx(run.x[-1], abs=TOLERANCE)
    with pytest.raises(ValueError, match="no hyperparameter 'beta2'; it has: none"):
        simulate.sweep(method, FIGURE_1, 10, alpha=0.1, beta2=0.9)


def test_a_transformation_runs_on_random_gradients():
    problem = problems.figure_1_stochastic()
    method = optax_bridge.from_optax(optax.adam(1.0, b1=0.9, b2=0.99, eps=0.0))
    ours = methods.get("adam_corrected", beta1=0.9, beta2=0.99)
    one, other = (simulate.run(m, problem, 5000, 0.5, record=50, seed=3) for m in (method, ours))
    assert np.abs(one.x - other.x).max() <= TOLERANCE


def test_other_numbers_do_not_recompile_the_same_transformation():
    tx = optax.adam(1.0)
    simulate.run(optax_bridge.from_optax(tx), FIGURE_1, 500, 0.5, record=7)
    before = trajectory._compiled._cache_size()
    for alpha, x1 in ((0.1, 0.3), (0.2, -0.5)):
        simulate.run(optax_bridge.from_optax(tx, "again"), FIGURE_1, 700, alpha, x1=x1, record=7)
    assert trajectory._compiled._cache_size() == before


@pytest.mark.parametrize("name", NAMES)
def test_other_numbers_do_not_recompile_a_method(name):
    problem = problems.periodic([3.0, -1.0, -1.0])
    simulate.run(methods.get(name), problem, 50, 0.5, record=5, path="general")
    before = trajectory._compiled._cache_size()
    changed = methods.get(name, **own(name))
    simulate.run(changed, problem, 60, 0.1, x1=0.5, record=5, path="general")
    assert trajectory._compiled._cache_size() == before


def test_a_transformation_has_no_equations_javascript_or_drift_and_says_so():
    method = optax_bridge.from_optax(optax.adam(0.1), "mine")
    with pytest.raises(ValueError, match="no equations"):
        methods.equations(method)
    with pytest.raises(ValueError, match="mine has no drift number"):
        drift.number(method, FIGURE_1)
    with pytest.raises(ValueError, match="steady-cycle path needs"):
        simulate.run(method, FIGURE_1, 100_000, 0.5, path="steady cycle")
    with pytest.raises(ValueError, match="takes an optax.GradientTransformation, got 'adam'"):
        optax_bridge.from_optax("adam")
    assert repr(method) == "optax_bridge.from_optax(..., label='mine')"
