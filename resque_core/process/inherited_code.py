"""`inherit_code`: a child is born with the interpreter's code in its page tables, as with all else."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

#: How the files of the interpreter and of the C library are called: where a child is for most of its life.
#: Not those of other libraries: of a large one a job may need nothing.
_NAMES = ("python", "libpython", "libc.so", "libc-")


def inherit_code() -> None:
    """Have what this process has mapped of its code copied to its children; where that cannot be, do nothing.

    For a mapping of a file that nobody wrote to, Linux copies no page table at a fork: the child asks for the
    same pages again, by one fault for sixteen of them. One that was written to is copied (`vma_needs_copy` of
    mm/memory.c), with all pages that are there. So write a byte, to where it is already, through
    /proc/self/mem, which may write where the process itself may not.
    """
    try:
        # A file may have any bytes for a name.
        maps = Path("/proc/self/maps").read_text("utf-8", "replace")
        memory = os.open("/proc/self/mem", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    for start in _starts(maps):
        # The kernel may have been told to refuse (proc_mem.force_override).
        with contextlib.suppress(OSError):
            os.pwrite(memory, os.pread(memory, 1, start), start)
    os.close(memory)


def _starts(maps: str) -> Iterator[int]:
    """Where the mappings begin that are meant, of those that /proc/self/maps lists."""
    for line in maps.splitlines():
        addresses, permissions, *_, path = line.split(maxsplit=5)
        private = permissions in ("r-xp", "r--p")
        if private and path.startswith("/") and Path(path).name.startswith(_NAMES):
            yield int(addresses.partition("-")[0], 16)
