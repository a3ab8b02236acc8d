"""A large job that enqueues small ones: each is short, is retried alone, and runs beside the others.

The chunks go in one step, all or none. If the large job fails after that and runs again, its chunks
are enqueued again: what they do must bear that, here by asking who was invited already.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from resque_core import Resque, job
from resque_core.default_app import default_app

CHUNK = 100


class Mailbox:
    """What stands for a mail server."""

    invited: ClassVar[set[int]] = set()


@job(queue="chunks", name="recipes.invite")
def invite(customers: list[int]) -> None:
    """A chunk."""
    for customer in set(customers) - Mailbox.invited:
        Mailbox.invited.add(customer)


@job(queue="large", name="recipes.invite_all")
def invite_all(customers: list[int]) -> None:
    """The large job: it only cuts."""
    app = default_app()
    assert isinstance(app, Resque)
    app.enqueue_many([invite.build(chunk) for chunk in chunks(customers)])


def chunks(customers: Sequence[int], size: int = CHUNK) -> Iterator[list[int]]:
    """So many at a time."""
    for start in range(0, len(customers), size):
        yield list(customers[start : start + size])
