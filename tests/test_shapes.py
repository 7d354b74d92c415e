"""The shapes and kinds of numbers that public functions document are those that they return."""

import dataclasses
import typing

import numpy as np
import pytest
from jaxtyping import jaxtyped

from adam_and_beyond import diagnostics, drift, problems, regret, simulate
from adam_and_beyond.simulate.every_round import History
from adam_and_beyond.simulate.trajectory import Trajectory

THREE = problems.theorem_1(3.0)
BOX = problems.periodic([[3.0, 1.0], [-1.0, -1.0]], [-1.0, -1.0], [1.0, 1.0])
RESULTS = {
    "general": lambda: simulate.run("adam", THREE, 50, 0.5, path="general", record=7),
    "steady": lambda: simulate.run("adam", THREE, 90_000, 0.5, path="steady cycle", record=70),
    "box": lambda: simulate.run("adam", BOX, 50, 0.5, record=7),
    "random": lambda: simulate.run("sgd", problems.figure_1_stochastic(), 50, 0.5, record=7),
    "history": lambda: simulate.history("amsgrad", THREE.sample(20), 0.5),
    "over time": lambda: simulate.history("adam", THREE.sample(9), 0.5, beta1=np.full(9, 0.5)),
    "slope": lambda: drift.slope("adam", THREE),
}
RETURNS = {
    "scales": (diagnostics.scales, ("adam", THREE, 20)),
    "oscillation": (diagnostics.oscillation, ([1.0, 0.5, 0.25],)),
    "of_sequence": (regret.of_sequence, ([3.0, -1.0], [0.0, 1.0])),
}


def documented(kind):
    """The annotations of a class, or of its fields, as types."""
    return typing.get_type_hints(kind)


def holds(values, hints):
    """Whether every value has its documented type, one length per name among all of them."""
    with jaxtyped("context"):
        return all(isinstance(values[name], hints[name]) for name in hints)


def shaped(kind):
    """Those annotations that speak of an array."""
    return {k: h for k, h in documented(kind).items() if hasattr(h, "dim_str")}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_has_the_shapes_that_its_class_documents(name):
    result = RESULTS[name]()
    hints = shaped(type(result))
    assert hints, "nothing is documented"
    assert holds({key: getattr(result, key) for key in hints}, hints)
    for key, value in vars(type(result)).items():  # properties document theirs
        if isinstance(value, property):
            returned = documented(value.fget).get("return")
            if hasattr(returned, "dim_str"):
                whole = {key: getattr(result, key), **{k: getattr(result, k) for k in hints}}
                assert holds(whole, {key: returned, **hints})


@pytest.mark.parametrize("name", RETURNS)
def test_a_function_returns_the_shape_that_it_documents(name):
    function, arguments = RETURNS[name]
    assert holds({"return": function(*arguments)}, {"return": documented(function)["return"]})


def test_another_shape_or_another_kind_of_number_would_be_noticed():
    run = RESULTS["general"]()
    for changed in ({"x": run.x[:-1]}, {"x": run.x.astype(np.float32)}, {"t": run.t * 1.0}):
        other = dataclasses.replace(run, **changed)
        hints = shaped(Trajectory)
        assert not holds({key: getattr(other, key) for key in hints}, hints)
    history = RESULTS["history"]()
    short = dataclasses.replace(history, x=history.x[:-1])
    hints = shaped(History)
    assert not holds({key: getattr(short, key) for key in hints}, hints)
