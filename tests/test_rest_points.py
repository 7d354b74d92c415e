"""The laws of rest points, symbolically: steps proved, and made to fail."""

import pytest
import steps
from sympy import Eq

from adam_and_beyond.theorems import rest_points as laws

STEPS = {step.name: step for step in (laws.rest(), laws.batch(), laws.counts(), laws.quiet())}

test_every_step_is_shown = steps.test_of(STEPS)

WRONG = [
    ("rest", 1, Eq(laws._second, laws.sigma2)),
    ("batch", 0, Eq(laws._skew, laws.mu3 / (laws.B**2 * laws.sigma2))),
    ("counts", 0, Eq(laws._share, 1 - laws.kappa / (2 * laws.p * laws.B))),
    ("quiet", 0, Eq(STEPS["quiet"].claims[0].relation.lhs, 1 / laws.lam)),
]


@pytest.mark.parametrize("name, index, relation", WRONG)
def test_a_step_fails_when_its_claim_is_changed(name, index, relation):
    assert not STEPS[name].with_relation(index, relation).proves(index)
