"""Jobs of the storm over schedulers: three recurring ones, and one that is delayed. Each notes its runs."""

import os

from storm_jobs import KEEPER

from resque_core import current_job, job


def note() -> None:
    """One line, in one write: which job, and under which keeper it ran to its end."""
    this = current_job()
    assert this
    descriptor = os.open(os.environ["STORM_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{this.id} {KEEPER}\n".encode())
    os.close(descriptor)


@job(queue="ticks", name="each-second", cron="* * * * * *", catch_up="all")
def each_second() -> None:
    """Due each second."""
    note()


@job(queue="ticks", name="each-other", cron="*/2 * * * * * Europe/Berlin", catch_up="all")
def each_other() -> None:
    """Due each other second, by another clock."""
    note()


@job(queue="ticks", name="each-third", cron="1-59/3 * * * * *", catch_up="all")
def each_third() -> None:
    """Due twenty times a minute."""
    note()


@job(queue="ticks", name="later")
def later() -> None:
    """Delayed by the storm."""
    note()
