"""The explorers: their JavaScript in Node against JAX, their traits and their pictures."""

from __future__ import annotations

import base64
import inspect
import json

import numpy as np
import pytest
import traitlets
from matplotlib import pyplot
from tries import pairs

from adam_and_beyond import drift, methods, problems, simulate
from adam_and_beyond.explorers import (
    BoundaryExplorer,
    ConditionsExplorer,
    Figure1Explorer,
    RarityExplorer,
    Theorem1Explorer,
)
from adam_and_beyond.explorers.boundary import METHODS
from adam_and_beyond.explorers.module import compose
from adam_and_beyond.methods import paper

EXPLORERS = (Theorem1Explorer, Figure1Explorer)
FORGETFUL = ("sgd", "rmsprop", "adam", "adam_corrected", "amsgrad")
NEVER_FORGET = ("adagrad", "adamnc")
# Both sides compute in float64, in the same order; a run of thousands of steps adds their rounding.
TOLERANCE = 1e-10


def decay(random: np.random.Generator) -> float:
    """A decay rate: sometimes 0, often close to 1."""
    return float(random.choice([0.0, random.uniform(0, 1), 1 - 10 ** random.uniform(-4, -1)]))


def random_cases(seed: int, repeats: int) -> list[dict]:
    """Hyperparameters for every two of method, schedule and problem."""
    random = np.random.default_rng(seed)
    cases = []
    kinds = pairs(list(methods.PAPER), list(methods.SCHEDULES), [False, True])
    for method, schedule, figure_1 in kinds * repeats:
        rare = float(random.uniform(1.1, 20))
        cases.append(
            {
                "method": method,
                "schedule": schedule,
                "problem": problems.figure_1_online()
                if figure_1
                else problems.periodic([rare, -1, -1]),
                "h": {"beta1": decay(random), "beta2": decay(random)},
                "alpha": float(10 ** random.uniform(-3, 0.5)),
                "x1": float(random.uniform(-1, 1)),
                "steps": int(random.integers(200, 6000)),
            }
        )
    return cases


@pytest.mark.node
def test_browser_runs_what_jax_runs(ask_node):
    cases = random_cases(seed=1, repeats=3)
    assert len(cases) >= 40
    runs = [
        simulate.run(
            methods.get_sharing(case["method"], **case["h"]),
            case["problem"],
            case["steps"],
            case["alpha"],
            case["schedule"],
            case["x1"],
            record=40,
        )
        for case in cases
    ]
    questions = [
        {
            **{k: case[k] for k in ("method", "schedule", "h", "alpha", "x1")},
            "gradients": case["problem"].gradients.tolist(),
            "times": run.t.tolist(),
        }
        for case, run in zip(cases, runs, strict=True)
    ]
    answers = ask_node("theorem_1.js", runs=questions)["runs"]
    for case, run, (x, low, high, regret) in zip(cases, runs, answers, strict=True):
        scale = np.abs(case["problem"].gradients).max()
        np.testing.assert_allclose(x, run.x, rtol=0, atol=TOLERANCE, err_msg=repr(case))
        np.testing.assert_allclose(
            regret, run.average_regret, rtol=TOLERANCE, atol=TOLERANCE * scale, err_msg=repr(case)
        )
        assert np.all(np.array(low) <= x) and np.all(x <= np.array(high))
        assert min(low) >= -1 and max(high) <= 1


@pytest.mark.node
def test_browser_finds_the_drift_numbers_of_python(ask_node):
    random = np.random.default_rng(2)
    cases = []
    for method in (*FORGETFUL, *NEVER_FORGET):
        for _ in range(12):
            rare, period = float(random.uniform(1.5, 200)), int(random.integers(2, 102))
            h = {"beta1": decay(random), "beta2": decay(random)}
            cases.append((method, h, [rare] + [-1.0] * (period - 1)))
    questions = [{"method": m, "h": h, "gradients": g} for m, h, g in cases]
    found = ask_node("figure_1.js", drifts=questions)["drifts"]
    for (name, h, gradients), number in zip(cases, found, strict=True):
        method, problem = methods.get_sharing(name, **h), problems.periodic(gradients)
        if name in NEVER_FORGET:
            assert number is None
            with pytest.raises(ValueError, match="never forgets"):
                drift.number(method, problem)
        else:
            assert number == pytest.approx(drift.number(method, problem), rel=1e-10, abs=1e-10)


@pytest.mark.node
def test_marks_stand_where_the_drift_number_is_zero(ask_node):
    start = {"method": "adam", "C": 3.0, "beta1": 0.0, "beta2": 0.1}
    asked = [
        {"values": start, "name": "beta2"},
        {"values": start, "name": "C"},
        {"values": {**start, "method": "amsgrad"}, "name": "beta2"},
    ]
    entry = "theorem_1.js"
    flips = ask_node(entry, flips=[{"entry": entry, **question} for question in asked])["flips"]
    assert flips[0]["flips"] == pytest.approx([0.4723131400589345], abs=1e-12)
    assert [region["verdict"] for region in flips[0]["regions"]] == ["fails", "fine"]
    # Below C = 2 the better end is +1: the verdict turns there although D does not.
    two, upper = flips[1]["flips"]
    assert two == pytest.approx(2, abs=1e-9)
    adam = methods.get("adam", beta1=0.0, beta2=0.1)
    assert drift.number(adam, problems.theorem_1(upper)) == pytest.approx(0, abs=1e-9)
    assert [region["verdict"] for region in flips[1]["regions"]] == ["fine", "fails", "fine"]
    assert flips[2]["flips"] == []
    assert [region["verdict"] for region in flips[2]["regions"]] == ["fine"]

    values = {"method": "adam", "beta1": 0.9, "beta2": 0.99}
    question = {"entry": "figure_1.js", "values": values, "name": "beta2"}
    [line] = ask_node("figure_1.js", flips=[question])["flips"]
    assert line["flips"] == pytest.approx([1 - 4.841119098612e-4], abs=1e-13)


@pytest.mark.node
def test_long_runs_are_recorded_at_whole_periods_and_at_the_end(ask_node):
    questions = [(s, p, log) for s in (3, 999, 200_000) for p in (3, 101) for log in (False, True)]
    answers = ask_node("theorem_1.js", times=questions)["times"]
    for (steps, period, _), times in zip(questions, answers, strict=True):
        assert times[-1] == steps and np.all(np.diff([0, *times]) > 0)
        assert len(times) <= max(700, 12 * period + 1)
        late = [t for t in times[:-1] if t > 100]
        assert steps <= 12 * period or all(t % period == 0 for t in late)


@pytest.mark.node
def test_one_changed_character_of_a_rule_changes_the_browser(ask_node, monkeypatch):
    source = inspect.getsource(paper.adam)
    changed = source.replace("g**2", "g**3", 1)
    assert sum(a != b for a, b in zip(source, changed, strict=True)) == 1
    scope = dict(vars(paper))
    exec(changed, scope)
    original = methods.CATALOGUE["adam"]
    altered = {**methods.CATALOGUE}
    altered["adam"] = type(original)(
        **{
            **{f: getattr(original, f) for f in original.__dataclass_fields__},
            "rule": scope["adam"],
        }
    )
    run = {
        "method": "adam",
        "schedule": "inverse_sqrt",
        "h": {"beta1": 0.0, "beta2": 0.1},
        "alpha": 0.5,
        "gradients": [3.0, -1.0, -1.0],
        "times": [30],
    }
    before = compose("theorem_1.js"), ask_node("theorem_1.js", runs=[run])["runs"][0][0]
    monkeypatch.setattr("adam_and_beyond.methods.catalogue.CATALOGUE", altered)
    after = compose("theorem_1.js"), ask_node("theorem_1.js", runs=[run])["runs"][0][0]
    assert before[0] != after[0] and before[1] != after[1]


BAD = [
    ({"beta2": 1.0}, r"beta2 must be a number in \[0, 1\), got 1.0"),
    ({"beta1": -0.1}, r"beta1 must be a number in \[0, 1\)"),
    ({"alpha": 0.0}, r"alpha must be a number in \(0, inf\)"),
    ({"alpha": float("nan")}, "alpha must be a number"),
    ({"alpha": "1"}, "alpha must be a number"),
    ({"steps": 1}, "steps must be a whole number in"),
    ({"steps": 1500.5}, "steps must be a whole number in"),
    ({"steps": 10_000_000}, "steps must be a whole number in"),
]


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize("values, message", BAD)
def test_bad_value_is_refused_with_what_is_allowed(explorer, values, message):
    with pytest.raises(traitlets.TraitError, match=message):
        explorer(**values)
    live = explorer()
    before = live.values()
    [(name, value)] = values.items()
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(live, name, value)
    assert live.values() == before


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="no control 'beta3'; it has: .*beta2"):
        Theorem1Explorer(beta3=0.5)
    with pytest.raises(traitlets.TraitError, match="adam"):
        Theorem1Explorer(method="adamw")
    with pytest.raises(traitlets.TraitError):
        Theorem1Explorer(C=0.5)
    with pytest.raises(traitlets.TraitError):
        Figure1Explorer(methods=[])
    with pytest.raises(traitlets.TraitError):
        Figure1Explorer(methods=["nobody"])
    with pytest.raises(traitlets.TraitError):
        Figure1Explorer(schedule="cosine")


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_every_control_is_a_synced_trait(explorer):
    live = explorer()
    state = live.get_state()
    assert set(live.values()) <= set(state)
    assert state["defaults"] == live.values()
    assert set(state["limits"]) <= set(live.values())
    json.dumps({name: state[name] for name in (*live.values(), "limits", "defaults")})


def test_whole_number_from_a_browser_stays_whole():
    live = Theorem1Explorer()
    live.set_state({"steps": 120.0, "C": 4})
    assert live.steps == 120 and type(live.steps) is int and live.C == 4.0


def test_trajectory_follows_the_values():
    live = Theorem1Explorer(C=3.0, beta2=0.1, alpha=0.85)
    assert live.trajectory().x[-1] == 1.0
    live.beta2 = 0.9
    run = live.trajectory()
    assert run.x[-1] < -0.9 and run.method.hyper.beta2 == 0.9
    live.method = "amsgrad"
    assert live.trajectory().method.name == "amsgrad"
    runs = Figure1Explorer(methods=["sgd", "adam"], steps=20_000).trajectories()
    assert list(runs) == ["sgd", "adam"] and runs["adam"].t[-1] == 20_000


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_picture_is_a_png_of_the_present_values(explorer):
    live, others = explorer(steps=3000), pyplot.get_fignums()
    data, _ = live._repr_mimebundle_()
    first = base64.b64decode(data["image/png"])
    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "beta2=" in data["text/plain"] and "average regret" in data["text/plain"]
    again, _ = live._repr_mimebundle_()
    assert base64.b64decode(again["image/png"]) == first
    live.alpha = 0.01
    moved, _ = live._repr_mimebundle_()
    assert moved["image/png"] != data["image/png"]
    assert "alpha=0.01" in moved["text/plain"]
    assert pyplot.get_fignums() == others  # it leaves no figure open


def test_picture_of_every_method_and_length_draws():
    for k, name in enumerate(methods.PAPER):
        assert Theorem1Explorer(method=name, steps=60, log_t=bool(k % 2)).png()
    for logarithmic in (False, True):
        assert Figure1Explorer(methods=list(methods.PAPER), steps=1000, log_t=logarithmic).png()


# What a reader types

FIELDS = {
    "C": ("C", Theorem1Explorer.C),
    "alpha": ("α", Theorem1Explorer.alpha),
    "beta2": ("β₂", Theorem1Explorer.beta2),
    "x1": ("x₁", Theorem1Explorer.x1),
    "steps": ("T", Theorem1Explorer.steps),
}
# Ends, their neighbours on both sides, and what is far away.
NUMBERS = sorted(
    {
        near
        for end in (-1.0, 0.0, 1.0, 3.0, 100.0, 1e6)
        for near in (np.nextafter(end, -np.inf), end, np.nextafter(end, np.inf))
    }
    | {-3.0, 0.5, 1e-300, 12.0, 2e6, 1e300, -1e300}
)


@pytest.mark.node
def test_browser_takes_the_numbers_that_python_takes(ask_node):
    live, asked, expected = Theorem1Explorer(), [], []
    for name, (label, trait) in FIELDS.items():
        for number in NUMBERS:
            asked.append([repr(float(number)), label, trait.limits()])
            try:
                setattr(live, name, float(number))
                expected.append({"value": float(number)})
            except traitlets.TraitError:
                expected.append("refused")
    answers = ask_node("theorem_1.js", numbers=asked)["numbers"]
    found = ["refused" if "refusal" in answer else answer for answer in answers]
    assert found == expected
    assert expected.count("refused") > 30 and len(expected) - expected.count("refused") > 20


STEPS_ALLOWED = "T must be a whole number at least 3 and at most 1,000,000."
TYPED = [
    ("0", "alpha", "“0” is refused: α must be a number above 0."),
    ("-3", "alpha", "“-3” is refused: α must be a number above 0."),
    ("−3", "alpha", "“−3” is refused: α must be a number above 0."),
    ("1e-400", "alpha", "“1e-400” is refused: α must be a number above 0."),
    ("1e400", "alpha", "“1e400” is refused: α must be a number above 0."),
    ("NaN", "alpha", "“NaN” is refused: α must be a number above 0."),
    ("Infinity", "alpha", "“Infinity” is refused: α must be a number above 0."),
    ("0x10", "alpha", "“0x10” is refused: α must be a number above 0."),
    ("", "alpha", "An empty field is refused: α must be a number above 0."),
    ("  ", "alpha", "An empty field is refused: α must be a number above 0."),
    ("1", "beta2", "“1” is refused: β₂ must be a number at least 0 and below 1."),
    ("1.5", "x1", "“1.5” is refused: x₁ must be a number at least −1 and at most 1."),
    (
        "10.5",
        "steps",
        "“10.5” is refused: T must be a whole number at least 3 and at most 1,000,000.",
    ),
    (
        "1,5",
        "steps",
        "“1,5” is refused: T must be a whole number at least 3 and at most 1,000,000.",
    ),
    ("9" * 40, "C", f"“{'9' * 24}…” is refused: C must be a number at least 1 and at most 100."),
]
TAKEN = [
    ("0.25", "beta2", 0.25),
    ("0,25", "beta2", 0.25),
    (" .5 ", "beta2", 0.5),
    ("1e-3", "alpha", 0.001),
    ("1e308", "alpha", 1e308),
    ("200,000", "steps", 200_000),
    ("1,000,000", "steps", 1_000_000),
    ("3000.0", "steps", 3000),
    ("−0.5", "x1", -0.5),
    ("+1", "x1", 1),
]


@pytest.mark.node
def test_a_refused_number_says_what_is_allowed(ask_node):
    def question(text: str, name: str) -> list:
        label, trait = FIELDS[name]
        return [text, label, trait.limits()]

    asked = [question(text, name) for text, name, _ in [*TYPED, *TAKEN]]
    answers = ask_node("theorem_1.js", numbers=asked)["numbers"]
    expected = [{"refusal": said} for *_, said in TYPED] + [{"value": v} for *_, v in TAKEN]
    assert answers == expected


OFFERING = [
    ("theorem_1.js", methods.PAPER, Theorem1Explorer),
    ("figure_1.js", methods.PAPER, Figure1Explorer),
    ("boundary.js", METHODS, BoundaryExplorer),
    ("conditions.js", ("adam",), ConditionsExplorer),
    ("rarity.js", ("adam",), RarityExplorer),
]


@pytest.mark.node
@pytest.mark.parametrize(("entry", "names", "explorer"), OFFERING)
def test_sliders_and_marks_offer_only_what_python_takes(entry, names, explorer, ask_node):
    live = explorer()
    extremes = [{}, {"beta2": 1 - 2**-53}, {"beta2": 0.0}, {"beta1": 0.9999, "beta2": 0.3}]
    asked = [{"entry": entry, "values": {**live.values(), **changed}} for changed in extremes]
    answers = ask_node(entry, names, offered=asked)["offered"]
    traits = live.traits()
    assert len(answers) == len(extremes)
    for name, offered in (slider for answer in answers for slider in answer):
        assert len(offered) > 20
        for value in offered:
            assert traits[name].validate(live, value) == value


@pytest.mark.node
def test_no_decay_rate_below_one_reads_as_one(ask_node):
    rates = [0.9999999999999, 1 - 2**-53, 0.99, 1 - 4.841119098612e-4, 0.0, 0.00379]
    asked = [[rate, "decayText"] for rate in rates]
    written = ask_node("theorem_1.js", written=asked)["written"]
    assert written[2:] == ["0.99", "0.999516", "0", "0.00379"]
    assert all(float(text) < 1 for text in written)


@pytest.mark.parametrize("value", [True, "0.5", None, [0.5]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(traitlets.TraitError, match="alpha must be a number in"):
        Theorem1Explorer(alpha=value)


def test_limits_are_json_without_infinity():
    for explorer in EXPLORERS:
        limits = explorer().limits
        json.dumps(limits, allow_nan=False)
        assert limits["alpha"] == {
            "low": 0.0,
            "high": None,
            "lowClosed": False,
            "highClosed": False,
            "whole": False,
        }
        assert limits["steps"]["whole"] is True
