"""The page that enqueues."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.html import format_html

from orders.jobs import send_receipt

PAGE = """<!doctype html><title>Shop</title><h1>Order something</h1>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{}">
<label>Your address <input name="customer" value="eva@example.com"></label> <button>Order</button></form>
<p>{}</p><p>Without an @ the receipt fails. <a href="/admin/resque/overview/">See what became of it</a>:
the name is <code>admin</code>, and so is the password.</p>"""


def order(request: HttpRequest) -> HttpResponse:
    """Take an order; its receipt is a job, stored when the transaction commits."""
    said = ""
    if request.method == "POST":
        customer = request.POST.get("customer", "")
        with transaction.atomic():
            send_receipt.enqueue(customer)
        said = f"Thank you, {customer}. A receipt is on its way."
    return HttpResponse(format_html(PAGE, get_token(request), said))
