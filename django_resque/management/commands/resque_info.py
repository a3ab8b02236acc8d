"""`manage.py resque_info`: the whole store at a glance."""

from django_resque.management.embedded import EmbeddedCommand


class Command(EmbeddedCommand):
    """`resque info` on the store of the settings."""

    help = "Show the store, which setting named it, and how much waits, runs and failed."
    command = "info"
