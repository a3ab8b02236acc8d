"""What an app process rehearses leaves no trace in it."""

import threading

from resque_core.process import rehearsal


def test_a_process_with_a_second_thread_does_not_begin_anew() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        rehearsal.begin_anew()
        assert thread in threading.enumerate(), "it would be taken for one that did not survive a fork"
    finally:
        over.set()
        thread.join()
