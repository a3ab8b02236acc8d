"""`manage.py resque_web`: the monitor in a browser, without the project's own pages."""

from django_resque.management.embedded import EmbeddedCommand


class Command(EmbeddedCommand):
    """`resque web` on the store of the settings, which knows the project's jobs."""

    help = "Show the monitor in a browser, on an address of its own."
    command = "web"
