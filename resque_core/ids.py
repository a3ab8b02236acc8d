"""Ids and tokens that nobody else has."""

import os
from collections.abc import Iterator

#: Of how many ids the bits are asked for at once: that is a call of the system.
_AT_ONCE = 64


def new_id() -> str:
    """128 random bits as hexadecimal digits. Straight from the system, so equal in no two processes."""
    return os.urandom(16).hex()


def new_ids() -> Iterator[str]:
    """Any number of such ids, for a single caller: after a fork, two would get the same."""
    while True:
        digits = os.urandom(16 * _AT_ONCE).hex()
        yield from (digits[place : place + 32] for place in range(0, len(digits), 32))
