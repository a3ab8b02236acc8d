"""How hooks are found, in which order they run, and which are refused; the lint for plugins."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from resque_core import job, lint_plugin
from resque_core.errors import LintError, RegistrationError
from resque_core.hooks import KINDS, Hooks, find_hooks, hook_names


def nothing(*args: Any, **kwargs: Any) -> None: ...


def around(*args: Any) -> Iterator[None]:
    yield


def hook_for(kind: str) -> Any:
    return around if kind == "around_perform" else nothing


def a_module(name: str, **parts: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(parts)
    return module


class Plugin:
    @staticmethod
    def before_perform_plugin(*args: Any) -> str:
        return "plugin"

    @classmethod
    def on_failure_plugin(cls, error: Exception, *args: Any) -> str:
        return cls.__name__


class Child(Plugin):
    on_failure_plugin = None  # type: ignore[assignment]

    @staticmethod
    def before_perform1() -> None: ...


# Finding


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_of_each_kind_is_found_by_the_beginning_of_its_name(kind: str) -> None:
    for name in (kind, f"{kind}_log", f"{kind}1", f"{kind}ance"):
        hooks = find_hooks(a_module("m", **{name: hook_for(kind)}), ())
        assert hooks.of(kind) == (hook_for(kind),)  # type: ignore[arg-type]
        assert not any(hooks.of(other) for other in KINDS if other != kind)


def test_names_that_only_contain_a_kind_and_values_that_cannot_be_called_are_no_hooks() -> None:
    module = a_module("m", _before_perform=nothing, my_after_perform=nothing, on_failure_text="text")
    assert hook_names(module) == []


def test_hooks_of_base_classes_count_and_none_switches_one_off() -> None:
    assert hook_names(Child) == ["before_perform1", "before_perform_plugin"]


def test_hooks_run_in_plain_string_order_wherever_they_come_from() -> None:
    calls: list[str] = []

    def noting(name: str) -> Any:
        return lambda *args: calls.append(name)

    own = a_module("own", **{f"before_perform{name}": noting(name) for name in ("_b", "", "B")})
    plugin = a_module("plugin", before_perform_a=noting("_a"))
    find_hooks(own, [plugin]).run("before_perform", (), {})
    assert calls == ["", "B", "_a", "_b"]


def test_hooks_are_bound_to_the_class_they_are_on() -> None:
    hooks = find_hooks(None, [Plugin])
    assert hooks.of("on_failure")[0](ValueError()) == "Plugin"


def test_a_jobs_own_hook_replaces_a_plugins_of_the_same_name() -> None:
    own = a_module("own", before_perform_plugin=lambda: "own")
    assert [hook() for hook in find_hooks(own, [Plugin]).of("before_perform")] == ["own"]


def test_two_plugins_with_one_name_are_refused_naming_both() -> None:
    other = a_module("other", before_perform_plugin=nothing)
    with pytest.raises(RegistrationError, match=r"Plugin.*other.*both have a hook before_perform_plugin"):
        find_hooks(None, [Plugin, other])


def test_one_hook_by_way_of_two_plugins_runs_once() -> None:
    first, second = (a_module(name, before_perform_x=nothing) for name in ("first", "second"))
    assert find_hooks(None, [first, second]).of("before_perform") == (nothing,)


@pytest.mark.parametrize(
    "listed", [["before_perform_a"], ("before_perform_a", "perform"), lambda: ["before_perform_a"]]
)
def test_a_hooks_attribute_or_method_lists_the_ones_that_count(listed: object) -> None:
    module = a_module("m", before_perform_a=nothing, before_perform_b=nothing, perform=nothing, hooks=listed)
    assert hook_names(module) == ["before_perform_a"]


@pytest.mark.parametrize("listed", [["before_perform_c"], [5], "before_perform_a"])
def test_a_list_of_hooks_that_are_not_there_is_refused(listed: object) -> None:
    with pytest.raises(RegistrationError, match="List names of its hooks"):
        hook_names(a_module("m", before_perform_a=nothing, hooks=listed))


def test_a_module_called_hooks_is_no_list_of_hooks() -> None:
    module = a_module("m", before_perform_a=nothing, hooks=a_module("hooks"))
    assert hook_names(module) == ["before_perform_a"]


# Calling


def test_all_hooks_are_called_even_after_a_veto() -> None:
    calls: list[tuple[Any, ...]] = []

    def veto(*args: Any, **kwargs: Any) -> bool:
        calls.append((args, kwargs))
        return False

    hooks = find_hooks(
        a_module("m", before_enqueue_a=veto, before_enqueue_b=nothing, before_enqueue_c=veto), ()
    )
    assert hooks.veto("before_enqueue", (1,), {"x": 2})
    assert calls == [((1,), {"x": 2})] * 2


@pytest.mark.parametrize("answer", [None, 0, "", [], True])
def test_only_exactly_false_vetoes(answer: object) -> None:
    assert not find_hooks(a_module("m", before_enqueue=lambda: answer), ()).veto("before_enqueue", (), {})


def test_what_a_hook_raises_goes_to_the_caller() -> None:
    def broken() -> None:
        raise ValueError("hook")

    hooks = find_hooks(a_module("m", before_enqueue=broken), ())
    for call in (hooks.veto, hooks.run):
        with pytest.raises(ValueError, match="hook"):
            call("before_enqueue", (), {})


# The decorator


def test_a_function_gets_hooks_by_decorator_and_from_plugins() -> None:
    @job(name="hooks.decorated", plugins=[Plugin])
    def decorated(number: int) -> None: ...

    @decorated.hook
    def before_perform_log(number: int) -> str:
        return f"log {number}"

    assert before_perform_log(1) == "log 1"
    found = decorated.definition.hooks.of("before_perform")
    assert [hook(5) for hook in found] == ["log 5", "plugin"]


def test_a_name_of_no_kind_is_an_error() -> None:
    @job(name="hooks.kindless")
    def kindless() -> None: ...

    with pytest.raises(RegistrationError, match=r"log is not the name of a hook.*before_enqueue, "):

        @kindless.hook
        def log() -> None: ...


# Refusals


def takes_self(self: object) -> None: ...


async def asynchronous() -> None: ...


async def asynchronous_generator() -> Any:
    yield


@contextmanager
def managed() -> Iterator[None]:
    yield


@pytest.mark.parametrize(
    ("name", "hook", "message"),
    [
        ("before_perform_x", takes_self, r"before_perform_x takes `self`.*@classmethod"),
        ("after_enqueue", asynchronous, "is async, and nobody would await it"),
        ("around_perform", asynchronous_generator, "is async"),
        ("around_perform", nothing, "must be a generator function with one `yield`"),
        ("around_perform", managed, "must be a generator function"),
        ("before_perform", around, "has a `yield`: calling it would run nothing"),
    ],
)
def test_a_hook_that_would_not_do_what_it_says_is_refused(name: str, hook: Any, message: str) -> None:
    with pytest.raises(RegistrationError, match=message):
        Hooks().add(name, hook)
    with pytest.raises(RegistrationError, match=message):
        find_hooks(a_module("m", **{name: hook}), ())


def test_a_partial_of_a_generator_function_is_one() -> None:
    hooks = Hooks()
    hooks.add("around_perform", functools.partial(around))
    assert len(hooks.of("around_perform")) == 1


# Lint


@pytest.mark.parametrize(
    "name",
    ["before_perform", "around_perform", "after_perform", "on_failure", "before_perform_reperform"],
)
def test_lint_objects_to_a_hook_without_a_name_of_its_own(name: str) -> None:
    hook = around if name.startswith("around") else nothing
    with pytest.raises(LintError, match=rf"^my_plugin\.{name} is not namespaced: call it "):
        lint_plugin(a_module("my_plugin", **{name: hook}))


def test_lint_names_a_class_by_its_name() -> None:
    with pytest.raises(LintError, match=r"^Bad\.before_perform is not namespaced"):
        lint_plugin(type("Bad", (), {"before_perform": staticmethod(nothing)}))


@pytest.mark.parametrize(
    "name", ["before_perform1", "after_perform_log", "on_failure_log", "before_enqueue", "after_dequeue"]
)
def test_lint_is_content_with_the_rest(name: str) -> None:
    lint_plugin(a_module("my_plugin", **{name: nothing}))
    lint_plugin(Plugin)
