"""A running `resque web`, as a user starts it."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SECONDS = 60.0


class Site:
    """The server's process, and its address."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "resque_core.cli.main", "web", "-L", "-p", str(port), "--url", url]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        self._await()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(SECONDS)

    def _await(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/stats.txt", timeout=SECONDS).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"It does not answer: {self._process.poll()}")
