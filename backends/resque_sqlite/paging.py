"""Windows into a list, as LIMIT and OFFSET take them."""

#: SQLite's largest integer.
_MOST = 2**63 - 1


def window(start: int, count: int) -> dict[str, int]:
    """Start and count within what SQLite can count; to it a negative LIMIT would mean no limit."""
    return {"start": _clamped(start), "count": _clamped(count)}


def _clamped(number: int) -> int:
    return min(max(number, 0), _MOST)
