"""How a program ends that has never closed its Resque."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """\
import atexit
import sys

from resque_core import Resque

resque = Resque(sys.argv[1], namespace=sys.argv[2])


@atexit.register
def at_last():
    print(resque.enqueue_to("mail", "Last", 2) is not None)


def main():
    resque.enqueue_to("mail", "Mail", 1)
    print(resque.info()["pending"])


main()
"""


def test_a_program_ends_without_a_word_about_its_client(
    mongo_url: str, namespace: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), mongo_url, namespace]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\nTrue\n", "")
