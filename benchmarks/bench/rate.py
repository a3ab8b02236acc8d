"""`rate`: how often something can be done in a second."""

import time
from collections.abc import Callable


def rate(count: int, step: Callable[[], object]) -> float:
    """Do it so many times, one after the other."""
    began = time.monotonic()
    for _ in range(count):
        step()
    return count / (time.monotonic() - began)
