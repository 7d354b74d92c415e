"""Runs parallel in time: equal to the general simulator round by round, or not taken."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any, NamedTuple

import jax
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tries import PROFILE, tries

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.methods import paper
from adam_and_beyond.simulate import composition, parallel, slices, trajectory

FIGURE_1 = problems.figure_1_online()
STEPS = 300
# Those whose recursions differ: a sum, averages, a maximum of one, a coefficient that moves, one
# average that looks at another, a coefficient that does.
TELLING = ("adagrad", "amsgrad", "adamnc", "adabelief", "adadelta")
NOT_COMPOSING = ("yogi",)
COMPOSING = tuple(name for name in methods.CATALOGUE if name not in NOT_COMPOSING)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of a few dozen rounds, so that short runs have many of them."""
    monkeypatch.setattr(parallel, "_LANES", 5)
    monkeypatch.setattr(parallel, "_ROUNDS", 7)


def both(method, problem, steps, alpha, schedule="inverse_sqrt", **options):
    """The run step by step, and the run parallel in time."""
    paths = ("general", "parallel in time")
    found = [
        simulate.run(method, problem, steps, alpha, schedule, path=path, **options)
        for path in paths
    ]
    assert [run.path for run in found] == list(paths)
    return found


def assert_same(general, fast, scale):
    np.testing.assert_allclose(fast.x, general.x, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast.regret, general.regret, rtol=1e-12, atol=1e-12 * scale)


# Within a factor of a hundred, so that no step is large and rounding stays below 1e-12.
sizes = st.floats(0.1, 10)
numbers = st.one_of(st.just(0.0), sizes, sizes.map(lambda size: -size))


def rows(draw, count, coordinates):
    values = [draw(st.lists(numbers, min_size=count, max_size=count)) for _ in range(coordinates)]
    return np.array(values).T


def periodic(draw, lower, upper):
    return problems.periodic(rows(draw, 3, 1)[:, 0], lower, upper)


def of_long_period(draw, lower, upper):
    return problems.periodic(rows(draw, 17, 1)[:, 0], lower, upper)


def at_random(draw, lower, upper):
    return problems.iid(rows(draw, 3, 1)[:, 0], [0.2, 0.7, 0.1], lower, upper)


def as_given(draw, lower, upper):
    # Small whole numbers: hundreds of floats would be drawn for a long time.
    values = draw(st.lists(st.integers(-9, 9), min_size=STEPS, max_size=STEPS))
    return problems.given(np.array(values, float), lower, upper)


def on_a_box(draw, lower, upper):
    return problems.iid(rows(draw, 2, 2), [0.3, 0.7], [lower, lower - 1], [upper, upper + 2])


KINDS = (periodic, of_long_period, at_random, as_given, on_a_box)
CASES = [(name, periodic) for name in TELLING] + [("amsgrad", kind) for kind in KINDS[1:]]
if PROFILE == "nightly":
    CASES = [(name, kind) for name in COMPOSING for kind in KINDS]


@pytest.mark.parametrize("name, kind", CASES, ids=lambda value: getattr(value, "__name__", value))
@tries(10)
@given(st.data())
def test_a_run_parallel_in_time_equals_the_one_step_by_step(name, kind, data):
    draw = data.draw
    lower = draw(st.integers(-500, 100)) / 100
    upper = lower + draw(st.integers(10, 500)) / 100
    x1 = min(lower + (upper - lower) * draw(st.integers(0, 64)) / 64, upper)
    betas = {"beta1": draw(st.floats(0, 0.99)), "beta2": draw(st.floats(0.1, 0.999))}
    method = methods.get_sharing(name, **betas)
    schedule = "constant" if kind is of_long_period else "inverse_sqrt"
    problem, alpha = kind(draw, lower, upper), draw(st.floats(1e-3, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "_LANES", 5)
        patch.setattr(parallel, "_ROUNDS", 7)
        found = both(method, problem, STEPS, alpha, schedule, x1=x1, record=STEPS, seed=3)
    assert_same(*found, scale=10 * STEPS)
    assert np.all(found[1].x >= problem.lower) and np.all(found[1].x <= problem.upper)


# --- fifty digits ---
def in_fifty_digits(amsgrad, gradients, alpha, beta1, beta2, x):
    """x_2, x_3, ... of Adam or AMSGrad on [-1, 1], alpha_t = alpha / sqrt(t)."""
    with mpmath.workdps(50):
        m = v = v_hat = mpmath.mpf(0)
        alpha, beta1, beta2, x = map(mpmath.mpf, (alpha, beta1, beta2, x))
        for t, g in enumerate(gradients, 1):
            m = beta1 * m + (1 - beta1) * mpmath.mpf(g)
            v = beta2 * v + (1 - beta2) * mpmath.mpf(g) ** 2
            v_hat = max(v_hat, v) if amsgrad else v
            x = min(max(x - alpha * m / mpmath.sqrt(t * v_hat), -1), 1)
            yield float(x)


@pytest.mark.parametrize("name", ["adam", "amsgrad"])
def test_iterates_agree_with_fifty_digits(name, small_chunks):
    gradients = np.random.default_rng(5).normal(0.3, 3, 7)
    betas = {"beta1": 0.9, "beta2": 0.999}
    run = simulate.run(
        methods.get(name, **betas), problems.periodic(gradients), 700, 0.3,
        x1=0.25, record=700, path="parallel in time",
    )  # fmt: skip
    exact = in_fifty_digits(
        name == "amsgrad", np.resize(gradients, 700), 0.3, *betas.values(), 0.25
    )
    np.testing.assert_allclose(run.x, list(exact), rtol=0, atol=1e-13)


def test_sums_of_millions_of_losses_lose_no_digit():
    # Once x rests on the best point, regret does not change, whatever the sums have grown to.
    problem = problems.periodic([0.1])
    early, late = simulate.run(
        "sgd", problem, 3_000_000, 1.0, record=[1000, 3_000_000], path="parallel in time"
    ).regret
    assert early > 0.1
    assert late == pytest.approx(early, abs=1e-13 * 0.1 * 3_000_000)


# --- what is recorded, and how it is cut ---
def test_records_may_lie_anywhere(small_chunks):
    every, some = (
        simulate.run("adam", FIGURE_1, 2000, 0.5, record=record, path="parallel in time")
        for record in (2000, [1, 101, 102, 505, 506, 1010, 1999])
    )
    assert some.t.tolist() == [1, 101, 102, 505, 506, 1010, 1999, 2000]
    assert np.array_equal(some.x, every.x[some.t - 1])
    assert np.array_equal(some.regret, every.regret[some.t - 1])


def test_slices_do_not_change_a_bit(small_chunks, monkeypatch):
    def run():
        return simulate.run(
            "amsgrad", problems.theorem_3(10, 0.5), 2000, 0.5, record=50, path="parallel in time"
        )

    whole = run()
    monkeypatch.setattr(slices, "_GROWTH", 1)
    monkeypatch.setattr(trajectory, "_CHUNKS", 1)
    cut = run()
    assert np.array_equal(cut.x, whole.x)
    assert np.array_equal(cut.regret, whole.regret)


def test_other_numbers_do_not_compile(small_chunks, caplog):
    def run(beta2, alpha, steps, x1):
        method = methods.get("adam", beta1=0.9, beta2=beta2)
        simulate.run(method, FIGURE_1, steps, alpha, x1=x1, record=50, path="parallel in time")

    run(0.99, 0.5, 3000, 0.0)
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        run(0.98, 0.4, 4001, 0.2)
    assert "Compiling" not in caplog.text


# --- when it is taken ---
SLOW = methods.get("adam", beta1=0.9, beta2=0.999999)


@pytest.mark.parametrize(
    "method, problem, steps, record, path",
    [
        (SLOW, FIGURE_1, 2_000_000, 100, "parallel in time"),
        ("adam", FIGURE_1, 2_000_000, 100, "steady cycle"),
        (SLOW, FIGURE_1, 20_000, 100, "general"),
        (SLOW, FIGURE_1, 1_000_000, 50_000, "general"),
        ("yogi", problems.figure_1_stochastic(), 1_000_000, 100, "general"),
    ],
)
def test_the_path_is_the_fastest_that_is_exact(method, problem, steps, record, path):
    assert simulate.run(method, problem, steps, 0.5, record=record).path == path


def test_what_does_not_compose_is_refused_by_name():
    with pytest.raises(ValueError, match="a method whose rounds compose"):
        simulate.run("yogi", FIGURE_1, 1000, 0.5, path="parallel in time")


def described(method):
    """The stages of a method as words."""
    return [
        {f.name: "max" if f.is_maximum else "a" if f.fixed else "a_t" for f in stage}
        for stage in composition.stages(method)
    ]


@pytest.mark.parametrize(
    "name, stages",
    [
        ("sgd", []),
        ("adagrad", [{"s": "a"}]),
        ("adam_corrected", [{"m": "a", "v": "a"}]),
        ("amsgrad", [{"m": "a", "v": "a"}, {"v_hat": "max"}]),
        ("adamnc", [{"m": "a", "v": "a_t"}]),
        ("adabelief", [{"m": "a"}, {"s": "a"}]),
        ("adopt", [{"v": "a_t"}, {"m": "a"}]),
        ("adadelta", [{"v": "a"}, {"u": "a_t"}]),
    ],
)
def test_how_rounds_compose_is_read_from_the_rule(name, stages):
    assert described(methods.get(name)) == stages


def test_of_the_catalogue_only_yogi_does_not_compose():
    assert [n for n in methods.CATALOGUE if composition.stages(methods.get(n)) is None] == ["yogi"]


class Two(NamedTuple):
    a: Any
    b: Any


def of_rule(rule, state_type=paper.SecondMoment):
    """A method of a rule, with what is declared of it left as it is by default."""
    return dataclasses.replace(
        methods.get("rmsprop"), name=rule.__name__, rule=rule, state_type=state_type
    )


def squares_its_state(xp, g, state, t, h):
    return methods.Update(g, 1, paper.SecondMoment(0.5 * state.v * state.v + g))


def looks_at_a_sign(xp, g, state, t, h):
    return methods.Update(xp.sign(state.v), 1, paper.SecondMoment(h.beta2 * state.v + g))


def chooses_by_its_state(xp, g, state, t, h):
    v = xp.where(state.v > g, state.v, g)
    return methods.Update(g, 1, paper.SecondMoment(v))


def rounds_its_state(xp, g, state, t, h):
    v = (h.beta2 * state.v + g).astype("float32").astype("float64")
    return methods.Update(g, 1, paper.SecondMoment(v))


def couples_two(xp, g, state, t, h):
    return methods.Update(g, 1, Two(h.beta2 * state.b + g, h.beta2 * state.a))


def adds_up_coordinates(xp, g, state, t, h):
    return methods.Update(g, 1, paper.SecondMoment(state.v + xp.sum(g**2)))


@pytest.mark.parametrize(
    "rule, state",
    [
        (squares_its_state, paper.SecondMoment),
        (looks_at_a_sign, paper.SecondMoment),
        (chooses_by_its_state, paper.SecondMoment),
        (rounds_its_state, paper.SecondMoment),
        (couples_two, Two),
        (adds_up_coordinates, paper.SecondMoment),
    ],
)
def test_rules_that_do_not_compose_run_step_by_step(rule, state):
    # They are declared to be affine, as a reader's own rule is by default.
    method = of_rule(rule, state)
    assert method.affine_state and composition.stages(method) is None


def remembers_a_memory(xp, g, state, t, h):
    """A reader's own: the second average is one of the first, and the clip is a function of t."""
    a = h.beta2 * state.a + xp.minimum(xp.abs(g), 1 + 1 / t)
    b = xp.maximum(state.b, a * xp.sqrt(a))
    return methods.Update(g, 1 + b, Two(a, b))


def test_a_readers_own_rule_is_read_like_any_other(small_chunks):
    method = of_rule(remembers_a_memory, Two)
    assert described(method) == [{"a": "a"}, {"b": "max"}]
    assert_same(*both(method, FIGURE_1, 1500, 0.1, x1=0.3, record=70), scale=1000)
