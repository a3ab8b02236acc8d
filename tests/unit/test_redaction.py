"""Secrets in arguments do not leave the process."""

from typing import Any

import pytest

from resque_core import Job, job
from resque_core.redaction import MASK, redacted, redacted_arguments
from resque_core.registry import registry


@job(queue="mail", name="redaction.charge", sensitive_args=["card"])
def charge(
    order: int, card: str, api_key: str = "", *more: object, note: str = "", card_holder: str = ""
) -> None: ...


@job(name="redaction.Send")
class Send:
    queue = "mail"

    @staticmethod
    def perform(address: str, password: str) -> None: ...


def shown(name: str, *args: Any, **kwargs: Any) -> tuple[list[Any], dict[str, Any]]:
    return redacted_arguments(Job(queue="q", name=name, args=args, kwargs=kwargs), registry.get(name))


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "Passwd",
        "db_password",
        "accessToken",
        "api-key",
        "APIKEY",
        "Authorization",
        "client_secret",
    ],
)
def test_a_value_under_the_key_of_a_secret_is_masked_however_deep(key: str) -> None:
    assert redacted([{"a": [{key: "hunter2", "b": 1}]}]) == [{"a": [{key: MASK, "b": 1}]}]


def test_all_other_values_are_what_they_were() -> None:
    value = {"a": [1, 2.5, None, True, "password"], "author": {"b": ()}}
    assert redacted(value) == {"a": [1, 2.5, None, True, "password"], "author": {"b": []}}


def test_what_lies_too_deep_to_be_looked_at_is_masked_as_a_whole() -> None:
    deep: Any = {"password": "hunter2"}
    for _ in range(30):
        deep = [deep]
    assert "hunter2" not in str(redacted(deep))


def test_arguments_are_masked_by_the_names_of_their_parameters() -> None:
    assert shown("redaction.charge", 7, "4111", "k", "more") == ([7, MASK, MASK, "more"], {})
    assert shown("redaction.charge", 7, card="4111", note="x") == ([7], {"card": MASK, "note": "x"})
    assert shown("redaction.Send", "a@example.org", "hunter2") == (["a@example.org", MASK], {})


def test_a_job_that_nobody_registered_is_masked_by_its_keys() -> None:
    assert shown("Theirs", "x", {"token": 1, "b": 2}) == (["x", {"token": MASK, "b": 2}], {})
