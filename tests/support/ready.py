"""Loaded last by the process that others are forked from: what each of them would do anew, for nothing.

What is loaded here is a hundred megabytes, of pytest and Hypothesis too. Whoever goes through it, as a
collection of garbage does, has the kernel copy it: that took most of what a worker of a test costs.
"""

import gc

from resque_core.discovery import open_storage
from resque_core.process import rehearsal

#: A worker of a test has a few children. What the hundredth time would make quicker is not asked for here;
#: a worker that a test starts `itself` rehearses as often as those of users.
FEW = 2


def _find_backends() -> None:
    """To look through all that is installed takes longer than to open a store."""
    for url in ("sqlite:///nowhere", "redis://127.0.0.1:1/0", "mongodb://127.0.0.1:1/resque"):
        open_storage(url, "resque").close()


rehearsal.TIMES = FEW
_find_backends()
gc.collect()
gc.freeze()
