"""`leave_gaps`: has what Python loads lie in one piece, and libraries elsewhere. See `huge_pages.py`."""


def leave_gaps() -> list[object]:
    """Leave room that is too small for the memory of Python's objects; what is returned must be kept.

    Linux puts each new mapping into the highest gap that is large enough. Python asks for 1 MB at a time
    (`ARENA_BITS` of its Objects/obmalloc.c), and each library that is loaded meanwhile would come in between:
    next to nothing would be 2 MB in one piece, and begin where a huge page may.

    A Python runs the text of this file that has imported nothing yet (`replace.py`).
    """
    import mmap
    import sys

    if not sys.platform.startswith("linux"):
        return []
    flags, arena, huge, some = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 1024 * 1024, 2 * 1024 * 1024, 4096
    gaps: list[mmap.mmap] = []
    kept: list[object] = []
    try:
        for _ in range(3):
            gaps.append(mmap.mmap(-1, arena - some, flags))
            # So large that it cannot come to lie in a gap of before.
            kept.append(mmap.mmap(-1, arena + some, flags, prot=0))
        # Bytes: a mapped file may have any for a name.
        with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - pathlib is not loaded yet
            lowest = min(int(line.partition(b"-")[0], 16) for line in maps if b" ---p " in line)
        if rest := lowest % huge:
            kept.append(mmap.mmap(-1, rest, flags, prot=0))
    except OSError:
        # Little address space is left to us (`ulimit -v`), or there is no /proc. It would only be quicker.
        pass
    for gap in gaps:
        gap.close()
    return kept
