"""What is kept of an exception, however odd it is."""

import asyncio
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, NoReturn, TypeVar

import pytest

from resque_core.definition import Options, define
from resque_core.errors import UnknownJobClass
from resque_core.failing import MAX_BACKTRACE, MAX_ERROR, MAX_LINES, describe, exception_name, failure_of
from resque_core.job import Entry, Job
from resque_core.outcome import Problem
from resque_core.performer import DirtyExit, Performer
from resque_core.records import Reservation
from resque_core.registry import Registry

E = TypeVar("E", bound=BaseException)


class Outer(Exception):
    class Inner(Exception):
        pass


class Broken(Exception):
    def __str__(self) -> str:
        raise SystemExit(1)


def raised(error: E) -> E:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def raised_in_a_job(perform: Any, **hooks: Any) -> BaseException:
    module = ModuleType("m")
    vars(module).update(perform=perform, **hooks)
    registry = Registry()
    registry.add(define(module, Options()))
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        Performer(registry).perform(Job(queue="q", name="m"))
    return as_a_child_sees_it(caught.value)


def as_a_child_sees_it(error: BaseException) -> BaseException:
    """Without the frame of this file that called us: in a worker, that is a frame of ours."""
    return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)


def explode() -> NoReturn:
    raise ValueError("boom")


def frames(problem: Problem) -> list[str]:
    return [line for line in problem.backtrace if line.startswith("  File")]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ValueError(), "ValueError"),
        (SystemExit(), "SystemExit"),
        (UnknownJobClass(), "UnknownJobClass"),
        (DirtyExit(), "DirtyExit"),
        (Outer.Inner(), f"{__name__}.Outer.Inner"),
        (asyncio.CancelledError(), "asyncio.exceptions.CancelledError"),
    ],
)
def test_exceptions_of_python_and_ours_go_by_their_name_others_by_their_module_too(
    error: BaseException, name: str
) -> None:
    assert exception_name(error) == name
    assert describe(error).exception == name


def test_a_name_without_end_is_cut() -> None:
    error = type("X" * 5_000_000, (Exception,), {"__module__": "m"})("short")
    assert exception_name(error) == "m." + "X" * 253
    assert len(describe(error).exception) == 255
    ours = type("X" * 300, (Exception,), {"__module__": "builtins"})()
    assert exception_name(ours) == "X" * 255


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("é\nzwei"), "é\nzwei"),
        (ValueError(), "ValueError"),
        (ValueError(""), "ValueError"),
        (KeyError("x"), "'x'"),
        (ValueError("bad \udc80\ud800"), r"bad \udc80\ud800"),
        (Broken(), f"<the message of {__name__}.Broken cannot be read>"),
    ],
)
def test_the_message_is_never_empty_and_always_utf8(error: BaseException, text: str) -> None:
    problem = describe(raised(error))
    assert problem.error == text
    "\n".join(problem.backtrace).encode()


def test_a_backtrace_begins_in_the_jobs_own_code() -> None:
    problem = describe(raised_in_a_job(explode))
    assert problem.backtrace[0] == "Traceback (most recent call last):"
    assert f'File "{__file__}"' in problem.backtrace[1]
    assert problem.backtrace[1].endswith("in explode")
    assert problem.backtrace[-1] == "ValueError: boom"
    assert len(frames(problem)) == 1


def test_frames_of_ours_further_in_stay() -> None:
    def perform() -> None:
        Performer(Registry()).perform(Job(queue="q", name="unknown"))

    assert [line.rpartition(" ")[2] for line in frames(describe(raised_in_a_job(perform)))] == [
        "perform",
        "perform",
        "_look_up",
    ]


def test_what_was_raised_by_us_alone_has_no_frames() -> None:
    with pytest.raises(UnknownJobClass) as caught:
        Performer(Registry()).perform(Job(queue="q", name="unknown"))
    problem = describe(as_a_child_sees_it(caught.value))
    assert frames(problem) == []
    assert problem.backtrace[-1].startswith("resque_core.errors.UnknownJobClass: No module")


def test_causes_are_told_too_each_from_the_jobs_own_code_on() -> None:
    def on_failure(error: Exception) -> None:
        raise TypeError("hook")

    problem = describe(raised_in_a_job(explode, on_failure=on_failure))
    text = "\n".join(problem.backtrace)
    assert "ValueError: boom" in text
    assert "direct cause" in text
    assert "RuntimeError: Additional error (TypeError: hook)" in text
    assert len(frames(problem)) == 1


def test_groups_are_told_with_their_parts() -> None:
    text = "\n".join(
        describe(raised(ExceptionGroup("both", [raised(ValueError("a")), TypeError("b")]))).backtrace
    )
    assert "ValueError: a" in text
    assert "TypeError: b" in text


def test_a_long_message_is_cut_at_a_whole_character() -> None:
    problem = describe(raised(ValueError("é" * MAX_ERROR)))
    assert MAX_ERROR - 5 < len(problem.error.encode()) <= MAX_ERROR
    assert problem.error.endswith("é…")


@pytest.mark.parametrize("message", ["x" * 10_000_000, "line\n" * 10_000, ("é" * 5000 + "\n") * 500])
def test_a_backtrace_keeps_its_first_and_last_lines_within_bounds(message: str) -> None:
    backtrace = describe(raised(ValueError(f"begin {message} end"))).backtrace
    assert len(backtrace) <= MAX_LINES
    assert sum(len(line.encode()) + 1 for line in backtrace) <= MAX_BACKTRACE
    assert backtrace[0] == "Traceback (most recent call last):"


def test_what_was_left_out_is_said() -> None:
    backtrace = describe(raised(ValueError("line\n" * 10_000 + "end"))).backtrace
    (note,) = [line for line in backtrace if "left out" in line]
    left_out = int("".join(filter(str.isdigit, note)))
    assert left_out + len(backtrace) - 1 == 10_000 + 4
    assert backtrace[-1] == "end"


def test_endless_recursion_is_described() -> None:
    def deeper() -> None:
        deeper()

    problem = describe(raised_in_a_job(deeper))
    assert problem.exception == "RecursionError"
    assert len(problem.backtrace) < MAX_LINES


def test_an_exception_that_breaks_the_traceback_module_is_described_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = raised(ValueError("x"))
    monkeypatch.setattr("traceback.TracebackException.format", lambda self: 1 / 0)
    assert describe(error) == Problem("ValueError", "x", ("<the backtrace of ValueError cannot be read>",))


def test_a_failure_has_the_job_the_reason_and_an_id_of_its_own() -> None:
    entry = Entry("job", "q", b'{"class":"A","args":[1],"id":"job"}')
    reservation = Reservation("token", "worker", entry)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    failure = failure_of(reservation, Problem("E", "text", ("line",)), clock=lambda: moment)
    assert (failure.job_id, failure.queue, failure.name, failure.payload) == ("job", "q", "A", entry.payload)
    assert (failure.exception, failure.error, failure.backtrace) == ("E", "text", ("line",))
    assert (failure.worker, failure.failed_at, failure.retried_at) == ("worker", moment, None)
    assert failure.id not in ("", failure_of(reservation, Problem("E", "text")).id)


def test_bytes_that_are_no_job_make_a_failure_without_a_name() -> None:
    reservation = Reservation("token", "worker", Entry("job", "q", b"\xff"))
    assert failure_of(reservation, Problem("BadPayload", "text")).name == ""
