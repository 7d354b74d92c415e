"""How often Hypothesis tries a claim, and with which seeds: by the profile of this run.

``HYPOTHESIS_PROFILE`` names it. ``everyday`` (the default) draws new examples each time. ``build``
draws the same ones each time, since whether a commit can be built must not be a matter of luck.
``nightly`` draws new ones, and ten times as many.
"""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "everyday")
_MANY = 10

settings.register_profile("everyday", deadline=None)
settings.register_profile("build", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile(PROFILE)


def tries(count: int) -> settings:
    """The settings of a test that tries so many examples a day."""
    return settings(max_examples=count * (_MANY if PROFILE == "nightly" else 1))
