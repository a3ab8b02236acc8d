"""Who is told of failures once the store has them: logs, Sentry, Airbrake, your own."""

from resque_core.failures.airbrake import AirbrakeBackend
from resque_core.failures.installed import add_failure_backend, clear_failure_backends, failure_backends
from resque_core.failures.logging import LoggingBackend
from resque_core.failures.multiple import Multiple
from resque_core.failures.report import FailureBackend, Report
from resque_core.failures.sentry import SentryBackend

__all__ = [
    "AirbrakeBackend",
    "FailureBackend",
    "LoggingBackend",
    "Multiple",
    "Report",
    "SentryBackend",
    "add_failure_backend",
    "clear_failure_backends",
    "failure_backends",
]
