"""`manage.py resque_work`: workers that have the project loaded."""

from collections.abc import Sequence

from django.db import connections

from django_resque.conf import StoreSettings, store_settings
from django_resque.management.embedded import EmbeddedCommand
from resque_core.keeping import MULTI_QUEUE
from resque_core.keeping_settings import chosen_keeping


class Command(EmbeddedCommand):
    """`resque work` within the project."""

    help = "Run jobs from queues, each in a process of its own, until stopped."
    command = "work"

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """Workers load the project first. Connections of this process must not reach theirs."""
        connections.close_all()
        return ["--require", "django_resque.worker", *_kept(store_settings(alias)), *words]


def _kept(said: StoreSettings) -> list[str]:
    """How failures are kept: as options, so that others on the command line count before them."""
    keeping = chosen_keeping(said.failure_backend, said.max_failures, said.max_failure_age)
    options = {"--max-failures": keeping.most, "--max-failure-age": keeping.age}
    words = [f"{name}={value}" for name, value in options.items() if value is not None]
    return [*words, f"--failure-backend={MULTI_QUEUE}"] if keeping.apart else words
