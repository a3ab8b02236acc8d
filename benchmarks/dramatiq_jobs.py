"""The jobs of `bench_jobs` for Dramatiq, whose actors belong to one of its brokers."""

from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from rq_jobs import note_delay, note_time, nothing, swallow


def open_broker(url: str) -> Any:
    """A broker with its defaults, which new actors belong to."""
    broker = RedisBroker(url=url)
    dramatiq.set_broker(broker)
    return broker


def actors_of(broker: Any) -> dict[str, Any]:
    """The actor of each job."""
    jobs = (nothing, note_time, note_delay, swallow)
    return {job.__name__: dramatiq.actor(job, queue_name="bench", broker=broker) for job in jobs}
