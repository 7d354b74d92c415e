"""A plugin of pytest: the fixture ``audit``, which is the room of that name."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def audit() -> ModuleType:
    """The audit, for tests of optimizers: ``audit.assert_not_defeated(mine)``.

    Returns:
      The module ``adam_and_beyond.audit``.
    """
    # Not before a test asks for it: JAX takes a second or two.
    from adam_and_beyond import audit as room

    return room
