"""Whether a failure is one of those that a `FailureFilter` means."""

from resque_core.failure import Failure, FailureFilter


def matches(failure: Failure, which: FailureFilter) -> bool:
    """Whether it matches every field that is set."""
    return (
        _is_named(failure.exception, which.exception)
        and which.name in (None, failure.name)
        and which.queue in (None, failure.queue)
        and (which.since is None or failure.failed_at >= which.since)
        and (which.until is None or failure.failed_at <= which.until)
        and which.retried in (None, failure.retried_at is not None)
    )


def _is_named(exception: str, name: str | None) -> bool:
    # Without a dot (or Ruby's `::`) it can be the last part of a name, otherwise only the whole.
    last_part = exception.replace("::", ".").rpartition(".")[2]
    return name is None or exception == name or last_part == name
