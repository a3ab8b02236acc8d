"""The addresses of rows, whatever other programs have called what is in them."""

from urllib.parse import quote as percent_encoded

from django.contrib.admin.utils import quote
from django.urls import reverse


class Addresses:
    """Those of one admin site, for one request: to look up the address of a page takes as long as a row."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._lists: dict[str, str] = {}

    def list(self, page: str) -> str:
        """Of a page."""
        if page not in self._lists:
            self._lists[page] = reverse(f"{self._site}:resque_{page}_changelist")
        return self._lists[page]

    def row(self, page: str, key: str) -> str:
        """Of a row's page; of the list, for a name that no address can have."""
        if not can_be_addressed(key):
            return self.list(page)
        # As the admin's own `change` is below its `changelist`.
        return f"{self.list(page)}{percent_encoded(quote(key))}/change/"


def row_url(site: str, page: str, key: str) -> str:
    """The address of a row's page in this admin site; of the list, for a name that no address can have."""
    return Addresses(site).row(page, key)


def can_be_addressed(text: str) -> bool:
    """Whether an address can carry it: it says something, and that in characters."""
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        # Bytes that are no UTF-8.
        return False
