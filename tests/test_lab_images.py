"""The lab on images trains what its controls say."""

import dataclasses

import matplotlib
import matplotlib.pyplot as plt
import pytest

from adam_and_beyond.labs import TrainingLab

matplotlib.use("agg")
LAB = TrainingLab(network="logistic", alpha=0.1, steps=100, live=False)


@pytest.fixture(scope="module")
def runs():
    seen = []
    found = LAB.sweep(lambda done, total: seen.append((done, total)))
    assert seen == [(50, 200), (100, 200), (150, 200), (200, 200)]
    return found


def test_both_methods_are_trained_with_the_same_settings(runs):
    first, second = runs
    assert (first.setting.method, second.setting.method) == ("adam", "amsgrad")
    assert first.setting[1:] == second.setting[1:] == (0.1, 0.999, 0, 0)
    assert first.train_loss[-1] < first.train_loss[0]


def test_the_picture_is_a_png_that_shows_both(runs):
    assert LAB.picture(runs)[:4] == b"\x89PNG"
    fig = LAB.figure(runs)
    assert [ax.get_ylabel() for ax in fig.axes] == ["train loss (nats)", "test loss (nats)"]
    assert {text.get_text() for text in fig.axes[0].texts} == {"Adam", "AMSGrad"}
    plt.close("all")
    assert "softmax regression on digits" in LAB.caption() and "make lab" in LAB.caption()


def test_the_controls_start_with_the_labs_values_and_cover_its_fields():
    fields = TrainingLab().fields()
    for name, field in fields.items():
        assert field.value == pytest.approx(getattr(TrainingLab(), name))
    assert set(fields) == {
        "method", "other", "network", "data", "alpha", "beta2", "steps", "seed"
    }  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"other": "adam"}, {"alpha": 1e38, "network": "network", "method": "sgd"}]
)
def test_the_bar_ends_at_its_end_with_one_method_and_with_one_that_diverges(values):
    seen = []
    lab = dataclasses.replace(LAB, steps=200, **values)
    lab.sweep(lambda done, total: seen.append((done, total)))
    done, total = seen[-1]
    assert done == total == 200 * len({lab.method, lab.other})
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_lab_offers_the_values_that_it_was_given():
    fields = TrainingLab(beta2=0.95, steps=150, seed=7).fields()
    assert [fields[name].value for name in ("beta2", "steps", "seed")] == [0.95, 150, 7]


@pytest.mark.parametrize(
    "values, words",
    [
        ({"method": "newton"}, "unknown method"),
        ({"network": "cifarnet"}, "logistic, network"),
        ({"data": "cifar10"}, "digits or mnist"),
        ({"steps": 60}, "multiple of 50"),
    ],
)
def test_a_lab_that_cannot_run_is_refused(values, words):
    with pytest.raises(ValueError, match=words):
        TrainingLab(**values)
