"""The addresses of rows, whatever other programs have called what is in them."""

from django.contrib.admin.utils import quote
from django.urls import reverse


def row_url(site: str, page: str, key: str) -> str:
    """The address of a row's page in this admin site; of the list, for a name that no address can have."""
    if not can_be_addressed(key):
        return reverse(f"{site}:resque_{page}_changelist")
    return reverse(f"{site}:resque_{page}_change", args=[quote(key)])


def can_be_addressed(text: str) -> bool:
    """Whether an address can carry it: it says something, and that in characters."""
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        # Bytes that are no UTF-8.
        return False
