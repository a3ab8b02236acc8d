"""Which names a queue may get. Queues that other writers named otherwise can still be read and removed."""

import re

from resque_core.errors import InvalidQueueName

#: Longer names do not fit every store's keys and every tool's columns.
MAX_BYTES = 255

_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f,\ud800-\udfff]")


def check_queue_name(name: object) -> str:
    """`name`, if a queue may be called so.

    :raises InvalidQueueName: it may not; the message says why and what to do.
    """
    if not isinstance(name, str):
        raise InvalidQueueName(f"A queue's name is a string, not a {type(name).__name__}: {name!a:.80}.")
    reason = _refusal(name)
    if reason:
        raise InvalidQueueName(f"The queue name {name!a:.80} cannot be used: {reason}")
    return name


def _refusal(name: str) -> str | None:
    if not name:
        return "it is empty. Give the queue a name."
    if name != name.strip():
        return "it begins or ends with a blank, which worker lists leave out. Leave it out."
    if name == "*":
        return "* stands for all queues. Enqueue to one of them by its name."
    if name.startswith("!"):
        return "a leading ! means 'not this queue' in a worker's list. Leave it out."
    if found := _UNUSABLE.search(name):
        return f"it holds {found[0]!a}, which worker lists and logs cannot carry. Leave it out."
    if len(name) * 4 > MAX_BYTES and len(name.encode()) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes. Shorten it."
    return None
