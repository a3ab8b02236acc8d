"""Every metric by its name, to whom it is told. `docs/reference/metrics.md` has the same list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from resque_core._version import __version__
from resque_core.metrics.reading import Metrics
from resque_core.timing import Histogram

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: a value, or one for each value of its label."""

    #: As Prometheus wants it: a unit last, and after that `_total` for what only grows.
    name: str
    kind: Kind
    #: What it is, in a sentence.
    help: str
    #: The name of its label; empty: it has none, and its one value is at the empty text.
    label: str = ""
    values: Mapping[str, float | Histogram] = field(default_factory=dict)


def families_of(metrics: Metrics) -> list[Family]:
    """All metrics of a store that answers."""
    queues = metrics.queues
    return [
        _up(1),
        Family(
            *("resque_build_info", "gauge", "1; its label says which version counts.", "version"),
            {__version__: 1},
        ),
        _one("resque_jobs_processed_total", "counter", "Attempts that ended.", metrics.processed),
        _one("resque_jobs_failed_total", "counter", "Attempts that left a failure.", metrics.failed),
        _one("resque_jobs_retried_total", "counter", "Attempts that another follows.", metrics.retried),
        _one("resque_failed_jobs", "gauge", "Failures that are kept.", metrics.failures),
        _one("resque_delayed_jobs", "gauge", "Jobs that wait for their time.", metrics.delayed),
        _one("resque_delayed_overdue", "gauge", "Delayed jobs whose time has come.", metrics.overdue),
        _one("resque_delayed_retrying", "gauge", "Delayed jobs that failed before.", metrics.retrying),
        Family("resque_workers", "gauge", "Registered workers, by state.", "state", metrics.workers),
        _one("resque_queues", "gauge", "Known queues.", metrics.queue_count),
        _each("resque_queue_pending", "gauge", "Jobs that wait.", {it.name: it.size for it in queues}),
        _each(
            *("resque_queue_oldest_age_seconds", "gauge", "How long the oldest waiting job has waited."),
            {it.name: it.oldest_age for it in queues},
        ),
        _each(
            *("resque_queue_paused", "gauge", "1 if the queue is paused by its name."),
            {it.name: int(it.paused) for it in queues},
        ),
        _each(
            *("resque_job_wait_seconds", "histogram", "From when a job could be had until it was reserved."),
            {it.name: it.timings.wait for it in queues if it.timings.wait.total},
        ),
        _each(
            *("resque_job_duration_seconds", "histogram", "From when a job was reserved until its end."),
            {it.name: it.timings.duration for it in queues if it.timings.duration.total},
        ),
    ]


def families_of_none() -> list[Family]:
    """All that is known of a store that does not answer."""
    return [_up(0)]


def _up(value: int) -> Family:
    return _one("resque_up", "gauge", "1 if the store answers, else 0 and nothing else.", value)


def _one(name: str, kind: Kind, about: str, value: float) -> Family:
    return Family(name, kind, about, "", {"": value})


def _each(name: str, kind: Kind, about: str, values: Mapping[str, float | Histogram]) -> Family:
    return Family(name, kind, about, "queue", values)
