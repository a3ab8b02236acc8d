"""A recurring job for the process tests."""

from storeroom import tell

from resque_core import current_job, job


@job(queue="shop", cron="* * * * * *", name="ticking")
def ticking() -> None:
    this = current_job()
    assert this
    tell("ticked", this.id)
