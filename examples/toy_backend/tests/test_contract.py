"""The contract suite, run against the toy."""

from resque_core.testing.contract import *  # noqa: F403
