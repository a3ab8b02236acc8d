"""An application whose workers end as soon as they are forked."""

import os

from resque_core import Worker
from resque_core.pool.hooks import after_prefork


@after_prefork
def leave(_worker: Worker) -> None:
    os._exit(3)
