"""Which store and namespace are meant."""

from pathlib import Path
from typing import Any

import pytest

from resque_core import Resque
from resque_core.discovery import open_storage
from resque_core.errors import SettingsError, UnknownBackendError
from resque_core.settings import StoreChoice, environment_name, find_namespace, find_store

EVERY_VARIABLE = {
    "RESQUE_URL": "sqlite:///resque.db",
    "REDIS_URL": "redis://redis",
    "MONGODB_URI": "mongodb://mongo",
    "XDG_STATE_HOME": "/state",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in EVERY_VARIABLE.items() if name not in names}


def test_an_argument_wins_over_everything() -> None:
    assert find_store("sqlite:///a.db", EVERY_VARIABLE, "sqlite:///c.db") == StoreChoice(
        "sqlite:///a.db", "argument"
    )


@pytest.mark.parametrize(
    ("text", "url", "namespace"),
    [
        ("localhost:6379", "redis://localhost:6379/0", None),
        ("10.0.0.1:6380:2", "redis://10.0.0.1:6380/2", None),
        ("redis-1.example.com:1/shop", "redis://redis-1.example.com:1/0", "shop"),
        ("redis_1:1:2/shop/mail", "redis://redis_1:1/2", "shop/mail"),
    ],
)
def test_rubys_short_form_is_a_redis_server(text: str, url: str, namespace: str | None) -> None:
    assert find_store(text, {}) == StoreChoice(url, "argument", namespace=namespace)
    assert find_store(None, {"REDIS_URL": text}) == StoreChoice(url, "REDIS_URL", namespace=namespace)
    assert find_store(None, {}, text) == StoreChoice(url, "config file", namespace=namespace)


@pytest.mark.parametrize(
    "text", ["localhost", "localhost:", "host:port", ":1", "host:1:2:3", "host:1/", "sqlite:a.db"]
)
def test_what_is_no_short_form_of_rubys_stays_as_it_is(text: str) -> None:
    assert find_store(text, {}).url == text


def test_the_namespace_of_an_address_gives_way_to_one_that_was_named() -> None:
    assert Resque("localhost:1/shop").namespace == "shop"
    assert Resque("localhost:1/shop", namespace="mail").namespace == "mail"
    assert Resque("localhost:1").namespace == "resque"


def test_variables_are_asked_in_order_and_before_the_file() -> None:
    left = dict(EVERY_VARIABLE)
    for variable in ("RESQUE_URL", "REDIS_URL", "MONGODB_URI"):
        assert find_store(None, left, "sqlite:///c.db") == StoreChoice(left[variable], variable)
        left[variable] = ""
    assert find_store(None, left, "sqlite:///c.db") == StoreChoice("sqlite:///c.db", "config file")


def test_without_any_of_them_the_store_is_embedded_in_the_state_folder() -> None:
    nothing = without("RESQUE_URL", "REDIS_URL", "MONGODB_URI")
    assert find_store(None, nothing) == StoreChoice("sqlite:////state/resque/resque.sqlite3", "embedded")


@pytest.mark.parametrize("state", [{}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}])
def test_the_state_folder_is_in_the_home_folder_unless_an_absolute_one_is_named(
    state: dict[str, str], tmp_path: Path
) -> None:
    found = find_store(None, {"HOME": str(tmp_path), **state})
    assert found.url == f"sqlite:///{tmp_path}/.local/state/resque/resque.sqlite3"


def test_a_folder_with_odd_characters_is_the_folder_that_is_opened(tmp_path: Path) -> None:
    home = tmp_path / "50% #1? é"
    home.mkdir()
    storage = open_storage(find_store(None, {"HOME": str(home)}).url, "resque")
    storage.prepare()
    storage.close()
    assert (home / ".local/state/resque/resque.sqlite3").exists()


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "relative"}, {"HOME": "/no/such/folder"}])
def test_without_a_home_folder_the_way_out_is_said(home: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"no home folder.*Set RESQUE_URL"):
        find_store(None, home)


@pytest.mark.parametrize("url", ["", "  ", Path("jobs.db")])
def test_an_argument_that_is_no_url_is_refused_instead_of_passed_over(url: str) -> None:
    with pytest.raises(SettingsError, match="is not a store's URL"):
        find_store(url, EVERY_VARIABLE)


@pytest.mark.parametrize(
    "argument", [b"redis://me:s3cret@host", Path("redis://:s3cret@host"), {"password": "s3cret"}]
)
def test_an_argument_that_is_no_text_is_not_shown(argument: Any) -> None:
    with pytest.raises(SettingsError, match="is not a store's URL") as refused:
        find_store(argument, {})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "text", [":s3cret@127.0.0.1:6379", "me:s3cret@host:6379", "s3cret@host", "//me:s3cret@host/0"]
)
def test_a_text_without_a_scheme_that_may_hold_a_password_is_not_shown(text: str) -> None:
    with pytest.raises(UnknownBackendError, match=r"not shown.*no scheme") as refused:
        open_storage(text, "resque")
    assert "s3cret" not in str(refused.value)


def test_a_text_without_a_scheme_is_shown_when_it_holds_no_password() -> None:
    with pytest.raises(UnknownBackendError, match=r"'jobs\.db' is not a store's URL"):
        open_storage("jobs.db", "resque")


def test_a_namespace_comes_from_the_argument_the_environment_the_file_or_is_resque() -> None:
    assert find_namespace("a", {"RESQUE_NAMESPACE": "b"}, "c") == "a"
    assert find_namespace(None, {"RESQUE_NAMESPACE": "b"}, "c") == "b"
    assert find_namespace(None, {"RESQUE_NAMESPACE": ""}, "c") == "c"
    assert find_namespace(None, {}) == "resque"


@pytest.mark.parametrize("name", ["", "a\nb", "\ud800", 5])
def test_a_namespace_that_cannot_be_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="namespace"):
        find_namespace(name, {})


def test_the_environment_is_named_by_our_variable_or_rubys() -> None:
    names = {"RACK_ENV": "rack", "RAILS_ENV": "rails", "RESQUE_ENV": "ours"}
    assert environment_name(names) == "ours"
    assert environment_name({**names, "RESQUE_ENV": ""}) == "rails"
    assert environment_name({"RACK_ENV": "rack"}) == "rack"
    assert environment_name({}) == "development"
