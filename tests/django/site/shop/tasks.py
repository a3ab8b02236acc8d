"""Jobs, as an application keeps them that once used another library."""

from resque_core import job


@job(queue="mail")
def remind(order: int) -> None:
    """Do nothing."""
