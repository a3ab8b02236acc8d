"""What may be a job, under which name, and on which queue."""

import asyncio
import functools
import importlib
import inspect
import queue as queue_module
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from resque_core import Job, Resque, job, register, set_default_app
from resque_core.definition import Definition, Options, define
from resque_core.errors import (
    DuplicateJobError,
    InvalidArguments,
    InvalidQueueName,
    NoDefaultAppError,
    RegistrationError,
    UnnameableJobError,
)
from resque_core.job_function import JobFunction
from resque_core.registry import registry


@job(queue="files", name="definition.archive")
def archive(repo: int, branch: str = "main") -> str:
    """Archive a repository."""
    return f"{repo}/{branch}"


@job
def bare(number: int) -> int:
    return number


@job(name="definition.Thumbnail")
class Thumbnail:
    queue = "images"

    @staticmethod
    def perform(image: int) -> None: ...


@job(queue="override", name="definition.Overridden")
class Overridden:
    queue = "own"

    @classmethod
    def perform(cls, image: int) -> None: ...


def plain() -> None:
    """Registered by nobody."""


def a_module(name: str, **parts: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(parts)
    return module


def named(target: Any, **options: Any) -> Definition:
    return define(target, Options(name="some.job", **options))


# Functions


def test_a_decorated_function_still_just_is_the_function() -> None:
    assert archive(44) == "44/main"
    assert archive(44, branch="x") == "44/x"
    assert (archive.__name__, archive.__doc__) == ("archive", "Archive a repository.")
    assert str(inspect.signature(archive)) == "(repo: int, branch: str = 'main') -> str"
    assert repr(archive) == "<job definition.archive>"


def test_a_function_is_named_by_its_module_and_qualified_name() -> None:
    assert bare.name == f"{__name__}.bare"
    assert bare.queue is None
    assert registry.get(bare.name) is bare.definition


def test_name_and_queue_can_be_given() -> None:
    assert (archive.name, archive.queue) == ("definition.archive", "files")


def test_the_queue_may_be_given_by_position() -> None:
    assert job("mail", name="definition.positional")(plain).queue == "mail"


def test_a_static_method_can_be_a_job() -> None:
    class Holder:
        @job(name="definition.static", queue="q")
        @staticmethod
        def static(number: int) -> int:
            return number

    assert Holder.static(5) == 5


# Classes and modules


def test_a_class_is_returned_unchanged_and_registered() -> None:
    assert isinstance(Thumbnail, type)
    definition = registry.made_of(Thumbnail)
    assert definition is not None
    assert definition is registry.get("definition.Thumbnail")
    assert definition.queue == "images"


def test_a_queue_given_to_the_decorator_wins_over_the_classs_own() -> None:
    definition = registry.get("definition.Overridden")
    assert definition is not None
    assert definition.queue == "override"


def test_a_bare_decorator_registers_a_class_too() -> None:
    definition = define(Overridden, Options())
    assert definition.name == f"{__name__}.Overridden"


def test_a_queue_may_be_a_method_that_is_asked_each_time() -> None:
    answers = iter(["first", "second"])

    class Moving:
        perform = staticmethod(plain)

        @staticmethod
        def queue() -> str:
            return next(answers)

    definition = named(Moving)
    assert [definition.queue, definition.queue] == ["first", "second"]


@pytest.mark.parametrize("queue", [None, lambda: None, queue_module])
def test_a_class_or_module_without_a_queue_has_none(queue: object) -> None:
    assert named(a_module("m", perform=plain, queue=queue)).queue is None
    assert named(a_module("m", perform=plain)).queue is None


@pytest.mark.parametrize("queue", [5, "", "a,b", lambda: 5])
def test_a_queue_that_is_no_name_is_refused_when_it_is_asked_for(queue: object) -> None:
    definition = named(a_module("m", perform=plain, queue=queue))
    with pytest.raises(InvalidQueueName):
        _ = definition.queue


def test_a_module_of_others_is_registered_under_its_name() -> None:
    module = a_module("theirs.mailer", perform=plain, queue="mail")
    definition = register(module)
    assert (definition.name, definition.queue) == ("theirs.mailer", "mail")
    assert registry.made_of(module) is definition


def test_register_takes_the_same_options() -> None:
    definition = register(plain, "mail", "definition.theirs", "fail")
    assert (definition.name, definition.queue) == ("definition.theirs", "mail")
    assert definition.options.on_worker_death == "fail"


def test_a_job_may_be_registered_under_a_second_name() -> None:
    assert register(archive, name="Ruby::Archive").call((1,), {}) == "1/main"


def test_perform_is_looked_up_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thumbnail, "perform", lambda image: image * 2)
    assert named(Thumbnail).call((4,), {}) == 8


# Coroutines


def test_a_coroutine_is_run_to_its_end() -> None:
    async def fetch(number: int) -> int:
        return number + 1

    assert named(fetch).call((1,), {}) == 2


async def never_started() -> None: ...


def test_a_coroutine_cannot_be_run_within_a_running_loop_and_is_not_left_behind() -> None:
    async def enqueue_inline() -> None:
        with pytest.raises(RuntimeError, match="running event loop"):
            named(never_started).call((), {})

    asyncio.run(enqueue_inline())


# Refusals


class WithSelf:
    def perform(self) -> None: ...


class QueueWithSelf:
    def queue(self) -> None: ...

    @staticmethod
    def perform() -> None: ...


class Callable:
    def __call__(self) -> None: ...


def takes_at_front(at_front: bool) -> None: ...


def generator() -> Iterator[int]:
    yield 1


async def async_generator() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (WithSelf, r"The perform of .*WithSelf takes `self`, .*@staticmethod or @classmethod"),
        (WithSelf.perform, r"takes `self`"),
        (QueueWithSelf, r"The queue of .*QueueWithSelf takes `self`"),
        (takes_at_front, r"a parameter `at_front`.*Rename"),
        (generator, r"has a `yield`: calling it would run nothing"),
        (async_generator, r"has a `yield`"),
        (type("Empty", (), {}), r"cannot be a job: .*a function `perform`"),
        (type("Odd", (), {"perform": 5}), r"cannot be a job"),
        (ModuleType("empty"), r"<module 'empty'> cannot be a job"),
        (Callable(), r"cannot be a job"),
        (functools.partial(plain), r"cannot be a job"),
        (None, r"None cannot be a job"),
        ("shop.pack", r"'shop.pack' cannot be a job"),
    ],
)
def test_what_cannot_be_a_job_is_refused_with_the_way_out(target: object, message: str) -> None:
    with pytest.raises(RegistrationError, match=message):
        named(target)


def test_a_job_whose_perform_was_taken_away_says_so_when_it_is_to_run() -> None:
    target = type("Passing", (), {"perform": staticmethod(plain)})
    definition = named(target)
    del target.perform  # type: ignore[attr-defined]
    with pytest.raises(RegistrationError, match=r"cannot be a job: .*a function `perform`"):
        definition.call((), {})


@pytest.mark.parametrize("module", ["__main__", "__mp_main__"])
def test_the_program_itself_is_no_module_that_a_worker_could_import(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "__module__", module)
    with pytest.raises(UnnameableJobError, match=r"Move it to .*@job\(name=…\)"):
        define(plain, Options())
    assert named(plain).name == "some.job"


def test_what_is_made_inside_a_function_has_no_name() -> None:
    def local() -> None: ...

    for target in (local, lambda: None):
        with pytest.raises(UnnameableJobError, match=r"made inside a function.*@job\(name=…\)"):
            define(target, Options())
    assert named(local).name == "some.job"


@pytest.mark.parametrize("name", ["", "a\nb", "\ud800", 5])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(RegistrationError, match="cannot name a job"):
        job(name=name)


@pytest.mark.parametrize("policy", ["drop", "", 5])
def test_a_policy_that_nobody_knows_is_refused(policy: str) -> None:
    with pytest.raises(RegistrationError, match="write 'requeue' or 'fail'"):
        job(on_worker_death=policy)


@pytest.mark.parametrize("queue", ["", "*", "a,b"])
def test_a_queue_that_cannot_be_used_is_refused_at_once(queue: str) -> None:
    with pytest.raises(InvalidQueueName):
        job(queue=queue)


def test_builtins_without_a_signature_are_taken() -> None:
    assert named(print).name == "some.job"
    assert named(min).call((2, 1), {}) == 1


def test_a_second_definition_under_one_name_is_refused() -> None:
    with pytest.raises(DuplicateJobError):
        job(name="definition.archive")(plain)
    assert registry.made_of(Thumbnail) is not None


def test_a_reloaded_module_registers_its_jobs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reloaded_jobs.py").write_text(
        "from resque_core import job\n\n@job(queue='q')\ndef pack(): ...\n\n"
        "@job\nclass Unpack:\n    @staticmethod\n    def perform(): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("reloaded_jobs")
    before = module.pack
    importlib.reload(module)
    assert module.pack is not before
    assert registry.get("reloaded_jobs.pack") is module.pack.definition
    assert registry.made_of(module.Unpack) is registry.get("reloaded_jobs.Unpack")
    del sys.modules["reloaded_jobs"]


# JobFunction and the default app


def test_build_gives_a_checked_value_and_stores_nothing() -> None:
    built = archive.build(44, branch="x")
    assert isinstance(built, Job)
    assert (built.queue, built.name, built.args, built.kwargs) == (
        "files",
        "definition.archive",
        (44,),
        {"branch": "x"},
    )
    assert built.payload
    assert built.id != archive.build(44).id
    with pytest.raises(InvalidArguments):
        archive.build({1})  # type: ignore[arg-type]


def test_delay_is_enqueue() -> None:
    assert vars(JobFunction)["delay"] is vars(JobFunction)["enqueue"]


def test_a_function_enqueues_to_the_default_app(resque: Resque) -> None:
    stored = archive.enqueue(44, branch="x")
    assert resque.peek("files") == [stored]


@pytest.fixture
def nothing_made(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("resque_core.default_app._made", [])
    before = set_default_app(None)
    yield
    set_default_app(before)


@pytest.mark.usefixtures("nothing_made")
def test_without_an_app_the_way_out_is_said() -> None:
    with pytest.raises(NoDefaultAppError, match=r"Make one first \(resque = Resque\(\)\)"):
        archive.enqueue(1)


@pytest.mark.usefixtures("nothing_made")
def test_the_default_app_is_the_first_that_was_made_and_is_not_closed(tmp_path: Path) -> None:
    first = Resque(f"sqlite:///{tmp_path}/1.db")
    with Resque(f"sqlite:///{tmp_path}/2.db") as second:
        archive.enqueue(1)
        assert first.size("files") == 1
        first.close()
        archive.enqueue(2)
        assert second.size("files") == 1
    with pytest.raises(NoDefaultAppError):
        archive.enqueue(3)


@pytest.mark.usefixtures("nothing_made")
def test_an_app_that_nobody_keeps_is_no_default(tmp_path: Path) -> None:
    Resque(f"sqlite:///{tmp_path}/1.db")
    with pytest.raises(NoDefaultAppError):
        archive.enqueue(1)


@pytest.mark.usefixtures("nothing_made")
def test_the_app_that_was_chosen_wins(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/1.db") as first, Resque(f"sqlite:///{tmp_path}/2.db") as second:
        assert set_default_app(second) is None
        archive.enqueue(1)
        assert (first.size("files"), second.size("files")) == (0, 1)
        assert set_default_app(None) is second
        archive.enqueue(1)
        assert (first.size("files"), second.size("files")) == (1, 1)


def test_isolate_is_true_or_false() -> None:
    with pytest.raises(RegistrationError, match="isolate='yes': write True or False"):
        Options(isolate="yes")  # type: ignore[arg-type]


def test_an_option_that_there_is_not_is_named_with_the_nearest() -> None:
    with pytest.raises(RegistrationError, match=r"uniqe is no option of a job\. Did you mean unique"):
        job(queue="q", uniqe=1)  # type: ignore[call-overload]
    with pytest.raises(RegistrationError, match=r"zzz is no option of a job\. There are queue, name"):
        register(int, zzz=1)
