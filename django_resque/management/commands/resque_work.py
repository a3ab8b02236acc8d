"""`manage.py resque_work`: workers that have the project loaded."""

from collections.abc import Sequence

from django.db import connections

from django_resque.management.embedded import EmbeddedCommand


class Command(EmbeddedCommand):
    """`resque work` within the project."""

    help = "Run jobs from queues, each in a process of its own, until stopped."
    command = "work"

    def arguments(self, words: Sequence[str]) -> list[str]:
        """Workers load the project first. Connections of this process must not reach theirs."""
        connections.close_all()
        return ["--require", "django_resque.worker", *words]
