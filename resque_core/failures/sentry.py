"""`SentryBackend`: an event for each failed job."""

from typing import Any

from resque_core.errors import SettingsError
from resque_core.failures.report import Report

#: Seconds to hand an event over before the process ends.
_FLUSH = 4.0


class SentryBackend:
    """Sends events through sentry-sdk: as it was initialized, else with `options`, else with SENTRY_DSN.

    :raises SettingsError: sentry-sdk is not installed.
    """

    def __init__(self, **options: Any) -> None:
        try:
            import sentry_sdk
        except ModuleNotFoundError as error:
            raise SettingsError(
                'The failure backend sentry needs: pip install "resque-core[sentry]"'
            ) from error
        self._sentry: Any = sentry_sdk
        self._options = options

    def save(self, report: Report) -> None:
        """Send the event, and wait until it is sent."""
        if not self._sentry.is_initialized():
            self._sentry.init(**self._options)
        self._sentry.capture_event(_event(report))
        self._sentry.flush(timeout=_FLUSH)


def _event(report: Report) -> dict[str, Any]:
    module, _, kind = report.exception.rpartition(".")
    return {
        "level": "error",
        "logger": "resque",
        "platform": "python",
        "timestamp": report.failed_at,
        "transaction": report.name,
        "exception": {"values": [{"type": kind, "module": module or None, "value": report.error}]},
        # What a stack trace would do, if there were one with frames.
        "fingerprint": [report.name, report.exception, *report.backtrace[-3:-1]],
        "tags": {"queue": report.queue, "job": report.name, "worker": report.worker},
        "extra": {
            "args": report.args,
            "kwargs": report.kwargs,
            "job_id": report.job_id,
            "failure_id": report.failure_id,
            "backtrace": list(report.backtrace),
        },
    }
