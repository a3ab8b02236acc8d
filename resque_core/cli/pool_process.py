"""The process that `resque pool` goes on in: a manager without the command line in its memory."""

import json
import os
import sys
from typing import NoReturn

from resque_core.cli.complaint import exit_code_of
from resque_core.client import Resque
from resque_core.loading import opener_of
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.logs import PoolLogs
from resque_core.process.pool.run import run_pool
from resque_core.settings import StoreChoice


def main(descriptor: int) -> NoReturn:
    """Manage a pool as the message at this descriptor says."""
    with os.fdopen(descriptor, "rb") as file:
        message = json.load(file)
    sys.argv = message["argv"]
    sys.path[:] = message["path"] or sys.path
    store = message["store"]
    try:
        opener = opener_of(store["backend"], store["url"])
        choice = StoreChoice(store["url"], store["source"], opener=opener)
        resque = Resque(choice, namespace=store["namespace"])
        settings = PoolSettings(**message["settings"])
        code = run_pool(settings, message["config"], resque, PoolLogs(**message["logs"]))
    except (KeyboardInterrupt, Exception) as error:
        code = exit_code_of(error)
    sys.exit(code)
