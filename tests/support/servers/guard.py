"""A program that runs a server and ends with whoever started it: `guard.py FOLDER COMMAND…`.

It prints the server's pid. When its standard input ends, because it was closed or because the process
at the other end died in any way, it kills the server and removes the folder.
"""

import contextlib
import ctypes
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_the_guard() -> None:
    """Ask the kernel to end the server, should even the guard be killed. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(folder: str, *command: str) -> None:
    """Run the server until it ends, or until nobody wants it any more."""
    unwanted = threading.Event()
    server = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_the_guard,
    )
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    threading.Thread(target=watch, args=(server, unwanted), daemon=True).start()
    server.wait()
    if unwanted.is_set():
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            Path(folder).parent.rmdir()  # The fleet's, if this was its last.


def watch(server: "subprocess.Popen[bytes]", unwanted: threading.Event) -> None:
    """Kill the server when standard input ends."""
    sys.stdin.read()
    unwanted.set()
    server.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
