"""The same program on each kind of store: nothing in it knows which one, and it prints the same."""

import subprocess
import sys

import pytest
from harness import Shop

PROGRAM = """
import sys
import storeroom
from resque_core import Resque, Worker

with Resque(sys.argv[1]) as resque:
    resque.enqueue(storeroom.pack, 1)
    resque.enqueue_many([(storeroom.pack, 2), (storeroom.pack, 3), (storeroom.pack, 2)])
    resque.enqueue(storeroom.break_down, "the lid is stuck")
    resque.enqueue(storeroom.leave, 0)
    resque.enqueue_to("other", "Somebody::Elses", {"naïve": [1.5, None, 2**70, "🙂"]})
    print(sorted(resque.queues()), resque.size("shop"), resque.size("none"))
    print([(job.name, job.args) for job in resque.peek("shop", 0, 3)])
    print(*resque.peek("other")[0].args)
    print(resque.dequeue(storeroom.pack, 2), resque.size("shop"))
    resque.pause("shop")
    print(Worker(resque, "shop", burst=True).work(), resque.size("shop"))
    resque.resume("shop")
    print(Worker(resque, "shop", burst=True).work(), resque.size("shop"), sorted(resque.stats.all().items()))
    print([(failure.exception, failure.name) for failure in resque.failures.all(0, 10)])
    first = resque.failures.all(0, 10)[-1]
    print(resque.failures.requeue(first.id), resque.failures.requeue(first.id), resque.size("shop"))
    with resque.reserve("shop") as held:
        print(held.job.name, [worker.reservation.entry.queue for worker in resque.working()])
        held.complete()
    print(resque.remove_queue("other"), sorted(resque.queues()), resque.workers())
"""

PRINTS = """\
['other', 'shop'] 6 0
[('storeroom.pack', (1,)), ('storeroom.pack', (2,)), ('storeroom.pack', (3,))]
{'naïve': [1.5, None, 1180591620717411303424, '🙂']}
2 4
0 4
0 0 [('failed', 2), ('processed', 4)]
[('DirtyExit', 'storeroom.leave'), ('ValueError', 'storeroom.break_down')]
True False 1
storeroom.break_down ['shop']
1 ['shop'] []
"""


@pytest.mark.every_store(always=True)
def test_one_program_prints_the_same_on_each_store(shop: Shop) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, shop.url],
        env=shop.env, cwd=shop.folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == PRINTS, done.stderr
    assert sorted(words[1] for words in shop.lines("packed")) == ["1", "3"]
