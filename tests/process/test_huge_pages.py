"""What a process has loaded is joined to pages of 2 MB, if it is its own; and it lies in one piece."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from resque_core.process.gaps import leave_gaps
from resque_core.process.huge_pages import _ranges
from resque_core.process.replace import _gaps

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="huge pages are joined on Linux")

MAPS = """\
560000100000-560000700000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000400000 r--p 00000000 00:00 0
7f0000400000-7f0000a00000 rw-s 00000000 00:01 12                         /dev/zero (deleted)
7f0000a00000-7f0001000000 rw-p 00000000 fe:00 77                         /opt/large.so
7f0001000000-7f00013ff000 rw-p 00000000 00:00 0
7f0002100000-7f00022ff000 rw-p 00000000 00:00 0
"""

JOINED = """
import os, re
from pathlib import Path
from resque_core.process import huge_pages
from resque_core.process.huge_pages import join_pages

def joined():
    found = re.findall(r"AnonHugePages: +(\\d+) kB", Path("/proc/self/smaps").read_text())
    return sum(map(int, found)) // 2048

kept = bytearray(b"x") * (16 * 1024 * 1024)
before = joined()
if os.fork() == 0:
    # All of it is shared with the parent now, and copying it would be no gain.
    join_pages()
    os._exit(joined() - before)
shared = os.waitstatus_to_exitcode(os.wait()[1])
huge_pages._LONGEST, longest = -1.0, huge_pages._LONGEST
join_pages()
in_no_time = joined() - before
huge_pages._LONGEST = longest
join_pages()
assert set(kept) == {ord("x")}
print(shared, in_no_time, joined() - before)
"""

#: Modules that have loaded 16 MB. A job, or a worker, tells how much of what it was forked with was joined.
LARGE = """
import re
from pathlib import Path
from resque_core import job

def tell():
    found = re.findall(r"AnonHugePages: +(\\d+) kB", Path("/proc/self/smaps").read_text())
    # Who is told to run by a supervisor flushes what it writes itself.
    print(sum(map(int, found)) // 2048 >= 6, flush=True)
    return 0

job(queue="default", name="tell")(tell)
ballast = bytearray(b"x") * (16 * 1024 * 1024)
"""
#: Who has loaded it, and what becomes of it then.
WHO = {
    "keeper": "import large\nWorker(resque, '*', burst=True).work()",
    "app_process": "run_workers(WorkSettings(url=URL, queues=('*',), require=('large',), burst=True))",
    "supervisor": "import large\nSupervisor(1, large.tell, replace=False).run()",
    "manager": (
        "pool = Pool({}, resque=resque, worker={'require': ('large',)})\npool._load()\n"
        "__import__('large').tell()"
    ),
}
BEGIN = """
from resque_core import Pool, Resque, Worker
from resque_core.process.run import run_workers
from resque_core.process.supervisor import Supervisor
from resque_core.work_settings import WorkSettings

URL = "sqlite:///jobs.sqlite3"
resque = Resque(URL)
resque.enqueue_to("default", "tell")
"""
#: The MB in one piece, where a library is loaded between one MB of objects and the next.
IN_ONE_PIECE = """
import importlib, re
from pathlib import Path
kept = [bytes(400) for _ in range(26000)]
for name in (
    "_bisect _random _heapq _statistics _queue _opcode zlib _csv _posixsubprocess termios array math "
    "select _struct _datetime _pickle _json unicodedata _lsprof resource syslog pyexpat _asyncio"
).split():
    kept += [bytes(400) for _ in range(2600)]
    importlib.import_module(name)
found = re.findall(r"^(\\w+)-(\\w+) rw-p .* 0 *$", Path("/proc/self/maps").read_text(), re.MULTILINE)
print(max(int(end, 16) - int(start, 16) for start, end in found) // 1024 ** 2)
"""


def test_ranges_are_whole_and_in_private_memory_of_no_file() -> None:
    """Half a range cannot be joined; and what others may write to, or a file holds, is not ours."""
    assert [hex(start) for start in _ranges(MAPS)] == [
        "0x560000200000",
        "0x560000400000",
        "0x7f0001000000",
    ]


@linux_only
def test_a_process_joins_what_is_its_own_and_leaves_what_it_shares() -> None:
    """A worker of a pool must not copy what the manager loaded for all; nor begin late with gigabytes."""
    shared, in_no_time, own = map(int, python(JOINED).split())
    if own == 0 and not can_join():
        pytest.skip("this kernel joins no pages when asked to (Linux 6.1)")
    assert shared == in_no_time == 0
    assert own >= 7


@linux_only
@pytest.mark.parametrize("who", WHO)
def test_whoever_forks_joins_what_it_has_loaded(
    who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_join():
        pytest.skip("this kernel joins no pages when asked to (Linux 6.1)")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "large.py").write_text(LARGE)
    assert python(BEGIN + WHO[who], PYTHONPATH=str(tmp_path)) == "True\n"


@linux_only
def test_what_python_loads_lies_in_one_piece_beside_libraries() -> None:
    """Without gaps the libraries come in between, and no piece has more than a dozen."""
    gaps = f"{inspect.getsource(leave_gaps)}\ngaps = leave_gaps()\n"
    assert int(python(gaps + IN_ONE_PIECE)) >= 20


@linux_only
def test_a_command_that_goes_on_in_a_fresh_python_has_left_gaps(tmp_path: Path) -> None:
    """Before anything of ours was imported; and its command line stays short."""
    code = "from resque_core.process.replace import replace_process\nreplace_process('tell', b'')"
    (tmp_path / "tell.py").write_text(
        "import sys, __main__\n"
        "ours = [name for name in sys.modules if name.startswith('resque')]\n"
        "def main(_): print(len(__main__.kept) >= 3, ours, len(''.join(sys.orig_argv)) < 1000)\n"
    )
    told = python(code, PYTHONPATH=str(tmp_path))
    assert told == "True [] True\n"


@linux_only
def test_a_process_with_little_address_space_leaves_no_gaps_and_goes_on() -> None:
    little = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1, 1))\n"
    code = f"{inspect.getsource(leave_gaps)}\nimport mmap\n{little}print(leave_gaps())"
    assert python(code) == "[]\n"


@linux_only
def test_gaps_are_left_whatever_the_files_are_called_that_are_mapped(tmp_path: Path) -> None:
    """And no encoding is left to the system, which Python can be told to object to."""
    library = os.fsencode(tmp_path) + b"/\xe9.so"
    Path(os.fsdecode(library)).write_bytes(b"x" * 4096)
    opened = f"import mmap\nfile = open({library!r}, 'rb')\n"
    mapped = "mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)\n"
    objecting = "import warnings\nwarnings.simplefilter('error', EncodingWarning)\n"
    text = f"{opened}{mapped}{objecting}{_gaps()}\nprint(len(kept) >= 3)"
    assert python(text, PYTHONWARNDEFAULTENCODING="1") == "True\n"


def can_join() -> bool:
    """Whether the kernel is of 6.1, with huge pages."""
    release = re.match(r"(\d+)\.(\d+)", Path("/proc/sys/kernel/osrelease").read_text())
    assert release is not None
    return (int(release[1]), int(release[2])) >= (6, 1) and Path(
        "/sys/kernel/mm/transparent_hugepage"
    ).exists()


def python(code: str, **variables: str) -> str:
    """What a Python says that runs this."""
    command = [sys.executable, "-c", code]
    env = os.environ | variables
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=env)
    return done.stdout
