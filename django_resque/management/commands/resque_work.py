"""`manage.py resque_work`: workers that have the project loaded."""

from collections.abc import Sequence

from django_resque.management.embedded import EmbeddedCommand, worker_words


class Command(EmbeddedCommand):
    """`resque work` within the project."""

    help = "Run jobs from queues, each in a process of its own, until stopped."
    command = "work"

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """Workers load the project first."""
        return [*worker_words(alias), *words]
