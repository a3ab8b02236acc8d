"""The jobs of the demo: a small shop, with everything in it that can go right or wrong."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from resque_core import DontPerform, current_job, job


class Declined(Exception):
    """The bank said no."""


class Ledger:
    """A plugin: its hook writes a line for every job that ran to its end."""

    @staticmethod
    def after_perform_ledger(*_args: Any, **_kwargs: Any) -> None:
        """Runs in the job's own process, after the job."""
        if done := current_job():
            line = json.dumps({"job": done.name, "id": done.id, "pid": os.getpid()})
            with Path(os.environ.get("DEMO_LEDGER", os.devnull)).open("a", encoding="utf-8") as ledger:
                ledger.write(line + "\n")


@job(queue="images", plugins=(Ledger,))
def resize(image_id: int, width: int = 640) -> None:
    """A function: the plainest job there is."""
    crc32(f"{image_id}x{width}".encode() * 10_000)


@job(plugins=(Ledger,))
class Newsletter:
    """A class with `queue` and `perform`: a job as Ruby's Resque writes it."""

    queue = "mail"

    @staticmethod
    def perform(customer_id: int) -> None:
        """Pretend to send a letter; one customer has no address."""
        address = {13: ""}.get(customer_id, f"customer-{customer_id}@example.org")
        if "@" not in address:
            raise ValueError(f"customer {customer_id} has no address")


@job(queue="rates", plugins=(Ledger,))
async def fetch_rate(currency: str) -> None:
    """A coroutine: it runs under asyncio in its child."""
    await asyncio.sleep(0.01)
    {"EUR": 1.0, "CHF": 0.94, "GBP": 0.86, "USD": 1.09, "NOK": 11.7}[currency]


@job(queue="critical", plugins=(Ledger,))
def charge(order_id: int, cents: int) -> None:
    """A job with hooks of its own, below."""
    if cents > 100_000:
        raise Declined(f"order {order_id}: {cents / 100:.2f} is over the limit")


@charge.hook
def before_enqueue_something_to_pay(_order_id: int, cents: int) -> bool:
    """In the program that enqueues: exactly False keeps the job from being stored."""
    return cents > 0


@charge.hook
def before_perform_not_twice(order_id: int, _cents: int) -> None:
    """In the child, before the job: DontPerform skips it quietly."""
    if order_id == 7:
        raise DontPerform(f"order {order_id} is paid already")


@charge.hook
def around_perform_timed(order_id: int, _cents: int) -> Iterator[None]:
    """In the child, around the job: the yield is where the job runs."""
    started = time.monotonic()
    try:
        yield
    finally:
        print(f"order {order_id} took {(time.monotonic() - started) * 1000:.1f} ms")


@job(queue="reports", plugins=(Ledger,))
def build_report(month: str) -> None:
    """A job that a hungry one beside it may take down: its process is killed from outside."""
    if month == "2026-02":
        os.kill(os.getpid(), signal.SIGKILL)
    if month == "2026-03":
        os._exit(0)
