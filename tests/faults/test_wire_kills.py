"""A worker is killed, or frozen, while the store's reply is on its way: at each reply, one after the other.

SQLite has no wire: its process dies before a call or after it, at the fail points, or within, in
`tests/backends/test_sqlite_crash.py`.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from faults.scenes import SCENES, Scene
from faults.table import DONE, RAISED, RESCUED, WAITING, Row
from faults.victims import LEASE, Victim, wait_until
from faults.wire import NameOf, Wire, mongo_name, redis_name
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import MONGO, REDIS, Kind, Store

EVERYTHING = os.environ.get("RESQUE_FAULTS") == "all"
STORES = [
    pytest.param(REDIS[-1], redis_name, id="redis"),
    pytest.param(MONGO[0], mongo_name, id="mongo"),
]
ENDS = {"a job": DONE, "a job that raises": RAISED}


class Play:
    """One worker behind one wire, whose nth reply is held back."""

    def __init__(self, scene: Scene, name_of: NameOf, nth: int, action: Callable[["Play"], bool]) -> None:
        self.scene = scene
        self.wire = Wire(urlsplit(scene.url).port or 0, name_of, nth, lambda: action(self))
        self._direct, scene.url = scene.url, through(scene.url, self.wire.port)
        self.victim: Victim | None = None
        self.victim = SCENES[scene.row.scene](scene, {})
        scene.url = self._direct

    def signal(self, number: int) -> None:
        """Strike the worker. It may come to the reply before we know who it is."""
        wait_until(lambda: self.victim, "the worker")
        assert self.victim
        os.kill(self.victim.pid, number)

    def close(self) -> None:
        self.wire.close()
        self.scene.close()


def through(url: str, port: int) -> str:
    """The same store, seen through a wire."""
    parts = urlsplit(url)
    query = "directConnection=true" if parts.scheme == "mongodb" else parts.query
    return parts._replace(netloc=f"127.0.0.1:{port}", query=query).geturl()


def kill(play: Play) -> bool:
    play.signal(signal.SIGKILL)
    return False


def freeze(play: Play) -> bool:
    """For more than two leases; then the reply comes after all."""
    play.signal(signal.SIGSTOP)
    time.sleep(2.2 * LEASE)
    play.signal(signal.SIGCONT)
    return True


@pytest.fixture
def store(kind: Kind, fleet: Fleet, tmp_path: Path) -> Iterator[Store]:
    store = or_skip(lambda: kind.new(fleet, tmp_path))
    yield store
    store.discard()


@pytest.mark.parametrize(("kind", "name_of"), STORES)
@pytest.mark.parametrize("scene", ENDS)
@pytest.mark.parametrize(
    "action", [kill, pytest.param(freeze, marks=pytest.mark.skipif(not EVERYTHING, reason="`make faults`"))]
)
def test_nothing_is_lost_with_any_reply(
    action: Callable[[Play], bool], scene: str, name_of: NameOf, store: Store, tmp_path: Path
) -> None:
    """The nth reply of one worker, for each n, until a worker lives that has no more of them."""
    if not EVERYTHING and scene != "a job":
        pytest.skip("`make faults` runs it")
    held, places = list[str](), set[str]()
    for nth in count(1):
        play = Play(
            Scene(Row("", scene, frozenset(), frozenset()), store.url, tmp_path), name_of, nth, action
        )
        try:
            place = end_of(play, action)
        finally:
            play.close()
        if play.wire.held is None:
            break
        held.append(play.wire.held)
        places.add(place)
    assert len(held) >= 6, held
    if action is kill:
        assert places == {WAITING, RESCUED, ENDS[scene]}, "not every kind of moment was met"


def end_of(play: Play, action: Callable[[Play], bool]) -> str:
    """Where the job is when all is over: in one place, counted once."""
    assert play.victim
    play.victim.wait()
    if action is freeze:
        play.scene.work_off()
    play.scene.sweep()
    place = play.scene.place()
    survived = action is freeze or not play.wire.held
    end = ENDS[play.scene.row.scene]
    allowed = {end} if survived else {WAITING, RESCUED, end}
    assert place in allowed, f"{place} after the reply to {play.wire.held} was held back:\n{play.scene.log}"
    play.scene.assert_counted(place)
    return place
