"""Every point where a process can die, freeze or lose an answer: the job is where the table says.

`make test` kills at each point on SQLite; on servers, `make soak` does that.
`make faults` also freezes there for more than two leases, and drops requests and answers.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from faults.scenes import Scene
from faults.table import ROWS, Row
from faults.victims import LEASE, LONG_LEASE, wait_until
from stores import Store

from resque_core.failpoints import PROCESS_PLACES

EVERYTHING = os.environ.get("RESQUE_FAULTS") == "all"
#: Most of the time they wait for leases to end.
AT_ONCE = 6
by_make_faults = pytest.mark.skipif(not EVERYTHING, reason="`make faults` runs it")


def killed(scene: Scene) -> None:
    """The process is gone at the point, and what it held is swept."""
    victim = scene.begin("kill")
    # Whoever lost its app process or its child ends by itself.
    if victim.wait() != -signal.SIGKILL:
        assert not scene.row.point.startswith(("keeper.", "jobs.", "workers.")), scene.log
    scene.assert_reached()
    scene.sweep()
    settled(scene, scene.row.killed)


def frozen(scene: Scene) -> None:
    """The process is still for more than two leases; others do its work; then it goes on."""
    victim = scene.begin("stop")
    # A child that has said its word is not waited for: it may be ended with its worker, frozen as it is.
    wait_until(lambda: scene.reached, "the point")
    time.sleep(2.2 * (LONG_LEASE if scene.row.scene == "a quick job" else LEASE))
    scene.work_off()
    victim.signal(signal.SIGCONT)
    scene.finish(victim)
    scene.sweep()
    scene.work_off()
    settled(scene, scene.row.end)


def dropped(scene: Scene) -> None:
    """The connection breaks before the request, or before its answer: whoever called asks again."""
    scene.finish(scene.begin("drop"))
    scene.assert_reached()
    scene.sweep()
    scene.work_off()
    settled(scene, scene.row.end)


def settled(scene: Scene, allowed: frozenset[str]) -> None:
    """The job is in one place, an allowed one, and all is accounted for."""
    place = scene.place()
    assert place in allowed, f"{place}, not {' or '.join(allowed)}; the log:\n{scene.log}"
    scene.assert_counted(place)


@pytest.mark.parametrize(
    "act",
    [killed, pytest.param(frozen, marks=by_make_faults), pytest.param(dropped, marks=by_make_faults)],
    ids=lambda act: act.__name__,
)
@pytest.mark.parametrize("where", ["calls of the store", "steps of the processes"])
def test_nothing_is_lost_at_any_point(
    act: Callable[[Scene], None], where: str, store: Store, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    at_calls = where == "calls of the store"
    if act is dropped and not at_calls:
        pytest.skip("there is no connection to drop")
    rows = [row for row in ROWS if (row.point.rpartition(".")[0] not in PROCESS_PLACES) == at_calls]
    with playing(act, rows, store.url, tmp_path) as results:
        for row, result in results:
            with subtests.test(row.point):
                result.result()


@by_make_faults
def test_a_worker_that_slept_after_it_took_a_job_does_not_run_what_another_has_run(
    store: Store, tmp_path: Path
) -> None:
    (row,) = (row for row in ROWS if row.point == "jobs.reserve.after")
    with closing(Scene(row, store.url, tmp_path)) as scene:
        frozen(scene)
        assert len(scene.told("packed")) == 1, scene.log


@contextmanager
def playing(
    act: Callable[[Scene], None], rows: Sequence[Row], url: str, folder: Path
) -> Iterator[Iterator[tuple[Row, Future[None]]]]:
    """Play an act on every row, several at once."""

    def play(row: Row) -> None:
        scene = Scene(row, url, folder)
        try:
            act(scene)
        finally:
            scene.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield zip(rows, [pool.submit(play, row) for row in rows], strict=True)
