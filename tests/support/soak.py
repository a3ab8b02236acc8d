"""How often a test repeats itself: a few times in `make test`, many times in `make soak`."""

import os

import pytest
from hypothesis import is_hypothesis_test

#: Tests that ask for one of these repeat themselves.
REPEATED = frozenset({"conservation_settings", "kills", "contention_jobs", "race_rounds"})

SOAKING = os.environ.get("RESQUE_SOAK") == "1"


def times(few: int, many: int) -> int:
    """How often, then."""
    return many if SOAKING else few


def repeats(item: pytest.Item) -> bool:
    """Whether this test does, which Hypothesis' do with one example after the other."""
    return bool(REPEATED.intersection(getattr(item, "fixturenames", ()))) or is_hypothesis_test(
        getattr(item, "obj", None)
    )
