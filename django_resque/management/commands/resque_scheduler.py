"""`manage.py resque_scheduler`: recurring entries, with the project loaded."""

from collections.abc import Sequence

from django.db import connections

from django_resque.management.embedded import EmbeddedCommand


class Command(EmbeddedCommand):
    """`resque scheduler` within the project."""

    help = "Put the jobs of recurring entries on their queues when they are due, until stopped."
    command = "scheduler"

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """Hooks of jobs may need the project. Connections of this process must not reach them."""
        connections.close_all()
        return ["--require", "django_resque.worker", *words]
