"""What the pages on the field let the reader drag: numbers in Node against Python's, and life."""

import numpy as np
import pytest

from adam_and_beyond.explorers import KeptExplorer, StopsExplorer

DATA = [1.0, 1.3, 1.6, 2.0, 2.2, 3.1, 4.0, 9.0]


@pytest.mark.node
def test_adam_stops_where_python_says(ask_node):
    asked = [
        {"data": data, "beta1": beta1, "beta2": beta2, "order": order}
        for data in (DATA, [0.0, 0.0, 0.0, 10.0], [5.0, 5.0, 1.0])
        for beta1, beta2 in ((0.0, 0.3), (0.0, 0.9), (0.9, 0.95), (0.9, 0.999))
        for order in ("independent", "fixed")
    ]
    found = ask_node("stops.js", ("adam",), rests=asked)["rests"]
    wanted = [StopsExplorer(**values).rest() for values in asked]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6)


KEPT = [
    {"beta1": 0.9, "beta2": 0.95, "batch": 512, "classes": 10_000, "exponent": 1.0},
    {"beta1": 0.0, "beta2": 0.99, "batch": 1, "classes": 50, "exponent": 1.0},
    {"beta1": 0.9, "beta2": 0.999, "batch": 32, "classes": 1_000, "exponent": 1.3},
]


@pytest.mark.node
@pytest.mark.parametrize("values", KEPT)
def test_adam_keeps_what_python_says(values, ask_node):
    [found] = ask_node("kept.js", ("adam",), kept=[values])["kept"]
    p, rest = KeptExplorer(**values).rest()
    wanted = (rest.probabilities / p)[np.array(found["ranks"]) - 1]
    shown = wanted > 1e-3
    print(found["milliseconds"], found["drift"], rest.drift)
    print(np.round(np.array(found["shares"])[shown] / wanted[shown] - 1, 4))
    np.testing.assert_allclose(np.array(found["shares"])[shown], wanted[shown], rtol=0.02)
    assert found["drift"] == pytest.approx(rest.drift, rel=0.02)
    excess = np.sum(p * np.log(p / rest.probabilities))
    assert found["excess"] == pytest.approx(excess, rel=0.05, abs=1e-5)
