"""The URL grammar of the SQLite backend."""

from pathlib import Path

import pytest

from resque_core.discovery import open_storage
from resque_core.errors import SettingsError
from resque_sqlite.url import Target, parse_url

HERE = Path.cwd()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////var/lib/jobs.db", Path("/var/lib/jobs.db")),
        ("sqlite:///jobs.db", HERE / "jobs.db"),
        ("sqlite:///data/jobs.db", HERE / "data/jobs.db"),
        ("sqlite:///./jobs.db", HERE / "jobs.db"),
        ("sqlite:///../jobs.db", HERE / "../jobs.db"),
        ("SQLite:////jobs.db", Path("/jobs.db")),
        ("sqlite:////a%20b/50%25.db", Path("/a b/50%.db")),
        ("sqlite:////a b#c.db", Path("/a b#c.db")),
        ("sqlite:////what%3F.db", Path("/what?.db")),
        ("sqlite:////caf%C3%A9.db", Path("/café.db")),
        ("sqlite:////caf%E9.db", Path("/caf\udce9.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_a_url_names_a_file_or_memory(url: str, path: Path | None) -> None:
    assert parse_url(url) == Target(path)


@pytest.mark.parametrize(
    ("options", "target"),
    [
        ("", Target(None)),
        ("?", Target(None)),
        ("?synchronous=off", Target(None, synchronous="off")),
        ("?synchronous=NORMAL", Target(None, synchronous="normal")),
        ("?synchronous=full", Target(None, synchronous="full")),
        ("?synchronous=extra", Target(None, synchronous="extra")),
        ("?timeout=5", Target(None, timeout=5.0)),
        ("?timeout=0", Target(None, timeout=0.0)),
        ("?timeout=0.25&synchronous=extra", Target(None, "extra", 0.25)),
    ],
)
def test_options_stand_in_the_query(options: str, target: Target) -> None:
    assert parse_url(f"sqlite://{options}") == target


def test_a_store_is_durable_and_patient_unless_the_url_says_otherwise() -> None:
    target = parse_url("sqlite:////jobs.db")
    assert (target.synchronous, target.timeout) == ("full", 10.0)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:jobs.db", "not a SQLite URL.*sqlite:///jobs.db"),
        ("redis://localhost", "not a SQLite URL"),
        ("sqlite://jobs.db", "names the host 'jobs.db'.*sqlite:///jobs.db"),
        ("sqlite://localhost/jobs.db", "names the host 'localhost'"),
        ("sqlite:///", "names no file"),
        ("sqlite:///?timeout=5", "names no file"),
        ("sqlite:////a%00b", "names no file"),
        ("sqlite://?colour=red", "no option 'colour'.*synchronous=off|normal|full|extra, timeout=SECONDS"),
        ("sqlite://?mode=ro", "no option 'mode'"),
        ("sqlite://?synchronous", "synchronous='' is none of: off, normal, full, extra"),
        ("sqlite://?synchronous=2", "synchronous='2' is none of: off, normal, full, extra"),
        ("sqlite://?timeout=", "timeout='' is not a number of seconds from 0 to 86400"),
        ("sqlite://?timeout=soon", "timeout='soon' is not"),
        ("sqlite://?timeout=-1", "timeout='-1' is not"),
        ("sqlite://?timeout=nan", "timeout='nan' is not"),
        ("sqlite://?timeout=inf", "timeout='inf' is not"),
        ("sqlite://?timeout=86401", "timeout='86401' is not"),
    ],
)
def test_what_sqlite_does_not_have_is_refused_with_what_it_has(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://me:s3cret@host/jobs.db",
        "sqlite:me:s3cret@host",
        "sqlite://?x@s3cret",
        "sqlite:///a?timeout=s3cret@",
    ],
)
def test_no_refusal_shows_what_may_be_a_password(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"not shown.*sqlite:///jobs\.db.*%3F.*timeout=SECONDS"
    ) as refused:
        parse_url(url)
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__!r} {refused.value.__context__!r}"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("sqlite:////var/lib/jobs.db?timeout=5", "sqlite:////var/lib/jobs.db"),
        ("sqlite:////a%20b/50%25%3F.db", "sqlite:////a%20b/50%25%3F.db"),
        ("sqlite:////caf%E9.db", "sqlite:////caf%E9.db"),
        ("sqlite://", "sqlite:///:memory:"),
    ],
)
def test_the_location_is_the_url_without_options(url: str, location: str) -> None:
    assert open_storage(url, "test").location == location
    assert parse_url(location) == Target(parse_url(url).path)


def test_a_relative_path_does_not_move_with_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    storage = open_storage("sqlite:///jobs.db", "test")
    monkeypatch.chdir("/")
    storage.prepare()
    storage.close()
    assert (tmp_path / "jobs.db").exists()


@pytest.mark.parametrize(("url", "shared"), [("sqlite://", False), ("sqlite:////jobs.db", True)])
def test_only_a_file_is_shared_with_other_processes(url: str, shared: bool) -> None:
    assert open_storage(url, "test").shared is shared
