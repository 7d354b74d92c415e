"""The methods beyond the seven: equal to their own oracles in every reading, and to their peers."""

import functools
import json
import math
import re
import subprocess
from fractions import Fraction

import jax
import jax.numpy as jnp
import make_keras_reference
import make_torch_reference
import numpy as np
import optax
import pytest
import reference
import sympy
from hypothesis import example, given
from hypothesis import strategies as st
from test_methods import latex_pairs
from tries import tries

from adam_and_beyond import drift, figures, methods, problems, simulate
from adam_and_beyond.methods import algorithm_1

LOOSE = "optax mixes whole and real numbers"

NAMES = tuple(reference.MORE)
FIGURE_1 = [1010.0] + [-10.0] * 100
TRIES = tries(40)
LENGTH = 12
numbers = st.one_of(st.just(0.0), st.floats(1e-3, 1e3), st.floats(-1e3, -1e-3))
sequences = st.lists(numbers, min_size=LENGTH, max_size=LENGTH)
# Zero, or so large that powers of it don't underflow.
decays = st.one_of(st.just(0.0), st.floats(1e-3, 0.999))
ONE_OF = {
    "beta1": decays,
    "beta2": decays,
    "rho": decays,
    "epsilon": st.floats(1e-6, 10),
    "decay": st.floats(0.01, 1),
    "p": st.floats(0.05, 0.5),
    "q": st.floats(0, 1),
    "final": st.floats(1e-3, 1e3),
    "closing": st.floats(1e-3, 1),
}
both = st.fixed_dictionaries(ONE_OF)
SOME = {"beta1": 0.75, "beta2": 0.6, "rho": 0.7, "epsilon": 0.125, "decay": 0.5}
SOME |= {"p": 0.25, "q": 0.5, "final": 0.3, "closing": 0.1}


def own(name, values):
    """Those of the values that are hyperparameters of the method."""
    return {key: values[key] for key in reference.MORE[name]}


def assert_close(found, expected):
    # Directions are a few units at most; rounding is 1e-16 an operation, and 1 - beta >= 1e-3.
    size = max(1.0, *np.abs(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * size)


def numpy_directions(method, gradients, dtype=np.float64):
    state, result = method.init(dtype(0)), []
    for t, g in enumerate(gradients, start=1):
        m, root, state = method.update(dtype(g), state, t, np)
        with np.errstate(divide="ignore", invalid="ignore"):
            result.append(algorithm_1.direction(np, m, root))
    return result


# --- equal to the oracle, in four readings ---
@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(sequences, both)
@example([1010.0] + [-10.0] * 11, SOME)
@example([0.0] * 3 + [1.0] * 9, SOME | {"epsilon": 1e-8})
def test_rules_equal_the_oracle_in_numpy(name, gradients, values):
    values = own(name, values)
    found = numpy_directions(methods.get(name, **values), gradients)
    assert_close(found, reference.directions(name, gradients, **values))


@functools.cache
def scanned(name):
    method = methods.CATALOGUE[name]

    def run(gradients, h):
        def step(state, slot):
            t, g = slot
            m, root, state = method.rule(jnp, g, state, t, h)
            return state, algorithm_1.direction(jnp, m, root)

        times = jnp.arange(1.0, LENGTH + 1)
        return jax.lax.scan(step, method.init(jnp.zeros(())), (times, gradients))[1]

    return jax.jit(run)


@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(sequences, both)
def test_rules_equal_the_oracle_in_jax(name, gradients, values):
    values = own(name, values)
    with jax.enable_x64(True):
        found = scanned(name)(np.array(gradients), methods.get(name, **values).hyper)
        assert found.dtype == np.float64
    assert_close(np.asarray(found), reference.directions(name, gradients, **values))


EXACT_GRADIENTS = [Fraction(3), Fraction(-1), Fraction(0), Fraction(-5, 7), Fraction(2)]
EXACT = {
    "beta1": Fraction(2, 3),
    "beta2": Fraction(3, 5),
    "rho": Fraction(3, 5),
    "epsilon": Fraction(1, 8),
    "decay": Fraction(1, 2),
    "p": Fraction(1, 4),
    "q": Fraction(1, 2),
    "final": Fraction(3, 10),
    "closing": Fraction(1, 10),
}


def squares(name, values):
    """m_t^2 / psi_t by the oracle: the squares of the directions."""
    if name in reference.BY_DIRECTION:
        return [
            d * d for d in reference.directions(name, [float(g) for g in EXACT_GRADIENTS], **values)
        ]
    triples = reference.scaled_pairs(name, EXACT_GRADIENTS, **values)
    return [float(m) ** 2 / (math.sqrt(V) + e) ** 2 for m, V, e in triples]


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_equations_computed_from_their_latex_equal_the_oracle(name):
    pairs = latex_pairs(methods.CATALOGUE[name], EXACT_GRADIENTS, own(name, EXACT))
    found = [float(m**2 / psi) if psi else 0.0 for m, psi in pairs]
    assert found == pytest.approx(squares(name, own(name, EXACT)), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_traced_expressions_equal_the_oracle(name):
    values = own(name, EXACT)
    traced = methods.trace(methods.CATALOGUE[name])
    known = {symbol: sympy.Integer(0) for symbol in traced.previous}
    known |= {s: sympy.Rational(values[s.name]) for s in traced.hyperparameters}
    found = []
    for t, g in enumerate(EXACT_GRADIENTS, start=1):
        known |= {traced.g: sympy.Rational(g), traced.t: sympy.Integer(t)}
        for symbol, expression in traced.state:
            known[symbol] = expression.doit().subs(known)
        m, root = traced.m.doit().subs(known), traced.sqrt_V.doit().subs(known)
        found.append(float(m / root) if root else 0.0)
        new = [symbol for symbol, _ in traced.state]
        known |= {old: known[s] for old, s in zip(traced.previous, new, strict=True)}
    given = [float(g) for g in EXACT_GRADIENTS]
    floats = {key: float(value) for key, value in values.items()}
    assert_close(found, reference.directions(name, given, **floats))


DRIVER = """
import { readFileSync } from "node:fs";
const { RULES } = await import(process.argv[2]);
const answer = {};
for (const [name, { gradients, h }] of Object.entries(JSON.parse(readFileSync(process.argv[3])))) {
  const memory = new Float64Array(RULES[name].state.length);
  answer[name] = gradients.map((g, k) => RULES[name].step(memory, g, k + 1, h));
}
process.stdout.write(JSON.stringify(answer));
"""


@pytest.mark.node
def test_the_generated_javascript_equals_the_oracle(node, tmp_path):
    questions = {name: {"gradients": FIGURE_1, "h": own(name, SOME)} for name in NAMES}
    module = methods.javascript_module(NAMES) + "export { RULES };\n"
    files = {"rules.mjs": module, "driver.mjs": DRIVER, "ask.json": json.dumps(questions)}
    for file, text in files.items():
        (tmp_path / file).write_text(text, "utf-8")
    command = [node, str(tmp_path / "driver.mjs"), (tmp_path / "rules.mjs").as_uri()]
    done = subprocess.run(
        [*command, str(tmp_path / "ask.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, found in json.loads(done.stdout).items():
        assert_close(found, reference.directions(name, FIGURE_1, **own(name, SOME)))


@pytest.mark.parametrize("name", NAMES)
def test_runs_equal_the_oracle_on_the_papers_problem(name):
    values, steps = own(name, SOME), 1010
    run = simulate.run(
        methods.get(name, **values), problems.figure_1_online(), steps, 0.5, record=steps
    )
    steps_along = reference.directions(name, reference.figure_1_gradients(steps), **values)
    expected = reference.iterates_along(steps_along, 0.5)
    assert np.abs(run.x - expected[1:]).max() < 1e-12  # a thousand steps of rounding


# --- precision ---
@pytest.mark.parametrize("name", NAMES)
def test_float32_agrees_with_float64(name):
    method = methods.get(name, **own(name, SOME))
    low = numpy_directions(method, FIGURE_1, np.float32)
    # A hundred roundings of 6e-8 each, times 1/(1 - beta) = 4.
    np.testing.assert_allclose(low, numpy_directions(method, FIGURE_1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_zero_gradients_give_no_step_and_no_nan(name):
    for epsilon in {0.0, 0.125} if name.startswith("amsgrad") else {0.125}:
        method = methods.get(name, **own(name, SOME | {"epsilon": epsilon}))
        run = simulate.run(method, problems.periodic([0.0, 0.0, 1.0]), 2, 0.5, x1=0.25, record=2)
        assert run.x.tolist() == [0.25, 0.25]


# --- by hand: gradients 3, then 1 ---
def test_nadam_by_hand():
    # beta1 = beta2 = 1/2: m = 1.5, 1.25; v = 4.5, 2.75; looking ahead: (m + g) / 2.
    found = numpy_directions(methods.get("nadam", beta1=0.5, beta2=0.5), [3, 1])
    assert found == pytest.approx([2.25 / math.sqrt(4.5), 1.125 / math.sqrt(2.75)], rel=1e-15)


def test_adadelta_by_hand():
    # rho = 1/2, epsilon = 1/2: v = 4.5, d = 3 sqrt(0.5 / 5); then u = 0.45, v = 2.75,
    # d = sqrt(0.95 / 3.25).
    found = numpy_directions(methods.get("adadelta", rho=0.5, epsilon=0.5), [3, 1])
    assert found == pytest.approx([3 * math.sqrt(0.1), math.sqrt(0.95 / 3.25)], rel=1e-15)


def test_the_two_amsgrads_of_libraries_by_hand():
    # beta1 = beta2 = 1/2: v = 4.5, 2.75; corrections 1/2, 3/4; corrected m = 3, 5/3.
    values = {"beta1": 0.5, "beta2": 0.5, "epsilon": 1.0}
    torch = numpy_directions(methods.get("amsgrad_torch", **values), [3, 1])
    assert torch == pytest.approx([3 / (3 + 1), (5 / 3) / (math.sqrt(4.5 / 0.75) + 1)], rel=1e-14)
    optax_ = numpy_directions(methods.get("amsgrad_optax", **values), [3, 1])
    assert optax_ == pytest.approx([3 / (3 + 1), (5 / 3) / (3 + 1)], rel=1e-14)


def test_adamx_by_hand():
    # beta1 = beta2 = decay = 1/2, beta1_t = 1/2, 1/4: m = 1.5, 1.125; v = 4.5, 2.75;
    # v_hat_2 = max((3/4)^2 / (1/2)^2 * 4.5, 2.75) = 10.125.
    found = numpy_directions(methods.get("adamx", beta1=0.5, beta2=0.5, decay=0.5), [3, 1])
    assert found == pytest.approx([1.5 / math.sqrt(4.5), 1.125 / math.sqrt(10.125)], rel=1e-14)


# --- identities ---
@TRIES
@given(sequences, both)
def test_adamx_with_a_constant_beta1_is_amsgrad(gradients, values):
    betas = {key: values[key] for key in ("beta1", "beta2")}
    amsgrad = numpy_directions(methods.get("amsgrad", **betas), gradients)
    assert_close(numpy_directions(methods.get("adamx", **betas), gradients), amsgrad)


def test_adamx_with_a_falling_beta1_inflates_the_scale():
    # PAPER 10, claim 31: sqrt(v_hat) 1010 against 126.9 in the long run, decay = 0.99.
    adamx = methods.get("adamx", beta1=0.9, beta2=0.99, decay=0.99)
    state = adamx.init(np.float64(0))
    gradients = problems.figure_1_online().sample(5050)
    for t, g in enumerate(gradients, start=1):
        _, root, state = adamx.update(g, state, t, np)
    # v_1 = 0.01 * 1010^2, inflated by 1 / (1 - 0.9)^2 in the limit.
    assert root == pytest.approx(1010, rel=1e-9)
    assert drift.orbit(methods.get("amsgrad", beta2=0.99), problems.figure_1_online()).sqrt_V[
        0
    ] == pytest.approx(math.sqrt(16096.79), abs=1e-4)


def test_nadam_with_beta1_zero_is_rmsprop():
    rmsprop = numpy_directions(methods.get("rmsprop", beta2=0.9), FIGURE_1)
    assert numpy_directions(methods.get("nadam", beta1=0.0, beta2=0.9), FIGURE_1) == rmsprop


def test_the_first_adamx_step_of_tran_and_phongs_example():
    adamx = methods.get("adamx", beta1=0.9, beta2=0.999, decay=0.001)
    run = simulate.run(adamx, problems.figure_1_online(), 1, 0.001, x1=1.0, record=1)
    assert run.x[0] == pytest.approx(0.99683772, abs=5e-9)  # PAPER 5.4, printed digits


# --- AMSGrad in libraries (PAPER 9.10), epsilon = 0 ---
LIBRARY = {"beta1": 0.9, "beta2": 0.99, "epsilon": 0.0}


def scales(name, steps):
    method = methods.get_sharing(name, **LIBRARY)
    state, roots = method.init(np.float64(0)), []
    for t, g in enumerate(problems.figure_1_online().sample(steps), start=1):
        _, root, state = method.update(g, state, t, np)
        roots.append(float(root))
    return np.array(roots)


def test_the_papers_scale_climbs_from_101_to_127():
    found = scales("amsgrad", 10_000)
    assert found[0] == pytest.approx(101, rel=1e-14)
    assert found[-1] == pytest.approx(126.87, abs=0.005)
    assert np.all(np.diff(found) >= 0)


def test_optaxs_scale_is_1010_for_ever():
    # v_1 corrected is g_1^2, and no average of squares is larger; rounding may move the last digit.
    np.testing.assert_allclose(scales("amsgrad_optax", 10_000), 1010, rtol=1e-14)


def test_pytorchs_scale_falls_in_990_of_the_first_999_steps():
    found = scales("amsgrad_torch", 10_000)
    assert found[0] == pytest.approx(1010, rel=1e-14)
    assert found[-1] == pytest.approx(126.87, abs=0.005)
    assert np.sum(np.diff(found[:1000]) < 0) == 990


# The last digits that PAPER 9.10 prints, half a unit.
ENDS = {
    "amsgrad": (-0.9989, 0.0151),
    "amsgrad_torch": (-0.9989, 0.0149),
    "amsgrad_optax": (-0.9999, 0.0025),
}


@pytest.mark.parametrize("path", ["general", "auto"])
@pytest.mark.parametrize("name", ENDS)
def test_the_three_amsgrads_end_where_the_notes_say(name, path):
    method = methods.get_sharing(name, **LIBRARY)
    run = simulate.run(method, problems.figure_1_online(), 5_000_000, 0.5, record=10, path=path)
    assert run.x[-1] == pytest.approx(ENDS[name][0], abs=5.1e-5)
    assert run.average_regret[-1] == pytest.approx(ENDS[name][1], abs=5.1e-5)


def test_optaxs_amsgrad_is_slow_from_the_wrong_end():
    method = methods.get("amsgrad_optax", **LIBRARY)
    run = simulate.run(method, problems.figure_1_online(), 100_000, 0.5, x1=1.0, record=1)
    assert run.x[-1] == pytest.approx(0.06, abs=0.005)


# --- peers ---
STORED = json.loads(make_torch_reference.TARGET.read_text("utf-8"))
TORCH = {
    "amsgrad": ("amsgrad_torch", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.0}),
    "amsgrad_epsilon": ("amsgrad_torch", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.5}),
    "adadelta": ("adadelta", {"rho": 0.9, "epsilon": 0.01}),
}


def unprojected(method, gradients, alpha):
    problem = problems.periodic(gradients, -1e6, 1e6)
    steps = len(gradients)
    return simulate.run(method, problem, steps, alpha, "constant", record=steps).x


@pytest.mark.parametrize("case", TORCH)
def test_methods_equal_torchs(case):
    name, values = TORCH[case]
    found = unprojected(methods.get(name, **values), STORED["gradients"], STORED["alpha"])
    # Two dozen steps of 1e-16, and powers of beta in another order.
    assert np.abs(found - STORED["cases"][case]["x"]).max() <= 1e-12


# Keras computes in float32: the same steps, with a few thousand units in its last place.
KERAS = json.loads(make_keras_reference.TARGET.read_text("utf-8"))


@pytest.mark.parametrize("case", KERAS["cases"])
def test_methods_equal_kerass(case):
    settings = KERAS["cases"][case]["settings"]
    name = "amsgrad_keras" if settings["amsgrad"] else "adam_corrected"
    values = {"beta1": settings["beta_1"], "beta2": settings["beta_2"]}
    epsilon = {"epsilon": settings["epsilon"]} if settings["amsgrad"] else {}
    found = unprojected(methods.get(name, **values, **epsilon), KERAS["gradients"], KERAS["alpha"])
    expected = np.array(KERAS["cases"][case]["x"])
    assert np.abs(found - expected).max() <= 2e-6
    if settings["epsilon"]:  # PyTorch's place of epsilon is told apart
        torch = methods.get("amsgrad_torch", **values, **epsilon)
        other = unprojected(torch, KERAS["gradients"], KERAS["alpha"])
        assert np.abs(other - expected).max() > 1e-3


OPTAX = {
    "amsgrad_optax": (
        optax.amsgrad(0.125, b1=0.8, b2=0.95, eps=0.5),
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.5},
    ),
    "amsgrad_optax_uncorrected": (
        optax.amsgrad(
            0.125, b1=0.8, b2=0.95, eps=0.5, bias_correction_mu=False, bias_correction_nu=False
        ),
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.5},
    ),
    "adadelta": (optax.adadelta(0.125, rho=0.9, eps=0.01), {"rho": 0.9, "epsilon": 0.01}),
}


@pytest.mark.parametrize("name", OPTAX)
def test_methods_equal_optaxs(name):
    transformation, values = OPTAX[name]
    gradients = np.array(STORED["gradients"])
    with jax.enable_x64(True):
        x = jnp.zeros(())
        state, points = transformation.init(x), []
        for g in gradients:
            update, state = transformation.update(jnp.asarray(g), state, x)
            x = optax.apply_updates(x, update)
            points.append(float(x))
    found = unprojected(methods.get(name, **values), gradients, 0.125)
    assert np.abs(found - points).max() <= 1e-12


# --- drift and fast path ---
@pytest.mark.parametrize("name", ["amsgrad_torch", "amsgrad_optax", "nadam", "adamx"])
def test_the_fast_path_is_exact_for_affine_states(name):
    values = {"beta1": 0.9, "beta2": 0.99, "epsilon": 0.0, "decay": 0.9}
    method = methods.get(name, **own(name, values | {"rho": None}))
    arguments = (method, problems.figure_1_online(), 300_000, 0.5)
    fast, general = (simulate.run(*arguments, path=path) for path in ("steady cycle", "general"))
    assert np.abs(fast.x - general.x).max() <= 1e-12
    scale = np.abs(general.average_regret).max()
    assert np.abs(fast.average_regret - general.average_regret).max() <= 1e-12 * scale


@pytest.mark.parametrize("decay", [0.99999, 0.9999, 0.999])
def test_the_fast_path_waits_for_a_slowly_falling_beta1(decay):
    adamx = methods.get("adamx", beta1=0.9, beta2=0.9, decay=decay)
    arguments = (adamx, problems.theorem_1(3.0), 200_000, 0.5)
    auto, general = (simulate.run(*arguments, path=path) for path in ("auto", "general"))
    assert np.abs(auto.x - general.x).max() <= 1e-12


def test_adadelta_never_takes_the_fast_path():
    adadelta, problem = methods.get("adadelta"), problems.figure_1_online()
    assert simulate.run(adadelta, problem, 100_000, 0.5, record=1).path == "general"


def test_drift_numbers_of_the_relatives():
    problem, betas = problems.figure_1_online(), {"beta1": 0.9, "beta2": 0.99}
    amsgrad = drift.number(methods.get("amsgrad", **betas), problem)
    # Bias corrections die out, so PyTorch's form ends like the paper's.
    torch = methods.get("amsgrad_torch", **LIBRARY)
    assert drift.number(torch, problem) == pytest.approx(amsgrad, rel=1e-12)
    assert drift.number(methods.get("adamx", **betas), problem) == pytest.approx(amsgrad, rel=1e-12)
    nadam = methods.get("nadam", **betas)
    assert drift.number(nadam, problem) > 0
    assert simulate.run(nadam, problem, 1_000_000, 0.5, record=1).x[-1] > 0.99


# --- the catalogue ---
BAD = {"beta1": 1.0, "beta2": -0.1, "epsilon": -1e-8, "rho": 1.0, "decay": 1.5}
BAD |= {"p": 0.6, "q": 1.1, "final": -1.0, "closing": -1.0}


@pytest.mark.parametrize("name, key", [(n, key) for n in NAMES for key in reference.MORE[n]])
def test_a_bad_hyperparameter_is_refused_with_its_range(name, key):
    for value in (BAD[key], math.nan, math.inf, "much", None):
        with pytest.raises(ValueError, match=rf"{key} of '{name}'.* must lie in [\[(]0, "):
            methods.get(name, **{key: value})


def test_values_that_would_stop_a_method_for_good_are_refused():
    with pytest.raises(ValueError, match=r"epsilon .* must lie in \(0, inf\)"):
        methods.get("adadelta", epsilon=0.0)
    with pytest.raises(ValueError, match=r"decay .* must lie in \(0, 1\]"):
        methods.get("adamx", decay=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_names_its_source_and_how_it_departs(name):
    method = methods.CATALOGUE[name]
    assert method.name == name and name not in methods.PAPER
    assert re.search(r"\(\d{4}\)", method.source) and method.deviations
    for spec in method.hyperparameters:
        assert spec.interval.contains(spec.default)
        assert spec.unit and spec.meaning and re.search(r"\(\d{4}\)", spec.source)
    assert eval(repr(method), {"methods": methods}) == method


def test_the_libraries_defaults_are_theirs():
    assert methods.get("amsgrad_torch").hyper == (0.9, 0.999, 1e-8)
    assert methods.get("amsgrad_optax").hyper == (0.9, 0.999, 1e-8)
    assert methods.get("adadelta").hyper == (0.95, 1e-6)
    assert methods.get("adamx").hyper.decay == 1


def test_every_method_of_the_catalogue_has_a_line_style():
    assert list(figures.OPTIMIZER_STYLE) == list(methods.CATALOGUE)


@pytest.mark.parametrize("name", NAMES)
def test_sweeps_equal_runs(name):
    values = own(name, SOME)
    swept = reference.MORE[name][0]
    several = [0.5, 0.8]
    problem = problems.figure_1_online()
    grid = simulate.sweep(name, problem, 500, alpha=0.5, **values | {swept: several})
    for k, value in enumerate(several):
        method = methods.get(name, **values | {swept: value})
        run = simulate.run(method, problem, 500, 0.5, record=1, path="general")
        assert grid.x[k] == pytest.approx(run.x[-1], abs=1e-12)
        assert grid.average_regret[k] == pytest.approx(run.average_regret[-1], rel=1e-11)
