"""`Scene`: one scenario, driven through our client and workers in Ruby mode."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import redis

from golden.differences import Seen, assert_same
from golden.normal import dump_of, normal
from golden.worker import start_worker
from resque_core import Resque

DATA = Path(__file__).parents[2] / "golden" / "data"


class Scene:
    """An empty database, a client in Ruby mode, and the workers that were started."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.client: Any = redis.Redis.from_url(url)
        self.client.flushdb()
        self.resque = Resque(url, ruby=True)
        self.workers: list[BaseProcess] = []
        self.compared = False

    def start(self, queues: str, **settings: Any) -> BaseProcess:
        """A worker like `QUEUE=… resque work --ruby`; it looks for jobs five times a second."""
        given: dict[str, Any] = {"url": self.url, "queues": tuple(queues.split(",")), "ruby": True}
        given |= {"require": ("golden.jobs",), "interval": 0.2}
        worker = start_worker(self.folder, f"worker{len(self.workers)}.log", **given | settings)
        self.workers.append(worker)
        return worker

    def start_idle(self, queues: str, **settings: Any) -> BaseProcess:
        """A worker that has registered and found nothing to do."""
        worker = self.start(queues, **settings)
        self.wait(lambda: "Waiting for" in self.title(worker) or "Paused" in self.title(worker))
        return worker

    def work_off(self, queues: str = "*", **settings: Any) -> None:
        """A worker that ends when there is nothing left to do, as with INTERVAL=0."""
        assert self.end_of(self.start(queues, interval=0, **settings)) == 0

    def end_of(self, worker: BaseProcess) -> int | None:
        """Its exit status."""
        worker.join(30)
        return worker.exitcode

    def begun(self, name: str) -> int:
        """Wait for the blocking job of that name to have begun; the pid that it runs in."""
        note = self.folder / f"{name}.begun"
        self.wait(lambda: note.exists() and note.read_text())
        return int(note.read_text())

    def let_go(self, name: str) -> None:
        """Let the blocking job of that name end."""
        (self.folder / name).touch()

    def signal(self, worker: BaseProcess, number: int) -> None:
        """Send it a signal."""
        os.kill(worker.pid or 0, number)

    def title(self, process: BaseProcess | int) -> str:
        """What `ps` shows of it, in the normalized form."""
        pid = process if isinstance(process, int) else process.pid
        return normal(Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0"), {})

    def wait(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Until the condition holds."""
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, self.logs()
            time.sleep(0.01)

    def logs(self) -> str:
        """What the workers wrote."""
        return "\n".join(log.read_text() for log in sorted(self.folder.glob("*.log")))

    def info(self) -> dict[str, str]:
        """`Resque.info`, its values as texts."""
        return {name: str(value) for name, value in self.resque.info().items()}

    def compare(self, scenario: str, **extra: Any) -> None:
        """The database, and what was answered and shown, is as Ruby's Resque left and said it."""
        (path,) = DATA.glob(f"{scenario}_*.json")
        golden = json.loads(path.read_text(encoding="utf-8"))
        host = socket.gethostname()
        words = {f"{host}:{worker.pid}:": f"<HOST>:<PID{n}>:" for n, worker in enumerate(self.workers, 1)}
        ruby = Seen(golden["keys_normalized"], golden.get("extra", {}))
        for entry in ruby.keys.values():
            entry.pop("ttl_seconds", None)
        self.compared = True
        assert_same(path.stem, ruby, Seen(dump_of(self.client, words), extra))

    def close(self) -> None:
        """End what still runs, and empty the database."""
        for worker in self.workers:
            if worker.is_alive():
                self.signal(worker, signal.SIGQUIT)
                for note in self.folder.glob("*.begun"):
                    note.with_suffix("").touch()
                worker.join(20)
        self.resque.close()
        self.client.flushdb()
        self.client.close()
