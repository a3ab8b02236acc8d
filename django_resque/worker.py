"""What `manage.py resque_work` has its workers import first: it loads the project and its jobs.

Workers without manage.py do the same: `DJANGO_SETTINGS_MODULE=… resque work --require django_resque.worker`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import django
from django.db import close_old_connections, connections

from resque_core.surroundings import surround_jobs


@contextmanager
def fresh_connections(loader: int) -> Iterator[None]:
    """Around each job: connections that the server has closed are replaced, as between two requests.

    `loader` is the process that loaded the project. It forks the children, and so keeps none open.
    """
    close_old_connections()
    try:
        yield
    finally:
        connections.close_all() if os.getpid() == loader else close_old_connections()


django.setup()
# Applications may have read from a database while they were loaded.
connections.close_all()
surround_jobs(partial(fresh_connections, os.getpid()))
