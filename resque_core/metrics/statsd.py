"""Metrics for StatsD: gauges over UDP, since whoever sends them twice then says the same."""

import logging
import re
import socket
from collections.abc import Iterable, Iterator
from hashlib import sha1
from itertools import accumulate

from resque_core.errors import SettingsError
from resque_core.metrics.families import Family
from resque_core.timing import BUCKETS, Histogram

log = logging.getLogger("resque")

#: Bytes of a datagram that no network cuts.
_DATAGRAM = 1400
#: Characters of a part of a name.
_LONGEST = 100
_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST}}}")


class StatsD:
    """Sends to `address`, written HOST:PORT.

    :raises SettingsError: it is written otherwise, or there is no such host.
    """

    def __init__(self, address: str, prefix: str = "resque") -> None:
        self._prefix = prefix
        self._family, self._address = _resolved(address)

    def send(self, families: Iterable[Family]) -> None:
        """Send all values. What cannot be sent is logged: the next time comes."""
        try:
            with socket.socket(self._family, socket.SOCK_DGRAM) as sender:
                for datagram in _datagrams(lines(families, self._prefix)):
                    sender.sendto(datagram, self._address)
        except OSError as error:
            log.warning("No metrics could be sent to StatsD: %s", error)


def lines(families: Iterable[Family], prefix: str) -> Iterator[str]:
    """A line for each value: the metric's name, the values of its labels, and a gauge."""
    for family in families:
        name = family.name.removeprefix("resque_")
        for label, value in family.values.items():
            end = f".{_part(label)}" if family.label else ""
            if isinstance(value, Histogram):
                for suffix, number in _numbers(value):
                    yield f"{prefix}.{name}_{suffix[0]}{end}{suffix[1]}:{_text(number)}|g"
            else:
                yield f"{prefix}.{name}{end}:{_text(value)}|g"


def _numbers(histogram: Histogram) -> Iterator[tuple[tuple[str, str], float]]:
    """What Prometheus has of a histogram, too: how many up to each bound, how many in all, and their sum."""
    for bucket, count in zip(BUCKETS, accumulate(histogram.counts), strict=True):
        yield ("bucket", f".le_{bucket}{'' if bucket == 'inf' else 'ms'}"), count
    yield ("count", ""), histogram.total
    yield ("sum", ""), histogram.seconds


def _part(text: str) -> str:
    """A part of a name. Where a text has what StatsD takes for something else, a digest tells texts apart."""
    if _PLAIN.fullmatch(text):
        return text
    digest = sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:8]
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:_LONGEST] + "-" + digest


def _text(value: float) -> str:
    """A number without a sign: with one, a gauge is changed by so much."""
    return str(max(0, value)) if isinstance(value, int) else f"{max(0.0, value):.6f}"


def _datagrams(lines: Iterable[str]) -> Iterator[bytes]:
    datagram = b""
    for line in lines:
        more = line.encode()
        if datagram and len(datagram) + 1 + len(more) > _DATAGRAM:
            yield datagram
            datagram = b""
        datagram += (b"\n" if datagram else b"") + more
    if datagram:
        yield datagram


def _resolved(address: str) -> tuple[socket.AddressFamily, tuple[object, ...]]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise SettingsError(f"--statsd {address!r}: write HOST:PORT, for example localhost:8125.")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"--statsd {address}: there is no such host: {error}.") from error
    family, _, _, _, place = found[0]
    return family, tuple(place)
