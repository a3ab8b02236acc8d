"""`WorkerHooks`: registered by decorator, called with what they take."""

import pytest

from resque_core import RegistrationError
from resque_core.worker_hooks import WORKER_HOOK_KINDS, WorkerHookKind, WorkerHooks


@pytest.fixture
def hooks() -> WorkerHooks:
    return WorkerHooks()


@pytest.mark.parametrize("kind", WORKER_HOOK_KINDS)
def test_each_kind_is_a_decorator_and_several_run_in_their_order(
    hooks: WorkerHooks, kind: WorkerHookKind
) -> None:
    called: list[int] = []

    def first() -> None:
        called.append(1)

    assert getattr(hooks, kind)(first) is first
    getattr(hooks, kind)(lambda: called.append(2))
    hooks.run(kind)
    assert called == [1, 2]


@pytest.mark.parametrize("kind", ["before_fork", "after_fork", "before_pause", "after_pause"])
def test_a_hook_gets_the_argument_if_it_takes_one(hooks: WorkerHooks, kind: WorkerHookKind) -> None:
    got: list[object] = []
    getattr(hooks, kind)(lambda: got.append("nothing"))
    assert not hooks.takes_argument(kind)
    getattr(hooks, kind)(got.append)
    assert hooks.takes_argument(kind)
    hooks.run(kind, "about")
    assert got == ["nothing", "about"]


def test_a_hook_that_cannot_be_called_as_its_kind_is_refused_with_what_it_gets(hooks: WorkerHooks) -> None:
    with pytest.raises(RegistrationError, match=r"worker_exit .* is called with nothing"):
        hooks.worker_exit(lambda _worker: None)
    with pytest.raises(RegistrationError, match=r"after_fork .* is called with nothing, or the job"):
        hooks.after_fork(lambda _job, _more: None)


def test_a_hook_that_nobody_would_run_to_its_end_is_refused(hooks: WorkerHooks) -> None:
    async def connect() -> None: ...

    with pytest.raises(RegistrationError, match="use a plain function"):
        hooks.after_fork(connect)


def test_a_hook_that_is_registered_twice_runs_once(hooks: WorkerHooks) -> None:
    called: list[int] = []

    def hook() -> None:
        called.append(1)

    hooks.shutdown(hooks.shutdown(hook))
    hooks.run("shutdown")
    assert called == [1]


def test_hooks_can_be_cleared_by_kind_or_all(hooks: WorkerHooks) -> None:
    hooks.shutdown(lambda: None)
    hooks.worker_exit(lambda: None)
    hooks.clear("shutdown")
    assert not hooks.of("shutdown")
    assert hooks.of("worker_exit")
    hooks.clear()
    assert not hooks.of("worker_exit")
