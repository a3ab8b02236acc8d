"""`manage.py resque_failures`: see what failed and why; run it again or delete it."""

from django_resque.management.embedded import EmbeddedCommand


class Command(EmbeddedCommand):
    """`resque failures` on the store of the settings."""

    help = "See what failed and why; run it again or delete it."
    command = "failures"
