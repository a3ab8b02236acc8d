"""Finds the other pools of an application by their titles, and asks them to leave: the end of a hot swap."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from resque_core.process.pool.titles import pool_title

log = logging.getLogger("resque.pool")


def end_others(app_name: str) -> list[int]:
    """Send INT to the manager of every other pool of this application, and to no other's (spec pool §6).

    They leave at once; their workers finish the jobs that they have. Returns their process ids.
    """
    others = list(find_managers(app_name, running()))
    for pid in others:
        log.info("Ending the pool of process %d", pid)
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            pass
        except PermissionError:
            log.warning("Process %d is a pool of %s that belongs to another user: it goes on.", pid, app_name)
    return others


def find_managers(app_name: str, processes: Iterable[tuple[int, str]]) -> Iterator[int]:
    """The managers of this application among these processes and their titles, but for ourselves."""
    beginning = pool_title(app_name, "")
    for pid, title in processes:
        if title.startswith(beginning) and pid != os.getpid():
            yield pid


def running() -> Iterator[tuple[int, str]]:
    """Every process of this machine that can be seen, and its title. Linux tells itself; else `ps` does."""
    if not sys.platform.startswith("linux"):
        yield from read_ps(_ps())
        return
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # It may end meanwhile, or be hidden from us.
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                yield int(folder.name), b" ".join(words).decode(errors="replace")


def read_ps(printed: str) -> Iterator[tuple[int, str]]:
    """What `ps -e -o pid= -o command=` has printed."""
    for line in printed.splitlines():
        pid, _, title = line.strip().partition(" ")
        if pid.isdigit():
            yield int(pid), title.lstrip()


def _ps() -> str:
    found = subprocess.run(
        ["ps", "-e", "-ww", "-o", "pid=", "-o", "command="],  # noqa: S607 - wherever this system keeps it
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    return found.stdout
