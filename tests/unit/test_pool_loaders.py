"""Loaders: when a pool's configuration is read, and by whom."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from resque_core.errors import SettingsError
from resque_core.pool.group import Group
from resque_core.pool.loaders import CodeLoader, FileLoader, Throttled, loader_of


class Counts:
    """A loader that answers with how often it was called."""

    def __init__(self) -> None:
        self.environments: list[str | None] = []
        self.resets = 0

    def __call__(self, environment: str | None) -> Mapping[str, Any]:
        self.environments.append(environment)
        return {"mail": len(self.environments)}

    def reset(self) -> None:
        self.resets += 1


def test_an_edited_file_counts_from_the_next_reset_on(tmp_path: Path) -> None:
    path = tmp_path / "pool.yml"
    path.write_text("mail: 1")
    load = FileLoader(str(path))
    assert load(None)["mail"].workers == 1
    path.write_text("mail: 2")
    assert load(None)["mail"].workers == 1
    load.reset()
    assert load(None)["mail"].workers == 2


def test_without_a_file_the_pool_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESQUE_POOL_CONFIG", raising=False)
    assert FileLoader()("production") == {}


def test_a_callable_is_asked_each_time_with_the_environment() -> None:
    source = Counts()
    load = CodeLoader(source)
    assert [load("production")["mail"].workers, load("production")["mail"].workers] == [1, 2]
    load.reset()
    assert source.environments == ["production", "production"]
    assert source.resets == 1


def test_a_mapping_stands_for_a_loader_and_may_have_sections() -> None:
    load = CodeLoader({"mail": 1, "production": {"mail": 3}})
    assert load("production") == {"mail": Group("mail", 3)}
    load.reset()
    assert load(None) == {"mail": Group("mail", 1)}


def test_what_a_callable_answers_is_checked_as_a_file_is() -> None:
    with pytest.raises(SettingsError, match=r"the pool's loader: mail: -1 is not a number of workers"):
        CodeLoader(lambda _: {"mail": -1})(None)


def test_a_throttled_loader_is_asked_once_a_period_and_after_a_reset() -> None:
    source, now = Counts(), [100.0]
    load = Throttled(source, period=10.0, clock=lambda: now[0])
    answers = []
    for now[0] in (100.0, 106.0, 112.0):
        answers.append(load("test"))
    load.reset()
    answers.append(load("test"))
    assert answers == [{"mail": 1}, {"mail": 1}, {"mail": 2}, {"mail": 3}]
    assert source.resets == 1


def test_a_loader_that_raises_is_asked_once_a_period_too() -> None:
    class Failing(Counts):
        def __call__(self, environment: str | None) -> Mapping[str, Any]:
            super().__call__(environment)
            raise OSError("no database")

    source, now = Failing(), [100.0]
    load = Throttled(source, period=10.0, clock=lambda: now[0])
    for now[0] in (100.0, 106.0, 112.0):
        with pytest.raises(OSError, match="no database"):
            load(None)
    assert len(source.environments) == 2


POOL = "mail: {workers: 2, interval: 0.5, scheduler: true}\nslow: 1\nproduction: {mail: 4}\n"


@pytest.mark.parametrize(
    "wrap",
    [FileLoader, lambda path: Throttled(FileLoader(path)), Throttled, lambda path: FileLoader(path).__call__],
    ids=["file", "throttled-file", "throttled-path", "method"],
)
@pytest.mark.parametrize("environment", [None, "production"])
def test_what_reads_a_file_may_stand_in_what_asks(tmp_path: Path, wrap: Any, environment: str | None) -> None:
    path = tmp_path / "pool.yml"
    path.write_text(POOL)
    load = loader_of(wrap(path))
    assert load(environment) == FileLoader(path)(environment)


def test_a_reset_reaches_the_file_through_what_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pool.yml"
    path.write_text("mail: 1\n")
    load = loader_of(Throttled(FileLoader(path)))
    load(None)
    path.write_text("mail: 2\n")
    assert load(None)["mail"].workers == 1
    load.reset()
    assert load(None)["mail"].workers == 2


def test_a_mapping_may_be_throttled_too() -> None:
    assert loader_of(Throttled({"mail": 1, "test": {"mail": 2}}))("test") == {"mail": Group("mail", 2)}


@pytest.mark.parametrize("source", [42, ["mail"], b"resque-pool.yml", object()])
def test_what_cannot_be_asked_is_refused_with_a_way_out(source: Any) -> None:
    for take in (loader_of, Throttled):
        with pytest.raises(
            SettingsError, match=r"does not say which groups .* Give a file's path, a mapping"
        ):
            take(source)


@pytest.mark.parametrize("period", [-1.0, float("nan")])
def test_a_period_is_a_number_of_seconds(period: float) -> None:
    with pytest.raises(SettingsError, match="number of seconds, 0 or more"):
        Throttled({"mail": 1}, period=period)
