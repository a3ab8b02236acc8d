"""When a worker has worked enough."""

import math

from resque_core.retirement import Retirement
from resque_core.worker_options import WorkerOptions


def _retirement(memory: float = 0.0, **options: float) -> Retirement:
    return Retirement(WorkerOptions(**options), lambda: memory)  # type: ignore[arg-type]


def test_without_a_limit_a_worker_goes_on_for_ever() -> None:
    retirement = _retirement(memory=1e9)
    retirement.note_job()
    assert retirement.reason() is None
    assert retirement.left() == math.inf


def test_it_ends_after_so_many_jobs() -> None:
    retirement = _retirement(max_jobs=2)
    retirement.note_job()
    assert retirement.reason() is None
    retirement.note_job()
    assert retirement.reason() == "it has worked 2 jobs"


def test_it_ends_when_a_job_left_it_too_large_and_not_before_it_has_done_any() -> None:
    retirement = _retirement(memory=300.0, max_rss=200.0)
    assert retirement.reason() is None
    retirement.note_job()
    assert retirement.reason() == "it uses 300 MB"
    smaller = _retirement(memory=100.0, max_rss=200.0)
    smaller.note_job()
    assert smaller.reason() is None


def test_it_ends_when_it_is_too_old() -> None:
    young = _retirement(max_age=60.0)
    assert 0 < young.left() <= 60
    assert young.reason() is None
    old = _retirement(max_age=1e-9)
    assert old.left() == 0
    assert old.reason() == "it is 0 s old"
