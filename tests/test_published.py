"""The points read off the paper's Figure 1, and how near the simulation comes to them."""

import numpy as np
import pytest
import runs

from adam_and_beyond import methods, problems, published, simulate

MILLIONS = [0.3, 0.5, 1, 2, 3, 4, 5, 6, 6.9]
READ_OFF = {
    "adam": [0.262, 0.248, 0.234, 0.224, 0.2195, 0.217, 0.2146, 0.2134, 0.2128],
    "amsgrad": [0.068, 0.052, 0.037, 0.026, 0.021, 0.018, 0.0165, 0.015, 0.014],
}


@pytest.mark.parametrize("name", READ_OFF)
def test_the_stored_points_are_those_of_the_left_panel(name):
    points = published.FIGURE_1_REGRET[name]
    assert points.t.tolist() == [round(m * 1e6) for m in MILLIONS]
    assert points.y.tolist() == READ_OFF[name]


def test_the_stored_points_are_those_of_the_right_panel():
    points = published.FIGURE_1_RANDOM_AMSGRAD
    expected = {1e5: 0.64, 3e5: 0.48, 1e6: -0.10, 2e6: -0.32, 3e6: -0.35, 4e6: -0.42}
    expected |= {6e6: -0.50, 7e6: -0.73, 9.9e6: -0.84}
    assert dict(zip(points.t.tolist(), points.y.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    "alpha, distance",
    [(0.5, 0.007), (0.55, 0.0045)],  # three and four reading errors; most at the earliest point
)
@pytest.mark.parametrize("name", READ_OFF)
def test_the_simulated_average_regret_is_near_the_published_one(name, alpha, distance):
    points = published.FIGURE_1_REGRET[name]
    run = simulate.run(
        methods.get(name, **runs.BETAS),
        problems.figure_1_online(),
        int(points.t[-1]),
        alpha,
        record=points.t,
    )
    assert np.max(np.abs(run.average_regret - points.y)) <= distance


def test_a_tenfold_step_size_is_not_near_the_published_curves():
    points = published.FIGURE_1_REGRET["adam"]
    run = simulate.run(
        methods.get("adam", **runs.BETAS),
        problems.figure_1_online(),
        int(points.t[-1]),
        5.0,
        record=points.t,
    )
    assert np.max(np.abs(run.average_regret - points.y)) > 0.1
