"""What callers hand over: text is no number, lists are arrays, and refusals are short sentences."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

from adam_and_beyond import diagnostics, drift, methods, problems, regret, simulate
from adam_and_beyond.methods import paper
from adam_and_beyond.simulate import xla

ADAM = methods.get("adam", beta1=0.9, beta2=0.99)
THREE = problems.theorem_1(3)
RUN = {"method": ADAM, "problem": THREE, "steps": 10, "alpha": 0.5}


# --- text, truth values and nothing at all ---
@pytest.mark.parametrize(
    "change", [{"alpha": "0.5"}, {"x1": "0"}, {"seed": "1"}, {"steps": "10"}, {"x1": None}]
)
@pytest.mark.parametrize("call", [simulate.run, simulate.sweep])
def test_text_is_no_number(call, change):
    with pytest.raises(ValueError, match=f"{next(iter(change))}.*got"):
        call(**{**RUN, **change})


@pytest.mark.parametrize(
    "change",
    [{"record": "5"}, {"record": ["5"]}, {"steps": np.bool_(True)}, {"seed": 2**70}]
    + [{"spacing": 3}, {"progress": "yes"}, {"x1": 1j}],
)
def test_what_only_looks_like_a_number_is_refused(change):
    with pytest.raises(ValueError, match="must"):
        simulate.run(**{**RUN, **change})


@pytest.mark.parametrize(
    "make",
    [
        lambda: problems.periodic(["1", "-2"]),
        lambda: problems.periodic([True, False]),
        lambda: problems.periodic([1.0, None]),
        lambda: problems.periodic([[1.0], [1.0, 2.0]]),
        lambda: problems.periodic([1, -2], lower="0"),
        lambda: problems.given([1, -2], upper="1"),
        lambda: problems.iid([1, -2], ["0.5", "0.5"]),
        lambda: problems.theorem_1("3"),
        lambda: problems.theorem_2("10"),
        lambda: problems.theorem_2([10]),
        lambda: problems.theorem_3("10", 0.5),
        lambda: problems.theorem_3(10, "0.5"),
        lambda: simulate.history("adam", ["1", "2"], 0.5),
        lambda: simulate.history("adam", [1, 2], 0.5, x1="0"),
        lambda: simulate.history("adam", [1, 2], 0.5, lower="-1"),
        lambda: regret.of_sequence(["1"], [0.0]),
        lambda: regret.theorem_4(["1"], [1.0], 0.5, 0.0, 0.5),
        lambda: regret.fit_inverse_sqrt(["1", "2"], [1.0, 2.0]),
        lambda: diagnostics.oscillation(["1"]),
    ],
)
def test_text_makes_no_problem_and_no_bound(make):
    with pytest.raises(ValueError) as refusal:
        make()
    assert len(str(refusal.value)) < 300


def test_lists_work_wherever_arrays_do():
    lists, arrays = [], []
    for kind, found in ((list, lists), (np.asarray, arrays), (jnp.asarray, arrays)):
        box = problems.periodic(
            kind([[1.0, 2.0], [-3.0, 1.0]]), kind([-1.0, 0.0]), kind([1.0, 2.0])
        )
        found.append(simulate.run(ADAM, box, 9, 0.5, x1=kind([0.5, 1.0]), record=kind([3, 9])).x)
        law = problems.iid(kind([4.0, -1.0]), kind([0.25, 0.75]))
        grid = simulate.sweep(
            "adam", law, 9, kind([0.25, 0.5]), x1=kind([0.0, 0.5]), seed=kind([1, 2]),
            beta2=kind([0.5, 0.75]),
        )  # fmt: skip
        found.append(grid.x)
        h = simulate.history("adam", kind([1.0, -2.0]), 0.5, beta1=kind([0.5, 0.25]))
        found.append(h.x)
        found.append(regret.of_sequence(kind([1.0, -2.0]), kind([0.5, 0.25])))
        found.append(regret.of_sums(kind([1.0, -2.0]), kind([0.5, 0.25]), -1.0, 1.0))
        found.append(regret.theorem_4(kind([1.0, -2.0]), kind([1.0, 2.0]), 0.5, 0.5, 0.9).total)
    for k, values in enumerate(arrays):
        np.testing.assert_allclose(values, lists[k % len(lists)], rtol=1e-6)


def test_fractions_are_numbers():
    problem = problems.periodic([Fraction(3), Fraction(-1, 2)], Fraction(-1), Fraction(1))
    assert problem.gradients.tolist() == [3.0, -0.5]
    assert simulate.run(ADAM, problem, 10, 0.5).t[-1] == 10


# --- a problem, and not what makes one ---
@pytest.mark.parametrize("call", [simulate.run, simulate.sweep])
def test_a_problem_that_was_not_called_is_told_so(call):
    with pytest.raises(ValueError, match=r"call it, problems.figure_1_online\(\.\.\.\)"):
        call(**{**RUN, "problem": problems.figure_1_online})
    with pytest.raises(ValueError, match="problem must be one of adam_and_beyond.problems"):
        call(**{**RUN, "problem": [1.0, -2.0]})


def test_scales_of_a_problem_that_was_not_called_are_refused_too():
    with pytest.raises(ValueError, match="call it"):
        diagnostics.scales("adam", problems.figure_1_online, 10)


# --- gradients whose squares are no numbers ---
@pytest.mark.parametrize("scale", [1e154, 1e-165, 1e200, 1e-320])
def test_gradients_whose_squares_are_no_numbers_are_refused_by_the_problem(scale):
    # So neither the drift number, nor where a method rests, nor a run, nor a sweep meets them.
    gradients = scale * np.array([1010.0] + [-10.0] * 100)
    for ask in (
        lambda p: drift.number("adam", p),
        lambda p: drift.orbit("adam", p),
        lambda p: simulate.run("adam", p, 10, 0.5),
        lambda p: simulate.sweep("adam", p, 10, [0.5, 0.1]),
    ):
        for make in (
            lambda: problems.periodic(gradients),
            lambda: problems.given(gradients),
            lambda: problems.iid(gradients[:2], [0.01, 0.99]),
        ):
            with pytest.raises(ValueError, match="of a size from 1e-140 to 1e\\+140"):
                ask(make())
    with pytest.raises(ValueError, match="of a size from 1e-140"):
        simulate.history("adam", gradients, 0.5)


@pytest.mark.parametrize("scale", [1e136, 1e-141])
@pytest.mark.parametrize("name", ["adam", "amsgrad", "adagrad", "adamnc", "rmsprop"])
def test_up_to_there_runs_do_not_depend_on_the_scale(name, scale):
    gradients = np.array([1010.0] + [-10.0] * 100)
    plain, scaled = (
        simulate.run(name, problems.periodic(g), 5000, 0.5, record=7)
        for g in (gradients, gradients * scale)
    )
    np.testing.assert_allclose(scaled.x, plain.x, rtol=0, atol=1e-9)
    grid = simulate.sweep(name, problems.periodic(gradients * scale), 5000, [0.5, 0.25])
    np.testing.assert_allclose(grid.x[0], plain.x[-1], rtol=0, atol=1e-9)


def test_zero_gradients_are_allowed():
    assert simulate.run(ADAM, problems.periodic([0.0, 0.0]), 10, 0.5, x1=0.25).x[-1] == 0.25


# --- short sentences, one line ---
def test_an_error_does_not_print_a_thousand_numbers():
    many = np.full(1000, 0.002)
    for make in (
        lambda: problems.iid(np.arange(1000.0) + 1, many),
        lambda: problems.periodic(np.ones((1000, 3)), np.zeros(1000), np.ones(1000)),
        lambda: problems.periodic(np.ones(1000), np.ones(1000), np.zeros(1000)),
        lambda: simulate.run(**{**RUN, "record": np.zeros(1000)}),
        lambda: simulate.sweep(**{**RUN, "x1": np.full(1000, 2.0)}),
        lambda: simulate.sweep(**{**RUN, "seed": np.full(1000, 0.5)}),
        lambda: problems.theorem_1(np.zeros(1000)),
    ):
        with pytest.raises(ValueError) as refusal:
            make()
        assert len(str(refusal.value)) < 250


def test_what_is_printed_of_a_result_or_a_problem_is_one_line():
    run = simulate.run(ADAM, problems.figure_1_online(), 5000, 0.5)
    lines = {
        repr(run): ("Adam", "1000 records", "5,000"),
        repr(simulate.history("adam", THREE.sample(3000), 0.5)): ("3,000 rounds",),
        repr(simulate.sweep("adam", THREE, 5, [0.1, 0.2])): ("2 runs", "2 along alpha"),
        repr(simulate.sweep("adam", THREE, 5, 0.1)): ("1 runs",),
        repr(problems.figure_1_online()): ("PeriodicProblem", "(101,)", "[-1.0, 1.0]"),
        repr(problems.figure_1_stochastic()): ("IIDProblem", "1010"),
        repr(problems.given(np.ones(1000))): ("GivenProblem", "(1000,)"),
        repr(problems.periodic(np.ones((3, 50)), np.zeros(50), np.ones(50))): ("(3, 50)",),
    }
    for text, expected in lines.items():
        assert "\n" not in text and len(text) < 200
        assert all(part in text for part in expected), text


# --- no number that is none gets lost ---
def test_a_nan_in_either_argument_of_a_maximum_is_passed_on():
    # A running maximum in a method's state sees the loops' namespaces.
    for xp in (jnp, xla.DeferredRoots()):
        assert np.isnan(xp.maximum(1.0, jnp.nan)) and np.isnan(xp.maximum(jnp.nan, 1.0))
        assert np.isnan(xp.minimum(1.0, jnp.nan)) and np.isnan(xp.minimum(jnp.nan, 1.0))
    # The projection's bounds are finite, and stand second.
    for x in (jnp.nan, jnp.inf, -jnp.inf, 0.5):
        clipped = methods.project(xla.CLIPPING, x, -1.0, 1.0)
        np.testing.assert_equal(np.asarray(clipped), np.clip(x, -1.0, 1.0))


@pytest.mark.parametrize("call", [simulate.run, simulate.sweep])
def test_a_state_that_is_lost_shows_in_the_result(call):
    def breaks(xp, g, state, t, h):
        # From round 5 on v is no number; a maximum that dropped it would go on as before.
        update = paper.amsgrad(xp, g, state, t, h)
        v = xp.where(t >= 5, xp.sqrt(-1.0 - g**2), update.state.v)
        v_hat = xp.maximum(state.v_hat, v)
        return update._replace(sqrt_V=xp.sqrt(v_hat), state=paper.MaxMoments(update.m, v, v_hat))

    lost = dataclasses.replace(methods.get("amsgrad"), rule=breaks)
    found = call(lost, THREE, 4, 0.5).x, call(lost, THREE, 9, 0.5).x
    assert np.isfinite(found[0]).all() and np.isnan(np.atleast_1d(found[1])[-1])
