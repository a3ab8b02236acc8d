"""What the bytes of a failure tell of a `FailureFilter`, before they are read (failures_matching.lua)."""

import re
from collections.abc import Sequence

from resque_core.failure import FailureFilter
from resque_redis.failure_text import UNREADABLE
from resque_redis.text import sound, to_json


def texts_of(which: FailureFilter) -> Sequence[bytes]:
    """What is written in the element of every failure that matches, as far as that can be said."""
    texts = [text for text in (which.name, which.queue) if text]
    needed = [to_json(text) for text in texts if text == sound(text)]
    if which.exception not in (None, "", UNREADABLE):
        # The last part, which all ways of writing it have in common.
        needed.append(to_json(sound(re.split("[.:]", which.exception)[-1]))[1:-1])
    if which.worker:
        # All of its id, or the beginning.
        needed.append(to_json(sound(which.worker))[1:-1])
    return [*needed, b'"retried_at"'] if which.retried else needed
