"""Taking a job back, wherever it is: out of its queue, or out of a worker's hands."""

from typing import Literal

from resque_core.storage import Storage

#: Commands for a worker, before the id of a job.
CANCEL, CANCEL_HARD = "cancel ", "cancel-hard "
#: Between two looks a job may move on; it does not do so for ever.
_LOOKS = 5

#: `cancelled`: it was deleted before it was begun. `told`: its worker will hear of it with its next beat.
Cancelled = Literal["cancelled", "told"]


def cancel(storage: Storage, job_id: str, *, hard: bool) -> Cancelled | None:
    """Delete the job if it waits or is delayed; else have its worker end it. None: it is neither."""
    for _ in range(_LOOKS):
        if storage.jobs.cancel(job_id):
            return "cancelled"
        standing = storage.records.read(job_id)
        if standing is None or standing.place == "gone":
            return None
        if standing.reservation:
            verb = CANCEL_HARD if hard else CANCEL
            return "told" if storage.workers.command(standing.reservation.worker, verb + job_id) else None
    return None
