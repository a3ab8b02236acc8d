"""How patient a pool is with workers that die, whom a hot swap ends, and what its settings refuse."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resque_core import Resque
from resque_core.errors import SettingsError
from resque_core.pool.backoff import FREE, LONGEST, LONGEST_AFTER_KILL, Backoff
from resque_core.pool.settings import PoolSettings, pool_settings
from resque_core.process.pool.hot_swap import find_managers, read_ps, running
from resque_core.process.pool.logs import PoolLogs, set_up_pool_logs
from resque_core.process.pool.manager import Pool
from resque_core.process.pool.notify import Notifier

OWN = os.getpid()
PROCESSES = f"""
    1 /sbin/init
  100 resque-pool-master[shop]: managing [101, 102]
  101 resque-0.1.0: Waiting for mail
  200 resque-pool-master[shop2]: managing [201]
  300 resque-pool-master[shop]: (started)
  400 grep resque-pool-master[shop]
  500 vi resque-pool-master[shop]: notes
{OWN} resque-pool-master[shop]: (started)
nonsense resque-pool-master[shop]: x
"""


def test_a_hot_swap_ends_pools_of_its_own_application_alone_and_not_itself() -> None:
    assert list(find_managers("shop", read_ps(PROCESSES))) == [100, 300]
    assert list(find_managers("shop2", read_ps(PROCESSES))) == [200]
    assert list(find_managers("sho", read_ps(PROCESSES))) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc here")
def test_linux_needs_no_ps_to_tell_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    words = Path("/proc/self/cmdline").read_text().rstrip("\0").split("\0")
    assert (OWN, " ".join(words)) in list(running())


def ended(backoff: Backoff, times: int, *, registered: bool = False, killed: bool = False) -> None:
    for _ in range(times):
        backoff.note_end(lived=0.1, registered=registered, killed=killed)


@pytest.mark.parametrize(
    ("killed", "expected"),
    [
        (False, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST, LONGEST, LONGEST]),
        (True, [LONGEST_AFTER_KILL] * 3),
    ],
    ids=["ended", "killed"],
)
def test_the_first_early_ends_are_replaced_at_once_then_each_wait_is_twice_the_last(
    killed: bool, expected: list[float]
) -> None:
    now = [50.0]
    backoff = Backoff(clock=lambda: now[0])
    ended(backoff, FREE, killed=killed)
    assert backoff.left() == 0.0
    waits = []
    for _ in expected:
        ended(backoff, 1, killed=killed)
        waits.append(backoff.left())
        now[0] += backoff.left()
    assert waits == expected


def test_a_wait_is_not_prolonged_by_who_ends_while_it_runs() -> None:
    backoff = Backoff(clock=lambda: 50.0)
    ended(backoff, FREE + 5)
    assert backoff.left() == 1.0


def test_each_worker_of_a_large_group_may_end_early_once() -> None:
    backoff = Backoff(clock=lambda: 50.0)
    backoff.workers = 8
    ended(backoff, 8)
    assert backoff.left() == 0.0
    ended(backoff, 1)
    assert backoff.left() == 1.0


def test_a_worker_that_got_to_work_ends_the_backoff() -> None:
    backoff = Backoff(clock=lambda: 50.0)
    ended(backoff, FREE + 3)
    backoff.note_end(lived=10.0, registered=True, killed=False)
    assert backoff.left() == 0.0
    assert backoff.early_ends == 0


def test_a_registered_worker_that_somebody_kills_is_no_early_end() -> None:
    backoff = Backoff(clock=lambda: 50.0)
    ended(backoff, 20, registered=True, killed=True)
    assert backoff.left() == 0.0
    ended(backoff, FREE + 1, registered=False, killed=True)
    assert backoff.left() == LONGEST_AFTER_KILL
    ended(backoff, 1, registered=True, killed=True)
    assert backoff.early_ends == 0


def test_workers_that_leave_in_order_are_replaced_at_once_however_soon() -> None:
    backoff = Backoff(clock=lambda: 50.0)
    for _ in range(20):
        backoff.note_end(lived=0.1, registered=True, in_order=True)
    assert (backoff.early_ends, backoff.left()) == (0, 0.0)


@pytest.mark.parametrize("end", [{}, {"killed": True}, {"in_order": True}], ids=["failed", "killed", "left"])
def test_a_worker_that_never_got_into_the_register_ended_early_however_long_it_took(
    end: dict[str, bool],
) -> None:
    backoff = Backoff(clock=lambda: 50.0)
    for _ in range(FREE + 1):
        backoff.note_end(lived=60.0, registered=False, **end)
    assert backoff.early_ends == FREE + 1
    assert backoff.left() > 0.0


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"app_name": ""}, "application's name"),
        ({"app_name": "a]b"}, "application's name"),
        ({"term_behavior": "kind"}, "not one of graceful-wait"),
        ({"spawn_delay": -1}, "0 to 3600 seconds"),
        ({"spawn_delay": "soon"}, "spawn_delay='soon' cannot be used. Give a number of seconds"),
        ({"spawn_delay": True}, "spawn_delay=True cannot be used"),
        ({"daemon": "yes"}, "daemon='yes' cannot be used. Give True or False"),
        ({"kill_others": 1}, "kill_others=1 cannot be used"),
        ({"pidfile": 5}, "pidfile=5 cannot be used. Give text, or None"),
        ({"environment": 5}, "environment=5 cannot be used"),
        ({"app_name": 7}, "app_name=7 cannot be used. Give text"),
        ({"worker": ["mail"]}, "worker=\\['mail'\\] cannot be used. Give a mapping"),
        ({"worker": {"burst": True}}, "no option burst"),
        ({"worker": {"interval": 0}}, "would end a pool's workers"),
        ({"worker": {"fork": False}}, "no option fork"),
        ({"worker": {"lease": 0}}, "lease: 0 seconds cannot be used"),
        ({"worker": {"leese": 1}}, "no option leese"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        PoolSettings(**{"app_name": "shop", **values})


def test_a_programs_pool_follows_the_variables_of_the_command_and_its_own_options_before() -> None:
    """As resque-pool's rake task did not with TERM_CHILD."""
    environ = {
        "RAILS_ENV": "test",
        "RESQUE_SINGLE_PGRP": "okay",
        "TERM_CHILD": "",
        "INTERVAL": "2",
        "MAX_INTERVAL": "7",
        "RESQUE_SCHEDULE": "a.yml",
        "QUEUE": "others",
    }
    said = pool_settings(environ, worker={"interval": 1.5})
    assert (said.environment, said.single_process_group, said.schedule) == ("test", True, "a.yml")
    assert (said.term_child, said.options().interval, said.options().max_interval) == (True, 1.5, 7.0)
    own = pool_settings(environ, environment="", single_process_group=False, worker={"term_child": False})
    assert (own.environment, own.single_process_group, own.term_child) == ("", False, False)
    assert pool_settings({}).environment is None


@pytest.mark.parametrize(("term_child", "order"), [(True, signal.SIGTERM), (False, signal.SIGQUIT)])
def test_with_term_child_the_manager_asks_by_term(term_child: bool, order: signal.Signals) -> None:
    pool = Pool({}, resque=Resque("sqlite:///jobs.sqlite3"), worker={"term_child": term_child})
    assert pool.gentle == order


@pytest.mark.parametrize(
    ("environ", "options", "says"),
    [
        ({}, {"pidfil": "a"}, "A pool has no option pidfil. It has: app_name, environment"),
        ({"INTERVAL": "soon"}, {}, "INTERVAL: 'soon' is not a number of seconds"),
        ({"INTERVAL": "-1"}, {}, "INTERVAL: -1.0 seconds cannot be used"),
        ({"FORK_PER_JOB": "false"}, {}, "no option fork"),
        ({}, {"worker": 5}, "worker=5 cannot be used"),
    ],
)
def test_options_and_variables_of_a_program_are_refused_by_name(
    environ: dict[str, str], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        pool_settings(environ, **options)


def test_where_term_is_immediate_no_group_has_grace_but_to_retire() -> None:
    pool = PoolSettings(app_name="shop", term_behavior="immediate", worker={"lease": 3.0, "grace": 9.0})
    assert [pool.as_stopped(own).grace for own in (None, {"grace": 60.0})] == [0.0, 0.0]
    # What is left to a worker that has grown too old or too large is another matter.
    assert [pool.options(own).grace for own in (None, {"grace": 60.0})] == [9.0, 60.0]
    assert pool.as_stopped({"lease": 5.0}).lease == 5.0
    assert PoolSettings(app_name="shop").as_stopped({"grace": 60.0}).grace == 60.0


def test_systemd_hears_of_states_and_of_every_half_of_its_patience(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}
        notifier = Notifier(environ)
        notifier.tell("READY=1", "STATUS=2 workers")
        assert systemd.recv(100) == b"READY=1\nSTATUS=2 workers"
        notifier.keep_alive()
        notifier.keep_alive()
        assert systemd.recv(100) == b"WATCHDOG=1"
        assert 9.0 < notifier.watchdog.left() <= 10.0
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(100)


def test_a_systemd_that_does_not_read_holds_up_nobody(tmp_path: Path) -> None:
    """Its queue takes ten messages on Linux; one more waits for room."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2"})
        for _ in range(1000):
            notifier.keep_alive()
        notifier.tell("STOPPING=1", patience=0.01)
        assert systemd.recv(100) == b"WATCHDOG=1"
        notifier.tell("STOPPING=1")


def test_without_systemd_nobody_is_told_and_no_watchdog_waits() -> None:
    notifier = Notifier({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"})
    notifier.tell("READY=1")
    notifier.keep_alive()
    assert notifier.watchdog.left() == float("inf")


def test_an_abstract_socket_is_found_too() -> None:
    name = f"resque-test-{OWN}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")
        Notifier({"NOTIFY_SOCKET": f"@{name}"}).tell("STOPPING=1")
        assert systemd.recv(100) == b"STOPPING=1"


@pytest.fixture
def loggers() -> Iterator[list[logging.Logger]]:
    """The loggers that a pool sets up, put back afterwards."""
    found = [logging.getLogger(name) for name in ("resque", "resque.pool")]
    before = [(log.handlers, log.level, log.propagate) for log in found]
    yield found
    for log, (handlers, level, propagate) in zip(found, before, strict=True):
        for handler in log.handlers:
            handler.close()
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


def test_manager_and_workers_log_to_one_file_which_may_be_moved_away(
    tmp_path: Path, loggers: list[logging.Logger]
) -> None:
    path = tmp_path / "pool.log"
    set_up_pool_logs("shop", PoolLogs(log_file=str(path), log_level="warning"))
    for log in loggers:
        log.info("not this")
        log.warning("from %s", log.name)
    assert path.read_text().splitlines() == [
        f"resque-pool-manager[shop][{OWN}]: from {name}" for name in ("resque", "resque.pool")
    ]
    path.rename(tmp_path / "pool.log.1")
    loggers[0].warning("anew")
    assert path.read_text() == f"resque-pool-manager[shop][{OWN}]: anew\n"


def test_a_pool_may_log_as_json(tmp_path: Path, loggers: list[logging.Logger]) -> None:
    path = tmp_path / "pool.log"
    set_up_pool_logs("shop", PoolLogs(log_file=str(path), log_format="json"))
    loggers[1].info("started manager")
    said = json.loads(path.read_text())
    assert (said["message"], said["process"], said["level"]) == ("started manager", OWN, "info")
