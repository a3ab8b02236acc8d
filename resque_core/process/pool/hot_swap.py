"""Finds the other pools of an application by their titles, and asks them to leave: the end of a hot swap."""

import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import Iterator

from resque_core.process.pool.titles import pool_title

log = logging.getLogger("resque.pool")


def end_others(app_name: str) -> list[int]:
    """Send INT to the manager of every other pool of this application, and to no other's (spec pool §6).

    They leave at once; their workers finish the jobs that they have. Returns their process ids.
    """
    others = list(find_managers(app_name, _processes()))
    for pid in others:
        log.info("Ending the pool of process %d", pid)
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            pass
        except PermissionError:
            log.warning("Process %d is a pool of %s that belongs to another user: it goes on.", pid, app_name)
    return others


def find_managers(app_name: str, processes: str) -> Iterator[int]:
    """The managers of this application among the lines of `ps -e -o pid= -o command=`, but for ourselves."""
    beginning = pool_title(app_name, "")
    for line in processes.splitlines():
        pid, _, command = line.strip().partition(" ")
        if command.lstrip().startswith(beginning):
            with contextlib.suppress(ValueError):
                if int(pid) != os.getpid():
                    yield int(pid)


def _processes() -> str:
    found = subprocess.run(
        ["ps", "-e", "-ww", "-o", "pid=", "-o", "command="],  # noqa: S607 - wherever this system keeps it
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    return found.stdout
