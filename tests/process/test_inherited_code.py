"""A child is born with the interpreter's code mapped."""

import subprocess
import sys

import pytest

from resque_core.process.inherited_code import _starts

CODE = """
import json, mmap, os, resource, sys, tempfile

def work():
    return json.loads(json.dumps([1, 2.5, "x", None]))

def faults_of_a_child():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
    if (pid := os.fork()) == 0:
        work()
        os._exit(0)
    os.waitpid(pid, 0)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt - before

from resque_core.process.inherited_code import inherit_code
folder = tempfile.TemporaryDirectory()
with open(os.fsencode(folder.name) + b"/\\xff", "w+b") as oddly_named:
    oddly_named.write(b"x" * 4096)
    oddly_named.flush()
    mapped = mmap.mmap(oddly_named.fileno(), 0)
work()
faults_of_a_child()
before = faults_of_a_child()
inherit_code()
print(before - faults_of_a_child(), work())
"""

MAPS = """\
55d0-55d4 r--p 00000000 08:01 11 /usr/bin/python3.11
55d4-55e0 r-xp 00004000 08:01 11 /usr/bin/python3.11
55e0-55e4 rw-p 00010000 08:01 11 /usr/bin/python3.11
7f00-7f10 r-xp 00000000 08:01 12 /usr/lib/a place/libpython3.11.so.1.0
7f10-7f20 r--s 00000000 08:01 13 /usr/lib/libpython3.11.so.1.0
7f20-7f30 r-xp 00000000 08:01 14 /usr/lib/libcrypto.so.3
7f30-7f40 r--p 00000000 08:01 15 /data/model.bin
7f40-7f50 r-xp 00000000 08:01 16 /lib/x86_64-linux-gnu/libc.so.6
7f50-7f60 rw-p 00000000 00:00 0
7f60-7f70 r-xp 00000000 00:00 0 [vdso]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no /proc/self/mem")
def test_a_child_asks_for_fewer_pages() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    saved, result = done.stdout.split(maxsplit=1)
    assert int(saved) >= 15
    assert result == "[1, 2.5, 'x', None]\n"


def test_meant_are_the_private_unwritable_mappings_of_interpreter_and_c_library() -> None:
    assert list(_starts(MAPS)) == [0x55D0, 0x55D4, 0x7F00, 0x7F40]
