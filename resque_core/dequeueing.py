"""Which waiting jobs a `dequeue` means: compared by what they say, not by their bytes."""

from collections.abc import Callable

from resque_core.arguments import canonical
from resque_core.codec import decode_job
from resque_core.errors import BadPayload
from resque_core.job import Entry, Job


def matcher(job: Job, *, any_arguments: bool) -> Callable[[bytes], bool]:
    """Tells of a payload whether it has the job's name, and its arguments unless any will do."""
    wanted = canonical(job.args, job.kwargs)

    def matches(payload: bytes) -> bool:
        try:
            found = decode_job(Entry("-", job.queue, payload))
        except BadPayload:
            return False
        return found.name == job.name and (any_arguments or canonical(found.args, found.kwargs) == wanted)

    return matches
