"""The contract suite, run against every backend of this repository (see `conftest.py`)."""

from resque_core.testing.contract import *  # noqa: F403
