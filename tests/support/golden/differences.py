"""The differences that are allowed: a function for each row of the table in the reference, no more."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golden.normal import Dump

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "wire-format.md"
_ROW = re.compile(r"^\| `(?P<name>[\w-]+)` \|.*\| (?P<scenarios>all|\d\d(?:, \d\d)*) \|$", re.MULTILINE)


@dataclass
class Seen:
    """What one side has left behind, and what it answered and showed."""

    keys: Dump
    extra: dict[str, Any] = field(default_factory=dict)

    def edit(self, key: str, pattern: str, replacement: str) -> None:
        """Replace in the value of every key that ends so."""
        for name, entry in self.keys.items():
            if name.endswith(key):
                entry["value"] = _edited(entry["value"], pattern, replacement)

    def drop(self, pattern: str) -> None:
        """Remove each key that matches."""
        for name in [name for name in self.keys if re.search(pattern, name)]:
            del self.keys[name]


Difference = Callable[[Seen, Seen], None]
DIFFERENCES: dict[str, Difference] = {}


def table() -> dict[str, tuple[str, ...]]:
    """The rows of the reference: name of a difference, and the scenarios that show it (or `all`)."""
    text = PAGE.read_text(encoding="utf-8")
    return {row["name"]: tuple(row["scenarios"].split(", ")) for row in _ROW.finditer(text)}


def assert_same(scenario: str, ruby: Seen, ours: Seen) -> None:
    """Both are the same but for the rows that name the scenario; each of these has something to take away."""
    for name, scenarios in table().items():
        if scenario[:2] in scenarios or scenarios == ("all",):
            before = deepcopy((ruby, ours))
            DIFFERENCES[name](ruby, ours)
            assert scenarios == ("all",) or before != (ruby, ours), f"{name} is no difference in {scenario}"
    different = list(_told_apart(ruby, ours))
    assert not different, "\n".join(
        f"{name}\n  Ruby: {theirs}\n  ours: {own}" for name, theirs, own in different
    )


def _told_apart(ruby: Seen, ours: Seen) -> Iterator[tuple[str, object, object]]:
    """Each key and each answer that is not the same: its name, Ruby's and ours."""
    for theirs, own in ((ruby.keys, ours.keys), (ruby.extra, ours.extra)):
        for name in sorted(theirs.keys() | own.keys()):
            if theirs.get(name) != own.get(name):
                yield name, theirs.get(name), own.get(name)


def _edited(value: Any, pattern: str, replacement: str) -> Any:
    if isinstance(value, list):
        return [re.sub(pattern, replacement, item) for item in value]
    return re.sub(pattern, replacement, value)


def difference(function: Difference) -> Difference:
    """Register a function for the row of its name."""
    DIFFERENCES[function.__name__.replace("_", "-")] = function
    return function


@difference
def our_keys(_ruby: Seen, ours: Seen) -> None:
    ours.drop(r"^\w+(:GitHub)?:x:")


@difference
def prune_lock(ruby: Seen, _ours: Seen) -> None:
    ruby.drop(":pruning_dead_workers_in_progress$")


@difference
def record_extras(_ruby: Seen, ours: Seen) -> None:
    ours.edit(":slow", r',"x":\{"id":"\w+","at":\d+,"rescues":0\},"token":"\w+"\}$', "}")


@difference
def failure_extras(_ruby: Seen, ours: Seen) -> None:
    ours.edit("failed", r',"x":\{"job_id":"\w+","name":"[^"]*","at":"[^"]*"\},"failure_id":"\w+"', "")


@difference
def exception_names(ruby: Seen, ours: Seen) -> None:
    ruby.edit("failed", r'"exception":"Deep::Nested::(\w+)"', r'"exception":"\1"')
    ours.edit("failed", r'"exception":"golden\.jobs\.(\w+)"', r'"exception":"\1"')
    ours.edit("failed", r'"error":"golden\.jobs\.(\w+)"', r'"error":"\1"')


@difference
def errors_of_the_language(ruby: Seen, ours: Seen) -> None:
    raised = r'"exception":"(?:%s)","error":"%s(?:[^"\\]|\\.)*","backtrace":\[(?:<BACKTRACE>)?\]'
    same = '"exception":"the language\'s"'
    for seen, names, begins in (
        (ruby, "NameError|NoMethodError", ""),
        (ruby, "ArgumentError", "wrong number of arguments"),
        (ours, "UnknownJobClass|TypeError", ""),
    ):
        seen.edit("failed", raised % (names, begins), same)


@difference
def names_as_written(_ruby: Seen, ours: Seen) -> None:
    failed = ours.keys["resque:failed"]["value"]
    failed[:] = [element for element in failed if '"class":"other-job"' not in element]
    ours.keys["resque:stat:failed"]["value"] = str(int(ours.keys["resque:stat:failed"]["value"]) - 1)


@difference
def invalid_bytes(ruby: Seen, ours: Seen) -> None:
    ruby.edit("failed", r"bad \?\? bytes", "bad bytes")
    ours.edit("failed", r"bad \\\\udcff\\\\udcfe bytes", "bad bytes")


@difference
def dirty_exits_count(_ruby: Seen, ours: Seen) -> None:
    ours.drop(":stat:failed(:|$)")


@difference
def children_die_too(ruby: Seen, ours: Seen) -> None:
    assert (ruby.extra.pop("child_alive"), ours.extra.pop("child_alive")) == (True, False)


@difference
def enqueue_returns_the_job(ruby: Seen, ours: Seen) -> None:
    for seen, said in ((ruby, "true"), (ours, "a Job")):
        for name in [name for name, value in seen.extra.items() if value == said]:
            del seen.extra[name]


@difference
def lists_of_one(ruby: Seen, ours: Seen) -> None:
    assert f"[{ruby.extra.pop('peek_1')}]" == ours.extra.pop("peek_1")


@difference
def counts_of_jobs(ruby: Seen, ours: Seen) -> None:
    assert (ruby.extra.pop("returned"), ours.extra.pop("returned")) == ("[1, 1]", "1")


@difference
def counters_go_down(ruby: Seen, ours: Seen) -> None:
    assert ruby.extra.pop("decr").startswith("NoMethodError")
    assert ours.extra.pop("decr") == "-1"


@difference
def our_names_of_keys(_ruby: Seen, ours: Seen) -> None:
    ours.extra["keys"] = [name for name in ours.extra["keys"] if not name.startswith("x:")]


@difference
def removed_jobs_count(_ruby: Seen, ours: Seen) -> None:
    ours.drop(":stat:(failed|processed)$")


@difference
def more_information(ruby: Seen, ours: Seen) -> None:
    ruby.extra["info"].pop("servers", None)
    for name in ours.extra["info"].keys() - ruby.extra["info"].keys():
        del ours.extra["info"][name]


@difference
def the_living_are_not_pruned(ruby: Seen, ours: Seen) -> None:
    worker = "vm:999991:slow"
    del ruby.keys["resque:failed"]
    ours.drop(f"^resque:worker:{worker}")
    ours.keys["resque:workers"]["value"].remove(worker)
    del ours.keys["resque:workers:heartbeat"]["value"][worker]


@difference
def zero_ends_nobody(_ruby: Seen, ours: Seen) -> None:
    assert ours.extra.pop("goes_on")


@difference
def one_place_for_each(ruby: Seen, _ours: Seen) -> None:
    ruby.drop("^resque:failed$")
