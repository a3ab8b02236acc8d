"""Messages between the processes of one worker."""

import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from resque_core.failing import describe
from resque_core.outcome import Again, Problem
from resque_core.process.births import birth_channel_pair
from resque_core.process.frames import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    Frame,
    channel_pair,
    encode_frame,
    limit_wait,
    text_frame,
)
from resque_core.process.results import Result, read_result, result_frame

LATE = Frame("job", (b"late",))


def head(parts: int, size: int) -> bytes:
    return b"rsq1" + struct.pack("!HQ", parts, size)


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    left, right = channel_pair()
    yield left, right
    left.close()
    right.close()


def test_parts_arrive_as_they_were_sent(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.send(Frame("job", (b"", b"\x00\xff\n", "ü".encode())))
    left.send(Frame("kill"))
    assert right.receive() == Frame("job", (b"", b"\x00\xff\n", "ü".encode()))
    assert right.poll() == Frame("kill")
    assert right.poll() is None


def test_texts_arrive_whatever_is_in_them(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.send(text_frame("loaded", "ü 🙂", "", "\udcff", "a\nb"))
    assert right.receive().texts() == ["ü 🙂", "", "\udcff", "a\nb"]


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(ChannelBroken, match="text"):
        Frame("ended", (b"\xff",)).texts()


def test_a_part_larger_than_any_buffer_arrives_whole(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    part = bytes(range(256)) * 40_000
    sender = threading.Thread(target=left.send, args=(Frame("job", (part,)),))
    sender.start()
    assert right.receive().parts == (part,)
    sender.join()


@pytest.mark.parametrize("length", range(1, len(encode_frame(LATE))))
def test_half_a_frame_is_not_yet_one(pair: tuple[Channel, Channel], length: int) -> None:
    left, right = pair
    whole = encode_frame(LATE)
    left.sock.send(whole[:length])
    assert right.poll() is None
    left.sock.send(whole[length:])
    assert right.poll() == LATE


def test_what_was_sent_before_the_end_can_still_be_read(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.send(Frame("done"))
    left.close()
    assert right.poll() == Frame("done")
    with pytest.raises(ChannelClosed):
        right.poll()
    with pytest.raises(ChannelClosed):
        right.receive()


def test_sending_to_nobody_is_told(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    right.close()
    with pytest.raises(ChannelClosed):
        left.send(Frame("job"))


def test_a_frame_over_the_cap_is_refused_before_it_is_read(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    right.cap = 1000
    left.sock.send(head(2, 2**31))
    with pytest.raises(ChannelBroken, match="more than 1000"):
        right.poll()


@pytest.mark.parametrize(
    "rubbish",
    [
        *(b"\n", b"[]\n", b"\xff" * 64, b"rsq2", b"a" * 100_000),
        head(0, 0),
        head(0, 1) + b"x",
        head(1, 7) + bytes(7),
        head(1, 8) + bytes(8),
        head(1, 9) + (2).to_bytes(8) + b"j",
        head(1, 10) + (1).to_bytes(8) + b"jo",
        head(1, 11) + (3).to_bytes(8) + b"j b",
        head(2, 19) + (3).to_bytes(8) + (2**64 - 1).to_bytes(8) + b"job",
    ],
    ids=lambda rubbish: ascii(rubbish[:16] + rubbish[22:])[:40],
)
def test_what_is_not_ours_is_refused(pair: tuple[Channel, Channel], rubbish: bytes) -> None:
    left, right = pair
    left.sock.sendall(rubbish)
    with pytest.raises(ChannelBroken, match="not ours"):
        right.poll()


def test_who_waits_for_a_word_is_told_whether_one_came_in_time(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    limit_wait(right.sock, 0.01)
    assert not right.hears()
    left.send(text_frame("job", "x"))
    assert right.hears()
    assert right.receive() == text_frame("job", "x")
    left.close()
    with pytest.raises(ChannelClosed):
        right.hears()


@pytest.fixture
def default_timeout() -> Iterator[None]:
    """As a module of jobs may want it, for what it asks of others."""
    socket.setdefaulttimeout(0.05)
    yield
    socket.setdefaulttimeout(None)


@pytest.mark.usefixtures("default_timeout")
def test_a_timeout_for_all_sockets_is_none_for_ours() -> None:
    app, keeper = birth_channel_pair()
    ours, theirs = channel_pair()
    app.send_sockets([theirs.sock], text_frame("born", "1"))
    assert keeper.poll()
    taken = keeper.take_socket()
    assert [it.sock.gettimeout() for it in (app, keeper, ours, theirs, taken)] == [None] * 5
    limit_wait(ours.sock, 0.01)
    assert not ours.hears(), "a limit of its own"
    for channel in (app, keeper, ours, theirs, taken):
        channel.close()


def test_a_limit_for_the_first_word_is_none_for_the_next(pair: tuple[Channel, Channel]) -> None:
    """A large job comes in pieces, and a child may have another long after the first."""
    left, right = pair
    limit_wait(right.sock, 0.01)
    said = encode_frame(text_frame("job", "x"))
    left.sock.sendall(said[:7])
    assert right.hears()
    later = threading.Timer(0.1, left.sock.sendall, [said[7:]])
    later.start()
    assert right.receive() == text_frame("job", "x")
    later.join()


def test_sending_gives_up_on_somebody_who_does_not_read(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.patience = 0.05
    right.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with pytest.raises(ChannelClosed, match="nothing was read"):
        left.send(Frame("job", (b"x" * 10_000_000,)))


def test_sockets_come_with_their_words_in_order() -> None:
    app, keeper = birth_channel_pair()
    kept = []
    for pid in ("1", "2"):
        ours, theirs = channel_pair()
        app.send_sockets([theirs.sock], text_frame("born", pid))
        theirs.close()
        kept.append(ours)
    app.send(text_frame("ended", "1", "0"))
    for pid, ours in zip(("1", "2"), kept, strict=True):
        assert keeper.poll() == text_frame("born", pid)
        taken = keeper.take_socket()
        taken.send(text_frame("job", pid))
        assert ours.receive() == text_frame("job", pid)
        assert not os.get_inheritable(taken.fileno())
        taken.close()
    assert keeper.poll() == text_frame("ended", "1", "0")
    for channel in (app, keeper, *kept):
        channel.close()


def test_a_socket_that_did_not_come_is_told() -> None:
    app, keeper = birth_channel_pair()
    app.send(text_frame("born", "1"))
    assert keeper.poll()
    with pytest.raises(ChannelBroken, match="without a socket"):
        keeper.take_socket()
    app.close()
    keeper.close()


@pytest.mark.parametrize("error", [None, ValueError("a\nb"), type("É", (Exception,), {})("\udc80")])
def test_a_result_is_read_as_it_was_said(error: BaseException | None) -> None:
    problem = describe(error) if error else None
    said = result_frame("shop.pack", 0.25, (problem, None) if problem else None)
    assert read_result(said) == Result("shop.pack", 0.25, problem)


@pytest.mark.parametrize("again", [Again(b'{"class":"A"}', "q", 2.5), Again("É".encode(), "q", None)])
def test_a_result_may_say_what_a_retry_policy_said(again: Again) -> None:
    problem = Problem("E", "text", ("line",))
    assert read_result(result_frame("a", 1.0, (problem, again))) == Result("a", 1.0, problem, again=again)


@pytest.mark.parametrize("hands_back", [False, True])
def test_a_job_that_an_interrupt_ended_says_whether_it_is_to_be_handed_back(hands_back: bool) -> None:
    problem = Problem("TermException", "SIGTERM", ("resque_core.errors.TermException: SIGTERM",))
    assert read_result(result_frame("a", 1.0, (problem, None), handed_back=hands_back)) == Result(
        "a", 1.0, problem, hands_back
    )


@pytest.mark.parametrize(
    "frame",
    [
        text_frame("done"),
        text_frame("done", "name", "soon"),
        text_frame("done", "name", "1", "its result", "more"),
        text_frame("cancelled", "name", "1", "more"),
        text_frame("failed", "name", "1", "E"),
        text_frame("job", "name", "1"),
        Frame("done", (b"\xff", b"1")),
    ],
    ids=str,
)
def test_what_is_no_result_is_told(frame: Frame) -> None:
    with pytest.raises(ChannelBroken):
        read_result(frame)
