"""How a worker leaves a store alone that does not answer."""

import logging

import pytest

from resque_core.errors import StorageError
from resque_core.outage import LONGEST_PAUSE, Outage


def test_there_is_nothing_to_wait_for_without_an_outage() -> None:
    assert not Outage()
    assert Outage().left() == 0.0


def test_pauses_grow_up_to_the_longest() -> None:
    outage = Outage()
    lengths = []
    for _ in range(10):
        outage.begin(StorageError("gone"))
        lengths.append(outage.left())
    assert 0.04 < lengths[0] <= 0.1
    assert LONGEST_PAUSE / 2 - 0.1 < lengths[-1] <= LONGEST_PAUSE
    assert outage


def test_the_log_is_told_once_when_it_begins_and_once_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outage = Outage()
    with caplog.at_level(logging.WARNING, "resque"):
        outage.begin(StorageError("no such file"))
        outage.begin(StorageError("no such file"))
        outage.over()
        outage.over()
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "no such file" in caplog.text
    assert not outage


def test_the_first_pause_is_short_again_after_an_outage_was_over() -> None:
    outage = Outage()
    for _ in range(8):
        outage.begin(StorageError("gone"))
    outage.over()
    outage.begin(StorageError("gone"))
    assert outage.left() <= 0.1
