"""`join_pages`: what a process has loaded lies on pages of 2 MB, so that its forks have less to copy."""

import ctypes
import os
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

#: Bytes.
_HUGE, _PAGE = 2 * 1024 * 1024, 4096
#: To join the pages of a range now, whatever the system does by itself (`madvise(2)`, Linux 6.1).
_MADV_COLLAPSE = 25
#: In an entry of /proc/self/pagemap, of 8 bytes: the page is there, and no other process has it.
_OURS = 1 << 63 | 1 << 56
#: Of the 512 pages of a range. Those that are not there would be filled with zeros, and those that are
#: shared be copied.
_ENOUGH = 448
#: Seconds that joining may take, at 1 to 5 ms a range: a process that has loaded gigabytes begins in time.
_LONGEST = 0.5


def join_pages() -> None:
    """Join the small pages of this process's own memory, by ranges of 2 MB; where that cannot be, do nothing.

    A fork copies an entry for each page, and the end of the child gives each up again. A range that
    is joined counts as one. When somebody writes to it, the kernel copies 4 kB of it, as ever.
    """
    try:
        # A mapped file may have any bytes for a name.
        maps = Path("/proc/self/maps").read_text("utf-8", "replace")
        entries = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    if os.sysconf("SC_PAGE_SIZE") == _PAGE:
        _join_for_a_while(_ranges(maps), entries)
    os.close(entries)


def _join_for_a_while(ranges: Iterator[int], entries: int) -> None:
    limit = time.monotonic() + _LONGEST
    for start in ranges:
        if time.monotonic() > limit:
            return
        if _is_ours(os.pread(entries, _HUGE // _PAGE * 8, start // _PAGE * 8)):
            _join(start)


def _ranges(maps: str) -> Iterator[int]:
    """Where the ranges begin that lie in private memory of no file, of what /proc/self/maps lists."""
    for line in maps.splitlines():
        addresses, permissions, _, _, inode, *_ = line.split(maxsplit=5)
        if permissions == "rw-p" and inode == "0":
            start, end = (int(address, 16) for address in addresses.split("-"))
            yield from range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE)


def _is_ours(entries: bytes) -> bool:
    return sum(entry & _OURS == _OURS for entry in array("Q", entries)) >= _ENOUGH


def _join(start: int) -> None:
    # Its answer is not looked at: a kernel that cannot do it leaves all as it was.
    ctypes.PyDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(_HUGE), _MADV_COLLAPSE)
