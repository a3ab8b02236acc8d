"""How one job runs through its hooks."""

import asyncio
from collections.abc import Callable, Generator, Iterator
from types import ModuleType
from typing import Any

import pytest

from resque_core import current_job
from resque_core.definition import Options, define
from resque_core.errors import DontPerform, UnknownJobClass
from resque_core.job import Job
from resque_core.performer import DirtyExit, Performer
from resque_core.registry import Registry

JOB = Job(queue="q", name="m", args=(1, 2), kwargs={"x": 3})


class Boom(Exception):
    pass


@pytest.fixture
def calls() -> list[Any]:
    return []


def performer_of(**parts: Any) -> Performer:
    module = ModuleType("m")
    vars(module).update(parts)
    registry = Registry()
    registry.add(define(module, Options()))
    return Performer(registry)


def noting(calls: list[Any], name: str, result: object = None) -> Callable[..., Any]:
    def note(*args: Any, **kwargs: Any) -> object:
        calls.append(name)
        return result

    return note


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    return fail


def surrounding(calls: list[Any], name: str) -> Callable[..., Any]:
    def surround(*args: Any, **kwargs: Any) -> Iterator[None]:
        calls.append(f"{name} in")
        calls.append(f"{name} got {(yield)}")

    return surround


def test_the_job_gets_its_arguments_and_so_do_its_hooks(calls: list[Any]) -> None:
    def take(*args: Any, **kwargs: Any) -> None:
        calls.append((args, kwargs))

    assert performer_of(before_perform=take, perform=take, after_perform=take).perform(JOB) is True
    assert calls == [((1, 2), {"x": 3})] * 3


def test_the_steps_come_in_order_and_around_hooks_nest_the_first_outermost(calls: list[Any]) -> None:
    parts = {
        "after_perform": noting(calls, "after"),
        "around_perform_b": surrounding(calls, "b"),
        "around_perform_a": surrounding(calls, "a"),
        "before_perform": noting(calls, "before"),
        "perform": noting(calls, "perform", "result"),
    }
    assert performer_of(**parts).perform(JOB)
    assert calls == ["before", "a in", "b in", "perform", "b got result", "a got result", "after"]


def test_what_an_around_hook_returns_is_the_result_for_those_around_it(calls: list[Any]) -> None:
    def around_perform_b(*args: Any, **kwargs: Any) -> Generator[None, None, str]:
        yield
        return "replaced"

    performer = performer_of(
        perform=noting(calls, "perform", "result"),
        around_perform_a=surrounding(calls, "a"),
        around_perform_b=around_perform_b,
    )
    assert performer.perform(JOB)
    assert calls[-1] == "a got replaced"


def test_a_coroutine_job_is_awaited(calls: list[Any]) -> None:
    async def perform(*args: Any, **kwargs: Any) -> str:
        await asyncio.sleep(0)
        calls.append(current_job())
        return "awaited"

    assert performer_of(perform=perform, around_perform=surrounding(calls, "a")).perform(JOB)
    assert calls == ["a in", JOB, "a got awaited"]


# DontPerform and skipping


def test_dont_perform_skips_the_job_quietly(calls: list[Any]) -> None:
    performer = performer_of(
        before_perform_a=noting(calls, "a"),
        before_perform_b=raising(DontPerform()),
        before_perform_c=noting(calls, "c"),
        around_perform=surrounding(calls, "around"),
        perform=noting(calls, "perform"),
        after_perform=noting(calls, "after"),
        on_failure=noting(calls, "failure"),
    )
    assert performer.perform(JOB) is False
    assert calls == ["a"]


@pytest.mark.parametrize("part", ["perform", "after_perform"])
def test_dont_perform_raised_anywhere_else_is_a_failure(part: str, calls: list[Any]) -> None:
    parts = {"perform": noting(calls, "perform"), "on_failure": noting(calls, "failure")}
    with pytest.raises(DontPerform):
        performer_of(**parts | {part: raising(DontPerform())}).perform(JOB)
    assert calls[-1] == "failure"


def test_an_around_hook_that_does_not_yield_skips_perform_but_not_the_after_hooks(calls: list[Any]) -> None:
    def around_perform_b(*args: Any, **kwargs: Any) -> Iterator[None]:
        if args == ():
            yield

    performer = performer_of(
        around_perform_a=surrounding(calls, "a"),
        around_perform_b=around_perform_b,
        perform=noting(calls, "perform"),
        after_perform=noting(calls, "after"),
    )
    assert performer.perform(JOB) is False
    assert calls == ["a in", "a got None", "after"]


def test_yielding_twice_is_an_error_and_the_hook_is_closed(calls: list[Any]) -> None:
    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        try:
            yield
            yield
        finally:
            calls.append("closed")

    with pytest.raises(RuntimeError, match="around_perform yielded twice"):
        performer_of(perform=noting(calls, "perform"), around_perform=around_perform).perform(JOB)
    assert calls == ["perform", "closed"]


# Failures


def test_what_the_job_raises_is_raised_at_the_yield_and_goes_on_outwards(calls: list[Any]) -> None:
    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        try:
            yield
        except Boom as error:
            calls.append(error)
            raise

    boom = Boom()
    with pytest.raises(Boom) as raised:
        performer_of(perform=raising(boom), around_perform=around_perform).perform(JOB)
    assert raised.value is boom
    assert calls == [boom]


def test_an_around_hook_may_deal_with_what_the_job_raises(calls: list[Any]) -> None:
    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        try:
            yield
        except Boom:
            calls.append("dealt with")

    performer = performer_of(
        perform=raising(Boom()),
        around_perform=around_perform,
        after_perform=noting(calls, "after"),
        on_failure=noting(calls, "failure"),
    )
    assert performer.perform(JOB) is False
    assert calls == ["dealt with", "after"]


def test_a_hook_that_deals_with_it_and_yields_again_is_an_error() -> None:
    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        try:
            yield
        except Boom:
            yield

    with pytest.raises(RuntimeError, match="yielded twice"):
        performer_of(perform=raising(Boom()), around_perform=around_perform).perform(JOB)


def test_another_exception_from_an_around_hook_takes_the_place_of_the_jobs() -> None:
    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        try:
            yield
        except Boom as error:
            raise RuntimeError("hook") from error

    with pytest.raises(RuntimeError, match="hook"):
        performer_of(perform=raising(Boom()), around_perform=around_perform).perform(JOB)


def test_stop_iteration_from_a_job_is_not_taken_for_the_end_of_a_hook() -> None:
    stop = StopIteration("job")
    performer = performer_of(perform=raising(stop), around_perform=surrounding([], "a"))
    with pytest.raises(StopIteration) as raised:
        performer.perform(JOB)
    assert raised.value is stop


@pytest.mark.parametrize("part", ["before_perform", "perform", "after_perform"])
@pytest.mark.parametrize("error", [Boom("x"), SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()])
def test_whatever_is_raised_runs_the_failure_hooks_and_is_raised(
    part: str, error: BaseException, calls: list[Any]
) -> None:
    def on_failure(*args: Any, **kwargs: Any) -> None:
        calls.append((args, kwargs))

    parts = {"perform": noting([], "perform"), "on_failure": on_failure}
    with pytest.raises(type(error)) as raised:
        performer_of(**parts | {part: raising(error)}).perform(JOB)
    assert raised.value is error
    assert calls == [((error, 1, 2), {"x": 3})]


def test_failure_hooks_run_once_for_each_job_object(calls: list[Any]) -> None:
    performer = performer_of(perform=raising(Boom()), on_failure=noting(calls, "failure"))
    with pytest.raises(Boom):
        performer.perform(JOB)
    performer.run_failure_hooks(JOB, Boom())
    assert calls == ["failure"]
    performer.run_failure_hooks(Job(queue="q", name="m", args=(1, 2), kwargs={"x": 3}), Boom())
    assert calls == ["failure"] * 2


def test_a_death_that_nobody_raised_runs_the_failure_hooks(calls: list[Any]) -> None:
    death = DirtyExit("Child process received unhandled signal")

    def on_failure(error: Exception, *args: Any, **kwargs: Any) -> None:
        calls.append((error, current_job()))

    performer_of(perform=noting([], ""), on_failure=on_failure).run_failure_hooks(JOB, death)
    assert calls == [(death, JOB)]


def test_jobs_that_nobody_registered_have_no_failure_hooks() -> None:
    Performer(Registry()).run_failure_hooks(Job(queue="q", name=""), Boom())


def test_a_broken_failure_hook_is_told_together_with_the_jobs_own_error(calls: list[Any]) -> None:
    boom = Boom("original")
    performer = performer_of(
        perform=raising(boom),
        on_failure_a=raising(ValueError("hook broke")),
        on_failure_b=noting(calls, "b"),
    )
    with pytest.raises(RuntimeError) as raised:
        performer.perform(JOB)
    assert str(raised.value) == (
        "Additional error (ValueError: hook broke) occurred in running failure hooks for job "
        "(Job{q} | m | [1, 2] | {'x': 3})\n"
        f"Original error that caused job failure was {__name__}.Boom: original"
    )
    assert raised.value.__cause__ is boom
    assert calls == []


@pytest.mark.parametrize("broken", [SystemExit(3), asyncio.CancelledError("cut")])
def test_a_failure_hook_that_would_end_the_process_does_not_hide_the_jobs_own_error(
    broken: BaseException,
) -> None:
    boom = Boom("original")
    with pytest.raises(
        RuntimeError, match=r"Additional error \(.*(SystemExit|CancelledError): .*\n.*Boom: original"
    ) as raised:
        performer_of(perform=raising(boom), on_failure=raising(broken)).perform(JOB)
    assert raised.value.__cause__ is boom


def test_ctrl_c_in_a_failure_hook_is_passed_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        performer_of(perform=raising(Boom()), on_failure=raising(KeyboardInterrupt())).perform(JOB)


def test_an_unknown_name_is_refused_before_any_hook_and_nothing_is_imported() -> None:
    with pytest.raises(UnknownJobClass, match=r"a job named 'os\.system'.*--require MODULE"):
        Performer(Registry()).perform(Job(queue="q", name="os.system", args=("true",)))


# current_job


def test_the_current_job_is_known_in_the_job_and_all_its_hooks_and_nowhere_else(calls: list[Any]) -> None:
    def note(*args: Any, **kwargs: Any) -> None:
        calls.append(current_job())

    def around_perform(*args: Any, **kwargs: Any) -> Iterator[None]:
        note()
        yield
        note()

    performer = performer_of(
        before_perform=note, around_perform=around_perform, perform=note, after_perform=note
    )
    assert current_job() is None
    performer.perform(JOB)
    assert calls == [JOB] * 5
    assert current_job() is None


def test_after_a_job_within_a_job_the_outer_one_is_current_again(calls: list[Any]) -> None:
    outer, inner = Job(queue="q", name="m", args=("outer",)), Job(queue="q", name="m", args=("inner",))

    def perform(which: str) -> None:
        if which == "outer":
            performer.perform(inner)
        calls.append(current_job())

    performer = performer_of(perform=perform)
    performer.perform(outer)
    assert calls == [inner, outer]
