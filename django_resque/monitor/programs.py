"""How a user of this monitor starts what is missing: the project's commands, or those of the shell."""

import shlex

from django.conf import settings


def work_on(queues: str) -> str:
    """The command line that starts a worker."""
    return f"{_command('work')} --queues {shlex.quote(queues)}"


def schedule() -> str:
    """The command line that starts a scheduler."""
    return _command("scheduler")


def is_alone() -> bool:
    """Whether the monitor runs without a project: then there is no `manage.py`."""
    return bool(getattr(settings, "RESQUE_WEB_ALONE", False))


def _command(name: str) -> str:
    return f"resque {name}" if is_alone() else f"manage.py resque_{name}"
