"""The page of one row: its facts, what can be done about it, and what takes more room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse

from django_resque.monitor.markup import format_html


@dataclass(frozen=True, slots=True)
class Field:
    """Text that is sent with a command."""

    name: str
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A command of the row's page."""

    verb: str
    label: str
    #: What is said before it is done; empty: it is done at once.
    question: str = ""
    #: Whether the row is still there afterwards, to come back to.
    stays: bool = True
    #: What is asked for besides.
    fields: tuple[Field, ...] = ()


def details(
    page: Any,
    request: HttpRequest,
    key: str,
    *,
    title: str,
    facts: Sequence[tuple[str, str]],
    buttons: Sequence[Button] = (),
    texts: Sequence[tuple[str, str]] = (),
    warnings: Sequence[str] = (),
) -> HttpResponse:
    """The page of the row `key`: `texts` are headings, and what stands below each as it is."""
    response: HttpResponse = page.page(
        request,
        "resque/details.html",
        title=title,
        key=quote(key),
        facts=facts,
        buttons=[button for button in buttons if not button.question],
        questions=[button for button in buttons if button.question],
        texts=texts,
        warnings=warnings,
    )
    return response


def linked(url: str, text: str) -> str:
    """A link to another page."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', url, text)
