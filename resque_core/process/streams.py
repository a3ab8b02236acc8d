"""What was written to the standard streams and not yet passed on."""

import contextlib
import sys


def flush_streams() -> None:
    """Pass on what is buffered: before a fork, not to write it twice; before `os._exit`, not to lose it."""
    # They may be None, closed, or anything that a program put in their place.
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    with contextlib.suppress(Exception):
        sys.stderr.flush()
