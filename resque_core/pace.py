"""`Pace`: how long a worker waits between looks at empty queues (Ruby's MIN_, MAX_ and BACKOFF_INTERVAL)."""

from resque_core.worker_options import WorkerOptions


class Pace:
    """Waits grow by `backoff_interval`, from `min_interval` after a job to `max_interval`.

    Unlike in Ruby, a `min_interval` of 0 means to look again at once, and does not end the worker.
    """

    def __init__(self, options: WorkerOptions) -> None:
        highest = _or(options.max_interval, options.interval)
        self._highest = highest
        self._lowest = min(_or(options.min_interval, options.interval), highest)
        self._step = min(options.backoff_interval, highest)
        self._now = min(max(options.interval, self._lowest), highest)

    def worked(self) -> None:
        """There was a job: more may come soon."""
        self._now = self._lowest

    def rest(self) -> float:
        """Seconds until the next look, now that one found nothing."""
        self._now = min(self._now + self._step, self._highest)
        return self._now


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
