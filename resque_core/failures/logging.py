"""`LoggingBackend`: a record of level ERROR for each failed job."""

import logging

from resque_core.display import one_line
from resque_core.failures.report import Report


class LoggingBackend:
    """Logs failed jobs; everything that is known of one is also in the record's `resque` attribute."""

    def __init__(self, logger: str = "resque.failures") -> None:
        self._log = logging.getLogger(logger)

    def save(self, report: Report) -> None:
        """Log it, in one line."""
        self._log.error(
            "%s on %s failed: %s: %s (job %s, failure %s, args %s)",
            one_line(report.name or "What is no job"),
            one_line(report.queue),
            one_line(report.exception),
            one_line(report.error),
            one_line(report.job_id),
            report.failure_id,
            one_line(str([*report.args, *([report.kwargs] if report.kwargs else [])])),
            extra={"resque": report},
        )
