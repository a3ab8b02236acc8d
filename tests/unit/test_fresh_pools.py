"""What is made after new pools were begun lies where they begin."""

import subprocess
import sys

import pytest

CODE = """
from resque_core.process.fresh_pools import _LARGEST, _STEP, _maker, begin_new_pools

kept = begin_new_pools()
heads = {id(filler) // 4096 for filler in kept if id(filler) % (16 * 1024) == 48}
made = [(size, _maker(size)()) for size in range(_STEP, _LARGEST + 1, _STEP)]
print(sum(id(it) // 4096 not in heads for _, it in made), sum(it.__sizeof__() for it in kept))
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
    strewn, size = map(int, done.stdout.split())
    if allocator == "pymalloc":
        # One size or another is let go of by what does this, and has a free place elsewhere.
        assert strewn <= 2
    assert size < 5_000_000
