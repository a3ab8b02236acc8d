"""What the URL of a Redis server may say, what is refused, and that no password is ever shown."""

from contextlib import closing

import pytest

from resque_core.errors import SettingsError, StorageError
from resque_redis import open_storage
from resque_redis.url import Target, parse_url

SECRET = "s3cret/%&:"
QUOTED = "s3cret%2F%25%26%3A"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("redis://", "redis://localhost:6379/0"),
        ("redis://host", "redis://host:6379/0"),
        ("redis://host:1234/5", "redis://host:1234/5"),
        ("redis://host?db=5", "redis://host:6379/5"),
        ("REDIS://host/", "redis://host:6379/0"),
        ("rediss://host:6380", "rediss://host:6380/0"),
        ("redis://[::1]:7/1", "redis://[::1]:7/1"),
        ("unix:///run/my%20redis.sock?db=3", "unix:///run/my%20redis.sock?db=3"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("redis+sentinel://a,b:2/mine", "redis+sentinel://a:26379,b:2/mine/0"),
        ("redis+sentinel://a/my%2Fown/4", "redis+sentinel://a:26379/my%2Fown/4"),
        ("redis+cluster://a:7000,b", "redis+cluster://a:7000,b:6379"),
        ("redis+cluster://a/0", "redis+cluster://a:6379"),
    ],
)
def test_a_url_names_a_place(url: str, location: str) -> None:
    assert parse_url(url).location == location


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis:host", "not the URL of a Redis"),
        ("http://host", "not the URL of a Redis"),
        ("redis://host:port", "no proper HOST:PORT"),
        ("redis://host:70000", "no proper HOST:PORT"),
        ("redis://ho st", "no proper HOST:PORT"),
        ("redis://host/x", "ends with a database's number"),
        ("redis://host/1/2", "ends with a database's number"),
        ("redis://a,b", "names one server"),
        ("unix://relative.sock", "path of a socket"),
        ("unix://", "path of a socket"),
        ("redis+sentinel://host", "names the service"),
        ("redis+cluster://a/1", "no database but 0"),
        ("redis+cluster://a?db=1", "no database but 0"),
        ("redis://host?timeout=3", "no option 'timeout'.*socket_timeout=SECONDS"),
        ("redis://host?ssl_ca_certs=x", "no option 'ssl_ca_certs'"),
        ("redis://host?Socket_timeout=3", "no option"),
        (
            "redis://host?socket_timeout=soon",
            "socket_timeout='soon' cannot be used: write socket_timeout=SECONDS",
        ),
        ("redis://host?socket_timeout=0", "socket_timeout='0' cannot"),
        ("redis://host?socket_timeout=nan", "socket_timeout='nan' cannot"),
        ("redis://host?socket_connect_timeout=-1", "cannot be used"),
        ("redis://host?max_connections=0", "max_connections=NUMBER"),
        ("redis://host?health_check_interval=x", "cannot be used"),
        ("redis://host?client_name=a%20b", "client_name=NAME"),
        ("redis://host?db=-1", "db=NUMBER"),
        ("redis://host?username=", "username=NAME"),
        ("rediss://host?ssl_cert_reqs=maybe", r"required\|optional\|none"),
        ("rediss://host?ssl_check_hostname=maybe", r"yes\|no"),
    ],
)
def test_a_url_that_says_nothing_is_refused_with_what_to_write(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        parse_url(url)


def test_credentials_may_be_in_the_address_or_in_options() -> None:
    for url in (f"redis://me:{QUOTED}@host", f"redis://host?username=me&password={QUOTED}"):
        options = parse_url(url).options
        assert (options["username"], options["password"]) == ("me", SECRET)
    assert "username" not in parse_url(f"redis://:{QUOTED}@host").options
    assert dict(parse_url("redis://me@host").options) == {"username": "me"}


def test_options_are_given_to_the_driver() -> None:
    url = (
        "rediss://host?socket_timeout=1.5&socket_connect_timeout=2&max_connections=3&client_name=me"
        "&health_check_interval=4&ssl_cert_reqs=none&ssl_check_hostname=no&ssl_ca_certs=/x"
    )
    assert dict(parse_url(url).options) == {
        "socket_timeout": 1.5,
        "socket_connect_timeout": 2.0,
        "max_connections": 3,
        "client_name": "me",
        "health_check_interval": 4,
        "ssl_cert_reqs": "none",
        "ssl_check_hostname": False,
        "ssl_ca_certs": "/x",
    }


@pytest.mark.parametrize(
    "url",
    [
        f"redis://me:{QUOTED}@127.0.0.1:1/0",
        f"redis://127.0.0.1:1/0?username=me&password={QUOTED}",
        f"rediss://:{QUOTED}@127.0.0.1:1",
        f"unix://me:{QUOTED}@/nowhere.sock",
        f"redis+sentinel://:{QUOTED}@127.0.0.1:1/mine?sentinel_password={QUOTED}",
        f"redis+cluster://:{QUOTED}@127.0.0.1:1",
    ],
)
def test_a_password_is_in_no_location_repr_or_error(url: str) -> None:
    with closing(open_storage(url, "{resque}")) as storage:
        with pytest.raises(StorageError) as refused:
            storage.queues.all()
        with pytest.raises(StorageError):
            storage.server_info()
        shown = (
            f"{storage!r} {storage.location} {refused.value} {refused.value.__cause__!r} {parse_url(url)!r}"
        )
    assert "s3cret" not in shown
    assert "me:" not in shown


@pytest.mark.parametrize(
    "url",
    [
        f"redis://me:{QUOTED}@host:port",
        f"redis://me:{QUOTED}@host/x",
        f"http://me:{QUOTED}@host",
        f"redis://me:{QUOTED}@host?passwort=x",
        f"redis://host?password={QUOTED}&socket_timeout=x",
        "rediss://host?ssl_password=",
        "redis://me:x?s3cret@host/0",
        "redis://me:x?y@s3cret@host/0",
        "redis://me:1?db=s3cret&x@host/0",
        "redis://me:x@s3cret/x",
    ],
)
def test_a_password_is_in_no_refusal_of_a_url(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_storage(url, "resque")
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__!r}"


def test_an_option_that_may_be_half_a_password_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(SettingsError, match=r"not shown.*\? is written as %3F, @ as %40, and / as %2F"):
        parse_url("redis://me:x?s3cret@host/0")


def test_opening_touches_nothing() -> None:
    for url in ("redis://192.0.2.1:1", "redis+cluster://192.0.2.1:1", "redis+sentinel://192.0.2.1:1/x"):
        storage = open_storage(url, "{resque}")
        assert storage.location.startswith(url)
        assert storage.shared
        storage.close()


@pytest.mark.parametrize("namespace", ["resque", "{", "}{", "{}", "a{}b{c}", "resque}"])
def test_a_cluster_wants_a_namespace_with_a_hash_tag(namespace: str) -> None:
    with pytest.raises(SettingsError, match="in braces"):
        open_storage("redis+cluster://host", namespace)


@pytest.mark.parametrize("namespace", ["{resque}", "{resque}:mine", "my-{a}{b}"])
def test_a_cluster_takes_a_namespace_with_a_hash_tag(namespace: str) -> None:
    assert open_storage("redis+cluster://host", namespace).location == "redis+cluster://host:6379"


def test_a_targets_password_is_not_in_its_repr() -> None:
    assert SECRET not in repr(Target("redis", (("host", 1),), options={"password": SECRET}))
