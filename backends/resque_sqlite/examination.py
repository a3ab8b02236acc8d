"""What of a SQLite file, and of the disk under it, endangers jobs."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from resque_core.findings import Finding, Level
from resque_sqlite.files import log_of
from resque_sqlite.url import LEVELS

#: File systems of other machines: locks and shared memory do not work there as WAL needs them.
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"})
MOUNTS = Path("/proc/self/mounts")
#: Bytes.
LITTLE, HARDLY_ANY, LONG_LOG = 500_000_000, 20_000_000, 500_000_000


def examine(path: Path | None, mode: str, level: int, sound: str) -> Iterator[Finding]:
    """Findings about the file at this path (None: in memory), opened in this way; `sound`: SQLite's check."""
    yield Finding("version", "ok", f"SQLite {sqlite3.sqlite_version}.")
    if path is None:
        yield Finding(
            "file", "danger", "The store is in this process's memory: no worker can see it.",
            "Give a file: sqlite:////var/lib/jobs/resque.sqlite3.",
        )  # fmt: skip
        return
    yield _soundness(sound)
    yield _durability(mode, LEVELS[level])
    yield _file_system(path)
    yield _space(path)
    yield from _log(path)
    yield Finding("clock", "ok", "The store's clock is this machine's.")


def _soundness(sound: str) -> Finding:
    if sound == "ok":
        return Finding("file", "ok", "The file is sound.")
    return Finding(
        "file", "danger", f"The file is damaged: {sound:.200}", "Stop all workers; restore a backup."
    )


def _durability(mode: str, level: str) -> Finding:
    if mode != "wal":
        return Finding(
            "persistence", "danger", f"journal_mode is {mode}, not WAL: reads block writes.",
            "Is it on a network file system, or opened by another program? Move it, or close that.",
        )  # fmt: skip
    if level in ("full", "extra"):
        return Finding("persistence", "ok", f"WAL, synchronous={level}: a power failure loses nothing.")
    grave = level == "off"
    return Finding(
        "persistence", "danger" if grave else "warning",
        f"synchronous={level}: a power failure "
        + ("may damage the file." if grave else "undoes the last transactions."),
        "Take `synchronous` out of the store's URL.",
    )  # fmt: skip


def _file_system(path: Path) -> Finding:
    kind = kind_of_file_system(path)
    if kind in REMOTE:
        return Finding(
            "file system", "danger", f"{path.parent} is on {kind}, a network file system: locks fail there.",
            "Move the file to a local disk, or use Redis or MongoDB.",
        )  # fmt: skip
    return Finding("file system", "ok", f"{path.parent} is on {kind or 'a local disk, as it seems'}.")


def kind_of_file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """What the kernel says (`ext4`); empty where it does not say."""
    if not mounts.exists():
        return ""
    lines = [line.split() for line in mounts.read_text(errors="replace").splitlines()]
    # Blanks in paths are written as octal numbers there.
    found = [(where.replace("\\040", " "), kind) for _device, where, kind, *_ in lines]
    above = [(len(where), kind) for where, kind in found if path.is_relative_to(where)]
    return max(above, default=(0, ""))[1]


def _space(path: Path) -> Finding:
    free = shutil.disk_usage(path.parent).free
    level: Level = "danger" if free < HARDLY_ANY else "warning" if free < LITTLE else "ok"
    advice = "" if level == "ok" else "Free some space on the disk."
    return Finding("disk", level, f"{free / 1e6:,.0f} MB are free.", advice)


def _log(path: Path) -> Iterator[Finding]:
    log = log_of(path)
    size = log.stat().st_size if log.exists() else 0
    if size > LONG_LOG:
        yield Finding(
            "log", "warning", f"The write-ahead log has {size / 1e6:,.0f} MB: some reader never ends.",
            "End programs that have the file open for long.",
        )  # fmt: skip
