"""Telling the failure backends of this very process."""

import threading

from resque_core.failure import Failure
from resque_core.failures.installed import failure_backends
from resque_core.failures.report import report_of

#: Seconds. A service that does not answer must not hold up anybody for longer.
CAP = 5.0


def tell_in_thread(failure: Failure, seconds: float = CAP) -> None:
    """Tell them in a thread, which is waited for so many seconds and then left alone."""
    backends = failure_backends()
    if backends.backends:
        thread = threading.Thread(
            target=lambda: backends.save(report_of(failure)), name="resque-report", daemon=True
        )
        thread.start()
        thread.join(seconds)
