"""`Sequel`: what else happens in the step that ends a job. `Note`: what a store keeps beside one."""

from dataclasses import dataclass

from resque_core.job import Entry

#: Seconds for which a note is kept after the last write to it, while its job has not ended.
KEPT = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Note:
    """Three texts beside a job, which stores do not read. In a write, an empty one leaves what is there."""

    #: Of the call: which job it is.
    about: bytes = b""
    #: Of its life: how far it is.
    latest: bytes = b""
    #: Of its end.
    end: bytes = b""
    #: How long it is kept from this write on, by the store's clock.
    seconds: float = KEPT


@dataclass(frozen=True, slots=True)
class Leaving:
    """A job of a batch has ended, done or failed for good."""

    batch: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Sequel:
    """What happens with the end of a job, or of an attempt, and never without it."""

    #: What is noted beside the job.
    note: Note | None = None
    #: Jobs that wait from then on, each at the tail of its queue, unless its id waits or runs already.
    then: tuple[Entry, ...] = ()
    #: The batch that the job leaves, if it has ended and is one of a batch.
    leaving: Leaving | None = None
