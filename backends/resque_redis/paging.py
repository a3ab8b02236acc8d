"""Windows into a list, as LRANGE takes them."""

#: Redis counts in 64 bits.
_MOST = 2**62


def window(start: int, count: int) -> tuple[int, int]:
    """First and last index; the last is before the first when nothing is wanted."""
    first = min(max(start, 0), _MOST)
    return first, first + min(max(count, 0), _MOST) - 1
