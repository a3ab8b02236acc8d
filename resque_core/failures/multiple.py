"""`Multiple`: several failure backends as one. None of them hears of what another raises."""

import logging
from collections.abc import Iterable

from resque_core.display import one_line
from resque_core.failing import exception_message, exception_name
from resque_core.failures.report import FailureBackend, Report

log = logging.getLogger("resque")


class Multiple:
    """Tells each of its backends, in order; what one raises is logged and stops no other."""

    def __init__(self, backends: Iterable[FailureBackend]) -> None:
        self.backends = tuple(backends)

    def save(self, report: Report) -> None:
        """Tell all of them."""
        for backend in self.backends:
            try:
                backend.save(report)
            except Exception as error:
                log.error(  # noqa: TRY400 - a traceback of somebody's client would bury the failure itself
                    "Failure %s is in the store, but %s could not tell of it: %s: %s",
                    report.failure_id,
                    type(backend).__name__,
                    exception_name(error),
                    one_line(exception_message(error)),
                )
