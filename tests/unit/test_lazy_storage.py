"""`LazyStorage`: opened once, by whichever thread or process comes first."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from resque_core import Resque
from resque_core.errors import StorageError, UnknownBackendError
from resque_core.settings import StoreChoice

#: Forks while a thread is inside `prepare()`. An alarm ends a child that waits for that thread.
FORK_IN_FIRST_USE = """
import os, signal, sys, threading
from resque_core import Resque, lazy_storage

parent, inside, go_on = os.getpid(), threading.Event(), threading.Event()

class Slow:
    location = "slow"
    def prepare(self):
        if os.getpid() == parent:
            inside.set()
            go_on.wait()

lazy_storage.open_storage = lambda url, namespace: Slow()
resque = Resque("slow://")
thread = threading.Thread(target=lambda: resque.storage)
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    signal.alarm(10)
    os._exit(0 if resque.storage.location == resque.location == "slow" else 1)
_, status = os.waitpid(child, 0)
go_on.set()
thread.join()
assert resque.storage.location == "slow"
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


def test_a_fork_during_the_first_use_leaves_the_child_a_store_that_it_can_use() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK_IN_FIRST_USE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_create_a_missing_store_is_refused_and_stays_missing(tmp_path: Path) -> None:
    with (
        Resque(StoreChoice(f"sqlite:///{tmp_path}/folder/1.db", "test", create=False)) as resque,
        pytest.raises(StorageError, match="There is no store at"),
    ):
        resque.queues()
    assert list(tmp_path.iterdir()) == []


def test_without_create_a_store_that_exists_is_used(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/1.db"
    with Resque(url) as maker:
        maker.enqueue_to("q", "Mailer")
    with Resque(StoreChoice(url, "test", create=False)) as resque:
        assert resque.size("q") == 1


def test_a_store_that_no_backend_reads_is_named_with_the_source_that_was_given() -> None:
    resque = Resque(StoreChoice("nosuch://host", "REDIS_URL"))
    assert resque.source == "REDIS_URL"
    with pytest.raises(UnknownBackendError, match=r"The URL came from: REDIS_URL\."):
        resque.size("q")


def test_a_closed_store_is_let_go_of_and_opened_anew(tmp_path: Path) -> None:
    """Else each fork of a worker would look after a store that its app process never opens again."""
    resque = Resque(f"sqlite:///{tmp_path}/1.db")
    resque.enqueue_to("q", "Mailer")
    gone = weakref.ref(resque.storage)
    resque.close()
    gc.collect()
    assert gone() is None
    assert resque.size("q") == 1


def test_a_store_that_goes_away_while_it_is_closed_is_not_made_anew(tmp_path: Path) -> None:
    """Else who looks would find an empty store where jobs were."""
    resque = Resque(f"sqlite:///{tmp_path}/1.db")
    resque.enqueue_to("q", "Mailer")
    resque.close()
    (tmp_path / "1.db").unlink()
    with pytest.raises(StorageError, match="There is no store at"):
        resque.size("q")
    assert list(tmp_path.glob("*.db")) == []
