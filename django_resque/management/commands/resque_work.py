"""`manage.py resque_work`: workers that have the project loaded."""

import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connections

from django_resque.management.embedded import EmbeddedCommand, worker_words
from django_resque.management.reloading import project_files
from resque_core.process.reloading import run_reloading

RELOAD = "--reload"
#: Who says one of these wants no worker that stays and is looked after.
NO_RELOAD = {"--no-reload", "--noreload", "--burst", "--background", "--help", "-h"}


class Command(EmbeddedCommand):
    """`resque work` within the project."""

    help = "Run jobs from queues, each in a process of its own, until stopped."
    command = "work"

    def handle(self, *args: Any, words: Sequence[str], **options: Any) -> None:
        """Work; while the project is written, anew after each change of it."""
        if self._called_from_command_line and reloads(words):
            self.stdout.write("A change of the project starts the workers anew; with --no-reload none does.")
            sys.exit(reload_workers())
        super().handle(*args, words=[word for word in words if word != "--noreload"], **options)

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """Workers load the project first."""
        return [*worker_words(alias), *words]


def reloads(words: Sequence[str]) -> bool:
    """Whether changes are to be watched for: under DEBUG unless the command line says otherwise."""
    return RELOAD in words or (bool(settings.DEBUG) and not NO_RELOAD.intersection(words))


def reload_workers() -> int:
    """Run this very command without a reload, and again after each change; its exit code."""
    connections.close_all()
    again = [word for word in sys.orig_argv[1:] if word != RELOAD]
    return run_reloading([sys.executable, *again, "--no-reload"], project_files())
