"""The contract suite: what every backend must do, as tests that a backend's own repository can run.

Give a fixture `storage_url` in a conftest, and import everything into one test module::

    from resque_core.testing.contract import *  # noqa: F403

See `docs/how-to/write-a-backend.md`. Needs pytest and hypothesis.
"""

from importlib import import_module

import pytest

#: One module for each group of tests.
GROUPS = (
    *(
        "enqueue",
        "delayed",
        "recurring",
        "unique",
        "limits",
        "reserve",
        "settle",
        "reschedule",
        "complete_and_reserve",
        "bundles",
        "records",
        "sequels",
        "batches",
        "queues",
        "moves",
        "depths",
        "pauses",
    ),
    *("failures", "failure_filters", "keeping", "requeue"),
    *(
        "workers",
        "pools",
        "sweep",
        "late_sweeps",
        "stats",
        "timings",
        "overview",
        "namespaces",
        "poison",
        "lost_replies",
        "opening",
        "waking",
    ),
    *("concurrency", "races", "crash", "conservation"),
)
#: Modules without tests that assert something, or that pytest loads.
HELPERS = ("fixtures", "scenes", "actors", "model", "machine", "rules", "operator_rules")

# Before their import: else a failed assertion says nothing of what it compared.
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in (*GROUPS, *HELPERS)))

_TESTS = {
    name: test
    for group in GROUPS
    for name, test in vars(import_module(f"{__name__}.{group}")).items()
    if name.startswith("test_")
}
globals().update(_TESTS)

# A test module that imports this name loads the fixtures as a plugin: so a conftest overrides them.
pytest_plugins = [f"{__name__}.fixtures"]

__all__ = ["pytest_plugins", *_TESTS]
