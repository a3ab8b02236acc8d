"""Windows into a list, as `skip` and `limit` take them."""

#: The largest number that the server takes.
_MOST = 2**31 - 1


def window(start: int, count: int) -> tuple[int, int]:
    """Start and count within what the server can count; to it a limit of 0 would mean none."""
    return _clamped(start), _clamped(count)


def _clamped(number: int) -> int:
    return min(max(number, 0), _MOST)
