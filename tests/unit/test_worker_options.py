"""`WorkerOptions`: what a `Worker` may be told as keywords."""

from dataclasses import fields

import pytest

from resque_core.errors import SettingsError
from resque_core.worker_options import WorkerOptions, worker_options


def test_options_are_what_was_written_and_the_defaults() -> None:
    assert worker_options(interval=1, require=("shop",)) == WorkerOptions(interval=1, require=("shop",))
    assert worker_options() == WorkerOptions()


def test_an_unknown_option_is_named_and_the_known_ones_are_listed() -> None:
    with pytest.raises(SettingsError) as refused:
        worker_options(interval=1, intervall=2, foo=3)
    known = ", ".join(field.name for field in fields(WorkerOptions))
    assert str(refused.value) == f"A worker has no option intervall or foo. It has: {known}."


def test_a_value_that_cannot_be_used_is_refused_with_its_name() -> None:
    with pytest.raises(SettingsError, match=r"^lease: "):
        worker_options(lease=0)
