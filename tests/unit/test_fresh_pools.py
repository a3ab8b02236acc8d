"""What is made after new pools were begun lies where they begin."""

import subprocess
import sys

import pytest

CODE = """
from resque_core.process.fresh_pools import _LARGEST, _STEP, _maker, begin_new_pools

makers = [_maker(size) for size in range(_STEP, _LARGEST + 1, _STEP)]
made = [None] * len(makers)
# The first place of a pool in use is free.
held = [bytes(400 - 33) for _ in range(200)]
del held[next((place for place, it in enumerate(held) if id(it) % (16 * 1024) == 48), 0)]
kept = begin_new_pools()
for place, make in enumerate(makers):
    made[place] = make()
heads = {id(filler) // 4096 for filler in kept if id(filler) % (16 * 1024) == 48}
strewn = [it.__sizeof__() for it in made if id(it) // 4096 not in heads]
print(max(strewn, default=0), sum(it.__sizeof__() for it in kept))
"""


@pytest.mark.parametrize("allocator", ["pymalloc", "malloc"])
def test_each_size_is_made_at_the_head_of_a_pool(allocator: str) -> None:
    # In a process of its own: here, fillers that are let go of would be used again.
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONMALLOC": allocator},
    )
    largest_strewn, size = map(int, done.stdout.split())
    if allocator == "pymalloc":
        # What does this lets go of numbers and tuples, whose places are free elsewhere.
        assert largest_strewn <= 64
    assert size < 5_000_000
