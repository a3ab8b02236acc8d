"""`manage.py resque_pool`: the workers of this machine, with the project loaded once for all of them."""

from collections.abc import Sequence
from typing import ClassVar

from django_resque.management.embedded import EmbeddedCommand, worker_words
from resque_core.cli.pool_steering import STEERING


class Command(EmbeddedCommand):
    """`resque pool` within the project."""

    help = "Keep this machine's workers alive, as resque-pool.yml says."
    command = "pool"
    #: Its own -v is resque-pool's, and prints the version.
    verbosity_names: ClassVar[tuple[str, ...]] = ("--verbosity",)

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """The manager loads the project; who steers a pool from outside loads nothing."""
        return [*words] if words[:1] and words[0] in STEERING else [*worker_words(alias), *words]
