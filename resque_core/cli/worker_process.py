"""The process that `resque work` goes on in: a worker without the command line in its memory.

Each job's child is forked from what a worker has loaded, and costs the more the more that is.
"""

import json
import os
import sys
from typing import NoReturn

from resque_core.cli.complaint import exit_code_of
from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings


def main(descriptor: int) -> NoReturn:
    """Work as the message at this descriptor says."""
    with os.fdopen(descriptor, "rb") as file:
        message = json.load(file)
    # As if nothing had happened: modules with jobs may look at it.
    sys.argv = message["argv"]
    sys.path[:] = message["path"] or sys.path
    try:
        code = run_workers(_settings(message["settings"]))
    except (KeyboardInterrupt, Exception) as error:
        code = exit_code_of(error)
    sys.exit(code)


def _settings(values: dict[str, object]) -> WorkSettings:
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return WorkSettings(**values | lists)  # type: ignore[arg-type]
