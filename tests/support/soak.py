"""How often a test repeats itself: a few times in `make test`, many times in `make soak`."""

import os

#: Tests that ask for one of these repeat themselves.
REPEATED = frozenset({"conservation_settings", "kills", "contention_jobs", "race_rounds"})

SOAKING = os.environ.get("RESQUE_SOAK") == "1"


def times(few: int, many: int) -> int:
    """How often, then."""
    return many if SOAKING else few
