"""`Batch`: jobs that were enqueued together, and how many of them are still to end."""

from dataclasses import dataclass
from datetime import datetime

from resque_core.clock import to_iso

#: How many jobs a batch may have.
MOST_JOBS = 100_000
#: Seconds for which a batch is known once all its jobs have ended.
KEPT_BATCH = 86_400.0


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch at one moment."""

    id: str
    #: How many jobs it was begun with; how many have not ended; how many failed for good.
    total: int
    pending: int
    failed: int
    #: The id of the job that is enqueued when all have ended; empty if none is.
    callback: str = ""

    @property
    def ended(self) -> bool:
        """Whether all its jobs have ended, and the callback is enqueued."""
        return self.pending == 0


def lasting(payload: bytes, until: datetime) -> bytes:
    """The payload of a callback, a JSON object, that is not worth running after that moment."""
    return payload[:-1] + f',"expires_at":"{to_iso(until)}"}}'.encode()
