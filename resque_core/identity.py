"""Who a worker is: an id that no other worker ever had or will have."""

import os
import socket
from collections.abc import Sequence

from resque_core.clock import utc_now
from resque_core.ids import new_id
from resque_core.records import WorkerInfo


def new_identity(patterns: Sequence[str], *, ruby: bool = False) -> WorkerInfo:
    """A fresh `HOST+NONCE:PID:QUEUES` for a worker in this process; `ruby` leaves the nonce out.

    The nonce keeps ids apart where hosts and pids repeat (pid 1 in every container, C34), and keeps
    a Ruby worker on the same host from pruning ours (reliability §0.6). Negations are left out of
    the id, as in Ruby (spec §1.2).
    """
    host, pid = host_name(), os.getpid()
    served = ",".join(pattern for pattern in patterns if not pattern.startswith("!"))
    name = host if ruby else f"{host}+{new_id()[:8]}"
    return WorkerInfo(
        id=f"{name}:{pid}:{served}",
        host=host,
        pid=pid,
        queues=tuple(patterns),
        started_at=utc_now(),
    )


def new_pool_id(app_name: str) -> str:
    """A fresh `HOST+NONCE:PID:APPLICATION` for the manager of a pool in this process."""
    return f"{host_name()}+{new_id()[:8]}:{os.getpid()}:{app_name}"


def host_name() -> str:
    """What workers of this machine are listed under."""
    # Readers split the id at colons (spec §1.2), so a bare IPv6 address must not bring its own.
    return socket.gethostname().replace(":", "-") or "localhost"
