"""What a producer is told of a unique job that is there already."""

from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.errors import AlreadyEnqueued
from resque_core.job import Job


def complain_of_duplicate(job: Job, definition: Definition, holder: str) -> None:
    """
    :raises AlreadyEnqueued: the job's definition wants that.
    """
    uniqueness = definition.options.uniqueness
    if uniqueness and uniqueness.on_duplicate == "raise":
        raise AlreadyEnqueued(
            f"{job} was not enqueued: job {one_line(holder)} is the same and has not come to its end. "
            f"Wait for that one, or let @job say on_duplicate='ignore'."
        )
