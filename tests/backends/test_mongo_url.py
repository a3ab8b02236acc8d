"""The URL grammar of the MongoDB backend, and what it never says."""

import pytest

from resque_core.discovery import open_storage
from resque_core.errors import SettingsError, StorageError
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry
from resque_mongo.url import Target, parse_url

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "database", "location"),
    [
        ("mongodb://localhost", "resque", "mongodb://localhost/resque"),
        ("mongodb://localhost/", "resque", "mongodb://localhost/resque"),
        ("mongodb://localhost:27018/jobs", "jobs", "mongodb://localhost:27018/jobs"),
        ("MongoDB://localhost/jobs", "jobs", "mongodb://localhost/jobs"),
        ("mongodb://a,b:27018,c/jobs?replicaSet=rs0", "jobs", "mongodb://a,b:27018,c/jobs"),
        ("mongodb://me:s3cr3t@localhost/jobs?authSource=admin", "jobs", "mongodb://localhost/jobs"),
        ("mongodb://%2Ftmp%2Fmongodb-27017.sock/jobs", "jobs", "mongodb://%2Ftmp%2Fmongodb-27017.sock/jobs"),
        ("mongodb://[::1]:27017/jobs", "jobs", "mongodb://[::1]:27017/jobs"),
        ("mongodb+srv://me:s3cr3t@cluster.invalid/jobs", "jobs", "mongodb+srv://cluster.invalid/jobs"),
        ("mongodb+srv://cluster.invalid", "resque", "mongodb+srv://cluster.invalid/resque"),
        ("mongodb://localhost?tls=true", "resque", "mongodb://localhost/resque"),
    ],
)
def test_a_url_names_servers_and_a_database(url: str, database: str, location: str) -> None:
    target = parse_url(url)
    assert (target.database, target.location) == (database, location)
    assert open_storage(url, "test").location == location


@pytest.mark.parametrize(
    ("options", "timeout"),
    [("", 10.0), ("?timeoutMS=2500", 2.5), ("?timeoutms=500&maxPoolSize=3&appName=mine", 0.5)],
)
def test_a_call_ends_within_ten_seconds_unless_the_url_says_otherwise(options: str, timeout: float) -> None:
    assert parse_url(f"mongodb://localhost/{options}").timeout == timeout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://localhost", "not one of MongoDB.*mongodb://localhost:27017/resque"),
        ("mongodb:localhost", "not one of MongoDB"),
        ("mongodb://", "names a host"),
        ("mongodb:///jobs", "names a host"),
        ("mongodb://localhost:port/", "cannot be used.*Port"),
        ("mongodb://localhost:99999/", "cannot be used"),
        ("mongodb://localhost/a b", "cannot be used"),
        ("mongodb://localhost/?colour=red", "colour: Unknown option"),
        ("mongodb+srv://cluster.invalid/?colour=red", "colour: Unknown option"),
        ("mongodb://localhost/?timeoutMS=soon", "timeoutms"),
        ("mongodb://localhost/?timeoutMS=-1", "timeoutms"),
        ("mongodb://localhost/?timeoutMS=0", "without an end"),
        ("mongodb://localhost/?maxPoolSize=many", "maxpoolsize"),
        ("mongodb://localhost/?w=1", "w=1.*always uses w=majority"),
        ("mongodb://localhost/?w=0", "always uses w=majority"),
        ("mongodb://localhost/?journal=false", "always uses journal=true"),
        ("mongodb://localhost/?readPreference=secondary", "always uses readpreference=primary"),
        ("mongodb://localhost/?readConcernLevel=majority", "always uses readconcernlevel=local"),
        ("mongodb://localhost/?tz_aware=false", "Resque sets that itself"),
    ],
)
def test_what_mongodb_does_not_have_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){said}"):
        parse_url(url)


@pytest.mark.parametrize("option", ["w=majority", "journal=true", "readPreference=primary"])
def test_what_resque_does_anyway_may_be_said(option: str) -> None:
    assert parse_url(f"mongodb://localhost/?{option}").location == "mongodb://localhost/resque"


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://me:{SECRET}/x@localhost/jobs",
        f"mongodb://me:{SECRET}@localhost:port/jobs",
        f"mongodb://me:{SECRET}@localhost/?colour={SECRET}",
        f"mongodb://me:{SECRET}@:@localhost/",
        f"mongodb://me:x:{SECRET}@localhost/",
        f"mongodb+srv://me:{SECRET}@cluster.invalid/?w=1",
        f"mongodb+srv://me:{SECRET}@/jobs",
        f"mongodb://me:x?{SECRET}@localhost/jobs",
        f"mongodb://me:1?w={SECRET}@localhost/jobs",
        f"mongodb:me:{SECRET}@localhost",
    ],
)
def test_no_refusal_shows_a_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_url(url)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_a_url_that_holds_a_password_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(SettingsError, match=r"not shown.*\? is written as %3F, @ as %40, and / as %2F"):
        parse_url(f"mongodb://me:x?{SECRET}@localhost/jobs")


@pytest.mark.parametrize("scheme", ["mongodb", "mongodb+srv"])
def test_neither_a_location_nor_an_error_nor_a_repr_shows_a_password(scheme: str) -> None:
    host = "127.0.0.1:1" if scheme == "mongodb" else "cluster.invalid"
    url = f"{scheme}://me:{SECRET}@{host}/jobs?serverSelectionTimeoutMS=100&timeoutMS=1000"
    storage = open_storage(url, "test")
    with pytest.raises(StorageError) as failed:
        storage.jobs.enqueue([an_entry()])
    shown = f"{storage.location} {failed.value} {failed.value!r} {failed.value.__cause__} {parse_url(url)!r}"
    assert SECRET not in shown
    assert f"{scheme}://{host}/jobs" in str(failed.value)
    storage.close()


def test_a_target_that_is_shown_shows_no_url() -> None:
    assert "url" not in repr(Target("mongodb://me:s3cr3t@h/", "d", "mongodb://h/d"))


def test_the_database_is_the_one_of_the_path(mongo: Storage, mongo_url: str, namespace: str) -> None:
    elsewhere = open_storage(mongo_url.replace("/resque", "/elsewhere"), namespace)
    mongo.jobs.enqueue([an_entry()])
    assert list(elsewhere.queues.all()) == []
    elsewhere.close()
