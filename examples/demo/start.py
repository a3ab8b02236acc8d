"""Starts the demo: a database, the site and a worker; ctrl-c ends all of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
#: Where both databases are.
FOLDER = Path(os.environ.get("DEMO_FOLDER") or HERE.parents[1] / ".demo" / "django")
ADDRESS = "127.0.0.1:8000"


def main() -> None:
    """Prepare, run, and end what was started."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    admin = {"DJANGO_SUPERUSER_PASSWORD": "admin", "DJANGO_SUPERUSER_EMAIL": "admin@example.com"}
    manage("migrate", "--verbosity=0").wait()
    manage("createsuperuser", "--noinput", "--username=admin", stderr=subprocess.DEVNULL, **admin).wait()
    running = [
        manage("resque_work", "--queues=*", "--interval=1"),
        manage("runserver", "--noreload", address()),
    ]
    print(
        f"\nOrder at http://{address()}/ and look at http://{address()}/admin/resque/overview/ (admin, admin)"
    )
    # Ended by a signal, it ends what it started as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while all(process.poll() is None for process in running):
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        for process in running:
            process.terminate()
            process.wait()


def address() -> str:
    """Where the site listens."""
    return sys.argv[1] if len(sys.argv) > 1 else ADDRESS


def manage(*words: str, stderr: int | None = None, **environment: str) -> subprocess.Popen[bytes]:
    """A command of manage.py."""
    environment = os.environ | {"DEMO_FOLDER": str(FOLDER)} | environment
    command = [sys.executable, str(HERE / "manage.py"), *words]
    return subprocess.Popen(command, cwd=HERE, env=environment, stderr=stderr)


if __name__ == "__main__":
    main()
