"""How much memory processes use."""

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

MEGABYTE = 1024 * 1024


def resident(pids: Iterable[int]) -> float:
    """Megabytes that these processes hold in memory, together. Off Linux: what this one held at most."""
    if not sys.platform.startswith("linux"):
        # Imported here, since every worker loads this module.
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return sum(map(_resident, pids)) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def share(pids: Iterable[int]) -> float:
    """Megabytes that these processes use: of what several share, each has its part. Else as `resident`."""
    pids = list(pids)
    shares = [_share(pid) for pid in pids]
    known = [kilobytes for kilobytes in shares if kilobytes is not None]
    return sum(known) / 1024 if known else resident(pids)


def family(pid: int) -> list[int]:
    """A process and all that descend from it, as far as this system tells."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        children = []
    return [pid, *(relative for child in children for relative in family(int(child)))]


def _share(pid: int) -> int | None:
    """Kilobytes; None where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return None


def _resident(pid: int) -> int:
    """Pages, without those that it shares with files."""
    with contextlib.suppress(OSError):
        _, pages, shared = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[:3]
        return int(pages) - int(shared)
    return 0
