"""Which names a queue may get."""

import pytest

from resque_core.errors import InvalidQueueName
from resque_core.queue_name import check_queue_name


@pytest.mark.parametrize(
    "name",
    [
        "mail",
        "a:b",
        "a b",
        "../..",
        "%2f",
        "{x}",
        "[",
        "a*",
        "failed",
        "✉",
        "ünï",
        "x" * 255,
        "é" * 127,
        "a!",
    ],
)
def test_odd_but_usable_names_are_taken_as_they_are(name: str) -> None:
    assert check_queue_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("*", "stands for all queues"),
        ("!low", "leading !"),
        ("a,b", "','"),
        (" mail", "begins or ends with a blank"),
        ("mail ", "begins or ends with a blank"),
        ("a\nb", r"'\\n'"),
        ("\x00", r"'\\x00'"),
        ("a\x1b[31m", r"'\\x1b'"),
        ("a\x7f", r"'\\x7f'"),
        ("a\x9b", r"'\\x9b'"),
        ("\ud800", r"'\\ud800'"),
        ("x" * 256, "255 bytes"),
        ("é" * 128, "255 bytes"),
    ],
)
def test_a_name_that_no_tool_can_carry_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(InvalidQueueName, match=reason):
        check_queue_name(name)


@pytest.mark.parametrize("name", [None, 5, b"mail", ["mail"]])
def test_only_a_string_names_a_queue(name: object) -> None:
    with pytest.raises(InvalidQueueName, match="is a string, not a"):
        check_queue_name(name)


def test_a_refusal_shows_no_more_of_a_long_name_than_a_line() -> None:
    with pytest.raises(InvalidQueueName) as refusal:
        check_queue_name("\n" * 100_000)
    assert len(str(refusal.value)) < 300
