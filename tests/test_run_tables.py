"""Tables of runs: chosen from, averaged over seeds, compared in pairs."""

import numpy as np
import pytest
from scipy import stats
from small_experiment import same

from adam_and_beyond.images import report
from adam_and_beyond.images.tables import RunTable, paired
from adam_and_beyond.images.tasks import Setting, TrainingRun


def run(method, alpha, beta2, seed, *train_loss, stopped=0):
    y = np.array(train_loss, float)
    return TrainingRun(
        Setting(method, alpha, beta2, seed), np.arange(1, len(y) + 1), y, y, y, y, y, stopped, 1
    )


GRID = RunTable.of_runs(
    [
        run("adam", 0.1, 0.9, 0, 5, 3),
        run("adam", 0.1, 0.9, 1, 5, 4),
        run("adam", 1.0, 0.9, 0, 5, 1),
        run("adam", 1.0, 0.9, 1, 5, np.nan, stopped=2),
        run("adam", 0.1, 0.99, 0, 5, 3),
        run("adam", 0.1, 0.99, 1, 5, 3.5),
        run("sgd", 1.0, None, 0, 5),
    ]
)


def test_the_best_setting_is_chosen_by_the_mean_and_never_one_that_broke():
    assert GRID.chosen("adam", 2) == Setting("adam", 0.1, 0.99, 0)
    with pytest.raises(ValueError, match="no setting of 'sgd'"):
        GRID.chosen("sgd", 2)  # its run is shorter
    with pytest.raises(ValueError, match="step 7 was not recorded"):
        GRID.at(7)
    alphas, values = GRID.sensitivity("train_loss", "adam", 0.9, 2)
    assert alphas.tolist() == [0.1, 1.0]
    assert np.array_equal(values, [[3, 1], [4, np.nan]], equal_nan=True)
    assert GRID.curves("train_loss", "adam", 0.1, 0.9).tolist() == [[5, 3], [5, 4]]


def test_a_part_of_a_table_is_a_table():
    part = GRID.only(method="adam", beta2=0.9, seed=0)
    assert part.settings == (Setting("adam", 0.1, 0.9, 0), Setting("adam", 1.0, 0.9, 0))
    same(
        part,
        RunTable.of_runs([run("adam", 0.1, 0.9, 0, 5, 3), run("adam", 1.0, 0.9, 0, 5, 1)]),
    )
    assert part.chosen("adam", 2) == Setting("adam", 1.0, 0.9, 0)
    assert not GRID.only(seed=9).settings


def test_rounding_replicates_stand_apart_from_seeds():
    one = run("adam", 0.1, 0.9, 0, 5, 3.1)
    more = RunTable.of_runs([*GRID.runs(), one._replace(setting=one.setting._replace(replicate=1))])
    assert more.replicates("train_loss", one.setting).tolist() == [[5, 3], [5, 3.1]]
    assert more.curves("train_loss", "adam", 0.1, 0.9).tolist() == [[5, 3], [5, 4]]
    assert more.sensitivity("train_loss", "adam", 0.9, 2)[1].shape == (2, 2)
    same(more, RunTable.of_arrays(more.arrays()))
    old = {k: v for k, v in GRID.arrays().items() if k not in ("replicate", "objective")}
    back = RunTable.of_arrays(old)  # as they were stored before there were replicates
    assert back.settings == GRID.settings and np.isnan(back.measured["objective"]).all()


def test_where_a_method_ends_is_the_mean_at_its_best_setting():
    one = report.end(GRID, "adam", 2)
    assert one.setting == Setting("adam", 0.1, 0.99, 0) and one.train_loss == 3.25
    lines = report.table({"adam": one}).splitlines()
    assert len(lines) == 3 and lines[2] == "| Adam | 0.1 | 0.99 | 3.2500 | 3.2500 | 325.00% |"


def test_a_table_survives_storage_and_the_longer_run_counts():
    back = RunTable.of_arrays(GRID.arrays())
    same(GRID, back)
    same(GRID, RunTable.of_runs(back.runs()))
    longer = RunTable.of_runs([*back.runs(), run("sgd", 1.0, None, 0, 5, 6, 7)])
    assert longer.steps.tolist() == [1, 2, 3]
    assert longer.curves("train_loss", "sgd", 1.0, None).tolist() == [[5, 6, 7]]


def test_the_paired_interval_is_students():
    a, b = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.5, 1.8, 3.9, 5.2])
    found = paired(a, b)
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert found["wins"] == 3 and found["mean"] == pytest.approx((a - b).mean())
    for wrong in ((a, b[:3]), (a[:1], b[:1])):
        with pytest.raises(ValueError, match="two seeds"):
            paired(*wrong)
