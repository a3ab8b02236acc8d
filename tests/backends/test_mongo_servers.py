"""A mongod as operators run it: with users and their roles, and with TLS."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from servers.server import Server

from resque_core.errors import StorageError
from resque_core.testing.contract.factories import numbered
from resque_core.testing.contract.scenes import hold, ids
from resque_mongo import open_storage

#: As in a URL, and what it stands for.
QUOTED, PASSWORD = "p%40ss%2Fw%3Ard", "p@ss/w:rd"


@pytest.fixture
def guarded(start_mongo: Callable[..., Server], certificate: Path) -> Server:
    """Knows a user `root`, one who may write into `resque`, and one who may read there. Speaks TLS, too."""
    both = certificate.with_name("both.pem")
    both.write_text(certificate.read_text() + certificate.with_name("key.pem").read_text())
    server = start_mongo(
        "--auth", "--tlsMode", "preferTLS", "--tlsCertificateKeyFile", str(both),
        "--tlsCAFile", str(certificate), "--tlsAllowConnectionsWithoutCertificates",
    )  # fmt: skip
    # Without any user yet, who comes from this machine may make the first.
    with MongoClient[dict[str, Any]](server.url) as client:
        client.admin.command("createUser", "root", pwd=PASSWORD, roles=["root"])
    with MongoClient[dict[str, Any]](
        server.url, username="root", password=PASSWORD, authSource="admin"
    ) as client:
        for name, role in (("writer", "readWrite"), ("reader", "read")):
            client["resque"].command("createUser", name, pwd=PASSWORD, roles=[role])
    return server


def refusal(url: str) -> str:
    """What is said of a first call that is refused."""
    with closing(open_storage(url, "test")) as storage, pytest.raises(StorageError) as refused:
        storage.jobs.enqueue(numbered(1))
    return str(refused.value)


def test_users_passwords_and_certificates_are_checked(guarded: Server, certificate: Path) -> None:
    address = f"127.0.0.1:{guarded.port}/resque"
    with closing(open_storage(f"mongodb://writer:{QUOTED}@{address}", "test")) as storage:
        storage.prepare()
        assert storage.jobs.complete(hold(storage))
        storage.jobs.enqueue(numbered(1))
        assert storage.server_info().location == storage.location == f"mongodb://{address}"
    by_name = f"mongodb://root:{QUOTED}@{address}?authSource=admin&authMechanism=SCRAM-SHA-256"
    with closing(open_storage(f"{by_name}&tls=true&tlsCAFile={certificate}", "test")) as storage:
        assert ids(storage) == ["0"]

    role = "the user needs the role readWrite on this database"
    for who in ("", "writer:wrong@", f"reader:{QUOTED}@"):
        said = refusal(f"mongodb://{who}{address}")
        assert role in said
        assert "wrong" not in said
        assert PASSWORD not in said
    assert "certificate verify failed" in refusal(f"{by_name}&tls=true&serverSelectionTimeoutMS=500")
