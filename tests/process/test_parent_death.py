"""A process that must not outlive its parent; on Linux by the kernel, elsewhere by a held pipe."""

import os
import signal
import subprocess
import sys

from harness import alive, wait_for

BY_KERNEL = """
import os, time
from resque_core.process.parent_death import die_with_parent
parent = os.getpid()
if os.fork() == 0:
    die_with_parent(parent, -1)
    print(os.getpid(), flush=True)
    time.sleep(60)
time.sleep(60)
"""

BY_PIPE = """
import os, time
from resque_core.process.parent_death import watch_held_end
import signal
read_end, write_end = os.pipe()
if os.fork() == 0:
    os.close(write_end)
    watch_held_end(read_end, signal.SIGKILL)
    print(os.getpid(), flush=True)
    time.sleep(60)
time.sleep(60)
"""

ASKED_TWICE = """
import os, threading
from resque_core.process import parent_death
parent_death._prctl = None
held, _ = os.pipe()
for _ in range(2):
    parent_death.die_with_parent(os.getppid(), held)
print(threading.active_count() - 1, flush=True)
if os.fork() == 0:
    parent_death.die_with_parent(os.getppid(), held)
    print(threading.active_count() - 1, flush=True)
    os._exit(0)
os.wait()
"""

TOO_LATE = """
import os, time
from resque_core.process.parent_death import die_with_parent
parent = os.getpid()
read_end, write_end = os.pipe()
child = os.fork()
if child == 0:
    os.close(write_end)
    os.read(read_end, 1)
    while os.getppid() == parent:
        time.sleep(0.001)
    die_with_parent(parent, -1)
    print("alive", flush=True)
    os._exit(0)
"""


def _child_of_a_killed(code: str) -> int:
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout as output:
        child = int(output.readline())
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)
    return child


def test_a_child_dies_with_its_killed_parent() -> None:
    child = _child_of_a_killed(BY_KERNEL)
    wait_for(lambda: not alive(child), "its end")


def test_a_child_that_holds_a_pipe_dies_with_its_killed_parent() -> None:
    child = _child_of_a_killed(BY_PIPE)
    wait_for(lambda: not alive(child), "its end")


def test_a_child_whose_parent_died_before_it_asked_dies_too() -> None:
    done = subprocess.run([sys.executable, "-c", TOO_LATE], stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.stdout == ""


def test_elsewhere_each_process_watches_its_parent_once_however_often_it_asks() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED_TWICE], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["1", "1"]
