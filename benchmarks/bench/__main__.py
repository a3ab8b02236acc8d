"""`make bench`: starts what is needed, measures, prints, and leaves nothing behind."""

import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from servers.fleet import Fleet, MissingServerError

from bench.book import MACHINE, Book, Key
from bench.inbox import Inbox
from bench.opening import PEERS, open_store, peer_version
from bench.options import Options, parse
from bench.printing import print_json, print_table
from bench.report import rows_of
from bench.rounds import Round
from bench.running import StuckError
from bench.store import Store
from bench.summary import in_short


def main() -> int:
    """Measure as the command line says."""
    options = parse()
    # So that `timeout` and the like end it as ctrl-c does: with everything put away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    book, about = Book(), _about(options)
    try:
        with _stores(options, book) as (stores, inbox):
            about |= {store.name: store.title for store in stores}
            _measure(Round(options, inbox, book), stores)
    except StuckError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    rows = rows_of(book)
    (print_json if options.json else print_table)(about, rows, in_short(rows))
    return 0


@contextmanager
def _stores(options: Options, book: Book) -> Iterator[tuple[Sequence[Store], Inbox]]:
    """Those that can be had, in a temporary folder; what is missing is in the book."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="resque-bench-")))
        fleet = stack.enter_context(closing(Fleet(folder)))
        inbox = stack.enter_context(closing(Inbox(folder)))
        stores = []
        for name in options.backends:
            try:
                stores.append(stack.enter_context(closing(open_store(name, fleet, folder))))
            except MissingServerError as missing:
                book.miss(Key(name, "-", "everything"), str(missing))
        yield stores, inbox


def _measure(one: Round, stores: Sequence[Store]) -> None:
    for number in range(one.options.rounds):
        print(f"round {number + 1} of {one.options.rounds}", file=sys.stderr, flush=True)
        one.machine()
        for store in stores:
            one.store(store)


def _about(options: Options) -> dict[str, object]:
    """What the figures depend on."""
    peers = {name: peer_version(name) for name in PEERS if name in options.libraries and peer_version(name)}
    return {
        MACHINE: f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start",
        "Python": platform.python_version(),
        "measured": f"medians of {options.rounds} rounds, {options.jobs} jobs each; idle workers: "
        f"{options.samples} samples a round, {_waits(options)}",
        **peers,
    }


def _waits(options: Options) -> str:
    return "as by default" if options.interval is None else f"--interval {options.interval:g}"


if __name__ == "__main__":
    sys.exit(main())
