"""Hooks of a pool, for the process tests: each tells where it runs."""

import os

from storeroom import tell

from resque_core import Worker
from resque_core.pool.group import Groups
from resque_core.pool.hooks import after_prefork, after_spawn, siginfo


def set_up() -> None:
    tell("setup", os.getpid())


@after_prefork
def tell_prefork(worker: Worker) -> None:
    tell("after_prefork", ",".join(worker.queues.patterns), os.getpid())


@after_spawn
def tell_spawn(queues: str, pid: int, _pids: list[int]) -> None:
    tell("after_spawn", queues, pid, os.getpid())


@after_spawn
@siginfo
def fail(*_: object) -> None:
    raise ValueError("a hook of somebody's")


@siginfo
def tell_info(groups: Groups, pids: list[int]) -> None:
    tell("siginfo", *(f"{name}={group.workers}" for name, group in groups.items()), *pids, os.getpid())
