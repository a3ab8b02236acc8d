"""What a pool of workers is to be: its groups, where they are read from, and what changes bring it there."""

from resque_core.pool.group import Group, Groups
from resque_core.pool.hooks import after_prefork, after_spawn, siginfo
from resque_core.pool.loaders import FileLoader, Loader, Throttled
from resque_core.pool.settings import PoolSettings

__all__ = [
    "FileLoader",
    "Group",
    "Groups",
    "Loader",
    "PoolSettings",
    "Throttled",
    "after_prefork",
    "after_spawn",
    "siginfo",
]
