"""JAX's strictest rules for a file of tests: import the fixture, and it holds for all of them."""

import jax
import pytest

RULES = {"jax_numpy_rank_promotion": "raise", "jax_numpy_dtype_promotion": "strict"}


@pytest.fixture(scope="module", autouse=True)
def strict():
    """No array gets another rank or another type without being told so, in any thread."""
    before = {name: getattr(jax.config, name) for name in RULES}
    for name, value in RULES.items():
        jax.config.update(name, value)
    yield
    for name, value in before.items():
        jax.config.update(name, value)
