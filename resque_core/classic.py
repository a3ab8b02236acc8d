"""The classic payload: `class` and `args` and nothing else, byte for byte as Ruby Resque writes it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from resque_core.codec import body_of, encode_body
from resque_core.display import one_line
from resque_core.errors import InvalidArguments
from resque_core.job import Job
from resque_core.ruby_json import ruby_json

#: What a classic payload has, and what it may lack without harm: a store keeps an id of its own beside it.
_SPARED = frozenset({"class", "args", "id", "enqueued_at"})


def as_classic(job: Job) -> Job:
    """`job` as the classic payload can say it, without its text. Keys of other writers are kept.

    :raises InvalidArguments: the job needs more than `class` and `args`.
    """
    beyond = body_of(job).keys() - job.extras.keys() - _SPARED
    if beyond:
        raise InvalidArguments(
            f"{one_line(job.name)} needs {' and '.join(sorted(beyond))}, and a classic payload has nothing "
            f"but class and args. Pass arguments by position, or do without classic_payload and ruby."
        )
    return replace(job, enqueued_at=None, payload=b"")


def encode_classic(job: Job, body: Mapping[str, Any] | None = None) -> bytes:
    """The text that Ruby would write for the job, or for the `body` that says it.

    :raises InvalidArguments: a part is not JSON; the message names it, its path and the way out.
    """
    written = {"class": job.name, "args": job.args, **job.extras} if body is None else body
    return encode_body(job, written, ruby_json)
