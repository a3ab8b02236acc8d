"""`Pace`: how long a worker waits between looks at empty queues (Ruby's MIN_, MAX_ and BACKOFF_INTERVAL)."""

from time import monotonic

from resque_core.worker_options import WorkerOptions

#: Who is not woken looks again after this part of the time since its last job, and after so many seconds at
#: least: a dozen looks in ten seconds, then one in each interval. So a job that soon follows waits little.
ADAPTED, SHORTEST = 0.5, 0.1


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
        self._adapts = options.min_interval is None
        self._last_job: float | None = None

    def worked(self) -> None:
        """There was a job: more may come soon."""
        self._now = self._lowest
        self._last_job = monotonic()

    def rest(self, *, woken: bool = True) -> float:
        """Seconds until the next look, now that one found nothing; sooner after a job, if not woken."""
        self._now = min(self._now + self._step, self._highest)
        if woken or not self._adapts or self._last_job is None:
            return self._now
        return min(self._now, max(SHORTEST, ADAPTED * (monotonic() - self._last_job)))


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
