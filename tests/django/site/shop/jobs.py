"""Jobs, as an application keeps them."""

from django.contrib.auth.models import User

from resque_core import job


@job(queue="mail")
def send_receipt(order: int) -> int:
    """Needs the project's models."""
    if order < 0:
        raise ValueError(f"no order {order}")
    return int(User.objects.count()) + order


@job
def anywhere() -> None:
    """Has no queue of its own."""
