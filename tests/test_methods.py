"""The rules: equal to the oracle in every namespace, printed as they run, changed in one place."""

import dataclasses
import functools
import inspect
import math
import re
import textwrap
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
import sympy
from hypothesis import example, given
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import (
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)
from tries import tries

from adam_and_beyond import methods, problems, simulate
from adam_and_beyond.methods import algorithm_1, catalogue, paper, schedules
from adam_and_beyond.methods.read import javascript

NAMES = reference.NAMES
TRIES = tries(60)
LENGTH = 12

# Zero, or far from the smallest floats, whose squares would vanish.
numbers = st.one_of(
    st.just(0.0), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3).map(lambda size: -size)
)
sequences = st.lists(numbers, min_size=LENGTH, max_size=LENGTH)
# Zero, or so large that powers of it don't underflow.
betas = st.one_of(st.just(0.0), st.floats(1e-3, 0.999))
exact_numbers = st.fractions(-5, 5, max_denominator=7)
exact_betas = st.fractions(0, Fraction(8, 9), max_denominator=9)


def hyper(name, beta1, beta2):
    """The hyperparameters that a method has, out of the two."""
    both = {"beta1": beta1, "beta2": beta2}
    return {key: both[key] for key in reference.HYPERPARAMETERS[name]}


def run_rule(xp, rule, state, gradients, h, time=int):
    """(m_t, V_t^{1/2}) for t = 1, 2, ..., by the package's rule in any namespace."""
    pairs = []
    for t, g in enumerate(gradients, start=1):
        m, root, state = rule(xp, g, state, time(t), h)
        pairs.append((m, root))
    return pairs


def numpy_pairs(method, gradients):
    gradients = [np.float64(g) for g in gradients]
    state = method.init(np.float64(0))
    return run_rule(np, method.rule, state, gradients, method.hyper)


def assert_equal_pairs(found, expected, gradients):
    """To 1e-12: rounding is about 1e-16 an operation, and at most a few hundred of them add up.

    m may cancel, so its error is measured against the largest gradient; V is a sum of squares and
    has a relative error; the bias correction divides by 1 - beta^t >= 1e-3, a loss of three digits.
    """
    largest = max(1e-3, *(abs(g) for g in gradients))
    for (m, root), (m_expected, V_expected) in zip(found, expected, strict=True):
        assert abs(m - m_expected) <= 1e-12 * largest
        assert float(root) == pytest.approx(math.sqrt(V_expected), rel=1e-12, abs=0)


# --- the oracle itself ---
@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(st.lists(exact_numbers, min_size=1, max_size=7), exact_betas, exact_betas)
def test_the_oracles_recursions_equal_the_papers_sums_exactly(name, gradients, beta1, beta2):
    values = hyper(name, beta1, beta2)
    by_recursion = reference.moments(name, gradients, **values)
    assert by_recursion == reference.moments_by_sums(name, gradients, **values)


def test_the_oracle_covers_the_catalogue():
    assert methods.PAPER == NAMES
    # The others have an oracle of their own: `test_catalogue_more.py`.
    assert set(methods.CATALOGUE) == {*NAMES, *reference.MORE}
    for name, method in methods.CATALOGUE.items():
        assert method.hyper._fields == {**reference.HYPERPARAMETERS, **reference.MORE}[name]


# --- equal to the oracle, in three namespaces ---
@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(sequences, betas, betas)
@example([1010.0] + [-10.0] * 11, 0.9, 0.99)
@example([0.0] * 3 + [1.0] * 9, 0.0, 0.0)
def test_rules_equal_the_oracle_in_numpy(name, gradients, beta1, beta2):
    values = hyper(name, beta1, beta2)
    found = numpy_pairs(methods.get(name, **values), gradients)
    assert_equal_pairs(found, reference.moments(name, gradients, **values), gradients)


@functools.cache
def scanned(name):
    """The rule inside jit and scan: compiled once, for any gradients and hyperparameters."""
    method = methods.CATALOGUE[name]

    def pairs(gradients, h):
        def step(state, slot):
            t, g = slot
            m, root, state = method.rule(jnp, g, state, t, h)
            return state, (m, root * jnp.ones_like(g))

        times = jnp.arange(1.0, LENGTH + 1)
        state = method.init(jnp.zeros(()))
        return jax.lax.scan(step, state, (times, gradients))[1]

    return jax.jit(pairs)


@pytest.mark.parametrize("name", NAMES)
@TRIES
@given(sequences, betas, betas)
@example([1010.0] + [-10.0] * 11, 0.9, 0.99)
def test_rules_equal_the_oracle_in_jax(name, gradients, beta1, beta2):
    values = hyper(name, beta1, beta2)
    with jax.enable_x64(True):
        m, root = scanned(name)(np.array(gradients), methods.get(name, **values).hyper)
        assert m.dtype == root.dtype == np.float64
    found = list(zip(np.asarray(m), np.asarray(root), strict=True))
    assert_equal_pairs(found, reference.moments(name, gradients, **values), gradients)


@pytest.mark.parametrize("name", NAMES)
@tries(15)
@given(st.lists(exact_numbers, min_size=1, max_size=5), exact_betas, exact_betas)
def test_rules_equal_the_oracle_exactly_in_sympy(name, gradients, beta1, beta2):
    values = hyper(name, beta1, beta2)
    method = methods.CATALOGUE[name]
    h = type(method.hyper)(*(sympy.Rational(value) for value in values.values()))
    state = method.init(sympy.Integer(0))
    state = type(state)(*(sympy.Integer(0) for _ in state))
    rationals = [sympy.Rational(g) for g in gradients]
    found = run_rule(methods.SYMBOLIC, method.rule, state, rationals, h, sympy.Integer)
    for (m, root), (m_exact, V_exact) in zip(
        found, reference.moments(name, gradients, **values), strict=True
    ):
        # No tolerance: exact arithmetic.
        assert m == sympy.Rational(m_exact)
        assert sympy.sympify(root) ** 2 == sympy.Rational(V_exact)


# --- by hand: gradients 3, then 1, with beta1 = beta2 = 1/2 ---
BY_HAND = {
    "sgd": [(3, 1), (1, 1)],
    "adagrad": [(3, 9), (1, 5)],  # (9 + 1) / 2
    "rmsprop": [(3, 4.5), (1, 2.75)],  # 4.5 / 2 + 1 / 2
    "adam": [(1.5, 4.5), (1.25, 2.75)],  # 1.5 / 2 + 1 / 2
    "adam_corrected": [(3, 9), (5 / 3, 11 / 3)],  # divided by 1/2, then by 3/4
    "amsgrad": [(1.5, 4.5), (1.25, 4.5)],  # 4.5 is not forgotten
    "adamnc": [(1.5, 9), (1.25, 5)],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_first_two_steps_are_those_computed_by_hand(name):
    found = numpy_pairs(methods.get(name, **hyper(name, 0.5, 0.5)), [3, 1])
    for (m, root), (m_hand, V_hand) in zip(found, BY_HAND[name], strict=True):
        assert m == pytest.approx(m_hand, rel=1e-15)  # a handful of roundings at most
        assert root == pytest.approx(math.sqrt(V_hand), rel=1e-15)


def test_the_second_moments_of_the_papers_smallest_example_are_exact():
    # C = 3, beta2 = 1/100: v_1 = 891/100, v_2 = 10791/10000, so sqrt(2 v_2) < sqrt(v_1).
    exact = reference.moments("rmsprop", [3, -1], beta2=Fraction(1, 100))
    assert [V for _, V in exact] == [Fraction(891, 100), Fraction(10791, 10000)]
    (_, root1), (_, root2) = numpy_pairs(methods.get("rmsprop", beta2=0.01), [3, -1])
    assert [root1**2, root2**2] == pytest.approx([8.91, 1.0791], rel=1e-15)
    assert math.sqrt(2) * root2 < root1


@pytest.mark.parametrize("name", ["adam", "amsgrad"])
def test_a_denominator_without_its_root_would_be_noticed(name):
    # The trap: dividing by V instead of its root. One step by hand: 0.1 * 1010 / (0.1 * 1010) = 1.
    ((m, root),) = numpy_pairs(methods.get(name, beta1=0.9, beta2=0.99), [1010])
    assert algorithm_1.direction(np, m, root) == pytest.approx(1.0, rel=1e-14)


# --- identities ---
@TRIES
@given(sequences, betas)
def test_rmsprop_is_adam_with_beta1_zero(gradients, beta2):
    rmsprop = numpy_pairs(methods.get("rmsprop", beta2=beta2), gradients)
    # Exactly: 0 m + 1 g is g.
    assert rmsprop == numpy_pairs(methods.get("adam", beta1=0.0, beta2=beta2), gradients)


@TRIES
@given(sequences, betas, st.floats(0.1, 0.999))
def test_amsgrad_is_adam_while_v_does_not_fall(gradients, beta1, beta2):
    growing = sorted(gradients, key=abs)  # then g_t^2 >= v_{t-1}
    values = {"beta1": beta1, "beta2": beta2}
    adam = numpy_pairs(methods.get("adam", **values), growing)
    amsgrad = numpy_pairs(methods.get("amsgrad", **values), growing)
    assert [m for m, _ in adam] == [m for m, _ in amsgrad]
    # v may fall by its own rounding where gradients repeat, no further.
    for (_, root), (_, root_max) in zip(adam, amsgrad, strict=True):
        assert root <= root_max <= root * (1 + 1e-15)


def test_amsgrad_is_not_adam_once_v_falls():
    values = {"beta1": 0.9, "beta2": 0.99}
    adam = numpy_pairs(methods.get("adam", **values), [1010, -10])
    amsgrad = numpy_pairs(methods.get("amsgrad", **values), [1010, -10])
    assert amsgrad[0] == adam[0]
    assert amsgrad[1][1] > 1.004 * adam[1][1]  # sqrt(0.99) off


@TRIES
@given(sequences, betas)
def test_v_hat_never_falls_and_amsgrads_effective_step_never_rises(gradients, beta2):
    roots = [root for _, root in numpy_pairs(methods.get("amsgrad", beta2=beta2), gradients)]
    assert all(later >= earlier for earlier, later in zip(roots, roots[1:], strict=False))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "sgd"])
@TRIES
@given(sequences, betas, betas, st.integers(-20, 20))
def test_the_scale_of_the_gradients_does_not_matter(name, gradients, beta1, beta2, exponent):
    method = methods.get(name, **hyper(name, beta1, beta2))
    scaled = [g * 2.0**exponent for g in gradients]
    for (m, root), (m_scaled, root_scaled) in zip(
        numpy_pairs(method, gradients), numpy_pairs(method, scaled), strict=True
    ):
        # Exactly: powers of two only move the exponent.
        with np.errstate(divide="ignore", invalid="ignore"):
            pair = [
                algorithm_1.direction(np, m, root),
                algorithm_1.direction(np, m_scaled, root_scaled),
            ]
        assert pair[0] == pair[1]


def test_the_scale_of_the_gradients_matters_to_sgd():
    assert numpy_pairs(methods.get("sgd"), [2.0])[0][0] == 2.0


@TRIES
@given(numbers.filter(bool), betas, betas)
def test_the_first_bias_corrected_step_is_the_sign_of_the_gradient(g, beta1, beta2):
    ((m, root),) = numpy_pairs(methods.get("adam_corrected", beta1=beta1, beta2=beta2), [g])
    # 1 - beta^1 divides itself; at 1 - beta = 1e-3 it is known to 1e-13.
    assert algorithm_1.direction(np, m, root) == pytest.approx(math.copysign(1, g), rel=1e-12)


@TRIES
@given(sequences)
def test_adamncs_scale_is_adagrads(gradients):
    adamnc = numpy_pairs(methods.get("adamnc"), gradients)
    adagrad = numpy_pairs(methods.get("adagrad"), gradients)
    for (_, root), (_, same) in zip(adamnc, adagrad, strict=True):
        assert root == pytest.approx(same, rel=1e-13)  # a dozen roundings


# --- hyperparameters ---
BAD = [-0.1, 1.0, 1.5, math.nan, math.inf, "much", None, [0.5, 1.0]]


@pytest.mark.parametrize("value", BAD, ids=repr)
@pytest.mark.parametrize(
    "name, key", [(name, key) for name in NAMES for key in reference.HYPERPARAMETERS[name]]
)
def test_a_bad_hyperparameter_is_refused_with_its_range(name, key, value):
    with pytest.raises(ValueError, match=rf"{key} of '{name}'.* must lie in \[0, 1\)") as caught:
        methods.get(name, **{key: value})
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("value", [0, 0.0, 0.999999, np.float32(0.5), Fraction(1, 2)], ids=repr)
def test_a_good_hyperparameter_is_taken(value):
    assert methods.get("adam", beta2=value).hyper.beta2 == value


def test_a_hyperparameter_that_a_method_lacks_is_refused_with_those_it_has():
    with pytest.raises(ValueError, match=r"'rmsprop' has no hyperparameter 'beta1'; it has: beta2"):
        methods.get("rmsprop", beta1=0.9)
    with pytest.raises(ValueError, match=r"'sgd' has no hyperparameter 'momentum'; it has: none"):
        methods.get("sgd", momentum=0.9)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown method 'adan'.*" + ".*".join(NAMES)):
        methods.get("adan")


def test_the_catalogue_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        methods.CATALOGUE["adam"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        methods.CATALOGUE["adam"].rule = None
    changed = methods.get("adam", beta2=0.5)
    assert changed.hyper.beta2 == 0.5
    assert methods.CATALOGUE["adam"].hyper.beta2 == 0.999


@pytest.mark.parametrize("name", NAMES)
def test_every_method_and_hyperparameter_says_where_it_comes_from(name):
    method = methods.CATALOGUE[name]
    assert method.name == name
    assert re.search(r"\(\d{4}\)", method.source)
    for spec in method.hyperparameters:
        assert spec.interval.contains(spec.default)
        assert spec.unit and spec.meaning and re.search(r"\(\d{4}\)", spec.source)


def test_the_defaults_are_the_ones_that_the_paper_calls_recommended():
    assert methods.CATALOGUE["adam"].hyper._asdict() == {"beta1": 0.9, "beta2": 0.999}


@pytest.mark.parametrize("name", methods.CATALOGUE)
def test_what_a_method_calls_its_maxima_is_what_a_small_gradient_leaves_as_it_is(name):
    method = methods.get_sharing(name, beta1=0.0)
    fields = method.state_type._fields
    before = method.state_type(*(4.0 for _ in fields))
    after = method.update(1e-3, before, 1e6, np).state
    assert {field for field in fields if getattr(after, field) == 4.0} == set(method.maxima)


def test_a_method_prints_as_the_call_that_makes_it():
    method = methods.get("adam", beta2=0.99)
    again = eval(repr(method), {"methods": methods})
    assert again.hyper == method.hyper and again.rule is method.rule


# --- V = 0 ---
@pytest.mark.parametrize("name", NAMES)
def test_zero_gradients_give_no_step_and_no_nan(name):
    method = methods.CATALOGUE[name]
    with jax.enable_x64(True):
        state = method.init(jnp.zeros(2))
        for t in (1, 2, 3):
            m, root, state = method.update(jnp.zeros(2), state, t, jnp)
            assert np.array_equal(algorithm_1.direction(jnp, m, root), [0.0, 0.0])
            assert not np.isnan(jax.tree.leaves(state)).any()
    assert methods.SYMBOLIC.where(sympy.Integer(0) > 0, sympy.nan, 0) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_run_that_begins_with_zero_gradients_waits_for_the_first_other_one(name):
    cycle = [0.0, 0.0, 2.0, -1.0, 0.0]
    run = simulate.run(methods.get(name), problems.periodic(cycle), 5, 0.3, x1=0.25, record=5)
    expected = reference.iterates(name, cycle, 0.3, x1=0.25, **hyper(name, 0.9, 0.999))
    assert run.x[:2].tolist() == [0.25, 0.25]
    assert run.x == pytest.approx(expected[1:], abs=1e-14)  # five steps of rounding


# --- dtypes and transformations ---
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("xp", [np, jnp], ids=["numpy", "jax"])
@pytest.mark.parametrize("name", methods.CATALOGUE)
def test_rules_keep_the_precision_of_their_input(name, xp, dtype):
    method = methods.CATALOGUE[name]
    with jax.enable_x64(True):
        g = xp.asarray([3.0, -1.0], dtype=dtype)
        state = method.init(g)
        for t in (1, 2):
            m, root, state = method.update(g, state, t, xp)
            with np.errstate(divide="ignore"):  # AdaShift has no scale at t = 1
                d = algorithm_1.direction(xp, m, root)
            x = algorithm_1.projected_step(
                xp, g, d, schedules.inverse_sqrt(xp, 0.5, dtype(t)), -1.0, 1.0
            )
            assert m.dtype == d.dtype == x.dtype == dtype
            assert all(leaf.dtype == dtype for leaf in state)


@pytest.mark.parametrize("name", NAMES)
def test_rules_vectorise_over_gradients_and_hyperparameters(name):
    method = methods.CATALOGUE[name]
    rng = np.random.default_rng(0)
    g = rng.normal(size=5)
    h = type(method.hyper)(*(rng.uniform(0.1, 0.9, 5) for _ in method.hyper))
    with jax.enable_x64(True):
        state = method.state_type(*(rng.uniform(1, 2, 5) for _ in method.state_type._fields))

        def one(g, state, h):
            m, root, _ = method.rule(jnp, g, state, 3.0, h)
            return algorithm_1.direction(jnp, m, root)

        together = jax.jit(jax.vmap(one))(g, state, h)
        for k in range(5):
            lane = one(g[k], *(type(n)(*(leaf[k] for leaf in n)) for n in (state, h)))
            assert together[k] == pytest.approx(float(lane), rel=1e-14)  # order of few operations


# --- what the page prints is the rule ---
def to_python(latex):
    """The LaTeX of the equations as a Python expression; knows just what they use."""
    text = latex.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\max", "Max")
    text = text.replace(r"\hat v", "v_hat").replace(r"\beta_", "beta")
    text = text.replace(r"\epsilon", "epsilon").replace(r"\rho", " rho ")
    text = text.replace(r"\lambda", " decay ").replace(r"\min", "Min")
    text = text.replace(r"\eta", " final ").replace(r"\omega", " closing ")
    text = re.sub(r"\b([a-z_]+)_\{t-1\}", r"\1_previous", text)
    text = re.sub(r"\b([a-z_]+)_t\b", r"\1", text)
    text = re.sub(r"\s*\^\{([^{}]+)\}", r"**(\1)", text)
    group = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
    while r"\frac" in text or r"\sqrt" in text:
        text = re.sub(r"\\sqrt" + group, r"sqrt(\1)", text)
        text = re.sub(r"\\frac" + group + group, r"((\1)/(\2))", text, count=1)
    text = re.sub(r"\\operatorname\{sign\}\{(.*?)\}", r"sign\1", text)
    rows = r"\\begin\{cases\}(.*?)&(.*?)\\\\(.*?)& \\text\{otherwise\} \\end\{cases\}"
    return re.sub(rows, r"Piecewise((\1, \2), (\3, True))", text).replace(r"\text{for}\:", "")


FUNCTIONS = {
    "Max": sympy.Max,
    "Min": sympy.Min,
    "sqrt": sympy.sqrt,
    "sign": sympy.sign,
    "Piecewise": sympy.Piecewise,
}


def read_latex(latex):
    """Every line of an aligned block as (name, SymPy expression)."""
    body = re.fullmatch(r"\\begin\{aligned\}(.*)\\end\{aligned\}", latex, re.DOTALL).group(1)
    result = []
    for line in body.split(r"\\[2pt]"):
        left, right = line.split("&=")
        symbols = {key: sympy.Symbol(key) for key in re.findall(r"[a-z]\w*", to_python(right))}
        expression = parse_expr(
            to_python(right),
            local_dict={**symbols, **FUNCTIONS},
            transformations=(*standard_transformations, implicit_multiplication),
        )
        result.append((to_python(left).strip(), expression))
    return result


def latex_pairs(method, gradients, values):
    """(phi_t, psi_t) computed from the printed equations alone."""
    lines = read_latex(methods.equations(method))
    known = {field + "_previous": sympy.Integer(0) for field in method.state_type._fields}
    known |= {key: sympy.Rational(value) for key, value in values.items()}
    pairs = []
    for t, g in enumerate(gradients, start=1):
        known |= {"g": sympy.Rational(g), "t": sympy.Integer(t)}
        for left, expression in lines:
            known[left] = expression.subs({str(k): v for k, v in known.items()})
        pairs.append((known[r"\phi"], known[r"\psi"]))
        known |= {f + "_previous": known[f] for f in method.state_type._fields}
    return pairs


EXACT_GRADIENTS = [Fraction(3), Fraction(-1), Fraction(0), Fraction(-5, 7), Fraction(2)]


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_equations_computed_from_their_latex_equal_the_oracle(name):
    values = hyper(name, Fraction(2, 3), Fraction(3, 5))
    found = latex_pairs(methods.CATALOGUE[name], EXACT_GRADIENTS, values)
    expected = reference.moments(name, EXACT_GRADIENTS, **values)
    assert found == [(sympy.Rational(m), sympy.Rational(V)) for m, V in expected]


@pytest.mark.parametrize("name", NAMES)
def test_the_traced_expressions_equal_the_oracle(name):
    values = hyper(name, Fraction(2, 3), Fraction(3, 5))
    traced = methods.trace(methods.CATALOGUE[name])
    known = {symbol: sympy.Integer(0) for symbol in traced.previous}
    known |= {s: sympy.Rational(values[s.name]) for s in traced.hyperparameters}
    expected = reference.moments(name, EXACT_GRADIENTS, **values)
    for t, (g, (m_exact, V_exact)) in enumerate(zip(EXACT_GRADIENTS, expected, strict=True), 1):
        known |= {traced.g: sympy.Rational(g), traced.t: sympy.Integer(t)}
        for symbol, expression in traced.state:
            known[symbol] = expression.doit().subs(known)
        assert traced.m.doit().subs(known) == sympy.Rational(m_exact)
        assert traced.sqrt_V.doit().subs(known) ** 2 == sympy.Rational(V_exact)
        new = [symbol for symbol, _ in traced.state]
        known |= {old: known[s] for old, s in zip(traced.previous, new, strict=True)}


def test_the_printed_step_is_algorithm_1_with_clipping():
    text = methods.step_equation()
    assert r"\frac{\phi_t}{\psi_t^{1/2}}" in text
    assert r"\min\left(u, \max\left(l, x_t - \alpha_t d_t\right)\right)" in text


def test_the_schedules_are_the_papers():
    assert methods.schedule_equation("inverse_sqrt") == r"\alpha_t = \frac{\alpha}{\sqrt{t}}"
    assert methods.schedule_equation("constant") == r"\alpha_t = \alpha"
    for t in (1, 2, 101):
        for name in methods.SCHEDULES:
            found = methods.get_schedule(name)(np, 0.5, t)
            assert found == pytest.approx(reference.schedule_value(name, 0.5, t), rel=1e-15)
    with pytest.raises(ValueError, match="unknown schedule 'cosine'.*constant, inverse_sqrt"):
        methods.get_schedule("cosine")


# --- one character of a rule, and everything notices ---
def rule_source(name):
    """The rule's source, without its entry and its docstring."""
    text = textwrap.dedent(inspect.getsource(methods.CATALOGUE[name].rule))
    return re.sub(r'\n    r?""".*?"""', "", text[text.index("def ") :], count=1, flags=re.DOTALL)


SWAPS = {"+": "-", "-": "+", "*": "/", "1": "3", "2": "3", "/": "*"}


def mutants():
    """Every rule with every single operator, digit or decay changed: (id, name, source)."""
    for name in NAMES:
        source = rule_source(name)
        start = source.index("\n")
        places = [
            (match.start(), match.group(), SWAPS[match.group().replace("**", "+")[0]])
            for match in re.finditer(r"(?<![\w.*])[12]\b|\*\*|[-+*/]|(?<=\*\*)2", source)
            if match.start() > start
        ]
        places += [
            (match.start(), "maximum", "minimum") for match in re.finditer("maximum", source)
        ]
        for place, old, new in places:
            if old == "**":
                new = "*"
            mutant = source[:place] + new + source[place + len(old) :]
            yield pytest.param(name, mutant, id=f"{name}-{place}-{old}-to-{new}")


MUTANTS = list(mutants())


def mutated(name, source):
    namespace = dict(vars(paper))
    exec(source, namespace)
    return dataclasses.replace(methods.CATALOGUE[name], rule=namespace[name])


def test_an_unchanged_rule_passes_the_comparison_that_every_mutant_must_fail():
    for name in NAMES:
        assert differs_from_the_oracle(mutated(name, rule_source(name))) is False
    assert len(MUTANTS) > 40


def differs_from_the_oracle(method):
    name, gradients = method.name, [3.0, -1.0, 0.5, -2.0]
    values = hyper(name, 0.75, 0.6)
    changed = method.replace(**values)
    with np.errstate(all="ignore"):
        found = numpy_pairs(changed, gradients)
        expected = reference.moments(name, gradients, **values)
        pairs = [(float(m), float(root) ** 2) for m, root in found]
    return not np.allclose(pairs, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name, source", MUTANTS)
def test_one_changed_character_of_a_rule_fails_against_the_oracle(name, source):
    assert differs_from_the_oracle(mutated(name, source))


@pytest.mark.parametrize(
    "old, new", [("(1 - h.beta2)", "(2 - h.beta2)"), ("(1 - h.beta1)", "(1 + h.beta1)")]
)
@pytest.mark.parametrize("name", ["adam", "amsgrad"])
def test_one_changed_character_reaches_equation_simulation_and_javascript(
    name, old, new, monkeypatch
):
    original = methods.CATALOGUE[name]
    source = rule_source(name)
    assert source.count(old) == 1
    changed = mutated(name, source.replace(old, new))
    before = javascript.module([name])
    for module in (catalogue, javascript):
        monkeypatch.setattr(module, "CATALOGUE", {**methods.CATALOGUE, name: changed})

    assert methods.equations(methods.get(name)) != methods.equations(original)
    assert javascript.module([name]) != before
    values = hyper(name, 0.9, 0.99)
    found = simulate.run(
        methods.get(name, **values), problems.figure_1_online(), 20, 0.1, record=20
    )
    expected = reference.iterates(name, reference.figure_1_gradients(20), 0.1, **values)
    assert not np.allclose(found.x, expected[1:], atol=1e-3)


def test_the_generated_javascript_declares_every_rule_and_schedule():
    text = methods.javascript_module()
    for name in NAMES:
        assert re.search(rf"^  {name}: \{{$", text, re.MULTILINE)
    assert re.findall(r"^  (\w+): \(alpha, t\) =>", text, re.MULTILINE) == list(methods.SCHEDULES)
