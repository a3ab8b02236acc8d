"""Log records know the job in which they were made: `resque_job_id`, `resque_queue`, `resque_attempt`."""

import logging
from typing import Any

from resque_core.current import current_job

#: What each record carries, and the attribute of the job that it is; None outside of jobs.
FIELDS = {"resque_job_id": "id", "resque_queue": "queue", "resque_attempt": "attempt"}


def mark_records() -> None:
    """From now on, have every logger of this process make such records. Doing so again changes nothing."""
    make = logging.getLogRecordFactory()
    if isinstance(make, _Marking):
        return
    logging.setLogRecordFactory(_Marking(make))


class _Marking:
    """A factory of records that goes on where that of the program ends."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(*args, **kwargs)
        job = current_job()
        for field, name in FIELDS.items():
            setattr(record, field, getattr(job, name, 1) if job else None)
        return record
