"""What `ps` shows of our processes: `resque-0.1.0: Waiting for a,b` (spec ruby-resque §5.4)."""

import functools
import os
import time

from setproctitle import setproctitle

from resque_core._version import __version__
from resque_core.display import one_line
from resque_core.job import Job

#: Ruby workers on the same host take a worker for dead whose title does not match `resque-[0-9]`.
LONGEST = 200


def set_title(text: str) -> None:
    """Show `text` behind our name, and behind RESQUE_PROCLINE_PREFIX if that is set."""
    setproctitle(_beginning() + one_line(text, LONGEST))


def show_start() -> None:
    """Show that a worker is about to begin; as in Ruby, without prefix and version."""
    setproctitle("resque: Starting")


def processing(job: Job) -> str:
    """`Processing mail since 1700000000 [Mailer]`."""
    return f"Processing {job.queue} since {int(time.time())} [{job.name or 'No Name'}]"


@functools.cache
def _beginning() -> str:
    # Asked for once in an app process: the environment's own pages would be copied for every job.
    return f"{os.environ.get('RESQUE_PROCLINE_PREFIX', '')}resque-{__version__}: "
