"""How often Hypothesis tries a claim, and with which seeds: by the profile of this run.

``HYPOTHESIS_PROFILE`` names it. ``everyday`` (the default) draws new examples each time. ``build``
draws the same ones each time, since whether a commit can be built must not be a matter of luck.
``nightly`` draws new ones, and ten times as many; by ``NIGHT`` tests know that they are to try all
of a kind, where a build tries some of each.
"""

from __future__ import annotations

import itertools
import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "everyday")
NIGHT = PROFILE == "nightly"
_MANY = 10

settings.register_profile("everyday", deadline=None)
settings.register_profile("build", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile(PROFILE)


def tries(count: int) -> settings:
    """The settings of a test that tries so many examples a day."""
    return settings(max_examples=count * (_MANY if NIGHT else 1))


def pairs(*lists: list) -> list[tuple]:
    """Cases with one value of each list; at night all of them.

    In a build, those whose places in the lists add up to a multiple of the shortest list's length.
    So any value of one list still meets any value of another: what goes wrong with one or two
    values, whatever the others are, is found.
    """
    shortest = min(map(len, lists))
    places = itertools.product(*(range(len(values)) for values in lists))
    return [
        tuple(values[k] for values, k in zip(lists, place, strict=True))
        for place in places
        if NIGHT or sum(place) % shortest == 0
    ]
