"""`Stencil` writes texts of many jobs quickly: the same ones and the same complaints as `encode_job`."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resque_core.clock import Moment, to_iso
from resque_core.codec import encode_job
from resque_core.errors import InvalidArguments
from resque_core.job import Job
from resque_core.stencil import Stencil

AT = datetime(2026, 11, 22, 7, 30, 0, 123456, UTC)
MOMENT = Moment(AT, to_iso(AT))
ID = "0123456789abcdef" * 2


class Level(IntEnum):
    HIGH = 3


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


unfit = st.sampled_from([math.nan, math.inf, "\ud800", b"x", {1: 2}, Decimal(1), {"\udfff": 1}])
# Made when it is needed: no such number can be shown.
unfit |= st.just(5000).map(lambda digits: 10**digits)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(Level.HIGH)
values = st.recursive(
    scalars | unfit,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=6,
)
deep = st.integers(95, 103).map(nested)
jobs = st.builds(
    Job,
    queue=st.just("q"),
    name=st.text(min_size=1) | st.just("\ud800"),
    on_worker_death=st.sampled_from([None, "fail"]),
    expires_at=st.sampled_from([None, AT]),
    track=st.sampled_from([0.0, 60.0]),
    then=st.sampled_from([(), ({"queue": "q", "text": {"class": "next"}},)]),
    batch=st.sampled_from(["", ID]),
    delayed_hooks=st.booleans(),
)


def said(write: Callable[[], bytes]) -> bytes | str:
    try:
        return write()
    except InvalidArguments as error:
        return str(error)


@given(
    jobs,
    st.lists(values | deep, max_size=3).map(tuple),
    st.dictionaries(st.text(), values | deep, max_size=2),
)
def test_a_stencil_writes_and_refuses_what_encode_job_does(
    job: Job, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    own = {"args": args, "kwargs": kwargs, "id": ID, "enqueued_at": AT}
    assert said(lambda: Stencil(job).fill(args, kwargs, ID, MOMENT)) == said(
        lambda: encode_job(Job(**{**vars(job), **own}))
    )


@pytest.mark.parametrize("kwargs", [OrderedDict(a=1), {}], ids=["some", "none"])
def test_a_stencil_is_filled_any_number_of_times(kwargs: Mapping[str, Any]) -> None:
    stencil = Stencil(Job(queue="q", name="shop.Pack"))
    first = stencil.fill((1,), kwargs, ID, MOMENT)
    stencil.fill(("other",), {"b": 2}, "f" * 32, MOMENT)
    assert stencil.fill((1,), kwargs, ID, MOMENT) == first
