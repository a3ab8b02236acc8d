"""`manage.py` of the tests' site, for a process that is forked from one that has loaded `resque`."""

from django.core.management import execute_from_command_line

SETTINGS = ("--settings", "tests.django.site.settings")


def manage(*words: str) -> None:
    """Do as `manage.py` does when it is given these words, and exit as it does."""
    execute_from_command_line(["manage.py", *words, *SETTINGS])
