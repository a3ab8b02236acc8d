"""The shop's jobs: found by their module's name."""

import time

from resque_core import job


@job(queue="mail")
def send_receipt(customer: str) -> None:
    """Fail for a customer without an address."""
    time.sleep(1)
    if "@" not in customer:
        raise ValueError(f"{customer} is not an address")
    print("receipt for", customer, flush=True)
