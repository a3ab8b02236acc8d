"""A job whose log lines say which job they are of, whoever writes them.

`JobFilter` puts the running job's id and queue on every record of a handler, also on those of libraries
that know nothing of jobs.
"""

import logging

from resque_core import current_job, job

log = logging.getLogger("shop.reports")


class JobFilter(logging.Filter):
    """Gives each record `job_id` and `queue`; a dash outside of jobs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with the two."""
        running = current_job()
        record.job_id = running.id if running else "-"
        record.queue = running.queue if running else "-"
        return True


def set_up_logging() -> None:
    """What `resque work --setup logging_job:set_up_logging` calls once, in the app process."""
    handler = logging.StreamHandler()
    handler.addFilter(JobFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(queue)s %(job_id)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)


@job(queue="reports", name="recipes.report")
def report(month: str) -> None:
    """Say what it does. What it raises, the worker logs."""
    log.info("begins with %s", month)
    if month == "2026-13":
        raise ValueError(f"there is no month {month}")
    log.info("is done with %s", month)
