"""A job's JSON text: written strictly, read leniently."""

import json
import re
import sys
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resque_core.codec import decode_job, decode_leniently, decode_payload, encode_job, job_id, own_id
from resque_core.errors import BadPayload, InvalidArguments
from resque_core.job import Entry, Job

MOMENT = datetime(2026, 11, 22, 7, 30, 0, 123456, UTC)

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
)


def a_job(*args: Any, **kwargs: Any) -> Job:
    return Job(queue="q", name="shop.Pack", args=args, kwargs=kwargs)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def read(payload: bytes | str) -> Job:
    return decode_job(Entry("", "q", payload.encode() if isinstance(payload, str) else payload))


def has_surrogates(value: object) -> bool:
    return re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)) is not None


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Size(StrEnum):
    BIG = "big"


class Model:
    """As Django's: `pk` is an attribute of its type."""

    @property
    def pk(self) -> int:
        raise AssertionError("asking for it may be a query")


@dataclass
class Point:
    x: int


class Array:
    def tolist(self) -> list[int]:
        return [1]


# Writing


def test_text_is_class_and_args_first_compact_and_raw_utf8() -> None:
    assert encode_job(a_job(1, "é/<>&\u2028😀", None, True, [1.5], {"b": 1, "a": 2})) == (
        '{"class":"shop.Pack","args":[1,"é/<>&\u2028😀",null,true,[1.5],{"b":1,"a":2}]}'.encode()
    )


def test_our_own_keys_follow_in_order_where_they_carry_something() -> None:
    job = replace(
        a_job(1, speed=2), id="abc", enqueued_at=MOMENT, on_worker_death="fail", extras={"z": 1, "args": 9}
    )
    assert encode_job(job) == (
        b'{"class":"shop.Pack","args":[1],"kwargs":{"speed":2},"id":"abc",'
        b'"enqueued_at":"2026-11-22T07:30:00.123456Z","on_worker_death":"fail","z":1}'
    )


@given(st.lists(values), st.dictionaries(st.text(), values))
def test_what_is_written_comes_back_equal(args: list[Any], kwargs: dict[str, Any]) -> None:
    job = replace(a_job(*args, **kwargs), id="abc", enqueued_at=MOMENT, extras={"x": args})
    payload = encode_job(job)
    assert decode_job(Entry("abc", "q", payload)) == replace(job, payload=payload)


def test_subclasses_that_json_knows_are_written_as_what_they_are() -> None:
    job = a_job(Level.HIGH, Size.BIG, OrderedDict(a=1), (1, (2,)), 2**80)
    assert read(encode_job(job)).args == (3, "big", {"a": 1}, [1, [2]], 2**80)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (MOMENT, r"args\[0\] is a datetime.datetime, .*isoformat"),
        (date(2026, 1, 1), r"is a datetime.date, .*isoformat"),
        (timedelta(1), r"total_seconds"),
        ({1}, r"is a set, .*Pass sorted\(value\)"),
        (frozenset(), r"is a frozenset, .*Pass sorted\(value\)"),
        (b"x", r"is a bytes, .*base64"),
        (bytearray(b"x"), r"is a bytearray, .*base64"),
        (Model(), r"Model, .*primary key and load"),
        (Decimal("1.5"), r"Decimal, .*Pass str\(value\) and make it a Decimal again"),
        (UUID(int=1), r"UUID, .*Pass str\(value\)"),
        (Colour.RED, r"Pass its \.value"),
        (Point(1), r"dataclasses\.asdict"),
        (PurePosixPath("x"), r"Pass str\(value\)"),
        (Array(), r"tolist"),
        (iter([1]), r"Pass list\(value\)"),
        (range(3), r"Pass list\(value\)"),
        (MappingProxyType({}), r"is a mappingproxy, .*Pass dict\(value\)"),
        (object(), r"is an object, .*Pass its primary key"),
        (float("nan"), r"args\[0\] is nan, .*Pass None, or a string"),
        (float("-inf"), r"args\[0\] is -inf"),
        ("a\udc80", r"args\[0\] holds a lone surrogate \('\\udc80'\)"),
        ({"\udc80": 1}, r"args\[0\] has a key that holds a lone surrogate"),
        ({1: 2}, r"args\[0\] has the key 1, an int; .*Pass string keys"),
        ({None: 2}, r"has the key None, a NoneType"),
    ],
)
def test_what_json_cannot_carry_is_refused_with_the_way_out(value: object, message: str) -> None:
    with pytest.raises(InvalidArguments, match=message):
        encode_job(a_job(value))


def test_an_integer_that_python_does_not_write_is_refused() -> None:
    with pytest.raises(InvalidArguments, match=r"args\[0\] is an integer with more digits .* hexadecimal"):
        encode_job(a_job(10**5000))


@pytest.mark.parametrize(
    ("job", "path"),
    [
        (
            a_job(1, {"to": [{"when": MOMENT}]}),
            r"^shop\.Pack: argument args\[1\]\['to'\]\[0\]\['when'\]",
        ),
        (a_job(at=[1, MOMENT]), r"argument kwargs\['at'\]\[1\] is a datetime"),
        (replace(a_job(), extras={"meta": {1}}), r"key 'meta' is a set"),
        (replace(a_job(), name="a\udc80"), r"^a\\udc80: the job's name holds a lone surrogate"),
        (a_job(*([0] * 12), {"k\n": MOMENT}), r"args\[12\]\['k\\n'\]"),
    ],
)
def test_the_message_says_which_part_is_to_blame(job: Job, path: str) -> None:
    with pytest.raises(InvalidArguments, match=path):
        encode_job(job)


def test_the_first_of_several_is_named() -> None:
    with pytest.raises(InvalidArguments, match=r"args\[1\] is a set"):
        encode_job(a_job(1, {1}, MOMENT))


def test_text_is_nested_a_hundred_levels_at_most_as_ruby_reads_it() -> None:
    assert read(encode_job(a_job(nested(98)))).args == (nested(98),)
    with pytest.raises(InvalidArguments, match="nested more than 100 deep, or holds itself"):
        encode_job(a_job(nested(99)))


def test_a_value_that_holds_itself_is_refused_in_a_line() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InvalidArguments, match="or holds itself") as refusal:
        encode_job(a_job(endless))
    assert len(str(refusal.value)) < 400


@given(st.recursive(scalars | st.floats() | st.text(st.characters()), st.lists, max_leaves=5))
def test_encoding_raises_nothing_but_invalid_arguments(value: Any) -> None:
    try:
        payload = encode_job(a_job(value))
    except InvalidArguments:
        return
    json.loads(payload)


def test_whatever_else_json_objects_to_is_told() -> None:
    class Unruly(dict[str, int]):
        def items(self) -> Any:
            raise ValueError("not today")

    with pytest.raises(InvalidArguments, match="not today"):
        encode_job(a_job(Unruly(a=1)))


# Reading


def test_blanks_key_order_and_duplicates_are_no_matter() -> None:
    job = read(' { "args" : [ 1 ], "class" : "A", "class": "B" } ')
    assert (job.name, job.args) == ("B", (1,))


@pytest.mark.parametrize("text", ['{"class":"A"}', '{"class":"A","args":null,"kwargs":null}'])
def test_no_arguments_are_no_arguments(text: str) -> None:
    job = read(text)
    assert (job.args, job.kwargs) == ((), {})


def test_the_bytes_and_keys_of_others_are_kept() -> None:
    payload = b'{"class":"A","args":[],"job_id":7,"x":{"y":[]}}'
    job = read(payload)
    assert job.extras == {"job_id": 7, "x": {"y": []}}
    assert job.payload == payload
    assert json.loads(encode_job(job))["x"] == {"y": []}


def test_the_entrys_id_is_the_jobs_so_that_both_name_the_same_entry() -> None:
    entry = Entry("stored", "q", b'{"class":"A","args":[],"id":"written"}')
    assert decode_job(entry).entry == entry


def test_without_one_the_id_is_the_text_s_own_or_a_hash_of_queue_and_bytes() -> None:
    assert read('{"class":"A","id":"own"}').id == "own"
    first, second = (decode_job(Entry("", queue, b'{"class":"A"}')).id for queue in ("q", "r"))
    assert len(first) == 40
    assert first != second
    assert job_id("\ud800", b"", {})


@pytest.mark.parametrize("own", [5, "", None, "a\nb", "\ud800", "x" * 256, ["a"]])
def test_an_id_that_no_store_can_use_is_passed_over(own: object) -> None:
    assert own_id({"id": own}) is None


@pytest.mark.parametrize(
    ("written", "understood"), [("fail", "fail"), ("requeue", "requeue"), ("x", None), (5, None), ({}, None)]
)
def test_only_a_known_policy_is_understood(written: object, understood: str | None) -> None:
    assert read(json.dumps({"class": "A", "on_worker_death": written})).on_worker_death == understood


@pytest.mark.parametrize(
    "junk", ["yesterday", 5, "\ud800", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"]
)
def test_a_time_that_cannot_be_read_is_no_time(junk: object) -> None:
    assert read(json.dumps({"class": "A", "enqueued_at": junk})).enqueued_at is None


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"", "not JSON"),
        (b"  ", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON: 'utf-8'"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"class":"A"} x', "not JSON"),
        (b"null", "a JSON null, not an object"),
        (b"42", "a JSON number"),
        (b"true", "a JSON boolean"),
        (b'"x"', "a JSON string"),
        (b"[]", "a JSON list"),
        (b"{}", "no class"),
        (b'{"class":""}', "no class"),
        (b'{"class":5}', "no class"),
        (b'{"class":null}', "no class"),
        (b'{"class":"A","args":{}}', "'args' is no JSON list but a JSON object"),
        (b'{"class":"A","args":"x"}', "'args' is no JSON list but a JSON string"),
        (b'{"class":"A","args":0}', "'args' is no JSON list but a JSON number"),
        (b'{"class":"A","kwargs":[]}', "'kwargs' is no JSON object but a JSON list"),
        (b'{"class":"A","args":[NaN]}', "NaN is not a JSON number"),
        (b'{"class":"A","args":[-Infinity]}', "-Infinity is not"),
        (b'{"class":"A","args":[1e999]}', "1e999 is too large"),
        (b'{"class":"A","args":[' + b"9" * 5000 + b"]}", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"class":"A","args":' + b"[" * 300 + b"]" * 300 + b"}", "nested too deeply"),
        (b'{"class":"A","args":[' + b'{"a":' * 250 + b"1" + b"}" * 250 + b"]}", "nested too deeply"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bytes_that_are_no_job_say_what_is_wrong_with_them(payload: bytes, problem: str) -> None:
    with pytest.raises(BadPayload, match=problem):
        read(payload)
    job = decode_leniently(Entry("i", "q", payload))
    assert job.problem is not None
    assert (job.name, job.id, job.queue, job.payload) == ("", "i", "q", payload)


def test_many_brackets_side_by_side_are_no_depth() -> None:
    assert len(read('{"class":"A","args":[' + ",".join(["[[]]"] * 500) + "]}").args) == 500


def test_what_can_be_read_can_be_shown_on_any_stack() -> None:
    job = read('{"class":"A","args":' + "[" * 199 + "]" * 199 + "}")

    def deeper(levels: int) -> str:
        return deeper(levels - 1) if levels else str(job)

    assert deeper(sys.getrecursionlimit() // 3).startswith("(Job{q} | A | [[[")


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_job_or_a_bad_payload(payload: bytes) -> None:
    try:
        read(payload)
    except BadPayload:
        assert decode_leniently(Entry("i", "q", payload)).problem


@given(
    st.dictionaries(
        st.sampled_from(["class", "args", "kwargs", "id", "enqueued_at", "on_worker_death", "x"]),
        values | st.lists(values) | st.text(st.characters()) | st.datetimes().map(str),
    )
)
def test_any_json_object_is_a_job_that_can_be_written_again_or_a_bad_payload(body: dict[str, Any]) -> None:
    try:
        job = read(json.dumps(body))
    except BadPayload:
        return
    if has_surrogates([job.name, job.args, job.kwargs, job.extras]):
        with pytest.raises(InvalidArguments, match="lone surrogate"):
            encode_job(job)
    else:
        again = decode_payload(encode_job(job))
        assert again["class"] == job.name
        assert again["args"] == list(job.args)
