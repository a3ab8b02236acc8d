"""`manage.py resque_work`: workers that have the project loaded."""

from collections.abc import Sequence

from django.conf import settings

from django_resque.management.embedded import EmbeddedCommand, worker_words

#: Who says one of these wants no worker that stays and is looked after.
NO_RELOAD = {"--reload", "--no-reload", "--burst", "--background", "--help", "-h"}


class Command(EmbeddedCommand):
    """`resque work` within the project. While that is written, it works anew after each change of it."""

    help = "Run jobs from queues, each in a process of its own, until stopped."
    command = "work"

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """Workers load the project first; runserver's word for no reload is understood, too."""
        words = ["--no-reload" if word == "--noreload" else word for word in words]
        if self._called_from_command_line and reloads(words):
            self.stdout.write("A change of the project starts the workers anew; with --no-reload none does.")
            words.append("--reload")
        return [*worker_words(alias), *words]


def reloads(words: Sequence[str]) -> bool:
    """Whether changes are watched for without a word: under DEBUG, unless the command line says otherwise."""
    return bool(settings.DEBUG) and not NO_RELOAD.intersection(words)
