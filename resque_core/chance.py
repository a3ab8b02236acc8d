"""`between`: a number by chance, for pauses after which not all are to come back at once."""

import os


def between(low: float, high: float) -> float:
    """One of 256 numbers from `low` to `high`.

    Not from `random`: its module reseeds itself in each process that is forked, at the cost of each job.
    """
    return low + os.urandom(1)[0] / 255 * (high - low)
