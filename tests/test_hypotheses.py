"""Checked means checked: no step survives the loss of a hypothesis, or a change of its claim."""

import dataclasses
import functools
import importlib
import inspect
import pkgutil

import pytest
import sympy
from sympy import Eq, Ge, Gt, Le, Lt, Symbol

from adam_and_beyond import theorems
from adam_and_beyond.proofs import Claim, Step
from adam_and_beyond.proofs.needs import FALSE, contradict, covered, defined, follows
from adam_and_beyond.proofs.reasons import by_pieces, by_the_hypotheses
from adam_and_beyond.proofs.step import by_identity, by_signs


def _functions():
    """Every public function of the theorems that returns a step and needs no argument."""
    for found in pkgutil.walk_packages(theorems.__path__, theorems.__name__ + "."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == found.name and not name.startswith("_")
            if own and inspect.signature(function).return_annotation == "Step":
                yield f"{found.name.removeprefix(theorems.__name__ + '.')}.{name}", function


FUNCTIONS = dict(_functions())
STEPS = functools.cache(lambda name: FUNCTIONS[name]())
REVERSED = {"<=": Gt, "<": Ge, ">=": Lt, ">": Le}


def _with_hypothesis(step, index, *instead):
    kept = step.hypotheses
    return dataclasses.replace(step, hypotheses=(*kept[:index], *instead, *kept[index + 1 :]))


def _with_given(step, line, index, *instead):
    kept = step.claims[line].given
    claims = list(step.claims)
    claims[line] = claims[line]._replace(given=(*kept[:index], *instead, *kept[index + 1 :]))
    return dataclasses.replace(step, claims=tuple(claims))


def _assumptions(name):
    """Each way to put other relations in the place of one that the step, or a line, assumes."""
    step = STEPS(name)
    for k, hypothesis in enumerate(step.hypotheses):
        yield hypothesis, functools.partial(_with_hypothesis, step, k)
    for line, claim in enumerate(step.claims):
        for k, hypothesis in enumerate(claim.given):
            yield hypothesis, functools.partial(_with_given, step, line, k)


def _proved(step):
    """`step.check()`, with what is quickly decided before the rest."""
    return not any(map(step.unmet, range(len(step.claims)))) and step.check()


def test_all_steps_of_all_proofs_are_collected():
    assert len(FUNCTIONS) > 60
    modules = [m.name for m in pkgutil.walk_packages(theorems.__path__, theorems.__name__ + ".")]
    proofs = [m for m in map(importlib.import_module, modules) if hasattr(m, "proof")]
    collected = {STEPS(name).statement for name in FUNCTIONS}
    for module in proofs:
        steps = module.proof() if inspect.isfunction(module.proof) else ()
        assert {step.statement for step in steps} <= collected, module.__name__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_step_is_proved_from_its_hypotheses(name):
    assert STEPS(name).failed() == ()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_step_survives_the_loss_of_a_hypothesis(name):
    for hypothesis, step_with in _assumptions(name):
        assert not _proved(step_with()), f"{hypothesis} is not needed"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_step_survives_the_reversal_of_a_hypothesis(name):
    for hypothesis, step_with in _assumptions(name):
        if hypothesis.rel_op in REVERSED:
            other = REVERSED[hypothesis.rel_op](*hypothesis.args, evaluate=False)
            assert not _proved(step_with(other)), f"proved from {other}"


def _mutations(relation):
    """The relation turned round, and with a constant that asks for more."""
    left, right = relation.args
    if relation.rel_op == "==":
        yield Eq(left, right + 1, evaluate=False)
        yield Lt(left, right, evaluate=False)
        yield Gt(left, right, evaluate=False)
        return
    yield REVERSED[relation.rel_op](left, right, evaluate=False)
    down = relation.rel_op in ("<=", "<")
    yield relation.func(left, right - 1000 if down else right + 1000, evaluate=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_step_survives_a_change_of_its_claim(name):
    step = STEPS(name)
    for line, relation in enumerate(step.relations):
        for other in _mutations(relation):
            assert not step.with_relation(line, other).proves(line), f"line {line}: {other}"


# --- the mechanism, where the answer is plain ---

C, x = Symbol("C", positive=True), Symbol("x", real=True)
c, w = Symbol("c", positive=True), Symbol("w", nonnegative=True)


def _step(claim, *hypotheses):
    return Step("tried", "tried", (claim,), hypotheses)


def test_slack_must_reach_every_point_that_the_hypotheses_allow():
    above_2 = Claim(Gt(C, 2), by_signs, "slack", {C: 2 + c})
    assert _step(above_2, Gt(C, 2)).check()
    assert not _step(above_2).check()
    assert not _step(above_2, Ge(C, 2)).check()  # c > 0 does not reach C = 2
    assert not _step(above_2, Lt(C, 2)).check()
    assert covered({C: 2 + c}, {C}) == (Gt(C - 2, 0),)


def test_slack_that_cannot_be_solved_for_reaches_nothing():
    assert covered({x: w**2 - w}, {x}) == (FALSE,)  # two solutions
    assert covered({x: w + c}, {x}) == (FALSE,)  # two unknowns
    n = Symbol("n", integer=True, nonnegative=True)
    assert covered({C: 1 + n}, {C}) == (FALSE,)  # C need not be a whole number


def test_pieces_are_shown_not_to_be_negative():
    claim = Claim(Ge(x, 0), by_pieces(w, {w: x}), "the piece is x")
    assert _step(claim, Ge(x, 0)).check() and _step(claim, Gt(x, 1)).check()
    assert not _step(claim).check() and not _step(claim, Le(x, 0)).check()


def test_an_equation_holds_only_where_its_sides_exist():
    claim = Claim(Eq(x / x**2, 1 / x, evaluate=False), by_identity, "cancelled")
    assert _step(claim, Gt(x, 0)).check() and not _step(claim).check()
    assert defined(sympy.sqrt(x) + 1 / C) == (Ge(x, 0), sympy.Ne(C, 0, evaluate=False))


def test_hypotheses_that_exclude_each_other_prove_nothing():
    claim = Claim(Gt(x, 5), by_the_hypotheses, "anything follows")
    assert contradict((Gt(x, 0), Lt(x, 0)), {})
    assert not _step(claim, Gt(x, 0), Lt(x, 0)).check()
    assert not _step(claim._replace(given=(Lt(x, 0),)), Gt(x, 0)).check()


def test_a_line_may_use_earlier_lines_that_it_names():
    first = Claim(Ge(x, 1), by_the_hypotheses, "the hypothesis")
    named = Claim(Ge(x, 0), by_pieces(w, {w: x}), "line 1", lines=(0,))
    assert Step("two", "two", (first, named), (Ge(x, 1),)).check()
    assert Step("two", "two", (first, named), (Ge(x, 2),)).check()
    assert not Step("one", "one", (named, first), ()).check()


def test_a_line_with_an_assumption_of_its_own_serves_no_other():
    first = Claim(Ge(x, 1), by_the_hypotheses, "if x >= 1", given=(Ge(x, 1),))
    second = Claim(Ge(x, 0), by_the_hypotheses, "line 1", lines=(0,))
    assert not Step("two", "two", (first, second)).check()
    assert Step("two", "two", (first, second._replace(given=first.given))).check()


def test_a_sum_of_lines_is_not_proved_without_them():
    for name in ("theorem_1.proof.push_back", "theorem_6.proof.first_block"):
        *before, total = STEPS(name).claims
        alone = dataclasses.replace(STEPS(name), claims=(*before, total._replace(lines=())))
        assert STEPS(name).proves(len(before)) and not alone.proves(len(before))


def test_laws_of_powers_with_symbolic_exponents():
    b, j = Symbol("b", positive=True), Symbol("j", integer=True, positive=True)
    below_1 = (Le(b, 1),)
    for need in (Le(b**j, 1), Le(b ** (j + 1), b**j), Ge(b**j - b ** (2 * j), 0)):
        assert follows(need, below_1, {}) and not follows(need, (), {})
    assert not follows(Lt(b**j, 1), below_1, {}) and follows(Lt(b**j, 1), (Lt(b, 1),), {})
    assert not follows(Le(b**j, sympy.Rational(1, 2)), below_1, {})
