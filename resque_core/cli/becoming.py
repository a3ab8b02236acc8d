"""`become_workers`, `become_pool`: how a command that stays sheds the command line before it works."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn

from resque_core.cli.store import ChosenStore
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.logs import PoolLogs
from resque_core.process.replace import replace_process
from resque_core.work_settings import WorkSettings

#: Named, not imported: they have their own place to be loaded in.
_WORKER_PROCESS = "resque_core.cli.worker_process"
_POOL_PROCESS = "resque_core.cli.pool_process"


def become_workers(settings: WorkSettings, path: Sequence[str] = ()) -> NoReturn:
    """Replace this process by one that works as the settings say, and ends with their exit code.

    `path` is where it looks for modules, if that is not for a new Python to find out.
    """
    message = {"settings": asdict(settings), "argv": sys.argv, "path": [*path]}
    replace_process(_WORKER_PROCESS, json.dumps(message).encode())


def become_pool(
    settings: PoolSettings, config: str | None, store: ChosenStore, logs: PoolLogs, path: Sequence[str] = ()
) -> NoReturn:
    """Replace this process by one that manages a pool as the settings say, and ends with its exit code."""
    message = {
        "settings": asdict(settings),
        "config": config,
        "store": asdict(store),
        "logs": asdict(logs),
        "argv": sys.argv,
        "path": [*path],
    }
    replace_process(_POOL_PROCESS, json.dumps(message).encode())
