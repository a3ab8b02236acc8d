"""What `manage.py resque_work` has its workers import first: it loads the project and its jobs.

Workers without manage.py do the same: `DJANGO_SETTINGS_MODULE=… resque work --require django_resque.worker`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import close_old_connections, connections

from resque_core.current import current_job
from resque_core.surroundings import surround_jobs


@contextmanager
def fresh_connections() -> Iterator[None]:
    """Around each job: connections that the server has closed are replaced, however long they should last."""
    close_old_connections()
    for connection in connections.all(initialized_only=True):
        if connection.connection and not connection.in_atomic_block and not connection.is_usable():
            connection.close()
    try:
        yield
    finally:
        close_old_connections()


def keep_from_children() -> None:
    """Before a fork: two processes cannot share a connection. What a job forks is the job's own business."""
    if current_job() is None:
        connections.close_all()


django.setup()
os.register_at_fork(before=keep_from_children)
surround_jobs(fresh_connections)
