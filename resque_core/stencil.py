"""`Stencil`: the texts of jobs that differ in nothing but arguments, id and time."""

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any

from resque_core.arguments import MAX_DEPTH, explain, sound
from resque_core.clock import Moment
from resque_core.codec import encode_job, encode_value
from resque_core.errors import InvalidArguments
from resque_core.job import Job, like

#: Levels of one argument and all that is in it, and of the list that it is in.
_ROOM = MAX_DEPTH - 1
_NO_ARGUMENTS = "[]"
#: How `json` writes what most arguments are. It makes an encoder for each text, which takes longer.
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
}


class Stencil:
    """The text of a job without arguments, id and time, with gaps where others have theirs.

    :raises InvalidArguments: a part is not JSON; the message names it, its path and the way out.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        text = encode_job(job).decode()
        gap = len(f'{{"class":{encode_value(job.name)},"args":')
        self._before, self._after = text[:gap], text[gap + len(_NO_ARGUMENTS) :]

    def fill(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], job_id: str, moment: Moment) -> bytes:
        """What `encode_job` writes for such a job, whose id is a `new_id`.

        :raises InvalidArguments: an argument is not JSON; the message names it, its path and the way out.
        """
        try:
            said = dict(kwargs)
            if (not args or sound(args, _ROOM)) and (not said or sound(said, _ROOM)):
                given = _list_of(args) if args else _NO_ARGUMENTS
                named = f',"kwargs":{encode_value(said)}' if said else ""
                own = f'{named},"id":"{job_id}","enqueued_at":"{moment.text}"'
                return f"{self._before}{given}{own}{self._after}".encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidArguments(explain(like(self._job, args=args, kwargs=kwargs), error)) from None
        raise InvalidArguments(explain(like(self._job, args=args, kwargs=kwargs)))


def _list_of(args: tuple[Any, ...]) -> str:
    """The JSON list of `sound` values."""
    if not _WRITERS.keys() >= set(map(type, args)):
        return encode_value(args)
    return f"[{','.join([_WRITERS[type(value)](value) for value in args])}]"
