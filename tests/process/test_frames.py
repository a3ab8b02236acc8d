"""Messages between the processes of one worker."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from resque_core.process.frames import Channel, ChannelBroken, ChannelClosed, Frame, channel_pair


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    left, right = channel_pair()
    yield left, right
    left.close()
    right.close()


def test_head_and_body_arrive_as_they_were_sent(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.send(Frame("job", {"token": "ü"}, b"\x00\xff{"))
    left.send(Frame("kill"))
    assert right.receive() == Frame("job", {"token": "ü"}, b"\x00\xff{")
    assert right.poll() == Frame("kill", {}, b"")
    assert right.poll() is None


def test_a_body_larger_than_any_buffer_arrives_whole(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    body = bytes(range(256)) * 40_000
    sender = threading.Thread(target=left.send, args=(Frame("job", {}, body),))
    sender.start()
    assert right.receive().body == body
    sender.join()


def test_half_a_frame_is_not_yet_one(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.sock.send(struct.pack(">II", 16, 0) + b'{"kind":')
    assert right.poll() is None
    left.sock.send(b'"late"} ')
    assert right.poll() == Frame("late")


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
    left.sock.send(struct.pack(">II", 10, 2**31))
    with pytest.raises(ChannelBroken, match="more than 1000"):
        right.poll()


@pytest.mark.parametrize("head", [b"[]", b"{}", b"nonsense", b"\xff", b'{"kind":1', b"[" * 100_000])
def test_what_is_not_ours_is_refused(pair: tuple[Channel, Channel], head: bytes) -> None:
    left, right = pair
    left.sock.sendall(struct.pack(">II", len(head), 0) + head)
    with pytest.raises(ChannelBroken, match="not ours"):
        right.poll()


def test_sending_gives_up_on_somebody_who_does_not_read(pair: tuple[Channel, Channel]) -> None:
    left, right = pair
    left.patience = 0.05
    right.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with pytest.raises(ChannelClosed, match="nothing was read"):
        left.send(Frame("job", {}, b"x" * 10_000_000))
