"""`begin_new_pools`: has Python's allocator begin anew, so that what a child makes lies on few pages."""

import gc
import sys
from collections.abc import Callable

#: Bytes: objects up to here are made in pools of their size, each of which begins with a head.
_LARGEST, _STEP = 512, 16
_POOL, _PAGE, _HEAD = 16 * 1024, 4096, 48
#: Bytes for each size, at most: another allocator has no such pools.
_MOST = 128 * 1024


def begin_new_pools() -> list[object]:
    """Fill up the pools that are in use; what is returned must be kept, or they would be used again.

    Free places of a size are strewn over all that a process has loaded. To make an object is to write to
    the head of its pool and to the place: two pages, which a child copies. In a pool that has just begun the
    two are one page, and its next objects are made there, too.
    """
    # That also gives up the objects that Python keeps to use them again.
    gc.collect()
    sizes = range(_STEP, _LARGEST + 1, _STEP)
    # All that this needs is made before, and kept: the place of what is let go of would be used next.
    tasks = [(_maker(size), iter(range(_MOST // size))) for size in sizes]
    # With room: what a list grows out of is let go of, too.
    kept: list[object] = [tasks, *[None] * _LARGEST]
    for make, turns in tasks:
        for _ in turns:
            kept.append(make())
            # The first place of a pool in use may have been free, too: then the next is elsewhere.
            if id(kept[-2]) % _POOL == _HEAD and id(kept[-1]) // _PAGE == id(kept[-2]) // _PAGE:
                break
    return kept


def _maker(size: int) -> Callable[[], object]:
    """Makes objects of this many bytes, give or take what is rounded up."""
    if size == _STEP:
        return object
    if size == 2 * _STEP:
        return lambda: complex(size, size)
    length = size - sys.getsizeof(b"")
    return lambda: bytes(length)
