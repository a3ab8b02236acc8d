"""When children are forked, and what the keeper is told of them. Each test forks in a process of its own."""

import json
import subprocess
import sys
from textwrap import indent

from resque_core.process.nursery import BUSY, CALM

KEPT, FEW = CALM.enough, CALM.few

STAGE = """
import json, os, select
import resque_core.process.nursery as nursery
from resque_core.process.births import birth_channel_pair
from resque_core.process.frames import ChannelClosed
from resque_core.process.nursery import BUSY, CALM, Nursery

KEPT, FEW = CALM.enough, CALM.few
# Children wait for their words for as long as it takes, and however long a fork takes here.
nursery.HURRY, nursery.DEAF = 0, 60

def be_child(keepers, sock):
    for descriptor in keepers:
        os.close(descriptor)
    said = sock.recv(100)
    os._exit(int(said or b"0"))

def told():
    # What the keeper was told: kinds, and how many each is about.
    words = []
    while frame := keeper.poll():
        if frame.kind == "born":
            standing_by.extend(keeper.take_socket() for _ in frame.parts)
        words.append((frame.kind, len(frame.parts) // (2 if frame.kind == "ended" else 1)))
    return words

def end(count, status=0):
    # The oldest children leave, and are buried.
    for _ in range(count):
        standing_by.pop(0).sock.send(str(status).encode())
    while count:
        for ending, _ in poll.poll():
            children.bury(ending)
            count -= 1

standing_by = []
poll = select.poll()
keeper, theirs = birth_channel_pair()
children = Nursery(theirs, poll, be_child)
"""


def play(code: str) -> object:
    """What this prints as JSON, played on a stage with a nursery, and a keeper who hears of it."""
    done = subprocess.run(
        [sys.executable, "-c", f"{STAGE}try:\n{indent(code, ' ')}\nfinally:\n children.kill_all()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_while_jobs_come_now_and_then_each_child_that_ends_is_followed_by_one() -> None:
    said = play("""
nursery.QUICKLY = 0
children.fork_ahead()
first = told()
end(1)
children.fork_ahead()
print(json.dumps([first, told()]))
""")
    assert said == [[["born", KEPT]], [["born", 1], ["ended", 1]]]


def test_where_children_are_used_up_quickly_several_are_forked_and_told_of_at_once() -> None:
    said = play("""
nursery.QUICKLY = 60
children.fork_ahead()
told()
end(KEPT - FEW)
children.fork_ahead()
words = [told()]
for _ in range(BUSY.enough - BUSY.few):
    end(1)
    children.fork_ahead()
    words.append(told())
print(json.dumps([words, len(children.children)]))
""")
    more = BUSY.enough - BUSY.few
    quiet: list[object] = [[]] * (more - 1)
    words = [[["born", BUSY.enough - FEW], ["ended", KEPT - FEW]], *quiet, [["born", more], ["ended", more]]]
    assert said == [words, BUSY.enough]


def test_once_they_are_not_used_up_quickly_any_more_there_are_few_again() -> None:
    said = play("""
nursery.QUICKLY = 60
children.fork_ahead()
told()
end(KEPT - FEW)
children.fork_ahead()
told()
nursery.QUICKLY = 0
for _ in range(BUSY.enough):
    end(1)
    children.fork_ahead()
    told()
print(json.dumps(len(children.children)))
""")
    assert said == KEPT


def test_where_a_fork_takes_long_only_those_that_are_missing_are_forked() -> None:
    """Meanwhile the app process hears nobody: not who wants a job ended, nor what is to be reported."""
    said = play("""
real, now = os.fork, 0.0
def fork():
    global now
    now += nursery.DEAF / (BUSY.enough - BUSY.few)
    return real()
class time:
    monotonic = staticmethod(lambda: now)
nursery.QUICKLY = 60
nursery.time, os.fork = time, fork
children.fork_ahead()
told()
end(KEPT - FEW)
children.fork_ahead()
print(json.dumps(told()))
""")
    assert said == [["born", KEPT - FEW], ["ended", KEPT - FEW]]


def test_a_hook_that_takes_long_all_at_once_has_no_more_forked_than_are_missing() -> None:
    said = play("""
now, longer = 0.0, 0.0
def hook():
    global now
    now += longer
class time:
    monotonic = staticmethod(lambda: now)
nursery.time = time
nursery.worker_hooks.before_fork(hook)
nursery.QUICKLY = 60
children.fork_ahead()
told()
longer = 2 * nursery.DEAF
end(2)
children.fork_ahead()
print(json.dumps(told()))
""")
    assert said == [["born", 2], ["ended", 2]]


def test_a_death_that_can_wait_is_told_in_time_and_one_that_may_be_a_jobs_at_once() -> None:
    said = play("""
nursery.QUICKLY = 60
children.fork_ahead()
told()
end(KEPT - FEW)
children.fork_ahead()
told()
calm = children.patience
end(1)
children.fork_ahead()
waits = told(), children.patience
children.tell()
late = told(), children.patience
end(1, status=3)
children.fork_ahead()
print(json.dumps([calm, waits, late, told()]))
""")
    assert said == [None, [[], 50.0], [[["ended", 1]], None], [["ended", 1]]]


def test_no_child_holds_what_is_the_keepers_of_another() -> None:
    """Else the keeper's letting go of one would not be heard by it, while the other lives."""
    said = play("""
nursery.CALM = nursery.Level(2, 5)
children.fork_ahead()
told()
standing_by.pop(0).close()
(ending, _), = poll.poll(10_000)
print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(children.children[ending], 0)[1])))
""")
    assert said == 0


def test_nor_where_a_hook_has_them_forked_one_by_one() -> None:
    said = play("""
nursery.worker_hooks.before_fork(lambda: None)
children.fork_ahead()
told()
standing_by.pop(0).close()
(ending, _), = poll.poll(10_000)
print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(children.children[ending], 0)[1])))
""")
    assert said == 0


def test_of_several_those_that_could_be_forked_are_handed_over_and_only_none_is_barren() -> None:
    said = play("""
nursery.QUICKLY = 0
real, forks = os.fork, iter([True, True])
def fork():
    if next(forks, False):
        return real()
    raise OSError("no room")
os.fork = fork
children.fork_ahead()
some = told()
end(2)
children.fork_ahead()
none = told()
children.fork_ahead()
again = told()
os.fork = real
children.try_again()
children.fork_ahead()
print(json.dumps([some, none, again, told()]))
""")
    assert said == [[["born", 2]], [["barren", 1]], [], [["born", KEPT], ["ended", 2]]]


def test_of_several_connections_those_that_could_be_had_are_used() -> None:
    said = play("""
nursery.QUICKLY = 0
real, pairs = nursery.socket_pair, iter([True])
def socket_pair():
    if next(pairs, False):
        return real()
    raise OSError("no room")
nursery.socket_pair = socket_pair
children.fork_ahead()
some = told()
end(1)
children.fork_ahead()
print(json.dumps([some, told()]))
""")
    assert said == [[["born", 1]], [["barren", 1]]]


def test_newborn_children_leave_where_the_keeper_is_gone() -> None:
    """The app process waits for children that have something to do at their exit."""
    said = play("""
keeper.close()
try:
    children.fork_ahead()
except ChannelClosed:
    ends = [os.waitpid(pid, 0)[1] for pid in children.children.values()]
    print(json.dumps([*map(os.waitstatus_to_exitcode, ends)]))
""")
    assert said == [0] * KEPT


def test_a_newborn_that_died_before_it_was_told_of_is_born_first() -> None:
    said = play("""
def die(keepers, sock):
    os._exit(7)
children._be_child = die
children._fork_some()
left = KEPT
while left:
    for ending, _ in poll.poll():
        children.bury(ending)
        left -= 1
children.tell()
print(json.dumps(told()))
""")
    assert said == [["born", KEPT], ["ended", KEPT]]
