"""What was written to the standard streams and not yet passed on."""

import sys


def flush_streams() -> None:
    """Pass on what is buffered: before a fork, not to write it twice; before `os._exit`, not to lose it."""
    # They may be None, closed, or anything that a program put in their place.
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - `suppress` is a class to run, in each child of a worker
            stream.flush()
        except Exception:  # noqa: S110
            pass
