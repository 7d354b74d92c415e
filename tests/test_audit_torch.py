"""The optimizers of torch in the audit: their numbers are those of optax, torch or no torch."""

import json

import make_audit_reference
import optax
import pytest

from adam_and_beyond import audit, methods, problems

LOOSE = "optax's transformations mix whole and real numbers"
STORED = json.loads(make_audit_reference.TARGET.read_text("utf-8"))["D"]
EPSILON = make_audit_reference.EPSILON
BETAS = dict(zip(("b1", "b2"), make_audit_reference.BETAS, strict=True))
OURS = dict(zip(("beta1", "beta2"), make_audit_reference.BETAS, strict=True))
SAME = {
    "adam": optax.adam(1.0, **BETAS, eps=EPSILON),
    "amsgrad": methods.get("amsgrad_torch", **OURS, epsilon=EPSILON),
    "rmsprop": optax.rmsprop(1.0, decay=0.9, eps=EPSILON, eps_in_sqrt=False),
    "sgd": optax.sgd(1.0),
}


@pytest.mark.parametrize("about", make_audit_reference.PERIODS)
@pytest.mark.parametrize("name", SAME)
def test_the_same_optimizer_in_both_libraries_has_the_same_drift(name, about):
    problem = problems.periodic(make_audit_reference.PERIODS[about])
    assert pytest.approx(STORED[name][about], abs=1e-9) == audit.drift(SAME[name], problem).D


def test_torch_gives_the_stored_numbers_again():
    pytest.importorskip("torch")
    again = make_audit_reference.make()["D"]
    for name, drifts in STORED.items():
        assert again[name] == pytest.approx(drifts, abs=1e-9), name
