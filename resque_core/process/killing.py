"""`kill_worker`: SIGKILL to a worker of this machine, by its id."""

import os
import re
import signal
import socket
from pathlib import Path

from resque_core.errors import WorkerError

#: The host may carry our nonce.
_ID = re.compile(r"(?P<host>[^:]*?)(?:\+[0-9a-f]{8})?:(?P<pid>\d{1,9}):")
#: Titles of workers, ours and Ruby's, with any prefix.
_TITLE = re.compile(r"resque(?:-\d|: )")


def kill_worker(worker_id: str) -> bool:
    """Kill the process that the id names; False when there is none (any more).

    A number may belong to another program by now: what does not look like a worker is not killed.

    :raises WorkerError: the id says another machine, or is none.
    """
    found = _ID.match(worker_id)
    if found is None:
        raise WorkerError(f"{worker_id!a:.200} is not the id of a worker: HOST:PID:QUEUES.")
    if found["host"] != socket.gethostname().replace(":", "-"):
        raise WorkerError(
            f"Worker {worker_id!a:.200} is on {found['host']!a}, and this is {socket.gethostname()}. "
            f"Kill it there, or have it stop: resque workers stop"
        )
    pid = int(found["pid"])
    if not _is_worker(pid):
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _is_worker(pid: int) -> bool:
    if pid <= 1:
        return False
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except FileNotFoundError:
        # No such process; or a system without /proc, on which only the number can be asked.
        return not Path("/proc/self").exists() and _exists(pid)
    return _TITLE.search(title) is not None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
